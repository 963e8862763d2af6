"""The poller's ledger on a real log: ownership, exactly-once articles, subscriptions."""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from onrecord.errors import LogUnavailable, LostOwnership, Mistake, Overtaken
from onrecord.feeds.articles.revisions import Published
from onrecord.feeds.articles.signatures import signature
from onrecord.feeds.decisions.decide import PollDecision
from onrecord.feeds.feed_settings import as_listed
from onrecord.log.interface import (
    Log,
    Message,
    Partition,
    Reader,
    Start,
    TopicSettings,
    Transaction,
)
from onrecord.log.read_to_end import read_to_end
from onrecord.processing import published as published_articles
from onrecord.processing.feeds.ledger import FeedLedger, LedgerPolicy, pollers_group
from onrecord.processing.feeds.subscriptions import (
    feed_statuses,
    followed_feeds,
    publish_feeds,
    remove_feeds,
)
from onrecord.processing.feeds.tables import FeedTables
from onrecord.processing.published import publish_article
from onrecord.records import Article, Feed, FeedState, Seen, from_json, to_json
from tests.builders import DEEP, article
from tests.conftest import TOPICS
from tests.filling import everything
from tests.patience import PATIENCE_S
from tests.processing.feeds.test_kept_states import on_known_disk

NOW = datetime.now(UTC)
A, B, C = (as_listed(Feed(url=f"https://{name}.example/feed", publisher=name)) for name in "abc")


def follow(log: Log, *feeds: Feed, by_hand: bool = False) -> list[Feed]:
    followed = publish_feeds(log, TOPICS, feeds, by_hand=by_hand, clock=lambda: NOW)
    return list(followed.added)


def remove(log: Log, *urls: str) -> list[Feed]:
    return remove_feeds(log, TOPICS, urls, clock=lambda: NOW)


def open_ledger(log: Log, name: str = "p", **options: Any) -> FeedLedger:
    policy = options.pop("policy", LedgerPolicy())
    return FeedLedger(log, TOPICS, name=name, policy=policy, clock=lambda: NOW, **options)


@contextmanager
def ready_ledger(log: Log, name: str = "p", **options: Any) -> Iterator[FeedLedger]:
    with open_ledger(log, name, **options) as ledger:
        while not ledger.is_shared_out():
            pass
        yield ledger


WIRE = " ".join(f"word{number}" for number in range(60))


class Publishing:
    """A decision to publish these articles, unless they are published already."""

    def __init__(self, feed: Feed, *articles: Article) -> None:
        self.feed = feed
        self.articles = articles
        self.states: list[FeedState] = []

    def __call__(self, state: FeedState, published: Published) -> PollDecision:
        self.states.append(state)
        new = tuple(one for one in self.articles if published(one.id) is None)
        return PollDecision(
            new, replace(state, url=self.feed.url, articles=state.articles + len(new))
        )


def settle(ledger: FeedLedger, feed: Feed, *articles: Article) -> PollDecision | None:
    return ledger.settle([(feed, Publishing(feed, *articles))])[0]


def published(log: Log) -> list[Article]:
    return [from_json(m.value or b"", Article) for m in everything(log, TOPICS.articles)]


# ── whose feeds ──────────────────────────────────────────────────────────────────────────────


def test_a_poller_alone_owns_every_feed_with_its_state(log: Log) -> None:
    follow(log, A, B)
    with ready_ledger(log) as ledger:
        settle(ledger, A, article("1"))
    with ready_ledger(log) as ledger:
        feeds = {feed.url: (feed, state) for feed, state in ledger.feeds()}
        assert ledger.state(A.url) == FeedState(url=A.url, articles=1)
    assert feeds[A.url] == (A, FeedState(url=A.url))
    assert feeds[B.url] == (B, FeedState(url=B.url))


