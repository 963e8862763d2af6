"""Distinguishes edits from texts that change by themselves: advertisements, clocks, link lists.

For an edited entry, a fingerprint of its pieces (title, lines, sentences) is stored. When
successive edits are confined to the same places, the text changes by itself, and further edits
wait ever longer; so do edits beyond any newsroom's pace. A change anywhere else is an edit and is
published at once. All pure.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zlib import crc32

from msgspec.structs import replace

from onrecord.records import Article, Seen

_PIECE_END = re.compile(r"\n+|(?<=[.!?…])\s+")
_MOST_PIECES = 64
_DIGITS = 4
# Edits in a row in the same places, after which the text is taken to change by itself.
_TELLING_EDITS = 2
_FIRST_WAIT = timedelta(hours=1)
_MOST_DOUBLINGS = 4
# A live blog is edited every few minutes for hours; more than this in a day waits its turn.
_MOST_EDITS_A_DAY = 12
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Change:
    """The places in which a text changed; None when it changed elsewhere than in a few places."""

    places: frozenset[int] | None


def fingerprint(article: Article) -> str:
    """A few digits for each piece of a text, in its order."""
    pieces = [article.title, *_PIECE_END.split(article.text[:100_000])][:_MOST_PIECES]
    return "".join(f"{crc32(piece.encode()) & 0xFFFF:04x}" for piece in pieces)


def is_braked(article: Article, known: Seen, now: datetime) -> bool:
    """Whether an edited text waits before it is published again."""
    if known.edited_at is None:
        return False
    since = now - known.edited_at
    if known.edits >= _MOST_EDITS_A_DAY and since < _FIRST_WAIT:
        return True
    if known.edits_alike < _TELLING_EDITS:
        return False
    change = _change(known.pieces, fingerprint(article))
    if change.places is None or not change.places <= _places(known):
        return False
    doublings = min(known.edits_alike - _TELLING_EDITS, _MOST_DOUBLINGS)
    return since < _FIRST_WAIT * float(2**doublings)


def changes_by_itself(seen: Seen) -> bool:
    """Whether the last edits of an entry were confined to the same places."""
    return seen.edits_alike >= _TELLING_EDITS


def with_edit(seen: Seen, known: Seen, pieces: str, now: datetime) -> Seen:
    """The stored state of an edited entry; `known` is the old state, `pieces` the new text."""
    change = _change(known.pieces, pieces)
    is_alike = change.places is not None and bool(
        not known.edit_places or change.places & _places(known)
    )
    places = change.places or frozenset()
    lately = known.edited_at is not None and now - known.edited_at < _DAY
    return replace(
        seen,
        pieces=pieces,
        edits=known.edits + 1 if lately else 1,
        edited_at=now,
        edits_alike=known.edits_alike + 1 if is_alike else 0,
        edit_places=tuple(sorted(places | (_places(known) if is_alike else frozenset()))),
    )


def with_edits_kept(seen: Seen, known: Seen, now: datetime) -> Seen:
    """The stored state of an unedited entry: its edits are kept until they are a day old."""
    if known.edited_at is None or now - known.edited_at >= _DAY:
        return seen
    return replace(
        seen,
        pieces=known.pieces,
        edits=known.edits,
        edited_at=known.edited_at,
        edits_alike=known.edits_alike,
        edit_places=known.edit_places,
    )


def _places(known: Seen) -> frozenset[int]:
    return frozenset(known.edit_places)


def _change(before: str, after: str) -> _Change:
    """Where two texts differ, when they have the same shape and differ in at most half of it."""
    if not before or len(before) != len(after):
        return _Change(None)
    places = frozenset(
        start // _DIGITS
        for start in range(0, len(after), _DIGITS)
        if before[start : start + _DIGITS] != after[start : start + _DIGITS]
    )
    # For a title and one sentence, a change of the sentence is a change of everything.
    pieces = len(after) // _DIGITS
    is_small = 2 * len(places) <= pieces and (pieces > 2 or places == {0})
    return _Change(places if is_small else None)
