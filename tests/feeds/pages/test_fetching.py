"""Pages of entries: fetched as their sites allow, once, and never at the cost of their feed."""

import time
from collections.abc import Mapping

import pytest

from onrecord.feeds.fetch import FetchPolicy
from onrecord.records import Article, FeedState
from tests.feeds.pages.test_fulltext import PARAGRAPHS, TEASER, page
from tests.feeds.polling.test_poller import Polling
from tests.feeds.publisher import Publisher, fetch_policy
from tests.http_server import Answer

PAGE = Answer(page(*PARAGRAPHS).encode(), headers={"Content-Type": "text/html"})

# Long enough for the feed itself, on a machine that stands still for seconds.
LIMIT_S = 6.0


def feed(publisher: Publisher, *paths: str, text: str = TEASER, host: str = "127.0.0.1") -> str:
    items = "".join(
        f"<item><title>Pier to open in May</title><link>{publisher.url(path, host)}</link>"
        f"<description>{text}</description></item>"
        for path in paths
    )
    body = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>"
    publisher.answers["/feed"] = Answer(body.encode())
    return publisher.url("/feed")


def polling(url: str, fetch: FetchPolicy | None = None) -> Polling:
    return Polling(url, full_text="auto", fetch=fetch, usual_interval_s=0, shortest_interval_s=0)


def texts(polled: Polling) -> list[tuple[str, bool]]:
    return [(a.text_from, a.text == "\n\n".join(PARAGRAPHS)) for a in polled.ledger.articles]


def test_a_teaser_is_completed_from_its_page_and_the_article_says_so(publisher: Publisher) -> None:
    polled = polling(feed(publisher, "/1"))
    publisher.answers["/1"] = PAGE
    polled.once()
    assert texts(polled) == [("page", True)]
    assert publisher.asked("/robots.txt") == 1


def test_a_page_is_fetched_once_and_again_when_the_feed_edits_the_entry(
    publisher: Publisher,
) -> None:
    polled = polling(feed(publisher, "/1"))
    publisher.answers["/1"] = PAGE
    for _ in range(3):
        publisher.answers["/feed"] = Answer(publisher.answers["/feed"].body + b"\n")  # type: ignore[union-attr]
        polled.once()
    assert publisher.asked("/1") == 1
    assert len(polled.ledger.articles) == 1
    feed(publisher, "/1", text=f"{TEASER} It is late.")
    polled.once()
    assert publisher.asked("/1") == 2
    assert len(polled.ledger.articles) == 1, "the page is the same as before"
    publisher.answers["/1"] = Answer(
        page(*PARAGRAPHS, "A fourth paragraph.").encode(), headers={"Content-Type": "text/html"}
    )
    feed(publisher, "/1", text=f"{TEASER} It is very late.")
    polled.once()
    assert [article.revision for article in polled.ledger.articles] == [1, 2]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=404),
        Answer(status=500),
        Answer(b"x" * 3_000_000, headers={"Content-Type": "text/html"}),
        Answer(b"%PDF", headers={"Content-Type": "application/pdf"}),
        Answer(status=302, headers={"Location": "http://10.0.0.1/"}),
        Answer(delay_s=60),
    ],
)
def test_when_the_page_fails_the_feeds_text_is_used(publisher: Publisher, answer: Answer) -> None:
    publisher.answers["/1"] = answer
    limits = fetch_policy(max_body_bytes=1_000_000, total_timeout_s=LIMIT_S)
    polled = polling(feed(publisher, "/1"), limits)
    report = next(iter(polled.once().values()))
    assert (report.error, texts(polled)) == (None, [("feed", False)])
    assert polled.ledger.articles[0].text == TEASER


def test_what_robots_txt_forbids_is_not_asked(publisher: Publisher) -> None:
    publisher.answers |= {
        "/robots.txt": Answer(b"User-agent: onrecord\nDisallow: /no\n\nUser-agent: *\nDisallow: /"),
        "/no/1": PAGE,
        "/yes/2": PAGE,
    }
    polled = polling(feed(publisher, "/no/1", "/yes/2"))
    polled.once()
    assert (publisher.asked("/no/1"), publisher.asked("/yes/2")) == (0, 1)
    assert sorted(texts(polled)) == [("feed", False), ("page", True)]


