"""Extracts the text of a page's main article; the only module that uses trafilatura.

trafilatura finds where the article is; it also takes teasers for text, and loses text that is not
in paragraphs. So furniture goes before (`pruning.py`), missing prose is put back (`completing.py`),
and the result is compared with what the page offers besides: its prose, the text in its JSON-LD.
Where it is far less, another reading is taken.
"""

import re
from collections.abc import Sequence
from itertools import chain, combinations
from typing import Any

import lxml.html

from onrecord.feeds.articles.draft import body_text
from onrecord.feeds.pages.completing import completed, container_of, unglued
from onrecord.feeds.pages.elements import Block, ancestors, blocks_of
from onrecord.feeds.pages.inline import keep_in_sentences
from onrecord.feeds.pages.metadata import headlines, linked_text
from onrecord.feeds.pages.pruning import comments_of, drop_scripts, prune

# A reading with less than this share of another has lost a part of the article.
_FAR_LESS = 0.6
# The page's own prose counts less: it may be comments.
_TINY = 0.3
# Missing prose is put back when it is a part of the article; a few lines are furniture.
_MISSING = 0.4
_PROSE_CHARS = 60
_MOST_LINKED = 0.4
_MOST_LINES = 0.08
_TOP = 4  # a section's name and a date may stand above the headline
_MOST_HEADLINE = 1_000
_WORD = re.compile(r"\w+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# &#8; and &#xFFFF;
_CONTROL_REFERENCE = re.compile(
    "&#(?:0*(?:[0-9]|[12][0-9]|3[01]|6553[45])|[xX]0*(?:[01]?[0-9a-fA-F]|"
    "[fF]{3}[eEfF]))(?![0-9a-fA-F])"
)


def main_text(markup: str, url: str | None, *, title: str, summary: str) -> str:
    """The text of the page's main article; empty when there is none."""
    page = _parsed(markup)
    if page is None:
        return ""
    linked = linked_text(page)
    titles = {_words(line) for line in (title, *headlines(page))} - {()}
    drop_scripts(page)
    keep_in_sentences(page)
    prune(page)
    blocks = blocks_of(page)
    found = _found_by_trafilatura(page, url, fast=True)
    found = _with_missing(unglued(found, blocks), blocks)
    found = _without_linked_lines(found, blocks)
    comments = comments_of(page)
    prose = [
        block
        for block in blocks
        if _is_prose(block) and comments.isdisjoint(ancestors(block.element))
    ]
    if _weight(found) < _FAR_LESS * max(_weight_of(prose), _weight(linked)):
        found = _best_of(found, markup, url, prose, linked)
    return body_text("\n\n".join(_without_headline(found, titles)), title, summary)


def _parsed(markup: str) -> Any:
    parser = lxml.html.HTMLParser(
        encoding="utf-8", huge_tree=True, collect_ids=False, remove_comments=True, remove_pis=True
    )
    markup = _CONTROL.sub("", markup)
    try:
        page = lxml.html.document_fromstring(markup.encode("utf-8", "replace"), parser)
    except lxml.etree.ParserError:  # it is empty
        return None
    if _CONTROL_REFERENCE.search(markup):
        _drop_controls(page)
    return page


def _drop_controls(page: Any) -> None:
    """Remove control characters, which lxml reads and then refuses to move or copy."""
    for each in page.iter():
        if each.text and _CONTROL.search(each.text):
            each.text = _CONTROL.sub("", each.text)
        if each.tail and _CONTROL.search(each.tail):
            each.tail = _CONTROL.sub("", each.tail)
        for name, value in each.attrib.items():
            if _CONTROL.search(value):
                each.set(name, _CONTROL.sub("", value))


def _found_by_trafilatura(page: Any, url: str | None, *, fast: bool) -> list[str]:
    """The paragraphs that trafilatura finds; `fast` is without its own fall-backs."""
    # A third of a second to import, and many feeds never need it.
    import trafilatura

    document = trafilatura.bare_extraction(
        page, url=url, fast=fast, include_comments=False, with_metadata=False
    )
    body = getattr(document, "body", None)
    return [block.text for block in blocks_of(body)] if body is not None else []


def _with_missing(found: list[str], blocks: Sequence[Block]) -> list[str]:
    whole = completed(found, blocks)
    return whole if _weight(whole) > (1 + _MISSING) * _weight(found) else found


def _without_linked_lines(found: list[str], blocks: Sequence[Block]) -> list[str]:
    """The paragraphs without lines that are one link each: other articles' titles.

    Where they are many they are what the article is about.
    """
    linked = {block.text for block in blocks if block.linked >= 0.9 and "://" not in block.text}
    kept = [text for text in found if text not in linked]
    return kept if _weight(kept) >= (1 - _MOST_LINES) * _weight(found) else found


def _without_headline(found: list[str], titles: set[tuple[str, ...]]) -> list[str]:
    """The paragraphs without the headline among the first of them: the article's title has it."""
    words = [_words(text[:_MOST_HEADLINE]) for text in found[:_TOP]]
    titled = {
        place
        for begin, end in combinations(range(len(words) + 1), 2)  # it may take several lines
        if tuple(chain(*words[begin:end])) in titles
        for place in range(begin, end)
    }
    return [text for place, text in enumerate(found) if place not in titled]


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def _best_of(
    found: list[str], markup: str, url: str | None, prose: Sequence[Block], linked: list[str]
) -> list[str]:
    """The reading with the most of the article, preferring the usual one."""
    page = _parsed(markup)
    drop_scripts(page)
    keep_in_sentences(page)
    default = unglued(_found_by_trafilatura(page, url, fast=False), blocks_of(page))
    if _weight(found) < _FAR_LESS * _weight(default):
        found = default
    if _weight(found) < _FAR_LESS * _weight(linked):
        found = linked
    if prose:
        container = container_of(prose)
        own = [b.text for b in prose if any(each is container for each in ancestors(b.element))]
        if _weight(found) < _TINY * _weight(own):
            found = own
    return found


def _is_prose(block: Block) -> bool:
    return len(block.text) >= _PROSE_CHARS and block.linked <= _MOST_LINKED


def _weight_of(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _weight(paragraphs: Sequence[str]) -> int:
    return sum(map(len, paragraphs))
