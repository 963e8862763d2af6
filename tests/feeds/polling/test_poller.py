"""The poll loop against a real server: due feeds, failures apart, limits, and stopping at once."""

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from onrecord.errors import LogBroken, LogUnavailable
from onrecord.feeds.articles.revisions import MemoryPolicy
from onrecord.feeds.decisions.decide import Decide, PollDecision
from onrecord.feeds.decisions.schedule import PollPolicy
from onrecord.feeds.decisions.shares import SharePolicy
from onrecord.feeds.decisions.websub import WebSubPolicy
from onrecord.feeds.fetch import FetchPolicy
from onrecord.feeds.fetch.client import Fetcher
from onrecord.feeds.pages.fulltext import FullText
from onrecord.feeds.polling.poller import Poller, PollReport
from onrecord.feeds.polling.reader_processes import ReaderPolicy
from onrecord.records import Article, Feed, FeedState, Seen
from tests.feeds.publisher import Publisher, fetch_policy
from tests.http_server import Answer
from tests.patience import PATIENCE_S

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DOCUMENT = (
    b"<rss version='2.0'><channel><title>T</title><item><title>One</title>"
    b"<link>https://e.com/1</link><description>The text.</description></item></channel></rss>"
)


@dataclass
class MemoryLedger:
    """Keeps everything in dictionaries. `mishaps` are raised by the next calls of settle."""

    states: dict[str, FeedState]
    articles: list[Article] = field(default_factory=list)
    mishaps: list[Exception] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    shared_out_after: int = 0
    subscriptions: dict[str, Feed] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def is_shared_out(self) -> bool:
        self.shared_out_after -= 1
        return self.shared_out_after < 0

    def keep_up(self) -> Collection[str]:
        changed, self.changed = self.changed, set()
        return changed

    def outline(self, url: str) -> tuple[Feed, FeedState] | None:
        return next((pair for pair in self.feeds() if pair[0].url == url), None)

    def feeds(self) -> Sequence[tuple[Feed, FeedState]]:
        return [
            (self.feed(url), replace(state, seen={}, history=(), blocked_entries=()))
            for url, state in self.states.items()
        ]

    def state(self, url: str) -> FeedState | None:
        return None if url in self.gone else self.states[url]

    def feed(self, url: str) -> Feed:
        return self.subscriptions.get(url) or Feed(url=url, claims=("e.com", "127.0.0.1"))

    def settle(self, batch: Sequence[tuple[Feed, Decide]]) -> list[PollDecision | None]:
        if self.mishaps:
            raise self.mishaps.pop(0)
        return [self._settle(feed, decide) for feed, decide in batch]

    def _settle(self, feed: Feed, decide: Decide) -> PollDecision | None:
        if feed.url in self.lost:
            return None
        decision = decide(self.states[feed.url], self.published)
        self.articles += decision.articles
        self.states[feed.url] = decision.state
        self.changed.add(feed.url)
        return decision

    def article(self, article_id: str) -> Article | None:
        return {each.id: each for each in self.articles}.get(article_id)

    def published(self, article_id: str) -> Seen | None:
        newest = {a.id: a for a in self.articles}.get(article_id)
        if newest is None:
            return None
        return Seen(
            article_id=article_id,
            revision=newest.revision,
            content_hash=newest.content_hash,
            feed=newest.feed,
        )


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110 - it happens in other threads
            await asyncio.sleep(0.01)


