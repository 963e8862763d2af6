"""Removes boilerplate around a page's article: share bars, captions, teasers, forms.

Class names lie: WordPress writes every tag of an article into the class of its <article>, and
themes say "has-comments" of the <body>. So an element goes only when little of the page's prose
stands in it.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from onrecord.feeds.pages.elements import Block, ancestors, blocks_of

# Elements that are never part of an article, whatever their class.
_FURNITURE = frozenset((
    "aside", "button", "figcaption", "figure", "footer", "form", "nav",
))  # fmt: skip
_NEVER = frozenset(("html", "head", "body", "main", "article"))
_WORDS = frozenset((
    "advert", "advertisement", "breadcrumb", "breadcrumbs", "byline", "caption", "comments",
    "credit", "newsletter", "promo", "related", "share", "sharing", "social", "toolbar",
))  # fmt: skip
_WORD = re.compile(r"[a-z]+")
_CARDS = frozenset(("a", "article", "div", "li", "section", "tr"))
_CARD_DEPTH = 6
_FEWEST_CARDS = 3
_MOST_CARD_BLOCKS = 5
_TITLE_LINKED = 0.9
_LONGEST_CARD_TEXT = 250
_COMMENTS = re.compile(r"(?i)\b(?:comment(?!s-enabled)|disqus|discussion|replies)")
_MOST_COMMENTS = 0.95
_CLASS_NAMES = 12  # elements with more are described, as WordPress does, rather than named
_MOST_PROSE = 0.3
_PROSE_CHARS = 80
_MOST_LINKED = 0.5


def prune(page: Any) -> None:
    """Remove boilerplate from a page's tree."""
    prose = prose_by_element(page)
    most = _MOST_PROSE * prose.get(page, 0)
    _drop(each for each in page.iter() if is_furniture(each) and prose.get(each, 0) <= most)
    _drop(each for each in cards_of(page) if prose.get(each, 0) <= most)


def drop_scripts(page: Any) -> None:
    """Remove scripts, of which trafilatura takes JSON-LD for text as it is."""
    _drop(page.iter("script", "style", "template", "noscript"))


def _drop(elements: Iterable[Any]) -> None:
    for each in list(elements):
        if each.getparent() is not None:
            each.drop_tree()


def cards_of(page: Any) -> Iterator[Any]:
    """Elements that present other articles: several of a kind side by side, each with a link.

    A card is short, and its title is a link on a line of its own.
    """
    inside: dict[Any, list[Block]] = {}
    for block in blocks_of(page):
        for each in islice(ancestors(block.element), _CARD_DEPTH):
            inside.setdefault(each, []).append(block)
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for each, blocks in inside.items():
        if each.tag in _CARDS and _is_card(blocks):
            kind = (each.getparent(), each.tag, each.get("class"))
            groups.setdefault(kind, []).append(each)
    for group in groups.values():
        if len(group) >= _FEWEST_CARDS:
            yield from group


def _is_card(blocks: list[Block]) -> bool:
    return (
        len(blocks) <= _MOST_CARD_BLOCKS
        and any(block.linked >= _TITLE_LINKED for block in blocks)
        and all(len(block.text) <= _LONGEST_CARD_TEXT for block in blocks)
    )


def comments_of(page: Any) -> set[Any]:
    """Elements that hold readers' comments, and not the article as well."""
    prose = prose_by_element(page)
    most = _MOST_COMMENTS * prose.get(page, 0)
    return {
        each
        for each in page.iter()
        if each.tag not in _NEVER
        and prose.get(each, 0) <= most
        and _COMMENTS.search(f"{each.get('class') or ''} {each.get('id') or ''}")
    }


def is_furniture(element: Any) -> bool:
    """Whether an element's name or class marks it as boilerplate."""
    tag = element.tag
    if not isinstance(tag, str) or tag in _NEVER:
        return False
    if tag in _FURNITURE:
        return True
    names = (element.get("class") or "").lower().split()
    if not names or len(names) > _CLASS_NAMES:
        return False
    return any(not _WORDS.isdisjoint(_WORD.findall(name)) for name in names)


def prose_by_element(page: Any) -> dict[Any, int]:
    """How many characters of prose stand in each element, its descendants' included.

    Prose is a block of some length that is not mostly links: a menu has none.
    """
    own: dict[Any, int] = {}
    for block in blocks_of(page):
        if len(block.text) >= _PROSE_CHARS and block.linked < _MOST_LINKED:
            own[block.element] = own.get(block.element, 0) + len(block.text)
    prose: dict[Any, int] = {}
    for each in reversed(list(page.iter())):
        total = prose.get(each, 0) + own.get(each, 0)
        if total:
            prose[each] = total
            parent = each.getparent()
            prose[parent] = prose.get(parent, 0) + total
    return prose
