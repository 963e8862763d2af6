"""The names of onrecord's topics, and the key each is written under."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topics:
    """Topic names under one prefix.

    `feeds` and `feed_states` are keyed by feed URL and have the same number of partitions, so
    whoever owns a partition of the one finds the state of its feeds in the same partition of
    the other. `articles`, `extractions` and `dead_letters` are keyed by article id.
    `quotes` is keyed by quote id, and `quote_ids`, which lists an article's quotes there, by
    article id. `replays` is keyed by a replay's name, and by name and run for its progress.
    `judgements` and `people` have one partition: the order of all judgements counts. A person is
    keyed by their id. `searches` (keyed by the search's id) and `alerts` (by the alert's) have
    one partition too.
    """

    prefix: str = "onrecord"

    @property
    def feeds(self) -> str:
        return f"{self.prefix}.feeds"

    @property
    def feed_states(self) -> str:
        return f"{self.prefix}.feed-states"

    @property
    def articles(self) -> str:
        return f"{self.prefix}.articles"

    @property
    def extractions(self) -> str:
        return f"{self.prefix}.extractions"

    @property
    def dead_letters(self) -> str:
        return f"{self.prefix}.dead-letters"

    @property
    def quotes(self) -> str:
        return f"{self.prefix}.quotes"

    @property
    def quote_ids(self) -> str:
        return f"{self.prefix}.quote-ids"

    @property
    def positions(self) -> str:
        """On a cluster: the positions of consumer groups, which it forgets after some days."""
        return f"{self.prefix}.positions"

    @property
    def replays(self) -> str:
        return f"{self.prefix}.replays"

    @property
    def judgements(self) -> str:
        return f"{self.prefix}.judgements"

    @property
    def people(self) -> str:
        return f"{self.prefix}.people"

    @property
    def searches(self) -> str:
        return f"{self.prefix}.searches"

    @property
    def alerts(self) -> str:
        return f"{self.prefix}.alerts"

    @property
    def forgotten(self) -> str:
        """Articles and quotes that must not come back, by id."""
        return f"{self.prefix}.forgotten"

    def replay(self, name: str) -> str:
        """The topic of the results of a replay with a plain name."""
        return f"{self.prefix}.replay.{name}"

    def of_replay(self, name: str) -> str:
        """The topic that a replay's name means; a name with a dot in it is a whole topic's."""
        return name if "." in name else self.replay(name)

    def named(self, name: str, is_there: Callable[[str], bool]) -> str:
        """The topic a person means: one of ours by its short name, a replay's, or its own."""
        live = (
            *(self.feeds, self.feed_states, self.articles, self.extractions, self.quotes),
            *(self.quote_ids, self.dead_letters, self.judgements, self.people),
            *(self.searches, self.alerts),
        )
        if f"{self.prefix}.{name}" in live:
            return f"{self.prefix}.{name}"
        topic = self.of_replay(name)
        return topic if is_there(topic) else name
