"""Elements within a sentence that trafilatura takes out of it, or makes paragraphs of.

It drops <time> and <label> with their words, and takes <q> for a block of its own.
"""

import re
from itertools import islice
from typing import Any

from onrecord.feeds.pages.elements import ancestors

_DROPPED = ("time", "label", "output", "blink")
_PARAGRAPHS = frozenset(("p", "li", "blockquote", "dd", "td"))
_DEPTH = 6
# A date line or the label of a field is shorter.
_PROSE_CHARS = 60
_OPENING = "“„«‘\"'"
# Marks around an element; only French ones stand apart from the words.
_OPENED = re.compile("(?:[“„»‘\"']|«\\s?)$")
_CLOSED = re.compile("[,.;:!?…]?(?:[”“«’\"']|\\s?»)")


def keep_in_sentences(page: Any) -> None:
    """Make plain words of these elements where they are in prose, and quotation marks of <q>."""
    is_prose: dict[Any, bool] = {}
    for each in list(page.iter(*_DROPPED)):
        around = _paragraph_around(each)
        if around is None:
            continue
        if around not in is_prose:
            is_prose[around] = len("".join(around.itertext()).strip()) >= _PROSE_CHARS
        if is_prose[around]:
            each.tag = "span"
    for each in list(page.iter("q")):
        _quote(each)
        each.tag = "span"


def _paragraph_around(element: Any) -> Any:
    around = (each for each in islice(ancestors(element), _DEPTH) if each.tag in _PARAGRAPHS)
    return next(around, None)


def _quote(element: Any) -> None:
    """Put an element's words in quotation marks, unless the page has done so itself.

    Its own marks stand within the element or around it.
    """
    if "".join(islice(element.itertext(), 3)).lstrip()[:1] in tuple(_OPENING):
        return
    if _OPENED.search(_text_before(element)) and _CLOSED.match(element.tail or ""):
        return
    element.text = f"“{element.text or ''}"
    if len(element):
        element[-1].tail = f"{element[-1].tail or ''}”"
    else:
        element.text += "”"


def _text_before(element: Any) -> str:
    """The end of the text directly before an element, in its parent."""
    earlier, parent = element.getprevious(), element.getparent()
    text = earlier.tail if earlier is not None else parent.text if parent is not None else None
    return (text or "")[-2:]
