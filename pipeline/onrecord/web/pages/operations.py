"""What the operators' pages show and do: functions given by the command that serves them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from onrecord.records import DeadLetter


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """The same values as the commands of these names print as JSON.

    `comparison` gives the report of a replay against the live results as an HTML page. `retry`
    and `drop` settle one letter; `retry` returns why a letter cannot be put back. All can raise
    OnrecordError, and all block.
    """

    status: Callable[[], msgspec.Struct]
    replays: Callable[[], Sequence[msgspec.Struct]]
    comparison: Callable[[str], str]
    dead_letters: Callable[[], Sequence[DeadLetter]]
    retry: Callable[[str], str | None]
    drop: Callable[[str], None]
