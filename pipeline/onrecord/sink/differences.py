"""The differences between two extractions of an article. Pure: two values in, one value out.

Quotes are the same when they have the same words. The others are paired by the share of their
words in common, so that a quote with changed bounds is not counted as one lost and one gained.
Names are the same when they share mentions; a name that shares mentions with several was merged
or split.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, get_args

import msgspec

from onrecord.records import ArticleRef, Entity, Extraction, Quote, Span
from onrecord.sink.names import is_called

# Quotes that share less of their characters are different: half a sentence is not the whole.
_SAME_QUOTE = 0.5

Kind = Literal[
    "quote-gained",
    "quote-lost",
    "quote-recut",
    "quote-retyped",
    "speaker-changed",
    "speaker-found",
    "speaker-lost",
    "speaker-renamed",
    "entity-gained",
    "entity-lost",
    "entity-merged",
    "entity-split",
    "entity-regrouped",
    "entity-retyped",
    "entity-renamed",
]

KINDS: tuple[Kind, ...] = get_args(Kind)


class Difference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that changed in one article; `before` and `after` as far as there is either.

    For quotes one on each side at most, for entities as many as were merged or split.
    """

    kind: Kind
    article: ArticleRef
    quote_before: Quote | None = None
    quote_after: Quote | None = None
    entities_before: tuple[Entity, ...] = ()
    entities_after: tuple[Entity, ...] = ()


class Same(msgspec.Struct, kw_only=True):
    """How much of an article's results is unchanged, by which the differences are measured."""

    quotes: int = 0
    speakers: int = 0
    entities: int = 0


def differences(before: Extraction, after: Extraction) -> tuple[list[Difference], Same]:
    """The changes from one extraction of an article to another, and the unchanged counts."""
    same = Same()
    groups = list(_groups(before.entities, after.entities))
    found = list(_of_entities(after.article, groups, same))
    found += _of_quotes(before, after, _counterparts(groups), same)
    return found, same


# ── entities ─────────────────────────────────────────────────────────────────────────────────

_Group = tuple[list[Entity], list[Entity]]


def _groups(before: Sequence[Entity], after: Sequence[Entity]) -> Iterator[_Group]:
    """Groups of entities from both sides that share mentions, directly or through others."""
    sides = [(0, entity) for entity in before] + [(1, entity) for entity in after]
    links = _links([entity for _, entity in sides], len(before))
    unseen = dict.fromkeys(range(len(sides)))
    while unseen:
        group: _Group = ([], [])
        frontier = [next(iter(unseen))]
        del unseen[frontier[0]]
        while frontier:
            at = frontier.pop()
            side, entity = sides[at]
            group[side].append(entity)
            linked = [other for other in links.get(at, ()) if other in unseen]
            for other in linked:
                del unseen[other]
            frontier += linked
        yield group


def _links(entities: Sequence[Entity], first_after: int) -> dict[int, dict[int, None]]:
    """For each entity, by number, the entities of the other side that share a mention with it."""
    mentions = sorted(
        (mention.start, mention.end, at)
        for at, entity in enumerate(entities)
        for mention in entity.mentions
    )
    links: dict[int, dict[int, None]] = {}
    for first, (start, end, one) in enumerate(mentions):
        for other_start, other_end, other in mentions[first + 1 :]:
            if other_start >= end:
                break
            if (one < first_after) == (other < first_after):
                continue
            # "Lavrov" within "Sergei Lavrov" is the same mention, shorter; "England" within
            # "Bank of England" is not, and their types tell.
            is_same_span = (start, end) == (other_start, other_end)
            if is_same_span or entities[one].type == entities[other].type:
                links.setdefault(one, {})[other] = None
                links.setdefault(other, {})[one] = None
    return links


def _of_entities(article: ArticleRef, groups: Iterable[_Group], same: Same) -> Iterator[Difference]:
    for before, after in groups:
        kind = _entity_kind(before, after)
        if kind is None:
            same.entities += 1
            continue
        yield Difference(
            kind=kind,
            article=article,
            entities_before=tuple(before),
            entities_after=tuple(after),
        )


def _entity_kind(before: Sequence[Entity], after: Sequence[Entity]) -> Kind | None:
    if not before or not after:
        return "entity-lost" if before else "entity-gained"
    if len(before) > 1:
        return "entity-merged" if len(after) == 1 else "entity-regrouped"
    if len(after) > 1:
        return "entity-split"
    if before[0].type != after[0].type:
        return "entity-retyped"
    return None if _same_name(before[0].name, after[0].name) else "entity-renamed"


