"""What a page says of itself is read in time that grows with the page."""

from collections.abc import Callable

import pytest

from onrecord.feeds.pages.metadata import read_metadata
from tests.steps import growth

LINKED = "<script type='application/ld+json'>{}</script>"


@pytest.mark.parametrize(
    "page",
    [
        lambda n: "<meta name='author' content='Mara Lind'>" * n,
        lambda n: "<meta property='og:title' content='A pier opens'>" * n,
        lambda n: LINKED.format('{"@type": "Person"}') * n,
        lambda n: LINKED.format("[" + '{"@type": "Person"},' * n + "{}]"),
        lambda n: LINKED.format('{"a":' * n + "1" + "}" * n),
        lambda n: "<h1>A pier opens</h1><time datetime='2026-11-20'>then</time>" * n,
        lambda n: "<link rel='canonical' href='https://a.example/1'>" * n,
        lambda n: "<title>" + "A pier | " * n + "</title>",
        lambda n: "<div>" * n + "<p>Deep.</p>",
    ],
)  # fmt: skip
def test_the_work_grows_with_the_page_and_not_with_its_square(page: Callable[[int], str]) -> None:
    def read(n: int) -> object:
        return read_metadata(f"<html><body>{page(n)}</body></html>", "https://a.example/1")

    assert growth(read, 40, 160) < 1.5
