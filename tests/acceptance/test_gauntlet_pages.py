"""Pages that teasers lead to: a good one gives the text, and none costs a feed anything.

Each feed has one entry, a teaser whose link leads to a page of one kind.
"""

import gzip
from collections.abc import Callable, Mapping

import pytest

from tests.acceptance.gauntlet import Outcome, Scenario, item, play, rss
from tests.http_server import Answer

TEASER = "The harbour will be rebuilt next year, the council decided…"
PARAGRAPHS = (
    "The harbour will be rebuilt next year, the council decided on Monday evening.",
    "“We have waited for this since the storm of 1987,” harbour master Mara Lind said in the hall.",
    "The work is to cost forty million crowns, and half of it is paid by the state.",
    "“Not a day too soon!” said Ove Holm, who owns the last trawler of the town.",
    "Read more than once, the plan says nothing of the fish market, and nobody asked about it.",
)
WHOLE = "\n\n".join(PARAGRAPHS)
LIMIT_BYTES = 400_000
HTML = {"Content-Type": "text/html; charset=utf-8"}


def page(title: str = "A headline of the page's own", *paragraphs: str) -> bytes:
    body = "".join(f"<p>{text}</p>" for text in paragraphs or PARAGRAPHS)
    return (
        "<!doctype html><html lang=en><head><title>Harbour</title></head><body>"
        "<nav><a href='/'>Home</a> <a href='/x'>News</a></nav><header>The Strand Post</header>"
        f"<main><article><h1>{title}</h1>{body}<figure><img src=x>"
        "<figcaption>A picture of the harbour.</figcaption></figure><p>Share this article</p>"
        "<p><a href='#'>Read more</a></p></article></main><footer>All rights reserved</footer>"
        "</body></html>"
    ).encode()


PAGES: dict[str, Callable[[str], Answer]] = {
    "good": lambda _: Answer(page(), headers=HTML),
    "zipped": lambda _: Answer(gzip.compress(page()), headers={**HTML, "Content-Encoding": "gzip"}),
    "redirected": lambda _: Answer(status=302, headers={"Location": "/page/good"}),
    "without_type": lambda _: Answer(page()),
    "windows": lambda _: Answer(
        page().decode().encode("cp1252"), headers={"Content-Type": "text/html; charset=cp1252"}
    ),
    "windows_by_meta": lambda _: Answer(
        page().replace(b"<head>", b"<head><meta charset=windows-1252>").decode().encode("cp1252"),
        headers={"Content-Type": "text/html"},
    ),
    "gone": lambda _: Answer(status=410),
    "forbidden": lambda _: Answer(page(), status=403),
    "broken": lambda _: Answer(status=500),
    "to_our_network": lambda _: Answer(status=302, headers={"Location": "http://10.0.0.1/"}),
    "to_a_file": lambda _: Answer(status=302, headers={"Location": "file:///etc/passwd"}),
    "to_what_robots_may_not": lambda url: Answer(
        status=302, headers={"Location": f"{url}/private/1"}
    ),
    "circle": lambda _: Answer(status=302, headers={"Location": "/page/circle"}),
    "large": lambda _: Answer(b"x" * 2 * LIMIT_BYTES, headers=HTML),
    "bomb": lambda _: Answer(
        gzip.compress(b"x" * 50_000_000), headers={**HTML, "Content-Encoding": "gzip"}
    ),
    "pdf": lambda _: Answer(b"%PDF-1.7", headers={"Content-Type": "application/pdf"}),
    "login": lambda _: Answer(
        page("Sign in", "Please sign in or take out a subscription; it takes only a minute. " * 9),
        headers=HTML,
    ),
    "empty": lambda _: Answer(b"", headers=HTML),
    "breaks_off": lambda _: Answer(page()[:500], headers={**HTML, "Content-Length": "99999"}),
    "never": lambda _: Answer(page(), delay_s=60.0),
}
GOOD = ("good", "zipped", "redirected", "without_type", "windows", "windows_by_meta")
FAILURES = {
    "gone": "HTTP 410 Gone",
    "forbidden": "HTTP 403 Forbidden",
    "broken": "HTTP 500 Internal Server Error",
    "to_our_network": "it leads to http://10.0.0.1/, where we may not go",
    "to_a_file": "only http and https are asked",
    "to_what_robots_may_not": "where we may not go",
    "circle": "it redirects in a circle",
    "large": f"larger than {LIMIT_BYTES} bytes (max_body_bytes)",
    "bomb": f"larger than {LIMIT_BYTES} bytes (max_body_bytes)",
    "pdf": "the page is application/pdf, not HTML",
    "login": "the page is about something else",
    "empty": "the page has no more text than the feed",
    "breaks_off": "the answer broke off",
    "never": "no full answer within 15 s (total_timeout_s)",
    "private": "robots.txt does not allow it",
    "nowhere": "it is at a private address (not in allow_addresses)",
}


