"""What a long-running command says of its work now and then, where no line tells of each piece."""

from collections import Counter
from collections.abc import Callable

from onrecord.cli.events import Events

_EVERY_S = 60.0


class Reckoning:
    """Counts work, and says once a minute, while there is some, what was done since.

    `sentence` makes the line of the counts and the seconds they took.
    """

    def __init__(
        self,
        events: Events,
        clock: Callable[[], float],
        sentence: Callable[[Counter[str], float], str],
        *,
        every_s: float = _EVERY_S,
    ) -> None:
        self._events = events
        self._clock = clock
        self._sentence = sentence
        self._every_s = every_s
        self._since = clock()
        self._counts: Counter[str] = Counter()

    def add(self, **counts: int) -> None:
        """So much more was done."""
        self._counts.update(counts)
        passed_s = self._clock() - self._since
        if self._counts.total() and passed_s >= self._every_s:
            told = self._sentence(self._counts, passed_s)
            self._events.info("progress", told, seconds=round(passed_s), **self._counts)
            self._since, self._counts = self._clock(), Counter()


def of_extraction(counts: Counter[str], seconds: float) -> str:
    """How far an extractor came."""
    rate = counts["articles"] / seconds
    return (
        f"{counts['articles']} articles extracted in {seconds:.0f} s ({rate:.1f} a second), "
        f"{counts['quotes']} quotes, {counts['dead_letters']} dead letters"
    )


def of_polling(counts: Counter[str], seconds: float) -> str:
    """How far a poller came."""
    unchanged = counts["polls"] - counts["read"] - counts["failed"]
    return (
        f"{counts['polls']} polls in {seconds:.0f} s: {counts['read']} read, {unchanged} "
        f"unchanged, {counts['failed']} failed; {counts['new']} new articles, "
        f"{counts['edited']} edited"
    )
