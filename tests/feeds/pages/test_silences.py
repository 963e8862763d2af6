"""Hosts that do not answer cost connections of the feed that links to them, and few of those."""

import pytest

from onrecord.errors import FetchError
from onrecord.feeds.fetch import HostHeld
from onrecord.feeds.pages.silences import LeftAlone, Silences
from onrecord.records import FeedState
from tests.feeds.pages.test_fetching import PAGE
from tests.feeds.pages.test_fulltext import TEASER
from tests.feeds.polling.test_poller import Polling
from tests.feeds.publisher import Publisher, fetch_policy
from tests.http_server import Answer

URL = "https://e.com/1"
NO_ANSWER = FetchError(URL, "no answer began")


def silent(*errors: FetchError, now: list[float] | None = None) -> Silences:
    times = now or [0.0]
    silences = Silences(lambda: times[0])
    for error in errors:
        silences.note_error("feed", error)
    return silences


def test_after_four_silences_in_a_row_a_feed_is_left_alone_for_five_minutes() -> None:
    now = [0.0]
    silences = silent(*[NO_ANSWER] * 3, now=now)
    silences.refuse_if_silent(URL, "feed")
    silences.note_error("feed", NO_ANSWER)
    with pytest.raises(LeftAlone):
        silences.refuse_if_silent(URL, "feed")
    silences.refuse_if_silent(URL, "another feed")
    now[0] = 300.0
    silences.refuse_if_silent(URL, "feed")


@pytest.mark.parametrize(
    "between",
    [FetchError(URL, "HTTP 500", status=500), None],
)
def test_an_answer_ends_the_row(between: FetchError | None) -> None:
    silences = silent(*[NO_ANSWER] * 3)
    if between is None:
        silences.note_answer("feed")
    else:
        silences.note_error("feed", between)
    silences.note_error("feed", NO_ANSWER)
    silences.refuse_if_silent(URL, "feed")


def test_what_was_not_asked_is_no_silence() -> None:
    silences = silent(*[HostHeld(URL, "held"), LeftAlone(URL, "left")] * 4)
    silences.refuse_if_silent(URL, "feed")


def rss(publisher: Publisher, hosts: range) -> bytes:
    items = "".join(
        f"<item><title>Pier {n}</title><guid>{n}</guid><description>Short.</description>"
        f"<link>{publisher.url('/page', f'127.0.1.{n}')}</link></item>"
        for n in hosts
    )
    return f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()


def test_of_a_feed_whose_hosts_are_silent_few_are_asked_and_the_rest_later(
    publisher: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    publisher.answers["/feed"] = Answer(rss(publisher, range(1, 41)))  # nobody listens there
    url = publisher.url("/feed")
    polled = Polling(url, full_text="auto", fetch=fetch_policy(page_concurrency=8))
    polled.once()
    left = sum("left for later" in record.getMessage() for record in caplog.records)
    assert 34 <= left <= 36  # two connections were under way when the fourth failed
    assert len(polled.ledger.articles) == 40
    assert polled.ledger.states[url].pages_missing == 40


def test_a_site_that_was_not_asked_for_one_feed_is_asked_for_another(publisher: Publisher) -> None:
    good_page = publisher.url("/good")
    publisher.answers["/good"] = PAGE
    silent_items = rss(publisher, range(1, 41)).decode()
    link = (
        f"<item><title>G</title><description>{TEASER}</description><link>{good_page}</link></item>"
    )
    publisher.answers["/silent"] = Answer(
        silent_items.replace("</channel>", f"{link}</channel>").encode()
    )
    publisher.answers["/feed"] = Answer(
        f"<rss version='2.0'><channel><title>T</title>{link}</channel></rss>".encode()
    )
    silent_feed, good_feed = publisher.url("/silent"), publisher.url("/feed")
    polled = Polling(silent_feed, full_text="auto", fetch=fetch_policy(page_concurrency=8))
    polled.once()
    polled.ledger.articles.clear()
    polled.ledger.states[good_feed] = FeedState(url=good_feed)
    polled.once()
    assert [article.text_from for article in polled.ledger.articles] == ["page"]


def test_silences_are_remembered_of_so_many_feeds_only() -> None:
    """Finding F29: tables of hosts and feeds grew as long as a poller lived."""
    silences = Silences(lambda: 0.0)
    for number in range(10_100):
        silences.note_error(f"feed {number}", NO_ANSWER)
    assert len(silences._in_a_row) == 10_000
