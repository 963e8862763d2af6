"""`feeds check`: what a poll would do, in lines; whatever the feed answers."""

import asyncio

import pytest

from onrecord.feeds.check import Verdict, check_feed
from onrecord.feeds.decisions.schedule import PollPolicy
from onrecord.feeds.fetch.client import Fetcher
from onrecord.feeds.polling.reader_processes import ReaderPolicy
from onrecord.records import Feed, FeedState
from tests.builders import NOON
from tests.feeds.polling.test_poller import DOCUMENT
from tests.feeds.publisher import Publisher, fetch_policy
from tests.http_server import Answer


def check(publisher: Publisher, answer: Answer) -> Verdict:
    publisher.answers["/feed"] = answer
    feed = Feed(url=publisher.url("/feed"))
    return asyncio.run(
        check_feed(
            feed,
            FeedState(url=feed.url),
            Fetcher(fetch_policy()),
            NOON,
            policy=PollPolicy(),
            readers=ReaderPolicy(readers=1),
            full_text="feed",
        )
    )


def test_a_feed_is_read_and_what_a_poll_would_do_is_told(publisher: Publisher) -> None:
    verdict = check(publisher, Answer(DOCUMENT))
    assert verdict.is_readable
    assert "well-formed: read fast" in verdict.lines
    assert "no claim to e.com: its articles from there would be copies" in verdict.lines
    assert any("would publish 1 new articles" in line for line in verdict.lines)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(status=302, headers={"Location": "http://xn--a.example/"}), "not a URL"),
        (Answer(b"<title>A \x1b]0;PWNED\x07</title>"), "not readable"),
        (Answer(b"<html><title>Two\nlines</title>"), "an HTML page"),
        (Answer(status=404), "HTTP 404"),
    ],
)
def test_what_cannot_be_read_is_a_verdict(
    publisher: Publisher, answer: Answer, reason: str
) -> None:
    verdict = check(publisher, answer)
    assert not verdict.is_readable
    assert any(reason in line for line in verdict.lines)
    assert not any("\n" in line for line in verdict.lines)


def test_a_guid_in_brackets_breaks_nothing(publisher: Publisher) -> None:
    body = DOCUMENT.replace(b"<item>", b"<item><guid>http://[draft]/post-17</guid>")
    assert check(publisher, Answer(body)).is_readable


def test_a_header_in_latin_1_is_shown(publisher: Publisher) -> None:
    verdict = check(publisher, Answer(DOCUMENT, headers={"X-Served-By": "caf\xe9"}))
    assert verdict.is_readable