class Polling:
    """A poller over these URLs, whose clock a test turns."""

    def __init__(
        self,
        *urls: str,
        fetch: FetchPolicy | None = None,
        ledger: MemoryLedger | None = None,
        readers: ReaderPolicy | None = None,
        full_text: FullText = "feed",
        websub: WebSubPolicy | None = None,
        shares: SharePolicy | None = None,
        **policy: Any,
    ) -> None:
        self.ledger = ledger or MemoryLedger({url: FeedState(url=url) for url in urls})
        self.now = NOW
        self.reports: list[PollReport] = []
        self.outages: list[str | None] = []
        self.signs_of_life = 0
        self.poller = Poller(
            self.ledger,
            Fetcher(fetch or fetch_policy()),
            policy=PollPolicy(**policy),
            memory=MemoryPolicy(),
            shares=shares or SharePolicy(),
            readers=readers or ReaderPolicy(readers=1),
            full_text=full_text,
            websub=websub or WebSubPolicy(),
            clock=lambda: self.now,
            random=lambda: 0.0,
            secret_of=lambda _: "a secret",
            report=self.reports.append,
            away=lambda error: self.outages.append(str(error) if error else None),
            alive=self._alive,
        )

    def _alive(self) -> None:
        self.signs_of_life += 1

    def once(self) -> dict[str, PollReport]:
        return {report.url: report for report in asyncio.run(self.poller.poll_due())}

    def run_until(self, holds: Callable[[], bool]) -> float:
        """How long stopping took, once this holds."""

        async def go() -> float:
            stop = asyncio.Event()
            running = asyncio.create_task(self.poller.run(stop))
            await until(holds)
            stop.set()
            began = time.monotonic()
            await running
            return time.monotonic() - began

        return asyncio.run(go())


def test_a_poll_is_settled_and_reported(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(DOCUMENT, headers={"ETag": '"1"'})
    url = publisher.url("/feed")
    polling = Polling(url)
    report = polling.once()[url]
    assert report == PollReport(
        url=url, title="T", status=200, entries=1, new=1, edited=0, error=None,
        took_ms=report.took_ms, next_poll_at=NOW + timedelta(seconds=900),
    )  # fmt: skip
    assert polling.reports == [report]
    assert [article.text for article in polling.ledger.articles] == ["The text."]
    assert polling.ledger.states[url].etag == '"1"'


def test_only_due_feeds_are_asked(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(DOCUMENT)
    polling = Polling(publisher.url("/feed"))
    polling.once()
    polling.now += timedelta(seconds=899)
    assert polling.once() == {}
    polling.now += timedelta(seconds=1)
    assert len(polling.once()) == 1
    assert publisher.asked("/feed") == 2


def test_validators_are_sent_and_304_publishes_nothing(publisher: Publisher) -> None:
    def answer(headers: object) -> Answer:
        return Answer(status=304) if "If-None-Match" in str(headers) else first

    first = Answer(DOCUMENT, headers={"ETag": '"1"'})
    publisher.answers["/feed"] = answer
    url = publisher.url("/feed")
    polling = Polling(url, usual_interval_s=0, shortest_interval_s=0)
    statuses = [polling.once()[url].status for _ in range(3)]
    assert statuses == [200, 304, 304]
    assert len(polling.ledger.articles) == 1


def test_validators_of_a_document_that_broke_off_are_not_kept(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(DOCUMENT[:-30], headers={"ETag": '"1"'})
    polling = Polling(publisher.url("/feed"), usual_interval_s=0, shortest_interval_s=0)
    for _ in range(3):
        polling.once()
        assert polling.ledger.articles == []  # half an entry is not published
        assert polling.ledger.states[publisher.url("/feed")].etag is None


def test_a_200_that_repeats_its_etag_is_read(publisher: Publisher) -> None:
    url = publisher.url("/feed")
    polling = Polling(url, usual_interval_s=0, shortest_interval_s=0)
    for text in (b"The text.", b"The text, edited."):
        publisher.answers["/feed"] = Answer(
            DOCUMENT.replace(b"The text.", text), headers={"ETag": '"same"'}
        )
        polling.once()
    assert [article.revision for article in polling.ledger.articles] == [1, 2]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(status=500), "HTTP 500 Internal Server Error"),
        (
            Answer(b"<html><title>Log in</title><input type=password>"),
            'this is a login page, not a feed: "Log in"',
        ),
        (Answer(b"x" * 2000), "the body is larger than 1000 bytes (max_body_bytes)"),
        (Answer(delay_s=60), "no full answer within 6 s (total_timeout_s)"),
    ],
)
def test_a_failure_stays_with_its_feed(publisher: Publisher, answer: Answer, error: str) -> None:
    publisher.answers |= {"/bad": answer, "/good": Answer(DOCUMENT)}
    bad, good = publisher.url("/bad"), publisher.url("/good")
    polling = Polling(bad, good, fetch=fetch_policy(max_body_bytes=1000, total_timeout_s=6))
    reports = polling.once()
    assert (reports[bad].error, reports[bad].new) == (error, 0)
    assert (reports[good].error, reports[good].new) == (None, 1)
    assert polling.ledger.states[bad].failures == 1


