"""A fair share for each feed, and pages that are asked for again; against a real server."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from onrecord.feeds.decisions.shares import SharePolicy
from onrecord.records import Feed, FeedState, SiteClaim
from tests.feeds.pages.test_fetching import PAGE, feed, texts
from tests.feeds.polling.test_poller import Polling
from tests.feeds.publisher import Publisher, fetch_policy
from tests.http_server import Answer


def flood(entries: int) -> bytes:
    items = "".join(
        f"<item><guid>g{number}</guid><title>Number {number}</title>"
        f"<pubDate>{number % 28 + 1:02d} Oct 2026 12:00:00 GMT</pubDate>"
        f"<link>https://e.com/{number}</link><description>Words of {number}.</description></item>"
        for number in range(entries)
    )
    return f"<rss version='2.0'><channel><title>Flood</title>{items}</channel></rss>".encode()


def polling(url: str, **more: object) -> Polling:
    return Polling(url, usual_interval_s=0, shortest_interval_s=0, **more)  # type: ignore[arg-type]


def test_a_flood_is_published_in_shares_the_newest_first_and_the_rest_is_told(
    publisher: Publisher,
) -> None:
    publisher.answers["/feed"] = Answer(flood(25), headers={"ETag": '"1"'})
    url = publisher.url("/feed")
    polled = polling(url, shares=SharePolicy(articles_per_poll=10))
    assert [polled.once()[url].new for _ in range(3)] == [10, 10, 5]
    dates = [article.published_at for article in polled.ledger.articles]
    assert min(date for date in dates[:10] if date) >= max(date for date in dates[10:] if date)
    assert len({article.id for article in polled.ledger.articles}) == 25
    assert polled.ledger.states[url].waiting == 0


def test_while_entries_wait_the_feed_is_asked_again_soon(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(flood(25))
    url = publisher.url("/feed")
    polled = Polling(url, shares=SharePolicy(articles_per_poll=10))
    report = polled.once()[url]
    assert polled.ledger.states[url].waiting == 15
    assert report.next_poll_at == polled.now + timedelta(seconds=300)


def test_pages_beyond_a_share_wait_for_the_next_poll(publisher: Publisher) -> None:
    paths = [f"/{number}" for number in range(5)]
    publisher.answers |= dict.fromkeys(paths, PAGE)
    polled = polling(
        feed(publisher, *paths), full_text="auto", shares=SharePolicy(pages_per_poll=3)
    )
    polled.once()
    assert sum(publisher.asked(path) for path in paths) == 3
    polled.once()
    assert sum(publisher.asked(path) for path in paths) == 5
    assert texts(polled) == [("page", True)] * 5


def test_a_page_that_failed_is_asked_for_again_and_completes_its_article(
    publisher: Publisher,
) -> None:
    url = feed(publisher, "/1")
    publisher.answers["/1"] = Answer(status=500)
    polled = polling(url, full_text="auto")
    polled.once()
    assert polled.ledger.states[url].pages_missing == 1
    publisher.answers["/1"] = PAGE
    polled.once()  # not due yet
    polled.now += timedelta(minutes=5)
    polled.once()  # the document is the same as before
    polled.now += timedelta(days=1)
    polled.once()
    assert texts(polled) == [("feed", False), ("page", True)]
    assert [article.revision for article in polled.ledger.articles] == [1, 2]
    assert publisher.asked("/1") == 2
    assert polled.ledger.states[url].pages_missing == 0


def test_a_page_that_is_not_there_is_not_asked_for_again(publisher: Publisher) -> None:
    url = feed(publisher, "/1")
    polled = polling(url, full_text="auto")
    for _ in range(3):
        polled.once()
        polled.now += timedelta(days=1)
    assert publisher.asked("/1") == 1


def test_a_page_that_fails_again_and_again_is_given_up(publisher: Publisher) -> None:
    url = feed(publisher, "/1")
    publisher.answers["/1"] = Answer(status=503)
    polled = polling(url, full_text="auto")
    for _ in range(20):
        polled.once()
        polled.now += timedelta(days=2)
    assert publisher.asked("/1") <= 6
    assert polled.ledger.states[url].pages_missing == 0


def test_pages_that_do_not_come_in_time_keep_no_article_back(publisher: Publisher) -> None:
    url = feed(publisher, "/1", "/2")
    publisher.answers |= {"/1": Answer(PAGE.body, headers=PAGE.headers, delay_s=60), "/2": PAGE}
    polled = polling(
        url,
        full_text="auto",
        shares=SharePolicy(pages_timeout_s=8),
        fetch=fetch_policy(per_host=3),
    )
    polled.once()
    assert texts(polled) == [("feed", False), ("page", True)]
    assert polled.ledger.states[url].pages_missing == 1


def test_a_person_may_have_pages_asked_for_again(publisher: Publisher) -> None:
    url = feed(publisher, "/1")
    polled = polling(url, full_text="auto")
    polled.once()
    publisher.answers["/1"] = PAGE
    polled.once()
    assert texts(polled) == [("feed", False)]
    polled.ledger.subscriptions[url] = replace(polled.ledger.feed(url), refetch_at=polled.now)
    for _ in range(2):
        polled.now += timedelta(minutes=1)
        polled.once()
    assert texts(polled) == [("feed", False), ("page", True)]
    assert publisher.asked("/1") == 2


def test_a_front_page_that_names_the_feed_gives_it_a_claim(publisher: Publisher) -> None:
    url = feed(publisher, "/1", host="localhost")
    front = f"<html><head><link rel='alternate' type='application/rss+xml' href='{url}'></head>"
    publisher.answers["/"] = Answer(front.encode(), headers={"Content-Type": "text/html"})
    polled = polling(url)
    polled.ledger.subscriptions[url] = Feed(url=url)
    polled.once()
    assert [article.is_copy for article in polled.ledger.articles] == [False]
    assert polled.ledger.states[url].unclaimed == ()
    publisher.answers["/"] = Answer(b"<html></html>", headers={"Content-Type": "text/html"})
    polled.ledger.states[url] = FeedState(url=url)
    polled.ledger.articles.clear()
    polled.once()
    assert [article.is_copy for article in polled.ledger.articles] == [True]
    assert polled.ledger.states[url].unclaimed == ("localhost",)


@pytest.mark.parametrize(
    ("front", "keeps"),
    [(Answer(status=503), True), (Answer(status=404), False), (Answer(b"<html></html>"), False)],
)
def test_an_outage_of_a_front_page_costs_a_feed_no_claim(
    publisher: Publisher, front: Answer, keeps: bool
) -> None:
    url = feed(publisher, "/1", host="localhost")
    publisher.answers["/"] = front
    polled = polling(url)
    looked_at = polled.now - timedelta(days=31)
    polled.ledger.subscriptions[url] = Feed(url=url)
    polled.ledger.states[url] = FeedState(
        url=url, site_claims={"localhost": SiteClaim(names=True, looked_at=looked_at)}
    )
    polled.once()
    assert polled.ledger.states[url].site_claims["localhost"].names is keeps
    assert publisher.asked("/") == 1
