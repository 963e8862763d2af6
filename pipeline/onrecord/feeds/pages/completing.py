"""Restores text that an extractor left out of the middle of an article.

Extractors lose text that stands in a <div> instead of a <p>, in the second of several blocks with
the same class, or behind an element that a subscriber's script opens. The paragraphs that were
found show where on the page the article is; the prose beside them is the article too.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from onrecord.feeds.pages.elements import Block, ancestors

_WORD = re.compile(r"\w+")
_RUN = 4  # so many words in a row tell a text from another
_GAP = 200
_KNOWN = 0.5
_HOLDS = 0.8
_FEWEST_CHARS = 60
_MOST_LINKED = 0.4


def completed(found: Sequence[str], blocks: Sequence[Block]) -> list[str]:
    """The paragraphs found, with the missing prose of the page's `blocks` at its places."""
    places = _places(found, blocks)
    matched = [block for block, place in zip(blocks, places, strict=True) if place is not None]
    if not matched:
        return list(found)
    container = container_of(matched)
    kinds = {_kind_of(block.element) for block in matched}
    missing: dict[int, list[str]] = {}
    last = -1
    for block, place in zip(blocks, places, strict=True):
        if place is not None:
            last = max(last, place)
        elif _is_prose(block) and _belongs(block, container, kinds):
            missing.setdefault(last, []).append(block.text)
    whole = missing.get(-1, []).copy()
    for place, text in enumerate(found):
        whole += [text, *missing.get(place, [])]
    return whole


def unglued(found: Sequence[str], blocks: Sequence[Block]) -> list[str]:
    """The paragraphs found, each that is several of the page's `blocks` as those blocks."""
    begins: dict[int, int] = {}
    for number, place in enumerate(_places(found, blocks)):
        if place is not None:
            begins.setdefault(place, number)
    parted: list[str] = []
    for place, text in enumerate(found):
        parted += _parted(text, blocks, begins[place]) if place in begins else [text]
    return parted


def _parted(text: str, blocks: Sequence[Block], begin: int) -> list[str]:
    pieces: list[str] = []
    at = 0
    for block in islice(blocks, begin, None):
        if at >= len(text):
            break
        start = text.find(block.text, at, at + len(block.text) + _GAP)
        if start < 0:
            if pieces:
                break
            continue
        pieces += [text[at:start].strip(), block.text]
        at = start + len(block.text)
    return [piece for piece in (*pieces, text[at:].strip()) if piece]


def _places(found: Sequence[str], blocks: Sequence[Block]) -> list[int | None]:
    """Which of the paragraphs found each block stands in; None for one that stands in none.

    A paragraph has room for no more than its own length: two blocks may differ in a few words.
    """
    known = {run: place for place, text in enumerate(found) for run in _runs(text)}
    room = [len(text) + _GAP // 10 for text in found]
    same = {text: place for place, text in enumerate(found)}
    places: list[int | None] = []
    for block in blocks:
        place = same.get(block.text)
        if place is None:
            place = _place_of(block.text, known)
            place = place if place is not None and room[place] >= len(block.text) else None
        if place is not None:
            room[place] -= len(block.text)
            same[block.text] = place
        places.append(place)
    return places


def _runs(text: str) -> Iterable[int]:
    """The runs of words of a text; of a short one, all its words as one run."""
    words = _WORD.findall(text.casefold())
    if len(words) <= _RUN:
        return (hash(tuple(words)),)
    return (hash(tuple(words[at : at + _RUN])) for at in range(len(words) - _RUN + 1))


def _place_of(text: str, known: dict[int, int]) -> int | None:
    """Which of the paragraphs found a text stands in; None when most of it stands in none."""
    runs = list(_runs(text))
    places = [known[run] for run in runs if run in known]
    if len(places) <= _KNOWN * len(runs):
        return None
    return Counter(places).most_common(1)[0][0]


def container_of(matched: Sequence[Block]) -> Any:
    """The innermost element that holds nearly all of the text of some blocks."""
    held: dict[Any, int] = {}
    whole = 0
    for block in matched:
        whole += len(block.text)
        for element in ancestors(block.element):
            held[element] = held.get(element, 0) + len(block.text)
    enough = [element for element, chars in held.items() if chars >= _HOLDS * whole]
    return max(enough, key=lambda element: sum(1 for _ in ancestors(element)), default=None)


def _kind_of(element: Any) -> tuple[str, ...]:
    """The names of an element and of the two around it."""
    around = list(ancestors(element))[:3]
    return tuple(f"{each.tag}.{each.get('class') or ''}" for each in around)


def _is_prose(block: Block) -> bool:
    return len(block.text) >= _FEWEST_CHARS and block.linked <= _MOST_LINKED


def _belongs(block: Block, container: Any, kinds: set[tuple[str, ...]]) -> bool:
    is_inside = any(element is container for element in ancestors(block.element))
    return is_inside or _kind_of(block.element) in kinds
