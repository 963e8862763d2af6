"""Quotation marks: pairs them and finds the passages between them.

Pure functions on text. Marks are paired within a paragraph (a line), so an error stays in its
paragraph. A quotation still open at the end of its paragraph ends there: a quotation of several
paragraphs is printed with an opening mark on each and a closing mark only on the last.

The role of a mark depends on its shape and its neighbours: “ « „ open, ” » close, and a straight
mark opens before a word and closes after one. Double marks inside others are nested and not
reported. Single marks are reported only outside double ones, and only where they cannot be
apostrophes: opening before a word and closing after one. Where an unclosed quotation is closed
some lines further down, as in verse, each line is a passage of it.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from typing import NamedTuple

from onrecord.nlp.quotes.quoted import Quoted
from onrecord.nlp.quotes.single_marks import (
    SINGLE_MARK,
    closes_single,
    closes_surely,
    find_single,
    opens_single,
)
from onrecord.nlp.reading.quotation_marks import DOUBLE, DOUBLE_CLOSING, DOUBLE_OPENING


class _Role(Enum):
    OPENS = "opens"
    CLOSES = "closes"
    EITHER = "either"


class _Mark(NamedTuple):
    start: int
    end: int
    family: str
    role: _Role


_ALONE = "".join(sorted(mark for mark in DOUBLE if len(mark) == 1 and mark != "״"))
# Begins with one class of characters, for which Python's search is ten times as fast as for
# alternatives. A Hebrew ״ inside a word marks an abbreviation.
_DOUBLE = re.compile(
    rf"[{_ALONE}'`״](?:(?<=[{_ALONE}])|(?<=')'|(?<=`)`|(?<=(?<!\w)״)|(?<=״)(?!\w))"
)
_ANY = re.compile(rf"[{_ALONE}'`״]|{SINGLE_MARK.pattern}")
_FAMILY = {
    "“": "curly", "”": "curly", "„": "curly", "‟": "curly", "〝": "curly", "〞": "curly",
    "«": "guillemet", "»": "guillemet",
    "「": "corner", "」": "corner", "『": "white corner", "』": "white corner",
    "״": "hebrew", "＂": "straight",
    '"': "straight", "''": "typewriter", "``": "typewriter",
}  # fmt: skip
_BEFORE_OPENING = frozenset("([{—–-/‘'.:;,…")
_STOPS = frozenset(".,:;?!…")
_ENDS = frozenset('.?!”"’')
_LONGEST_SIGNATURE = 80
_LONGEST_HEADING = 160
_HEADINGS_LACK = frozenset(".:;,")
_NEXT_DOUBLE = re.compile(r"\s{1,8}[“\"]\w")
_INTRODUCED_SINGLE = re.compile(r":\s*[‘']")
_LONGEST_VERSE = 1_200  # characters from a quotation's first line to the line that closes it


def find_quoted(text: str) -> list[Quoted]:
    """Every passage between quotation marks, in text order, none inside another.

    Passages without a letter or digit are left out. Takes time linear in the text.
    """
    double: list[Quoted] = []
    single: list[Quoted] = []
    for start, end in lines_of(text):
        if not _ANY.search(text, start, end):
            continue
        above = list(_lines_between(text, double[-1:], start, end))
        here = list(_pair(text, start, end))
        while above and single and single[-1].start > above[0].start:
            single.pop()
        single += find_single(text, start, end, above[-1:] + here)
        wrongly_opened = list(_continued_in_double(text, start, end, above[-1:] + here))
        double += above + here + wrongly_opened
    # Where double marks are the house style, single ones outside them mark headings and irony.
    outer = _not_inside(double, single)
    if len(single) <= len(outer):
        single = [
            quoted for quoted in single if _is_in_heading(text, quoted) or _is_sure(text, quoted)
        ]
        outer = _not_inside(double, single)
    found = sorted(outer + single)
    return [_trimmed(text, q) for q in found if any(map(str.isalnum, text[q.start : q.end]))]


def _is_sure(text: str, quoted: Quoted) -> bool:
    """Whether a single passage is set in curly marks that cannot be apostrophes."""
    opened, closed = text[quoted.outer_start], text[quoted.outer_end - 1]
    return quoted.closed and (opened, closed) == ("‘", "’") and closes_surely(text, quoted.end)


def _is_in_heading(text: str, quoted: Quoted) -> bool:
    """Whether a passage is in a short line without sentence-final punctuation."""
    low = max(0, quoted.outer_start - _LONGEST_HEADING)
    high = quoted.outer_end + _LONGEST_HEADING
    start = text.rfind("\n", low, quoted.outer_start) + 1 or low
    end = text.find("\n", quoted.outer_end, high)
    line = text[start:end].rstrip()
    return end >= 0 and len(line) <= _LONGEST_HEADING and line[-1:] not in _HEADINGS_LACK


def _continued_in_double(text: str, start: int, end: int, double: list[Quoted]) -> Iterator[Quoted]:
    """Passages that a single mark opens after a colon if a double one opens the next paragraph."""
    low = double[-1].outer_end if double else start
    if _NEXT_DOUBLE.match(text, end) is None or (double and not double[-1].closed):
        return
    *_, last = [None, *_INTRODUCED_SINGLE.finditer(text, low, end)]
    if last is None or not opens_single(text, last.end() - 1):
        return
    opened = last.end() - 1
    later = (found.start() for found in SINGLE_MARK.finditer(text, opened + 1, end))
    if not any(closes_single(text, at) and closes_surely(text, at) for at in later):
        yield Quoted(opened + 1, end, opened, end, closed=False)


def lines_of(text: str) -> Iterator[tuple[int, int]]:
    """The start and end of each line."""
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line)
        start += len(line) + 1


def _lines_between(text: str, last: list[Quoted], start: int, end: int) -> Iterator[Quoted]:
    """The lines up to the mark in this one that closes the last passage, if that is unclosed.

    None if that passage was closed within its line, or if the first mark here closes nothing.
    """
    if not last or last[0].closed or text[last[0].end : last[0].end + 1] != "\n":
        return
    at = last[0].end + 1
    found = _DOUBLE.search(text, start, end) if start - at <= _LONGEST_VERSE else None
    if found is None or not _closes_from_above(text, found, text[last[0].outer_start], start, end):
        return
    if _is_signature(text, start, found.start(), end):
        return
    for low, high in lines_of(text[at : start - 1]) if at < start else ():
        yield Quoted(at + low, at + high, at + low, at + high, closed=False)
    yield Quoted(start, found.start(), start, found.end())


def _closes_from_above(text: str, found: re.Match[str], opened: str, start: int, end: int) -> bool:
    """Whether a line's first mark surely closes an earlier line's quotation; inch marks do not."""
    mark, before = _mark(text, found), text[found.start() - 1 : found.start()]
    return (
        mark.family == _FAMILY.get(opened, "typewriter")
        and mark.role is _Role.CLOSES
        and (before.isalpha() or before in _STOPS)
        and found.start() > start
        and not _can_open(text, mark, start, end)
    )


def _is_signature(text: str, start: int, mark: int, end: int) -> bool:
    """Whether a short line, ended by a mark after a whole sentence, names the speaker."""
    above = text[max(0, start - _LONGEST_VERSE) : start].rstrip()[-1:]
    ends_line = not text[mark + 1 : end].strip("'")
    return above in _ENDS and ends_line and mark - start < _LONGEST_SIGNATURE


def _not_inside(double: list[Quoted], single: list[Quoted]) -> list[Quoted]:
    """The double passages that are not inside a single one; both in text order."""
    kept: list[Quoted] = []
    at = 0
    for quoted in double:
        while at < len(single) and single[at].outer_end <= quoted.outer_start:
            at += 1
        if at == len(single) or quoted.outer_start < single[at].outer_start:
            kept.append(quoted)
    return kept


def _trimmed(text: str, quoted: Quoted) -> Quoted:
    """The passage without the spaces that French sets inside its marks."""
    start, end = quoted.start, quoted.end
    if not (text[start].isspace() or text[end - 1].isspace()):
        return quoted
    words = text[start:end].strip()
    start = text.index(words, start)
    return replace(quoted, start=start, end=start + len(words))


def _pair(text: str, start: int, end: int) -> Iterator[Quoted]:
    """The pairs of double marks in one paragraph."""
    marks = _outermost([_mark(text, found) for found in _DOUBLE.finditer(text, start, end)])
    mixed = len({mark.family for mark in marks}) > 1
    closer_ahead = _own_closer_ahead(marks) if mixed else []
    opened: _Mark | None = None
    nested = 0  # marks of another family opened since then and still open
    for i, mark in enumerate(marks):
        if opened is None:
            if _can_open(text, mark, start, end):
                opened, nested = mark, 0
        elif mark.family != opened.family:
            if mark.role is _Role.OPENS:
                nested += 1
            elif nested:
                nested -= 1
            elif mark.role is _Role.CLOSES and not closer_ahead[i].get(opened.family, False):
                # “Mixed marks": no closing mark of its own follows before the next opening one.
                yield Quoted(opened.end, mark.start, opened.start, mark.end)
                opened = None
        elif mark.role is _Role.OPENS:
            yield Quoted(opened.end, mark.start, opened.start, mark.start, closed=False)
            opened, nested = mark, 0
        else:
            yield Quoted(opened.end, mark.start, opened.start, mark.end)
            opened = None
    if opened is not None:
        yield Quoted(opened.end, end, opened.start, end, closed=False)


def _outermost(marks: list[_Mark]) -> list[_Mark]:
    """The marks without pairs nested in their own kind: “our” in “proud of “our” team”.

    Only if there are enough closing marks; otherwise the outer one was never closed.
    """
    opened: dict[str, list[int]] = {}
    closed: dict[int, int] = {}
    for i, mark in enumerate(marks):
        here = opened.setdefault(mark.family, [])
        if mark.role is _Role.OPENS or (mark.role is _Role.EITHER and not here):
            here.append(i)
        elif here:
            closed[here.pop()] = i
    ends: dict[str, int] = {}
    outermost = []
    for i, mark in enumerate(marks):
        if i >= ends.get(mark.family, 0):
            outermost.append(mark)
            ends[mark.family] = closed.get(i, 0)
    return outermost


def _mark(text: str, found: re.Match[str]) -> _Mark:
    shape, start, end = found.group(), found.start(), found.end()
    return _Mark(start, end, _FAMILY[shape], _role(text, shape, start, end))


def _role(text: str, shape: str, start: int, end: int) -> _Role:
    """The role of the mark, by its shape unless its neighbours show that the shape is wrong."""
    opens, closes = _looks_opening(text, start, end), _looks_closing(text, start, end)
    if shape in DOUBLE_OPENING:
        if text[max(0, start - 1) : start] in {"'", "’"} and text[end : end + 1].isspace():
            return _Role.OPENS  # French elides before it: "parle d'« un accident »"
        return _Role.CLOSES if closes and not opens else _Role.OPENS
    if shape in DOUBLE_CLOSING:
        # German and Danish print guillemets in the opposite direction: »Ja.«
        reversed_ = shape == "»" and opens and not closes and text[end : end + 1].isalnum()
        return _Role.OPENS if reversed_ else _Role.CLOSES
    if opens != closes and not _is_glued(text, start, end):
        return _Role.OPENS if opens else _Role.CLOSES
    return _Role.EITHER


def _is_glued(text: str, start: int, end: int) -> bool:
    """Whether a mark follows a stop and precedes a word, both without a space: 'said,"Yes,"and'."""
    return text[start - 1 : start] in _STOPS and text[end : end + 1].isalnum()


def _looks_opening(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else "\n"
    after = text[end] if end < len(text) else "\n"
    return (before.isspace() or before in _BEFORE_OPENING) and not after.isspace()


def _looks_closing(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else "\n"
    after = text[end] if end < len(text) else "\n"
    return not before.isspace() and not after.isalnum()


def _can_open(text: str, mark: _Mark, start: int, end: int) -> bool:
    if mark.role is not _Role.CLOSES:
        return text[mark.start - 1 : mark.start] != "="  # an attribute of markup left in the text
    # A ” printed where a “ belongs: a space before it, a word after it.
    return (
        mark.family == "curly"
        and _looks_opening(text, mark.start, mark.end)
        and text[mark.end : mark.end + 1].isalnum()
        and text.find("”", mark.end, min(end, mark.end + 2_000)) >= 0
    ) or (mark.family != "curly" and mark.start == start and mark.end < end)


def _own_closer_ahead(marks: list[_Mark]) -> list[dict[str, bool]]:
    """For each mark and family: whether a closing mark precedes the next opening one."""
    ahead: list[dict[str, bool]] = []
    state: dict[str, bool] = {}
    for mark in reversed(marks):
        ahead.append(state)
        if mark.role is _Role.OPENS:
            # At an opening mark, an earlier open quotation is already closed or never will be.
            state = dict.fromkeys(state, False)
        else:
            state = {**state, mark.family: True}
    ahead.reverse()
    return ahead