def test_states_that_the_disk_loses_are_read_again_from_the_log(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(log, A, B)
    disk = on_known_disk(monkeypatch)
    with ready_ledger(log) as ledger:
        for feed in (A, B):
            settle(ledger, feed, article(feed.url))
        ledger.keep_up()
        os.ftruncate(disk.fileno(), 0)
        decided = settle(ledger, A, article("2"))
        assert decided is not None
        assert decided.state.articles == 2
        assert ledger.state(B.url) == FeedState(url=B.url, articles=1)


def test_a_state_is_not_empty_where_reading_it_again_was_interrupted(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(log, A)
    disk = on_known_disk(monkeypatch)
    left: list[Message] = []

    def interrupted(log: Log, reader: Reader) -> Iterator[Message]:
        messages = [*left, *read_to_end(log, reader)]
        if not left:
            left.extend(message for message in messages if message.topic == TOPICS.feed_states)
            yield from (message for message in messages if message.topic == TOPICS.feeds)
            raise LogUnavailable("away")
        yield from messages

    with ready_ledger(log) as ledger:
        settle(ledger, A, article("1"))
        ledger.keep_up()
        os.ftruncate(disk.fileno(), 0)
        monkeypatch.setattr("onrecord.processing.feeds.tables.read_to_end", interrupted)
        with pytest.raises(LogUnavailable):
            ledger.state(A.url)
        assert ledger.state(A.url) == FeedState(url=A.url, articles=1)


def test_of_a_feed_whose_record_is_deleted_nothing_is_held(log: Log) -> None:
    follow(log, A)
    tables = FeedTables(log, TOPICS)
    tables.hold([Partition(TOPICS.feeds, n) for n in range(len(log.bounds(TOPICS.feeds)))], anew=[])
    tables.catch_up()
    assert tables.home_of_state(A.url) is not None
    home = tables.partition_of(A.url)
    assert home is not None
    with log.writer("w") as writer, writer.transaction() as transaction:
        transaction.publish(TOPICS.feeds, key=A.url.encode(), value=None, partition=home.number)
    tables.catch_up()
    assert (tables.one(A.url), tables.home_of_state(A.url)) == (None, None)
    tables.close()


def test_a_feed_added_or_removed_by_another_process_counts_at_once(log: Log) -> None:
    follow(log, A)
    with ready_ledger(log) as ledger:
        follow(log, B)
        assert {feed.url for feed, _ in ledger.feeds()} == {A.url, B.url}
        remove(log, A.url)
        assert {feed.url for feed, _ in ledger.feeds()} == {B.url}
        assert (ledger.state(A.url), ledger.state(B.url)) == (None, FeedState(url=B.url))
        assert settle(ledger, A, article("1")) is None
    assert published(log) == []


def test_an_article_is_found_as_published_last(log: Log) -> None:
    follow(log, A)
    with ready_ledger(log) as ledger:
        settle(ledger, A, article("1"), article("2"))
        ledger.feeds()
        assert ledger.article("2") == published_as(log, "2")
        assert ledger.article("3") is None


def published_as(log: Log, article_id: str) -> Article:
    return next(one for one in published(log) if one.id == article_id)


def test_two_pollers_share_the_feeds(log: Log) -> None:
    feeds = [Feed(url=f"https://{number}.example/feed") for number in range(40)]
    follow(log, *feeds)
    with ready_ledger(log, "p1") as first, open_ledger(log, "p2") as second:
        shares: list[set[str]] = []
        until = time.monotonic() + 120
        while not (all(shares) and sum(map(len, shares)) == 40 and second.is_shared_out()):
            assert time.monotonic() < until, shares
            time.sleep(0.05)  # a member looks at its group twice a second
            shares = [{feed.url for feed, _ in ledger.feeds()} for ledger in (first, second)]
        assert not shares[0] & shares[1]
        assert shares[0] | shares[1] == {feed.url for feed in feeds}
        theirs = next(feed for feed in feeds if feed.url in shares[1])
        assert settle(first, theirs, article("1")) is None
        assert settle(second, theirs, article("1")) is not None
    assert len(published(log)) == 1


def test_who_takes_a_feed_over_takes_its_state_over(log: Log) -> None:
    follow(log, A)
    with ready_ledger(log, "p1") as first:
        settle(first, A, article("1"))
        settle(first, A, article("2"))
    with ready_ledger(log, "p2") as second:
        publishing = Publishing(A, article("1"), article("2"), article("3"))
        second.settle([(A, publishing)])
    assert publishing.states == [FeedState(url=A.url, articles=2)]
    assert [one.id for one in published(log)].count("3") == 1
    assert len(published(log)) == 3


def test_pollers_of_different_lists_do_not_wait_for_one_another(log: Log) -> None:
    follow(log, A, B, C)
    with ready_ledger(log, only=[A.url]) as first, ready_ledger(log, only=[B.url, A.url]) as second:
        assert [feed.url for feed, _ in first.feeds()] == [A.url]
        assert {feed.url for feed, _ in second.feeds()} == {A.url, B.url}
        settle(first, A, article("1"))
        settle(second, A, article("1"), article("2"))
    assert sorted(one.id for one in published(log)) == ["1", "2"]
    assert pollers_group(TOPICS, [A.url, B.url]) == pollers_group(TOPICS, [B.url, A.url, A.url])
    assert len({pollers_group(TOPICS, only) for only in (None, [A.url], [B.url])}) == 3


# ── the step ─────────────────────────────────────────────────────────────────────────────────


def test_a_poller_of_a_list_keeps_no_state_of_another_feed(log: Log) -> None:
    follow(log, A, B)
    with ready_ledger(log) as ledger:
        settle(ledger, A, article("1"))
        settle(ledger, B, article("2"))
    tables = FeedTables(log, TOPICS, only=[A.url])
    tables.hold(log.bounds(TOPICS.feeds), anew=())
    tables.catch_up()
    assert [tables.state_of(feed.url).articles for feed in (A, B)] == [1, 0]
    tables.close()
    with ready_ledger(log, only=[A.url]) as ledger:
        assert (ledger.state(A.url), ledger.state(B.url)) == (
            FeedState(url=A.url, articles=1),
            None,
        )


def test_what_is_settled_stands_in_the_log(log: Log) -> None:
    follow(log, A)
    one = article("1", feed=A.url)
    with ready_ledger(log) as ledger:
        decision = settle(ledger, A, one)
        with log.reader([TOPICS.articles], start=Start.EARLIEST) as reader:
            (message,) = reader.poll(limit=10, timeout_s=0)
    assert decision is not None
    assert decision.articles == (replace(one, story="1", story_first_seen=one.fetched_at),)
    assert (message.key, message.value) == (b"1", to_json(decision.articles[0]))
    headers = dict(message.headers)
    assert headers["ce_type"] == b"onrecord.article"
    assert headers["ce_source"] == A.url.encode()
    assert feed_statuses(log, TOPICS) == [(A, FeedState(url=A.url, articles=1))]


def test_feeds_are_listed_without_what_is_remembered_of_their_entries(log: Log) -> None:
    follow(log, A)
    entries = {"1": Seen(article_id="1", revision=1, content_hash="h")}
    state = FeedState(url=A.url, articles=1, seen=entries)
    with ready_ledger(log) as ledger:
        ledger.settle([(A, lambda _state, _published: PollDecision((), state))])
    assert feed_statuses(log, TOPICS) == [(A, replace(state, seen={}))]
    assert feed_statuses(log, TOPICS, with_entries=True) == [(A, state)]


def test_a_decision_that_fails_publishes_nothing(log: Log) -> None:
    follow(log, A)

    def fail(state: FeedState, published: Published) -> PollDecision:
        raise ZeroDivisionError

    with ready_ledger(log) as ledger:
        with pytest.raises(ZeroDivisionError):
            ledger.settle([(A, fail)])
        assert settle(ledger, A, article("1")) is not None
    assert len(published(log)) == 1


def test_what_others_publish_is_known(log: Log) -> None:
    follow(log, A)
    with ready_ledger(log) as ledger:
        ledger.feeds()
        with log.writer("import") as writer, writer.transaction() as transaction:
            for revision in (1, 2):
                value = to_json(article("1", revision=revision, content_hash=f"h{revision}"))
                transaction.publish(TOPICS.articles, key=b"1", value=value)
            transaction.publish(TOPICS.articles, key=b"x", value=b"no article")
        known: list[Seen | None] = []

        def look(state: FeedState, published: Published) -> PollDecision:
            known.extend((published("1"), published("2")))
            return PollDecision((), state)

        ledger.settle([(A, look)])
    assert known == [Seen(article_id="1", revision=2, content_hash="h2"), None]


def test_two_pollers_that_bring_the_same_articles_at_one_instant_publish_each_once(
    log: Log,
) -> None:
    follow(log, A, B)
    at_once = threading.Barrier(2)

    def poll(feed: Feed) -> None:
        # Pollers of different lists, so of different groups: nothing but the log is between them.
        with ready_ledger(log, feed.url, only=[feed.url]) as ledger:
            for number in range(100):
                at_once.wait(PATIENCE_S)
                assert settle(ledger, feed, article(f"{number}")) is not None

    with ThreadPoolExecutor(2) as pollers:
        list(pollers.map(poll, (A, B)))
    assert sorted(int(one.id) for one in published(log)) == list(range(100))


def test_nothing_that_the_topic_keeps_is_forgotten(log: Log, monkeypatch: Any) -> None:
    monkeypatch.setattr(published_articles, "_MOST_ANSWERS", 2)
    follow(log, A)
    with log.writer("import") as writer, writer.transaction() as transaction:
        transaction.publish(
            TOPICS.articles,
            key=b"old",
            value=to_json(article("old")),
            timestamp=NOW - timedelta(days=300),
        )
    with ready_ledger(log) as ledger:
        for number in "123":
            settle(ledger, A, article(number))
        again = settle(ledger, A, *map(article, ("3", "2", "1", "old", "new")))
    assert again is not None
    assert [one.id for one in again.articles] == ["new"]


def test_the_topic_is_not_read_when_no_article_is_new(log: Log) -> None:
    follow(log, A)
    with ready_ledger(log) as ledger:
        settle(ledger, A, article("1"))
    reading: Any = ReadTopics(log)
    with ready_ledger(reading) as ledger:
        assert ledger.published("1") is not None
        assert TOPICS.articles not in reading.topics
        ledger.published("2")
        assert TOPICS.articles in reading.topics


class ReadTopics:
    """A log that notes which topics are read."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.topics: set[str] = set()

    def reader(self, topics: Sequence[str], **options: Any) -> Any:
        self.topics |= set(topics)
        return self._log.reader(topics, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


def test_an_article_that_is_too_large_is_left_out_and_named(log: Log) -> None:
    follow(log, A)
    log.alter_topic(TOPICS.articles, TopicSettings(partitions=4, max_record_bytes=5000))
    with ready_ledger(log) as ledger:
        decision = settle(ledger, A, article("big", text="x" * 6000), article("small"))
    assert decision is not None
    assert [one.id for one in decision.articles] == ["small"]
    assert "article big was left out" in (feed_statuses(log, TOPICS)[0][1].error or "")


class Mishap:
    """A member whose next transactions end with this error, before or after they count."""

    def __init__(self, member: Any, error: Exception, *, committed: bool) -> None:
        self._member = member
        self._error: Exception | None = error
        self._committed = committed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._member, name)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        error, self._error = self._error, None
        if error is not None and not self._committed:
            yield NoTransaction()
            raise error
        with self._member.transaction() as transaction:
            yield transaction
        if error is not None:
            raise error


class NoTransaction:
    def publish(self, *_: object, **__: object) -> None: ...

    def commit(self, *_: object) -> None: ...

    def unless_overtaken(self, *_: object) -> None: ...


def test_a_partition_lost_meanwhile_publishes_nothing(log: Log) -> None:
    follow(log, A)
    with ready_ledger(log) as ledger:
        ledger._consumer._member = Mishap(ledger._member, LostOwnership("gone"), committed=False)
        assert settle(ledger, A, article("1")) is None
        assert published(log) == []
        assert settle(ledger, A, article("1")) is not None
    assert len(published(log)) == 1


def test_a_poller_that_was_overtaken_gives_way_and_decides_again(log: Log) -> None:
    follow(log, A)
    pauses: list[float] = []
    decide = Publishing(A, article("1"))
    with ready_ledger(log, pause=pauses.append) as ledger:
        ledger._consumer._member = Mishap(ledger._member, Overtaken("faster"), committed=False)
        [decision] = ledger.settle([(A, decide)])
    assert decision is not None
    assert (len(decide.states), len(pauses)) == (2, 1)
    assert len(published(log)) == 1


@pytest.mark.parametrize("committed", [True, False])
def test_doing_it_again_after_the_log_was_away_doubles_nothing(log: Log, committed: bool) -> None:
    follow(log, A)
    with ready_ledger(log) as ledger:
        ledger._consumer._member = Mishap(
            ledger._member, LogUnavailable("away"), committed=committed
        )
        with pytest.raises(LogUnavailable):
            settle(ledger, A, article("1"))
        assert settle(ledger, A, article("1")) is not None
    assert len(published(log)) == 1


# ── subscriptions ────────────────────────────────────────────────────────────────────────────


def test_feeds_are_followed_once(log: Log) -> None:
    assert follow(log, A, B, A) == [A, B]
    assert follow(log, A, replace(B, publisher="other"), C) == [C]
    (a, b, c) = followed_feeds(log, TOPICS)
    assert (a, c) == (A, C)
    assert (b.publisher, b.id_publisher) == ("other", "b")


def test_a_removed_feed_stays_removed_until_a_person_adds_it_again(log: Log) -> None:
    follow(log, A, B)
    assert remove(log, A.url, A.url) == [replace(A, followed=False)]
    with pytest.raises(Mistake, match="not followed"):
        remove(log, A.url)
    assert follow(log, A) == []
    assert followed_feeds(log, TOPICS) == [B]
    assert follow(log, A, by_hand=True) == [A]
    assert followed_feeds(log, TOPICS) == [A, B]


def test_a_record_that_cannot_be_read_costs_its_feed_alone(
    log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    follow(log, A, B)
    newer = to_json(B).replace(b'"schema_version":1', b'"schema_version":99')
    with log.writer("newer") as writer, writer.transaction() as transaction:
        transaction.publish(TOPICS.feeds, key=B.url.encode(), value=newer)
    assert followed_feeds(log, TOPICS) == [A]
    assert "schema_version 99" in caplog.text


def test_several_feeds_are_settled_in_one_step_each_knowing_of_those_before(log: Log) -> None:
    follow(log, A, B, C)
    with ready_ledger(log) as ledger:
        batch = [(feed, Publishing(feed, article("1"), article(feed.url))) for feed in (A, B, C)]
        decisions = ledger.settle(batch)
    published = [[a.id for a in decision.articles] for decision in decisions if decision]
    assert published == [["1", A.url], [B.url], [C.url]]


def test_decisions_about_one_feed_in_one_step_build_on_one_another(log: Log) -> None:
    """As when a hub confirms a subscription, or pushes, while the feed is polled."""
    follow(log, A)
    with ready_ledger(log) as ledger:
        ledger.settle([(A, Publishing(A, article(name))) for name in "12"])
        ledger.keep_up()
        state = ledger.state(A.url)
    assert state is not None
    assert state.articles == 2


def test_a_feed_that_is_not_ours_costs_the_others_of_its_step_nothing(log: Log) -> None:
    follow(log, A, B)
    with ready_ledger(log) as ledger:
        batch = [(feed, Publishing(feed, article(feed.url))) for feed in (A, C, B)]
        assert [decision is not None for decision in ledger.settle(batch)] == [True, False, True]


def test_copies_of_a_text_tell_one_story_after_a_restart_too(log: Log) -> None:
    follow(log, A, B)
    told = []
    for feed, name, hours in ((A, "1", 0), (B, "2", 5)):
        later = NOW + timedelta(hours=hours)
        one = article(name, text=WIRE, content_hash=name, sketch=signature(WIRE), fetched_at=later)
        with ready_ledger(log) as ledger:
            decision = settle(ledger, feed, one)
        assert decision is not None
        told += [(a.story, a.story_first_seen, a.story_share) for a in decision.articles]
    assert told == [("1", NOW, None), ("1", NOW, 1.0)]


@pytest.mark.parametrize("error", [Overtaken("faster"), LogUnavailable("away")])
def test_a_copy_keeps_its_share_of_a_story_when_it_is_decided_again(
    log: Log, error: Exception
) -> None:
    follow(log, A, B)
    with ready_ledger(log, pause=lambda _: None) as ledger:
        copies = [
            article(name, canonical_url=f"https://a.example/{name}", sketch=signature(WIRE))
            for name in "12"
        ]
        batch = [(feed, Publishing(feed, one)) for feed, one in zip((A, B), copies, strict=True)]
        ledger._consumer._member = Mishap(ledger._member, error, committed=False)
        if isinstance(error, LogUnavailable):
            with pytest.raises(LogUnavailable):
                ledger.settle(batch)
        ledger.settle(batch)
        settle(ledger, A, article("3", sketch=signature(WIRE)))
    assert {one.id: (one.story, one.story_share) for one in published(log)} == {
        "1": ("1", None),
        "2": ("1", 1.0),
        "3": ("1", 1.0),
    }


def test_an_overtaken_article_joins_the_story_of_the_faster_one(log: Log) -> None:
    follow(log, A)
    faster = article("faster", sketch=signature(WIRE), story="faster", story_first_seen=NOW)

    def publish_first(_: float) -> None:
        with log.writer("other") as writer, writer.transaction() as tx:
            publish_article(tx, TOPICS, faster, source="/test")

    with ready_ledger(log, pause=publish_first) as ledger:
        ledger._consumer._member = Mishap(ledger._member, Overtaken("faster"), committed=False)
        settle(ledger, A, article("slower", sketch=signature(WIRE)))
    assert {one.id: (one.story, one.story_share) for one in published(log)} == {
        "faster": ("faster", None),
        "slower": ("faster", 1.0),
    }


def test_a_foreign_record_among_the_articles_stops_no_poller(log: Log) -> None:
    follow(log, A)
    with log.writer("foreign") as writer, writer.transaction() as tx:
        for value in (DEEP, b"", b"\xff", None):
            tx.publish(TOPICS.articles, key=b"x", value=value)
    with ready_ledger(log) as ledger:
        assert settle(ledger, A, article("1")) is not None
    assert ledger is not None


@pytest.mark.parametrize(("feeds", "states"), [(9, 4), (4, 9), (9, 9), (9, 7)], ids=str)
def test_feeds_keep_their_states_whatever_partitions_are_added(
    log: Log, feeds: int, states: int
) -> None:
    old = [Feed(url=f"https://{n}.example/feed") for n in range(20)]
    follow(log, *old)
    with ready_ledger(log) as ledger:
        for feed in old:
            settle(ledger, feed, article(f"old {feed.url}"))
    log.alter_topic(TOPICS.feeds, TopicSettings(partitions=feeds, compacted=True))
    log.alter_topic(TOPICS.feed_states, TopicSettings(partitions=states, compacted=True))
    new = [Feed(url=f"https://new{n}.example/feed") for n in range(20)]
    follow(log, *new)
    with ready_ledger(log) as ledger:
        for feed in [*old, *new]:
            assert settle(ledger, feed, article(f"new {feed.url}")) is not None
    remove(log, *[feed.url for feed in old[:10]])
    with ready_ledger(log, "p1") as first, open_ledger(log, "p2") as second:
        while not second.is_shared_out() or not first.is_shared_out():
            pass
        shown = [
            ledger.state(feed.url) or FeedState(url=feed.url)
            for ledger in (first, second)
            for feed, _ in ledger.feeds()
        ]
    counts = {state.url: state.articles for state in shown}
    assert len(shown) == len(counts) == 30
    assert counts == {f.url: 2 for f in old[10:]} | {f.url: 1 for f in new}


def test_tables_that_could_not_take_a_partition_over_follow_those_they_have(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: object, **options: object) -> None:
        raise LogUnavailable("the broker is away")

    follow(log, A, B, C)
    partitions = sorted(log.bounds(TOPICS.feeds))
    tables = FeedTables(log, TOPICS)
    tables.hold(partitions[:-1], anew=())
    tables.catch_up()
    with monkeypatch.context() as patched:
        patched.setattr(log, "reader", away)
        with pytest.raises(LogUnavailable):
            tables.hold(partitions, anew=())
    tables.hold(partitions[:-1], anew=())  # another poller has taken it meanwhile
    follow(log, *(Feed(url=f"https://{number}.example/feed") for number in range(20)))
    tables.catch_up()
    assert len(list(tables.all())) > 3
    tables.close()