def robots(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(b"User-agent: *\nDisallow: /private/\n", headers={"Content-Type": "text/plain"})


def feed(name: str, text: str = TEASER, link: str | None = "{url}/page/{name}") -> Scenario:
    def answer(round: int, asked: Mapping[str, str], url: str) -> Answer:
        to = link and link.format(url=url, name=name)
        return Answer(rss(item(name, text, link=to)))

    return answer


FEEDS: dict[str, Scenario] = {
    **{name: feed(name) for name in PAGES},
    "private": feed("private", link="{url}/private/1"),
    "nowhere": feed("nowhere", link="http://10.0.0.1/page"),
    "no_link": feed("no_link", link=None),
    "whole": feed("whole", "".join(f"&lt;p&gt;{text}&lt;/p&gt;" for text in PARAGRAPHS)),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    played: dict[str, Scenario] = {
        f"page/{name}": lambda _, __, url, say=say: say(url)  # type: ignore[misc]
        for name, say in PAGES.items()
    }
    return play(
        tmp_path_factory.mktemp("pages"),
        FEEDS,
        rounds=2,
        others={**played, "robots.txt": robots},
        settings={
            "full_text": "auto",
            "max_body_bytes": str(LIMIT_BYTES),
            "total_timeout_s": "15",
            "per_host": "8",
        },
    )


@pytest.mark.parametrize("name", GOOD)
def test_the_text_of_a_good_page_is_the_articles(pages: Outcome, name: str) -> None:
    (article,) = pages.articles[name]
    assert (article["text"], article["text_from"]) == (WHOLE, "page")
    assert (article["title"], article["page_error"]) == (f"Story {name}", None)


@pytest.mark.parametrize("name", FAILURES)
def test_when_a_page_fails_the_text_is_the_feeds_and_the_article_says_why(
    pages: Outcome, name: str
) -> None:
    (article,) = pages.articles[name]
    assert (article["text"], article["text_from"]) == (TEASER, "feed")
    assert FAILURES[name] in article["page_error"]


@pytest.mark.parametrize(("name", "text"), [("no_link", TEASER), ("whole", WHOLE)])
def test_no_page_is_asked_for_where_none_is_wanted(pages: Outcome, name: str, text: str) -> None:
    (article,) = pages.articles[name]
    assert (article["text"], article["text_from"]) == (text, "feed")
    assert article["page_error"] is None
    assert pages.requests(f"page/{name}") == [0, 0]


def test_no_page_is_a_failure_of_its_feed(pages: Outcome) -> None:
    assert {name: feed["error"] for name, feed in pages.feeds.items() if feed["error"]} == {}


def test_a_page_is_asked_for_once_and_robots_txt_once_a_poll(pages: Outcome) -> None:
    assert {name: pages.requests(f"page/{name}") for name in PAGES if name != "good"} == {
        name: [1, 0] for name in PAGES if name != "good"
    }
    assert pages.requests("robots.txt") == [1, 0]
    assert pages.requests("private/1") == [0, 0]
