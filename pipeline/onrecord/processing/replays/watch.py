"""The wanted state of a running replay."""

from time import monotonic
from typing import Literal, Self

from onrecord.errors import LogUnavailable
from onrecord.log.interface import Log
from onrecord.log.read_to_end import read_to_end
from onrecord.processing.replays.table import decoded
from onrecord.records import ReplayJob

# The interval at which a running replay checks whether it should stop.
_LISTEN_EVERY_S = 0.5


class ReplayWatch:
    """Whether a running job should stop; reads the log at intervals."""

    def __init__(self, log: Log, topic: str, job: ReplayJob) -> None:
        self._log = log
        self._job = job
        ends = {partition: end for partition, (_, end) in log.bounds(topic).items()}
        self._reader = log.reader([topic], start=ends)
        self._next = 0.0
        self.state: Literal["running", "paused", "cancelled"] = "running"

    def __call__(self) -> bool:
        """Whether to stop."""
        if self.state == "running" and monotonic() >= self._next:
            self._next = monotonic() + _LISTEN_EVERY_S
            try:
                self._listen()
            except LogUnavailable:
                return False  # the worker waits for it, and says so
        return self.state != "running"

    def _listen(self) -> None:
        for message in read_to_end(self._log, self._reader):
            if message.key != self._job.name.encode():
                continue
            job = decoded(message, ReplayJob)
            if job is None or job.created_at != self._job.created_at:
                # The job was dropped while running, with its topic, and possibly created again.
                self.state = "cancelled"
                return
            self.state = job.state

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._reader.close()
