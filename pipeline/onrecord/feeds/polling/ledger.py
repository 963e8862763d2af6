"""What the poller asks of the ledger, which keeps feeds, states and articles on the log."""

from collections.abc import Sequence
from typing import Protocol

from onrecord.feeds.decisions.decide import Decide, PollDecision
from onrecord.records import Feed, FeedState, Seen


class Ledger(Protocol):
    """Which feeds are ours to poll, and the keeping of what they bring. Calls may block."""

    def is_shared_out(self) -> bool:
        """Whether every feed is assigned to some poller by now."""

    def feeds(self) -> Sequence[tuple[Feed, FeedState]]:
        """The feeds that are ours now, each with what is remembered of it."""

    def published(self, article_id: str) -> Seen | None:
        """The newest published revision of an article, as far as it is remembered."""

    def settle(self, batch: Sequence[tuple[Feed, Decide]]) -> list[PollDecision | None]:
        """Decide for each feed, then publish all articles and states in one step.

        None for a feed that is not ours any more: nothing was published of it. Raises
        LogUnavailable; doing it again is safe.
        """
