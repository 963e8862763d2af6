"""What a person can say of who is who, as judgements: merge, split, rename, correct, undo.

Each function checks that the judgement would change something and returns what is to be written
(see `judgement_book`). An id is a person's or a name's, whole or its first digits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from onrecord.errors import Mistake
from onrecord.people.clusters import pair_of, standing
from onrecord.people.judgement_book import new_judgement
from onrecord.people.registry import PersonKnown, Registry
from onrecord.records import Judgement, id_of

_SHORTEST_ID = 6
_LONGEST_NAME = 200  # it stands in every record and on every page of the person


@dataclass(frozen=True, kw_only=True)
class Editor:
    """One person's judgements on a registry: who they are, and the time."""

    registry: Registry
    by: str
    now: Callable[[], datetime]

    def merge(self, left: str, right: str, *, why: str = "") -> list[Judgement]:
        """Say that two people are one. Raises Mistake where they are, or must not be."""
        one, other = self.person(left), self.person(right)
        if one.id == other.id:
            raise Mistake(f"{one.name} and {other.name} are one person already: {one.id}")
        for judgement in self._between(one, other):
            raise Mistake(
                f"{judgement.by} said that {one.name} and {other.name} are different; "
                f"`onrecord people undo {judgement.id}` first"
            )
        return [self._judgement("same", left=one.id, right=other.id, why=why)]

    def keep_apart(self, left: str, right: str, *, why: str = "") -> list[Judgement]:
        """Say that two people are not one, so that no rule and nobody merges them by mistake."""
        one, other = self.person(left), self.person(right)
        if one.id == other.id:
            raise Mistake(f"{left} and {right} are one person: split them first")
        return [self._judgement("different", left=one.id, right=other.id, why=why)]

    def leave_open(self, left: str, right: str, *, why: str = "") -> list[Judgement]:
        """Say that nobody can tell whether two people are one: it is not suggested again."""
        one, other = self.person(left), self.person(right)
        return [self._judgement("unsure", left=one.id, right=other.id, why=why)]

    def split(self, name: str, *, why: str = "") -> list[Judgement]:
        """Take one name out of a person. Raises Mistake for somebody with a single name."""
        name_id = self.name_id(name)
        person = self.person(name_id)
        others = [other.id for other in person.names if other.id != name_id]
        if not others:
            raise Mistake(
                f"{person.name} has a single name: say which of its articles or quotes are another "
                "person's (--article, --quote, --role)"
            )
        return [self._judgement("different", left=name_id, right=it, why=why) for it in others]

    def split_namesake(
        self,
        name: str,
        *,
        articles: Sequence[str] = (),
        quotes: Sequence[str] = (),
        role: str | None = None,
        why: str = "",
    ) -> list[Judgement]:
        """Give a name in some articles or quotes, or with some role, to another person."""
        if not (articles or quotes or role):
            raise Mistake("a split of a name needs articles, quotes or a role")
        name_id = self.name_id(name)
        judgement = self._judgement(
            "split",
            left=name_id,
            articles=tuple(articles),
            quotes=tuple(quotes),
            role=role,
            why=why,
        )
        return [_with_right(judgement, id_of("namesake", name_id, judgement.id))]

    def rename(self, some_id: str, name: str) -> list[Judgement]:
        """Show a person by this name."""
        if not name.strip():
            raise Mistake("a person has a name")
        if len(name) > _LONGEST_NAME or not name.isprintable():
            raise Mistake(f"a name has at most {_LONGEST_NAME} characters, all of them visible")
        return [self._judgement("rename", left=self.person(some_id).id, name=name.strip())]

    def forget(self, some_id: str, *, why: str = "") -> list[Judgement]:
        """Keep and show none of a person's names any longer."""
        names = self.person(some_id).names
        return [self._judgement("forget", left=name.id, why=why) for name in names]

    def correct_speaker(
        self,
        quote_id: str,
        person: str | None,
        *,
        article: str | None = None,
        span: tuple[int, int] | None = None,
        why: str = "",
    ) -> list[Judgement]:
        """Say that a quote is this person's; None is nobody known.

        With its article and the span of its content, it is found again when it is cut otherwise.
        """
        right = None if person is None else self.person(person).id
        return [self._of_quote("wrong-speaker", quote_id, article, span, why, right)]

    def reject_quote(
        self,
        quote_id: str,
        *,
        article: str | None = None,
        span: tuple[int, int] | None = None,
        why: str = "",
    ) -> list[Judgement]:
        """Say that a quote is nobody's words."""
        return [self._of_quote("not-a-quote", quote_id, article, span, why, None)]

    def undo(self, judgement_id: str, *, why: str = "") -> list[Judgement]:
        """Take a judgement back. Raises Mistake for one that is not there, or was undone."""
        found = [one for one in self.registry.judgements if one.id.startswith(judgement_id)]
        if len(judgement_id) < _SHORTEST_ID or not found:
            raise Mistake(f"no judgement {judgement_id!r}; `onrecord people show` lists them")
        if len({one.id for one in found}) > 1:
            raise Mistake(f"{judgement_id!r} begins the ids of several judgements: give more of it")
        if found[0].kind != "undo" and found[0] not in standing(self.registry.judgements):
            raise Mistake(f"judgement {judgement_id} was undone already")
        return [self._judgement("undo", undoes=found[0].id, why=why)]

    # ── what is meant ────────────────────────────────────────────────────────────────────────

    def person(self, some_id: str) -> PersonKnown:
        """The person of an id or of its first digits. Raises Mistake."""
        found = self.registry.person(self.name_id(some_id))
        if found is None:
            raise Mistake(f"no person {some_id!r}; `onrecord people list` shows them")
        return found

    def name_id(self, some_id: str) -> str:
        """The id that begins with these digits. Raises Mistake for none, or more than one."""
        if self.registry.name(some_id) is not None:
            return some_id
        begun = [name_id for name_id in self.registry.ids() if name_id.startswith(some_id)]
        if len(some_id) < _SHORTEST_ID or not begun:
            raise Mistake(f"no person {some_id!r}; `onrecord people list` shows them")
        if len(begun) > 1:
            raise Mistake(f"{some_id!r} begins more than one id: {', '.join(begun[:3])}")
        return begun[0]

    def _between(self, one: PersonKnown, other: PersonKnown) -> list[Judgement]:
        """The judgements by which names of two people differ."""
        names = {name.id for name in one.names}, {name.id for name in other.names}
        return [
            judgement
            for judgement in standing(self.registry.judgements)
            if judgement.kind == "different"
            and (pair := pair_of(judgement)) is not None
            and any(pair[0] in a and pair[1] in b for a, b in (names, names[::-1]))
        ]

    def _of_quote(
        self,
        kind: str,
        quote_id: str,
        article: str | None,
        span: tuple[int, int] | None,
        why: str,
        right: str | None,
    ) -> Judgement:
        start, end = span or (None, None)
        return self._judgement(
            kind, quote=quote_id, article=article, start=start, end=end, right=right, why=why
        )

    def _judgement(self, kind: str, **fields: Any) -> Judgement:
        return new_judgement(kind, by=self.by, at=self.now(), **fields)


def _with_right(judgement: Judgement, right: str) -> Judgement:
    return msgspec.structs.replace(judgement, right=right)
