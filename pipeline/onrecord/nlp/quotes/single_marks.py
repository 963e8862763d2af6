"""Passages between single marks, which are apostrophes too."""

import re
from collections.abc import Iterator

from onrecord.nlp.quotes.quoted import Quoted
from onrecord.nlp.reading.quotation_marks import SINGLE

SINGLE_MARK = re.compile(f"[{''.join(sorted(SINGLE))}]")
_NEXT_SINGLE = re.compile(r"\s*[‘']")
_WORD = re.compile(r"[^\W\d_]+")
_CLIPPED = frozenset(
    {"em", "til", "till", "tis", "twas", "twill", "cause", "bout", "round", "n", "cos", "cuz",
     "neath", "gainst", "fore", "nuff", "kay", "s", "t", "d", "ll", "re", "ve", "m"}
)  # fmt: skip
_STOPS = frozenset(".,:;?!…")


def find_single(text: str, start: int, end: int, double: list[Quoted]) -> Iterator[Quoted]:
    """Passages between single marks, outside the double ones.

    ’ is an apostrophe inside a word. After a letter at a word's end it can be either ("the
    voters’ choice"); after a comma or a stop it must close. The first certain closing mark is
    taken, else the first possible one; the next opening mark ends the search. Double marks may
    be inside. An unclosed passage that opens a paragraph continues in the next if that reopens.
    """
    opened: int | None = None
    continued = _continued(text, start, end)
    for low, high in _outside(start, end, double):
        closed: int | None = None  # a possible closing mark, unless a certain one follows
        for found in SINGLE_MARK.finditer(text, low, high):
            at = found.start()
            if opens_single(text, at):
                if opened is not None and closed is not None:
                    yield _between(opened, closed)
                opened, closed = at, None
            elif opened is not None and closes_single(text, at):
                if closes_surely(text, at):
                    yield _between(opened, at)
                    opened = closed = None
                elif closed is None:
                    closed = at
        goes_on = closed is not None and opened == continued and _among_words(text, closed)
        if opened is not None and closed is not None and not goes_on:
            yield _between(opened, closed)
            opened = None
    if opened is not None and opened == continued:
        yield Quoted(opened + 1, end, opened, end, closed=False, single=True)


def _continued(text: str, start: int, end: int) -> int | None:
    """The mark that opens a paragraph, if the next paragraph reopens: it may never close."""
    here = _NEXT_SINGLE.match(text, start, end)
    if here is None or not opens_single(text, here.end() - 1):
        return None
    after = _NEXT_SINGLE.match(text, end)
    opens_again = after is not None and opens_single(text, after.end() - 1)
    return here.end() - 1 if opens_again else None


def _among_words(text: str, at: int) -> bool:
    return text[at + 1 : at + 2].isspace() and text[at + 2 : at + 3].islower()


def _between(opened: int, closed: int) -> Quoted:
    return Quoted(opened + 1, closed, opened, closed + 1, single=True)


def _outside(start: int, end: int, double: list[Quoted]) -> Iterator[tuple[int, int]]:
    for quoted in double:
        yield start, quoted.outer_start
        start = quoted.outer_end
    yield start, end


def opens_single(text: str, at: int) -> bool:
    """Whether a single mark can open a passage: before a word, and no apostrophe."""
    if text[at] == "’":
        return False
    before = text[at - 1] if at else "\n"
    if not (before.isspace() or before in '([—–-:“"'):
        return False
    # ‘ and ' also stand for omitted letters, and editors' programs print ‘ there: ‘90s, ‘em.
    word = _WORD.match(text, at + 1)
    return word is not None and word.group().lower() not in _CLIPPED


def closes_single(text: str, at: int) -> bool:
    """Whether a single mark can close a passage: after a word or a stop."""
    before = text[at - 1] if at else "\n"
    if text[at] in "‘‚‛":
        return before in _STOPS and not text[at + 1 : at + 2].strip()  # the wrong mark was printed
    return not before.isspace() and not text[at + 1 : at + 2].isalnum()


def closes_surely(text: str, at: int) -> bool:
    """Whether a mark cannot be an apostrophe, as after a plural or a word with its end omitted."""
    before = text[at - 1].lower()
    if not before.isalnum():
        return True
    follows = text[at + 1 : at + 2]
    # "the boys’ club", "goin’ home"; but "‘playing with fire’ again" and "‘the boys’."
    return before not in "sznx" or not follows or follows in ",.;:?!)”"
