"""Waiting for the right to write an archive in OpenSearch."""

import time

from onrecord.archive.opensearch.client import SearchCluster
from onrecord.archive.opensearch.indexes import Indexes
from onrecord.archive.opensearch.lease import is_waited_for, wait_for, wait_no_longer
from onrecord.archive.opensearch.writing import OpenSearchWriter
from onrecord.errors import ArchiveUnavailable

_LOOK_S = 0.2


def open_writer(cluster: SearchCluster, indexes: Indexes, *, wait_s: float) -> OpenSearchWriter:
    """Become the one writer, at once or within `wait_s`. Raises ArchiveUnavailable.

    A process that does not wait leaves the turn to one that does.
    """
    if not wait_s:
        if is_waited_for(cluster, indexes, time.time()):
            raise ArchiveUnavailable(f"{cluster.url}: another process waits to write")
        return OpenSearchWriter(cluster, indexes)
    until = time.monotonic() + wait_s
    try:
        while True:
            try:
                return OpenSearchWriter(cluster, indexes)
            except ArchiveUnavailable:
                if time.monotonic() >= until:
                    raise
            wait_for(cluster, indexes, time.time())
            time.sleep(_LOOK_S)
    finally:
        wait_no_longer(cluster, indexes)
