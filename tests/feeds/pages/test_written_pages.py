"""What people said survives on its way from a page to an article, word for word."""

import re
from collections import Counter
from functools import cache

import pytest
from msgspec.structs import replace

from onrecord.feeds.pages.fulltext import read_page
from tests.feeds.pages.written_pages import LAYOUTS, OTHERS, Page, pages

QUOTED = re.compile(r"“([^“”]{20,})”|\"([^\"]{20,})\"")


@cache
def texts() -> tuple[tuple[Page, str], ...]:
    """Every page with the text that is read of it, of an entry that carried its beginning."""
    return tuple((page, _text(page)) for page in pages())


def _text(page: Page) -> str:
    teaser = replace(page.article, text=page.article.text.split("\n\n")[0], summary="")
    return read_page(page.body, "https://p.example/1", "text/html", teaser).text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_quoted_passages_survive_exactly(layout: str) -> None:
    lost = []
    passages = 0
    for page, text in texts():
        if page.layout == layout:
            wanted = [one or other for one, other in QUOTED.findall(page.article.text)]
            passages += len(wanted)
            lost += [passage for passage in wanted if passage not in text]
    assert passages > 50
    assert len(lost) <= 0.02 * passages, lost


def test_paragraphs_stay_apart_and_in_order() -> None:
    wrong = Counter[str]()
    for page, text in texts():
        wanted = page.article.text.split("\n\n")
        found = [part for part in text.split("\n\n") if part in wanted]
        wrong[page.layout] += found != wanted
    assert {layout: count for layout, count in wrong.items() if count > 1} == {}


def test_nothing_that_stands_around_an_article_is_in_it() -> None:
    found = [(page.layout, words) for page, text in texts() for words in OTHERS if words in text]
    assert Counter(found) == {}
