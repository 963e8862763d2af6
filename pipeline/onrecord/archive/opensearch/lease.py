"""The right to write an archive in OpenSearch: a document that is renewed while its owner lives.

The clocks of machines that write one archive must agree to within some seconds.
"""

import os
import socket
import time
from collections.abc import Callable
from threading import Event, Thread
from uuid import uuid4

from onrecord.archive.opensearch.client import SearchCluster
from onrecord.archive.opensearch.indexes import Indexes
from onrecord.errors import ArchiveUnavailable, OnrecordError

_LASTS_S = 20.0
_RENEWED_EVERY_S = 5.0
_LOOK_EVERY_S = 1.0
_WAITS_S = 10.0  # a process that was killed while it waited holds others up for so long


class ClusterLease:
    """The right to write, until it is closed or its process is gone for some seconds."""

    def __init__(
        self,
        cluster: SearchCluster,
        indexes: Indexes,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Raises ArchiveUnavailable while another writer has it."""
        self._cluster = cluster
        self._indexes = indexes
        self._path = f"/{indexes.state}/_doc/lease"
        self._look_at = 0.0
        self._is_wanted = False
        self._clock = clock
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex}"
        found = cluster.request("GET", self._path, missing={})
        record = found.get("_source", {}).get("record", {})
        if record.get("until", 0.0) > clock() and not _is_dead(record["owner"]):
            raise ArchiveUnavailable(f"{cluster.url} is being written by another process")
        self._version = (found["_seq_no"], found["_primary_term"]) if "_seq_no" in found else None
        self._until = 0.0
        self._renew(clock() + _LASTS_S)
        self._closed = Event()
        self._thread = Thread(target=self._keep, name="archive lease", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise ArchiveUnavailable when the right was lost."""
        if self._clock() >= self._until:
            raise ArchiveUnavailable(f"{self._cluster.url}: the right to write it has expired")

    def is_wanted(self) -> bool:
        """Whether another process waits for the right; looks once a second."""
        if self._clock() >= self._look_at:
            self._look_at = self._clock() + _LOOK_EVERY_S
            self._is_wanted = is_waited_for(self._cluster, self._indexes, self._clock())
        return self._is_wanted

    def close(self, *, is_replaced: bool = False) -> None:
        """Give the right back, unless other indexes have its place. Idempotent."""
        if not self._closed.is_set():
            self._closed.set()
            self._thread.join()
            if self._clock() < self._until and not is_replaced:
                self._renew(0.0)

    def _keep(self) -> None:
        while not self._closed.wait(_RENEWED_EVERY_S):
            try:
                self._renew(self._clock() + _LASTS_S)
            except OnrecordError:
                # What is lost is told by `check`, what is away is asked again.
                continue

    def _renew(self, until: float) -> None:
        """Write the lease, unless another writer has written it since."""
        condition = (
            "op_type=create"
            if self._version is None
            else f"if_seq_no={self._version[0]}&if_primary_term={self._version[1]}"
        )
        body = {"record": {"owner": self._owner, "until": until}}
        written = self._cluster.request("PUT", f"{self._path}?{condition}", body, existing=None)
        if written is None:
            self._until = 0.0
            raise ArchiveUnavailable(f"{self._cluster.url} is being written by another process")
        self._version = (written["_seq_no"], written["_primary_term"])
        self._until = until


def wait_for(cluster: SearchCluster, indexes: Indexes, now: float) -> None:
    """Ask the writer to give way; to be repeated while waiting."""
    body = {"record": {"until": now + _WAITS_S}}
    cluster.request("PUT", f"/{indexes.state}/_doc/wanted", body)


def wait_no_longer(cluster: SearchCluster, indexes: Indexes) -> None:
    """The wait is over."""
    cluster.request("DELETE", f"/{indexes.state}/_doc/wanted", missing=None)


def is_waited_for(cluster: SearchCluster, indexes: Indexes, now: float) -> bool:
    """Whether a process waits for the right to write, which others leave to it."""
    found = cluster.request("GET", f"/{indexes.state}/_doc/wanted", missing={})
    until: float = found.get("_source", {}).get("record", {}).get("until", 0.0)
    return until > now


def _is_dead(owner: str) -> bool:
    """Whether the owner was a process of this machine that is gone."""
    host, process, _ = owner.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