def test_a_page_is_not_followed_to_where_robots_txt_forbids(publisher: Publisher) -> None:
    publisher.answers |= {
        "/robots.txt": Answer(b"User-agent: *\nDisallow: /no/"),
        "/1": Answer(status=302, headers={"Location": "/no/1"}),
        "/2": Answer(status=302, headers={"Location": "/yes/2"}),
        "/no/1": PAGE,
        "/yes/2": PAGE,
    }
    polled = polling(feed(publisher, "/1", "/2"))
    polled.once()
    assert (publisher.asked("/no/1"), publisher.asked("/yes/2")) == (0, 1)
    assert sorted(texts(polled)) == [("feed", False), ("page", True)]


def test_a_robots_txt_that_cannot_be_had_allows_nothing(publisher: Publisher) -> None:
    publisher.answers |= {"/robots.txt": Answer(status=503), "/1": PAGE}
    polled = polling(feed(publisher, "/1"))
    polled.once()
    assert (publisher.asked("/1"), texts(polled)) == (0, [("feed", False)])


def test_crawl_delay_is_kept_to(publisher: Publisher) -> None:
    asked: list[float] = []
    began = time.monotonic()

    def slowly(_: Mapping[str, str]) -> Answer:
        asked.append(time.monotonic())
        return PAGE

    publisher.answers["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 0.4")
    publisher.answers |= dict.fromkeys(("/1", "/2", "/3"), slowly)
    polling(feed(publisher, "/1", "/2", "/3")).once()
    # From the beginning, not from page to page: a request may take long to arrive.
    assert [at - began >= 0.4 * number for number, at in enumerate(asked)] == [True] * 3


def test_a_host_that_is_down_does_not_cost_a_timeout_for_each_page(publisher: Publisher) -> None:
    paths = [f"/{number}" for number in range(20)]
    publisher.answers |= {path: Answer(PAGE.body, delay_s=60) for path in paths}
    polled = polling(feed(publisher, *paths), fetch_policy(total_timeout_s=LIMIT_S))
    polled.once()
    assert len(polled.ledger.articles) == 20
    assert sum(map(publisher.asked, paths)) <= 6


def test_in_feed_mode_no_page_is_asked(publisher: Publisher) -> None:
    publisher.answers["/1"] = PAGE
    polled = Polling(feed(publisher, "/1"))
    polled.once()
    assert (publisher.asked("/1"), publisher.asked("/robots.txt")) == (0, 0)


def test_the_language_is_detected_when_the_feed_does_not_say(publisher: Publisher) -> None:
    german = "Der Pier wird im Mai geöffnet, sagte die Hafenmeisterin am Montag im Rathaus."
    polled = Polling(feed(publisher, "/1", text=german))
    polled.once()
    found: list[Article] = polled.ledger.articles
    assert [article.language for article in found] == ["de"]


def test_error_pages_that_one_feed_links_to_cost_another_feed_no_page(
    publisher: Publisher,
) -> None:
    publisher.answers |= {f"/broken/{number}": Answer(status=500) for number in range(5)}
    attacker = feed(publisher, *(f"/broken/{number}" for number in range(5)))
    publisher.answers["/attacker"] = publisher.answers["/feed"]
    publisher.answers["/1"] = PAGE
    honest = feed(publisher, "/1")
    polled = polling(attacker.replace("/feed", "/attacker"))
    polled.once()
    polled.ledger.states[honest] = FeedState(url=honest)
    polled.ledger.articles.clear()
    polled.once()
    assert texts(polled) == [("page", True)]


def test_a_page_that_wants_to_be_left_alone_holds_no_feed(publisher: Publisher) -> None:
    publisher.answers["/busy"] = Answer(status=429, headers={"Retry-After": "86400"})
    attacker = feed(publisher, "/busy")
    polled = polling(attacker)
    polled.once()
    polled.once()
    assert publisher.asked("/feed") == 2
