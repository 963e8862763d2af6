"""A feed's state in little memory: what plans polls at hand, and the rest compressed."""

from dataclasses import dataclass
from threading import local
from typing import Any, Self

import zstandard

from onrecord.records import FeedState, from_json, to_json

# What tells when to poll a feed (`decisions.conditional`, `decisions.health`), and its hub.
_PLANNED = (
    "url",
    "next_poll_at",
    "last_poll_at",
    "hold",
    "push",
    "refetched_at",
    "filled_at",
    "error",
    "failing_since",
    "failures",
    "status",
)
# Shared: an empty dictionary takes 64 bytes, and nobody changes what is in a state.
_EMPTY: dict[str, Any] = {}


class _Compressor(local):
    """One for each thread: it takes as long to make as to use, and belongs to one at a time."""

    def __init__(self) -> None:
        # Most of a state are hashes: higher levels make it no smaller.
        self.compress = zstandard.ZstdCompressor(level=1).compress


_compressor = _Compressor()


@dataclass(frozen=True, slots=True)
class PackedState:
    """A state. `outline` has what plans the feed's polls, and none of the rest."""

    outline: FeedState
    _compressed: bytes

    @classmethod
    def of(cls, state: FeedState) -> Self:
        planned = {name: getattr(state, name) for name in _PLANNED}
        outline = FeedState(**planned, seen=_EMPTY, site_claims=_EMPTY)
        # Copied: the library's result keeps the memory that it took for the worst case.
        return cls(outline, bytes(memoryview(_compressor.compress(to_json(state)))))

    def whole(self) -> FeedState:
        """The state as it was packed."""
        return from_json(zstandard.decompress(self._compressed), FeedState)
