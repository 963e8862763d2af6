"""The poller's interface to the ledger, which keeps feeds, states and articles on the log."""

from collections.abc import Collection, Sequence
from typing import Protocol

from onrecord.feeds.decisions.decide import Decide, PollDecision
from onrecord.records import Article, Feed, FeedState, Seen


class Ledger(Protocol):
    """The feeds assigned to this poller, and the storage of their results. Calls can block."""

    def is_shared_out(self) -> bool:
        """Whether every feed is assigned to some poller by now."""

    def keep_up(self) -> Collection[str]:
        """Keep the assignment and the states up to date; `feeds` and `settle` do so too.

        The URLs of feeds that came or changed, or whose states did, since the last call of this.
        """

    def feeds(self) -> Sequence[tuple[Feed, FeedState]]:
        """The feeds assigned now, each with the outline of its stored state.

        An outline has what tells when to poll a feed, and its hub.
        """

    def outline(self, url: str) -> tuple[Feed, FeedState] | None:
        """One of these pairs, as it is now; None for a feed that is not ours."""

    def state(self, url: str) -> FeedState | None:
        """The whole stored state of a feed, at first empty; None for a feed that is not ours."""

    def published(self, article_id: str) -> Seen | None:
        """The newest published revision of an article, as far as it is remembered."""

    def article(self, article_id: str) -> Article | None:
        """An article as published last, if it is found."""

    def settle(self, batch: Sequence[tuple[Feed, Decide]]) -> list[PollDecision | None]:
        """Decide for each feed, then publish all articles and states in one step.

        None for a feed that is not ours any more: nothing was published of it. Raises
        LogUnavailable; doing it again is safe.
        """