def test_a_document_that_takes_too_long_to_read_fails_alone(publisher: Publisher) -> None:
    nested = b"<rss version='2.0'><channel><item><title>&amp;</title><description>&"
    publisher.answers |= {
        "/bad": Answer(nested + b"<a>" * 3_000_000 + b"</rss>"),
        "/good": Answer(DOCUMENT),
    }
    bad, good = publisher.url("/bad"), publisher.url("/good")
    polling = Polling(bad, good, readers=ReaderPolicy(readers=1, parse_timeout_s=5.0))
    reports = polling.once()
    assert reports[bad].error == "reading it took longer than 5 s (parse_timeout_s)"
    assert (reports[good].error, reports[good].new) == (None, 1)


def test_retry_after_is_kept_to(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(status=429, headers={"Retry-After": "7777"})
    url = publisher.url("/feed")
    assert Polling(url).once()[url].next_poll_at == NOW + timedelta(seconds=7777)


def test_the_other_feeds_of_a_host_wait_as_well_and_are_not_failing(publisher: Publisher) -> None:
    publisher.answers["/busy"] = Answer(status=503, headers={"Retry-After": "600"})
    publisher.answers["/feed"] = Answer(DOCUMENT)
    busy, other = publisher.url("/busy"), publisher.url("/feed")
    polling = Polling(busy)
    polling.once()
    polling.ledger.states[other] = FeedState(url=other)
    later = Polling(ledger=polling.ledger)  # another process
    assert later.once() == {}
    assert polling.ledger.states[other].error is None
    publisher.answers["/busy"] = Answer(DOCUMENT)
    next_day = Polling(ledger=polling.ledger)
    next_day.now += timedelta(days=1)
    assert len(next_day.once()) == 2


@pytest.mark.parametrize("etag", ['"frozen"', '"moving"'])
def test_a_server_that_lies_about_304_is_caught_and_read_in_full(
    publisher: Publisher, etag: str
) -> None:
    text = [b"The text."]

    def answer(headers: object) -> Answer:
        if "If-None-Match" in str(headers):
            return Answer(status=304)
        tag = f'"{len(text[0])}"' if etag == '"moving"' else etag
        return Answer(DOCUMENT.replace(b"The text.", text[0]), headers={"ETag": tag})

    publisher.answers["/feed"] = answer
    url = publisher.url("/feed")
    polling = Polling(url, usual_interval_s=0, shortest_interval_s=0)
    polling.once()
    text[0] = b"The text, edited."
    for _ in range(40):
        polling.once()
    assert [article.revision for article in polling.ledger.articles] == [1, 2]
    assert not polling.ledger.states[url].conditional
    assert publisher.asked("/feed") == 41, "it is asked once a poll"
    text[0] = b"The text, edited once more."
    assert polling.once()[url].edited == 1


def test_an_honest_server_keeps_its_conditional_requests(publisher: Publisher) -> None:
    text = [b"0"]

    def answer(headers: Mapping[str, str]) -> Answer:
        tag = f'"{text[0].decode()}"'
        if headers.get("If-None-Match") == tag:
            return Answer(status=304)
        return Answer(DOCUMENT.replace(b"The text.", text[0]), headers={"ETag": tag})

    publisher.answers["/feed"] = answer
    url = publisher.url("/feed")
    polling = Polling(url, usual_interval_s=0, shortest_interval_s=0)
    for number in range(60):
        text[0] = str(number // 2).encode()
        polling.once()
        polling.now += timedelta(hours=2)
    assert polling.ledger.states[url].conditional
    assert len(polling.ledger.articles) == 30


def test_a_busy_host_holds_up_no_other(publisher: Publisher) -> None:
    slow = [publisher.url(f"/slow{number}") for number in range(20)]
    publisher.answers |= {f"/slow{n}": Answer(DOCUMENT, delay_s=0.3) for n in range(20)}
    publisher.answers["/feed"] = Answer(DOCUMENT)
    other = publisher.url("/feed", host="localhost")
    polling = Polling(*slow, other, fetch=fetch_policy(per_host=2, concurrency=3))
    reports = list(polling.once().values())
    assert [report.url for report in reports].index(other) < 3
    assert len(reports) == 21
    assert publisher.most_at_once <= 3


def test_a_feed_that_is_not_ours_any_more_is_not_reported(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(DOCUMENT)
    polling = Polling(publisher.url("/feed"))
    polling.ledger.lost.add(publisher.url("/feed"))
    assert polling.once() == {}
    assert polling.ledger.articles == []


def test_a_feed_that_was_lost_before_its_turn_is_not_asked(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(DOCUMENT)
    polling = Polling(publisher.url("/feed"))
    polling.ledger.gone.add(publisher.url("/feed"))
    assert polling.once() == {}
    assert publisher.asked("/feed") == 0


class _OldOutlines(MemoryLedger):
    """Its feeds all look due, as in a pass that is some seconds old."""

    def feeds(self) -> Sequence[tuple[Feed, FeedState]]:
        return [(self.feed(url), FeedState(url=url)) for url in self.states]


def test_a_feed_that_was_polled_since_it_was_found_due_is_not_asked_again(
    publisher: Publisher,
) -> None:
    publisher.answers["/feed"] = Answer(DOCUMENT)
    url = publisher.url("/feed")
    polling = Polling(ledger=_OldOutlines({url: FeedState(url=url)}))
    assert len(polling.once()) == 1
    assert polling.once() == {}
    assert publisher.asked("/feed") == 1


def test_polling_once_waits_until_every_feed_has_an_owner(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(DOCUMENT)
    polling = Polling(publisher.url("/feed"))
    polling.ledger.shared_out_after = 3
    assert len(polling.once()) == 1
    assert polling.ledger.shared_out_after == -1


def test_a_log_that_is_away_is_waited_for_and_told_of(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(DOCUMENT)
    polling = Polling(publisher.url("/feed"))
    polling.ledger.mishaps += [LogUnavailable("gone"), LogUnavailable("gone")]
    assert len(polling.once()) == 1
    assert polling.outages == ["gone", "gone", None]
    assert publisher.asked("/feed") == 1


def test_a_poller_that_waits_for_the_log_shows_signs_of_life(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(DOCUMENT)
    quiet, waiting = Polling(publisher.url("/feed")), Polling(publisher.url("/feed"))
    waiting.ledger.mishaps += [LogUnavailable("gone"), LogUnavailable("gone")]
    quiet.once()
    waiting.once()
    assert waiting.signs_of_life >= quiet.signs_of_life + 2


def test_polls_that_wait_for_the_log_are_settled_together(publisher: Publisher) -> None:
    urls = [publisher.url(f"/{number}") for number in range(40)]
    publisher.answers |= {f"/{number}": Answer(status=404) for number in range(40)}
    polling = Polling(*urls, fetch=fetch_policy(per_host=20))
    settle = polling.ledger.settle
    steps: list[int] = []

    def once_the_others_wait(batch: Sequence[tuple[Feed, Decide]]) -> list[PollDecision | None]:
        asked = min(40, sum(steps) + 20)
        while len(publisher.requests) < asked:
            time.sleep(0.01)
        steps.append(len(batch))
        return settle(batch)

    polling.ledger.settle = once_the_others_wait  # type: ignore[method-assign]
    assert len(polling.once()) == 40
    assert sum(steps) == 40
    assert len(steps) < 20


def test_a_broken_log_ends_the_poll(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(DOCUMENT)
    polling = Polling(publisher.url("/feed"))
    polling.ledger.mishaps.append(LogBroken("disk full"))
    with pytest.raises(LogBroken, match="disk full"):
        polling.once()


def test_the_loop_polls_feeds_as_they_become_due_and_appear(publisher: Publisher) -> None:
    publisher.answers |= {"/a": Answer(DOCUMENT), "/b": Answer(DOCUMENT)}
    polling = Polling(publisher.url("/a"), usual_interval_s=0, shortest_interval_s=0)
    added = publisher.url("/b")

    async def go() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(polling.poller.run(stop))
        await until(lambda: publisher.asked("/a") >= 2)
        polling.ledger.states[added] = FeedState(url=added)
        await until(lambda: publisher.asked("/b") >= 1 and bool(polling.ledger.articles))
        stop.set()
        await running

    asyncio.run(go())
    assert len(polling.ledger.articles) == 1


def test_the_loop_stops_at_once_whatever_is_in_flight(publisher: Publisher) -> None:
    publisher.answers["/slow"] = Answer(DOCUMENT, delay_s=600)
    polling = Polling(publisher.url("/slow"))
    assert polling.run_until(lambda: publisher.asked("/slow") == 1) < 300
    assert publisher.asked("/slow") == 1
    assert polling.ledger.articles == []


def test_polling_once_stops_at_once_too(publisher: Publisher) -> None:
    publisher.answers |= {"/slow": Answer(DOCUMENT, delay_s=600), "/feed": Answer(status=404)}
    polling = Polling(publisher.url("/slow"), publisher.url("/feed"))

    async def go() -> list[PollReport]:
        stop = asyncio.Event()
        polled = asyncio.create_task(polling.poller.poll_due(stop))
        await until(lambda: publisher.asked("/slow") == 1 and len(polling.reports) == 1)
        stop.set()
        async with asyncio.timeout(PATIENCE_S):
            return await polled

    assert [report.url for report in asyncio.run(go())] == [publisher.url("/feed")]


def test_a_settlement_in_flight_is_finished_before_the_loop_returns(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(DOCUMENT)
    polling = Polling(publisher.url("/feed"))
    settle, begun = polling.ledger.settle, threading.Event()

    def slowly(batch: Sequence[tuple[Feed, Decide]]) -> list[PollDecision | None]:
        begun.set()
        time.sleep(0.2)  # for a loop that does not wait to return before
        return settle(batch)

    polling.ledger.settle = slowly  # type: ignore[method-assign]
    polling.run_until(begun.is_set)
    assert len(polling.ledger.articles) == 1


def test_a_cancelled_poll_finishes_its_settlement_too(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(DOCUMENT)
    polling = Polling(publisher.url("/feed"))
    settle = polling.ledger.settle
    settled: list[float] = []
    begun = threading.Event()

    def slowly(batch: Sequence[tuple[Feed, Decide]]) -> list[PollDecision | None]:
        begun.set()
        time.sleep(0.2)  # for a loop that does not wait to return before
        settled.append(time.monotonic())
        return settle(batch)

    polling.ledger.settle = slowly  # type: ignore[method-assign]

    async def go() -> None:
        running = asyncio.create_task(polling.poller.poll_due())
        await until(begun.is_set)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert settled

    asyncio.run(go())
