"""The reasons for failed messages: a code for machines, and a text for people."""

from dataclasses import dataclass
from enum import Enum


class ReasonCode(Enum):
    """The reason code of a dead letter: a header of its own, and a label of metrics."""

    UNDECODABLE = "undecodable"  # the record is not an article
    TOO_LARGE = "too_large"  # its result is larger than the topic takes
    FAILED = "failed"  # the extractor raised an error
    TIMED_OUT = "timed_out"  # the extractor took longer than extract.timeout_s
    DIED = "died"  # the extractor's process ended


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an article could not be processed: one line, the error's name, and the stack."""

    code: ReasonCode
    reason: str
    error: str
    stack: str | None = None
