"""Suspends the pages of feeds that link to unresponsive hosts.

An answer that never comes costs a connection for as long as the limits of time allow. After a few
of them in a row, the other pages of the same feed wait for later polls. Only requests made on
behalf of the feed itself count.
"""

import time
from collections import OrderedDict
from collections.abc import Callable

from onrecord.errors import FetchError
from onrecord.feeds.fetch import HostHeld

# As many as a feed has connections for pages by default.
_MOST_IN_A_ROW = 4
_LEFT_ALONE_S = 300.0
_MOST_REMEMBERED = 10_000


class LeftAlone(FetchError):
    """A page was not asked for, since those before it did not answer."""


class Silences:
    """The number of consecutive unanswered requests, by the feed they were made for."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._in_a_row: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def refuse_if_silent(self, url: str, feed: str) -> None:
        """Raise LeftAlone while a feed's pages are left alone."""
        silent, until = self._in_a_row.get(feed, (0, 0.0))
        if silent >= _MOST_IN_A_ROW and self._clock() < until:
            raise LeftAlone(url, f"{silent} pages of this feed did not answer: left for later")

    def note_answer(self, feed: str) -> None:
        """Note that a host answered, whatever it said."""
        self._in_a_row.pop(feed, None)

    def note_error(self, feed: str, error: FetchError) -> None:
        """Note a request that failed: with an answer, or without one."""
        if isinstance(error, HostHeld | LeftAlone):
            return
        if error.status is not None:
            self.note_answer(feed)
            return
        silent, _ = self._in_a_row.pop(feed, (0, 0.0))
        self._in_a_row[feed] = (silent + 1, self._clock() + _LEFT_ALONE_S)
        while len(self._in_a_row) > _MOST_REMEMBERED:
            self._in_a_row.popitem(last=False)
