"""Where tests get an OpenSearch cluster from, or why they have none."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.needs import need_program
from tests.opensearch.nodes import PROGRAMS, Cluster


@contextmanager
def cluster(folder: Path, size: int = 1) -> Iterator[Cluster]:
    """A cluster of our own; skips where none can be started."""
    for program in PROGRAMS:
        need_program(program, of="opensearch")
    with Cluster(folder, size) as started:
        yield started
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def everyday(folder: Path) -> Iterator[str]:
    """The addresses of one node: of `ONRECORD_TEST_OPENSEARCH`, else of our own."""
    if addresses := os.environ.get("ONRECORD_TEST_OPENSEARCH"):
        yield addresses
        return
    with cluster(folder) as started:
        yield started.addresses
