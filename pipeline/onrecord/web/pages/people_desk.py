"""Who is who, for pages: people looked up, and judgements made in a visitor's name.

One registry is read for all visitors and follows the log; every look reads what is new.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from onrecord.naming import name_key
from onrecord.people.clusters import standing
from onrecord.people.editing import Editor
from onrecord.people.finding import find_people
from onrecord.people.live import LivePeople
from onrecord.people.names_seen import id_of_name
from onrecord.people.registry import PersonKnown, Registry
from onrecord.records import Judgement, Quote

# Extractions from which nobody derived people yet are read here, up to so many.
_CATCH_UP = 5_000
_FOUND = 12


@dataclass(frozen=True, slots=True)
class ToldJudgement:
    """A judgement in words; with it standing, it can be undone."""

    id: str
    words: str
    by: str


class PeopleDesk:
    """All methods block, and can raise Mistake for what a person asks, or LogUnavailable."""

    def __init__(
        self,
        open_people: Callable[[], LivePeople],
        editor: Callable[[Registry, str], Editor],
        write: Callable[[Sequence[Judgement]], list[Judgement]],
    ) -> None:
        self._open = open_people
        self._editor = editor
        self._write = write
        self._lock = threading.Lock()
        self._people: LivePeople | None = None

    def person(self, who: str) -> PersonKnown | None:
        """The person of an id, also a former one, else of a whole name."""
        with self._fresh() as people:
            registry = people.registry
            if registry.name(who) is not None:
                return registry.person(who)
            return registry.person(id_of_name(name_key(who)))

    def find(self, text: str) -> list[PersonKnown]:
        """People called so, the most often named first."""
        with self._fresh() as people:
            return find_people(people.registry, people.resolver.known, text)[:_FOUND]

    def about_person(self, person: PersonKnown) -> list[ToldJudgement]:
        """The standing judgements on a person's names, the newest first."""
        names = {name.id for name in person.names}
        return self._told(lambda one: bool(names & {one.left, one.right}))

    def about_quote(self, quote_id: str) -> list[ToldJudgement]:
        """The standing judgements on a quote, the newest first."""
        return self._told(lambda one: one.quote == quote_id)

    # ── judging ──────────────────────────────────────────────────────────────────────────────

    def merge(self, by: str, person: str, other: str) -> str:
        """Make two people one. This and the following return the id of the judgement."""
        return self._judge(by, lambda editor: editor.merge(person, other))

    def split(self, by: str, name_id: str) -> str:
        """Take one name out of a person."""
        return self._judge(by, lambda editor: editor.split(name_id))

    def rename(self, by: str, person: str, name: str) -> str:
        """Show a person by another name."""
        return self._judge(by, lambda editor: editor.rename(person, name))

    def undo(self, by: str, judgement_id: str) -> str:
        """Take a judgement back."""
        return self._judge(by, lambda editor: editor.undo(judgement_id))

    def reject(self, by: str, quote: Quote, article: str) -> str:
        """Say that a quote is nobody's words."""
        span = _span_of(quote)
        return self._judge(
            by, lambda editor: editor.reject_quote(quote.id, article=article, span=span)
        )

    def correct_speaker(self, by: str, quote: Quote, article: str, person: str | None) -> str:
        """Say whose words a quote is; None is nobody known."""
        span = _span_of(quote)
        return self._judge(
            by,
            lambda editor: editor.correct_speaker(quote.id, person, article=article, span=span),
        )

    def close(self) -> None:
        """Close the readers of the log."""
        with self._lock:
            if self._people is not None:
                self._people.close()
                self._people = None

    def _judge(self, by: str, make: Callable[[Editor], list[Judgement]]) -> str:
        with self._fresh() as people:
            judgements = make(self._editor(people.registry, by))
            self._write(judgements)
            people.refresh()
            return judgements[0].id

    def _told(self, wanted: Callable[[Judgement], bool]) -> list[ToldJudgement]:
        with self._fresh() as people:
            registry = people.registry
            found = [one for one in standing(registry.judgements) if wanted(one)]
            found.sort(key=lambda one: one.at, reverse=True)
            return [ToldJudgement(one.id, _in_words(one, registry), one.by) for one in found]

    @contextmanager
    def _fresh(self) -> Iterator[LivePeople]:
        with self._lock:
            if self._people is None:
                self._people = self._open()
            self._people.refresh()
            self._people.catch_up(at_most=_CATCH_UP)
            yield self._people


def _span_of(quote: Quote) -> tuple[int, int]:
    return quote.content[0].start, quote.content[-1].end


def _in_words(judgement: Judgement, registry: Registry) -> str:
    left, right = (
        "" if one is None else _name_of(one, registry) for one in (judgement.left, judgement.right)
    )
    words = {
        "same": f"{left} and {right} are one person.",
        "different": f"{left} and {right} are two people.",
        "unsure": f"Nobody can tell whether {left} and {right} are one person.",
        "rename": f"{left} is shown as {judgement.name}.",
        "split": f"Some mentions of {left} are of another person.",
        "wrong-speaker": f"The speaker is {right}." if right else "The speaker is not known.",
        "not-a-quote": "This is not a quote.",
    }
    return words.get(judgement.kind, judgement.kind)


def _name_of(name_id: str, registry: Registry) -> str:
    name = registry.name(name_id)
    return name.forms[0].text if name is not None and name.forms else name_id
