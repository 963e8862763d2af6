"""An indexer that a test starts and kills: python children.py LOG ARCHIVE."""

import sys
from pathlib import Path

from onrecord.archive.indexing.indexer import Indexer
from onrecord.archive.opening import open_archive
from onrecord.log.opening import open_log
from tests.archive.indexing import SOURCES

log_path, archive_path = map(Path, sys.argv[1:])
with (
    open_log(f"sqlite:///{log_path}") as log,
    open_archive(f"sqlite:///{archive_path}") as archive,
    archive.writer(wait_s=60) as writer,
    # Small batches: more moments between which it can be killed.
    Indexer(log, SOURCES, writer, skipped=lambda message, error: None, batch=7) as indexer,
):
    while indexer.step(0.0).records:
        print("batch", flush=True)
print("level", flush=True)