def _same_name(one: str, other: str) -> bool:
    return one.split() == other.split() or one.casefold() == other.casefold()


def _counterparts(groups: Iterable[_Group]) -> dict[str, set[str]]:
    """For each entity before, by id, the possible entities after."""
    return {
        entity.id: {other.id for other in after} for before, after in groups for entity in before
    }


# ── quotes ───────────────────────────────────────────────────────────────────────────────────


def _of_quotes(
    before: Extraction, after: Extraction, counterparts: dict[str, set[str]], same: Same
) -> Iterator[Difference]:
    for old, new in _paired(before.quotes, after.quotes):
        kinds = list(_quote_kinds(old, new, counterparts))
        if old is not None and new is not None:
            same.quotes += not any(kind.startswith("quote") for kind in kinds)
            same.speakers += not any(kind.startswith("speaker") for kind in kinds)
        for kind in kinds:
            yield Difference(
                kind=kind,
                article=after.article,
                quote_before=old,
                quote_after=new,
                entities_before=_speaking(old, before),
                entities_after=_speaking(new, after),
            )


def _speaking(quote: Quote | None, extraction: Extraction) -> tuple[Entity, ...]:
    speaker = quote.speaker if quote else None
    if speaker is None or speaker.entity is None:
        return ()
    return tuple(entity for entity in extraction.entities if entity.id == speaker.entity)


def _quote_kinds(
    old: Quote | None, new: Quote | None, counterparts: dict[str, set[str]]
) -> Iterator[Kind]:
    if old is None:
        yield "quote-gained"
        return
    if new is None:
        yield "quote-lost"
        return
    if _spans(old) != _spans(new):
        yield "quote-recut"
    elif old.type != new.type:
        yield "quote-retyped"
    if (kind := _speaker_kind(old, new, counterparts)) is not None:
        yield kind


def _speaker_kind(old: Quote, new: Quote, counterparts: dict[str, set[str]]) -> Kind | None:
    before, after = old.speaker, new.speaker
    if before is None or after is None:
        if before is after:
            return None
        return "speaker-found" if before is None else "speaker-lost"
    if _same_name(before.name, after.name):
        return None
    if before.entity is not None and after.entity in counterparts.get(before.entity, ()):
        return "speaker-renamed"
    # If one side has only a name, "Lavrov" is not a different man from "Sergei Lavrov".
    has_only_a_name = before.entity is None or after.entity is None
    is_called_so = is_called(before.name, after.name) or is_called(after.name, before.name)
    return "speaker-renamed" if has_only_a_name and is_called_so else "speaker-changed"


def _paired(
    before: Sequence[Quote], after: Sequence[Quote]
) -> Iterator[tuple[Quote | None, Quote | None]]:
    """Quotes with their counterparts: first those with the same words, then the nearest."""
    exact = {_spans(quote): quote for quote in after}
    partner: dict[str, Quote] = {
        old.id: exact.pop(_spans(old)) for old in before if _spans(old) in exact
    }
    taken = {new.id for new in partner.values()}
    rest = [old for old in before if old.id not in partner]
    candidates = sorted(
        (
            (share, old, new)
            for old in rest
            for new in after
            if new.id not in taken and (share := _shared(old, new)) >= _SAME_QUOTE
        ),
        key=lambda candidate: -candidate[0],
    )
    for _, old, new in candidates:
        if old.id not in partner and new.id not in taken:
            partner[old.id] = new
            taken.add(new.id)
    for old in before:
        yield old, partner.get(old.id)
    for new in after:
        if new.id not in taken:
            yield None, new


def _spans(quote: Quote) -> tuple[tuple[int, int], ...]:
    return tuple((span.start, span.end) for span in quote.content)


def _shared(one: Quote, other: Quote) -> float:
    """The share of their characters that two quotes have in common."""
    both = sum(
        max(0, min(a.end, b.end) - max(a.start, b.start))
        for a in one.content
        for b in other.content
    )
    either = _length(one.content) + _length(other.content) - both
    return both / either if either else 0.0


def _length(spans: Iterable[Span]) -> int:
    return sum(span.end - span.start for span in spans)
