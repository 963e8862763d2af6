"""A feed's state in little memory: what plans polls at hand, and the rest compressed."""

from dataclasses import dataclass
from typing import Self

import zstandard
from msgspec.structs import replace

from onrecord.records import FeedState, from_json, to_json


@dataclass(frozen=True, slots=True)
class PackedState:
    """A state. `outline` has all of it but what is remembered of entries and of the last polls."""

    outline: FeedState
    _compressed: bytes

    @classmethod
    def of(cls, state: FeedState) -> Self:
        outline = replace(state, seen={}, history=(), blocked_entries=())
        # Copied: the library's result keeps the memory that it took for the worst case.
        return cls(outline, bytes(memoryview(zstandard.compress(to_json(state)))))

    def whole(self) -> FeedState:
        """The state as it was packed."""
        return from_json(zstandard.decompress(self._compressed), FeedState)
