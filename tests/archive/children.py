"""An indexer that a test starts and kills: python -m tests.archive.children LOG_URL ARCHIVE_URL."""

import sys

from onrecord.archive.indexing.indexer import Indexer
from onrecord.archive.opening import open_archive
from onrecord.log.opening import open_log
from tests.archive.indexing import SOURCES

log_url, archive_url = sys.argv[1:]
with (
    open_log(log_url) as log,
    open_archive(archive_url) as archive,
    archive.writer(wait_s=60) as writer,
    # Small batches: more moments between which it can be killed.
    Indexer(log, SOURCES, writer, skipped=lambda message, error: None, batch=7) as indexer,
):
    while indexer.step(0.0).records:
        print("batch", flush=True)
print("level", flush=True)
