"""The stored states of a partition's feeds: their outlines in memory, the rest on disk."""

import logging
from typing import NamedTuple

from onrecord.errors import RecordError
from onrecord.processing.feeds.outlines import outline_of
from onrecord.processing.feeds.state_file import Place, StateFile
from onrecord.records import FeedState, from_json

_logger = logging.getLogger(__name__)


class _Kept(NamedTuple):
    outline: FeedState
    place: Place


class KeptStates:
    """The newest state of each feed in one partition. Several partitions share a file."""

    def __init__(self, file: StateFile) -> None:
        self._file = file
        self._kept: dict[str, _Kept] = {}

    def put(self, url: str, state: bytes) -> None:
        """Keep a feed's state, as JSON. Raises RecordError, and the feed then has none."""
        self.remove(url)
        self._kept[url] = _Kept(outline_of(url, state), self._file.put(state))

    def remove(self, url: str) -> None:
        """Forget a feed's state, if it has one."""
        if kept := self._kept.pop(url, None):
            self._file.remove(kept.place)

    def clear(self) -> None:
        """Forget all states."""
        for url in list(self._kept):
            self.remove(url)

    def outline(self, url: str) -> FeedState | None:
        """What plans a feed's polls; None for a feed without a state."""
        kept = self._kept.get(url)
        return kept.outline if kept else None

    def whole(self, url: str) -> FeedState | None:
        """A feed's whole state; None for a feed without one that can be decoded.

        Raises StateLost when the disk has lost it.
        """
        kept = self._kept.get(url)
        if kept is None:
            return None
        try:
            return from_json(self._file.get(kept.place), FeedState)
        except RecordError as error:
            # Only its outline was looked at when it came.
            _logger.warning("%s: its state: %s", url, error)
            self.remove(url)
            return None
