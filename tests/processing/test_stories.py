"""The window of stories outlives the process, and is never more than a shortcut."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from onrecord.errors import LogUnavailable
from onrecord.feeds.articles.near_duplicates import StoryWindow
from onrecord.feeds.articles.signatures import signature
from onrecord.log.interface import Log, Lookup, Message, Partition, Reader, TopicSettings
from onrecord.processing.forgotten import ForgottenTable
from onrecord.processing.published import newest_revision, publish_article
from onrecord.processing.stories import RecentStories, note_story
from onrecord.records import Article, Forgotten, to_json
from tests.builders import NOON, article
from tests.conftest import TOPICS
from tests.processing.test_published import CountingReads

MOST = 20


@pytest.fixture
def index(log: Log) -> Iterator[Lookup]:
    with log.newest(TOPICS.articles, newest_revision) as lookup:
        yield lookup


def told(number: int, *, like: int | None = None) -> Article:
    """An article with a story of its own, or a copy of another one."""
    words = " ".join(f"word{(number if like is None else like) * 100 + n}" for n in range(40))
    one = article(f"a{number}", text=words, sketch=signature(words))
    return StoryWindow(0).mark(one)


def publish(log: Log, *articles: Article) -> None:
    with log.writer("w") as writer, writer.transaction() as tx:
        for one in articles:
            publish_article(tx, TOPICS, one, source="/test")


def publish_at(log: Log, entered_at: datetime, *articles: Article) -> None:
    with log.writer("w") as writer, writer.transaction() as tx:
        for one in articles:
            key, value = one.id.encode(), to_json(one)
            tx.publish(TOPICS.articles, key=key, value=value, timestamp=entered_at)


def nothing(log: Log) -> ForgottenTable:
    """What was forgotten, where nothing was."""
    return ForgottenTable(log, TOPICS.forgotten)


def opened(log: Log, index: Lookup, since: datetime | None = None) -> tuple[RecentStories, Any]:
    """Stories as a process has them that was just started, and its log, which counts reads."""
    counting: Any = CountingReads(log)
    return RecentStories(counting, TOPICS, index, most=MOST, since=since), counting


def test_a_process_reads_only_what_came_after_the_window_that_the_last_one_kept(
    log: Log, index: Lookup
) -> None:
    publish(log, *map(told, range(10)))
    first, reads = opened(log, index)
    first.window()
    assert reads.delivered == 10
    first.close(nothing(log))
    publish(log, told(10))
    second, reads = opened(log, index)
    assert second.window().mark(told(50, like=3)).story == "a3"
    assert second.window().mark(told(51, like=10)).story == "a10"
    assert 1 <= reads.delivered < 10
    second.close(nothing(log))


def test_what_a_process_published_itself_is_in_the_window_it_keeps(log: Log, index: Lookup) -> None:
    first, _ = opened(log, index)
    for number in range(10):
        note_story(first.window(), told(number), entered_at=NOON, is_committed=False)
        publish(log, told(number))
        first.keep()
        index.catch_up()
        first.catch_up(only_own=True)
    # Its transaction failed.
    note_story(first.window(), told(99), entered_at=NOON, is_committed=False)
    first.close(nothing(log))
    second, reads = opened(log, index)
    assert second.window().mark(told(50, like=9)).story == "a9"
    assert "a99" not in second.window()
    assert reads.delivered == 0
    second.close(nothing(log))


def test_a_window_of_another_size_or_a_damaged_one_is_read_anew(log: Log, index: Lookup) -> None:
    publish(log, *map(told, range(10)))
    larger, same = (kept_by(log, index, most=most) for most in (2 * MOST, MOST))
    former = [b"stories 2 little " + b"?" * 100]
    for saved in (larger, [], same[:1], same[:9], same[:-1], *damaged(same), former):
        index.keep("stories", saved)
        stories, reads = opened(log, index)
        assert "a3" in stories.window()
        assert reads.delivered == 10
        stories.close(nothing(log))


def kept_by(log: Log, index: Lookup, *, most: int) -> list[bytes]:
    """What is kept by a process that was just started, and remembers so many."""
    stories = RecentStories(log, TOPICS, index, most=most)
    stories.window()
    stories.close(nothing(log))
    return list(index.kept("stories"))


def damaged(pieces: list[bytes]) -> Iterator[list[bytes]]:
    """The pieces with one of them cut or changed."""
    for number in (0, 1, len(pieces) - 1):
        piece = pieces[number]
        for other in (piece[:-1], piece[:50] + b"?" + piece[51:], b""):
            if other != piece:
                yield [*pieces[:number], other, *pieces[number + 1 :]]


def test_a_window_is_not_kept_for_a_few_articles(log: Log, index: Lookup) -> None:
    publish(log, *map(told, range(2)))
    stories, _ = opened(log, index)
    stories.window()
    stories.close(nothing(log))
    assert list(index.kept("stories")) == []


def test_a_window_that_was_kept_before_the_time_to_be_remembered_is_forgotten(
    log: Log, index: Lookup
) -> None:
    publish(log, *map(told, range(10)))
    hour = timedelta(hours=1)
    first, _ = opened(log, index, since=datetime.now(UTC) - hour)
    first.window()
    first.close(nothing(log))
    for since, is_known in ((-hour, True), (hour, False)):
        stories, _ = opened(log, index, since=datetime.now(UTC) + since)
        assert ("a3" in stories.window()) == is_known
        stories.close(nothing(log))


def test_a_restored_window_reaches_back_no_further_than_one_that_is_read(
    log: Log, index: Lookup
) -> None:
    now = datetime.now(UTC)
    for number in range(10):
        publish_at(log, now - timedelta(hours=10 - number), told(number))
    first, _ = opened(log, index, since=now - timedelta(hours=8.5))
    note_story(first.window(), told(10), entered_at=now)
    first.close(nothing(log))
    second, reads = opened(log, index, since=now - timedelta(hours=3.5))
    assert [number for number in range(11) if f"a{number}" in second.window()] == [7, 8, 9, 10]
    assert second.window().mark(told(50, like=6)).story == "a50"
    assert second.window().mark(told(50, like=7)).story == "a7"
    assert reads.delivered == 0
    second.close(nothing(log))


@pytest.mark.parametrize("is_read", [False, True], ids=["published here", "by another process"])
@pytest.mark.parametrize("is_same", [True, False], ids=["a revision", "another one at its page"])
def test_a_restored_window_has_what_was_published_again_as_one_that_is_read(
    log: Log, index: Lookup, is_read: bool, is_same: bool
) -> None:
    now = datetime.now(UTC)
    page = "https://e.example/pier"
    told_first = replace(told(0), canonical_url=page)
    again = told(0) if is_same else replace(told(20), story="a0")
    again = replace(again, canonical_url=page, revision=2)
    old, young = now - timedelta(hours=9), now - timedelta(hours=1)
    publish_at(log, old, told_first, *map(told, range(1, 9)))
    first, _ = opened(log, index, since=now - timedelta(hours=10))
    first.window()
    if not is_read:
        note_story(first.window(), again, entered_at=young, is_committed=False)
    publish_at(log, young, again)
    if not is_read:
        first.keep()
    index.catch_up()
    first.catch_up(only_own=not is_read)
    first.close(nothing(log))
    since = now - timedelta(hours=3)
    restored, reads = opened(log, index, since=since)
    restored.window()
    assert reads.delivered == 0
    index.keep("stories since", ())
    anew, _ = opened(log, index, since=since)
    for window in (restored.window(), anew.window()):
        assert window.mark(replace(told(30), canonical_url=page)).story == "a0"
        assert window.mark(told(30, like=0 if is_same else 20)).story == "a0"
        assert window.mark(told(30, like=1)).story == "a30"
    restored.close(nothing(log))
    anew.close(nothing(log))


def test_an_article_is_read_at_the_page_it_moved_to(log: Log, index: Lookup) -> None:
    page = "https://e.example/pier"
    publish(log, told(0), replace(told(0), revision=2, canonical_url=page))
    stories, _ = opened(log, index)
    assert stories.window().mark(replace(told(1), canonical_url=page)).story == "a0"
    stories.close(nothing(log))


def test_what_is_kept_is_closed_before_the_window_forgets(
    log: Log, index: Lookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(log, *map(told, range(10)))
    since = datetime.now(UTC) - timedelta(hours=1)
    first, _ = opened(log, index, since=since)
    first.window()
    first.close(nothing(log))
    happened: list[str] = []
    kept, forget_before = index.kept, StoryWindow.forget_before

    def watched_forgetting(window: StoryWindow, moment: datetime) -> None:
        happened.append("forgets")
        forget_before(window, moment)

    def watched(name: str) -> Generator[bytes, None, None]:
        try:
            with closing(kept(name)) as pieces:
                yield from pieces
        finally:
            happened.append("closed")

    monkeypatch.setattr(index, "kept", watched)
    monkeypatch.setattr(StoryWindow, "forget_before", watched_forgetting)
    second, _ = opened(log, index, since=since)
    second.window()
    assert happened == ["closed", "forgets"]
    second.close(nothing(log))


def test_a_window_of_a_topic_that_was_longer_is_read_anew(log: Log, index: Lookup) -> None:
    publish(log, *map(told, range(10)))
    first, _ = opened(log, index)
    first.window()
    first.close(nothing(log))
    kept = list(index.kept("stories"))
    assert kept
    log.delete_topic(TOPICS.articles)
    log.create_topic(TOPICS.articles, TopicSettings(partitions=4))
    with log.newest(TOPICS.articles, newest_revision) as again:
        again.keep("stories", kept)
        publish(log, told(3))
        stories, _ = opened(log, again)
        assert [name in stories.window() for name in ("a3", "a4")] == [True, False]
        stories.close(nothing(log))


def test_a_window_with_an_article_that_was_forgotten_meanwhile_is_not_kept(
    log: Log, index: Lookup
) -> None:
    publish(log, *map(told, range(10)))
    stories, _ = opened(log, index)
    stories.window()
    forget(log, "a3")
    with closing(nothing(log)) as forgotten:
        stories.close(forgotten)
    assert list(index.kept("stories")) == []


def test_a_window_with_an_article_that_is_forgotten_while_it_is_kept_is_kept_no_longer(
    log: Log, index: Lookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(log, *map(told, range(10)))
    stories, _ = opened(log, index)
    stories.window()
    keep = index.keep

    def forget_and_keep(name: str, pieces: Iterable[bytes]) -> None:
        forget(log, "a3")
        keep(name, pieces)

    monkeypatch.setattr(index, "keep", forget_and_keep)
    with closing(nothing(log)) as forgotten:
        stories.close(forgotten)
    assert list(index.kept("stories")) == []


def forget(log: Log, name: str) -> None:
    log.create_topic(TOPICS.forgotten, TopicSettings(partitions=1, compacted=True))
    gone = Forgotten(id=name, article=name, at=datetime.now(UTC), by="editor")
    with log.writer("w") as writer, writer.transaction() as tx:
        tx.publish(TOPICS.forgotten, key=name.encode(), value=to_json(gone))


class Interrupted:
    """A log whose readers fail once they have delivered a record."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self.is_failing = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def reader(self, *args: Any, **options: Any) -> Reader:
        reader = self._log.reader(*args, **options)
        poll = reader.poll

        def interrupted(*, limit: int, timeout_s: float) -> list[Message]:
            if self.is_failing and reader.position(Partition(TOPICS.articles, 0)) > 0:
                raise LogUnavailable("the broker is away")
            return poll(limit=1 if self.is_failing else limit, timeout_s=timeout_s)

        reader.poll = interrupted  # type: ignore[method-assign]
        return reader


@pytest.mark.parametrize("is_open", [False, True], ids=["while it opens", "later"])
def test_stories_that_could_not_be_read_are_read_once_they_can(
    log: Log, index: Lookup, is_open: bool
) -> None:
    interrupted: Any = Interrupted(log)
    stories = RecentStories(interrupted, TOPICS, index, most=MOST)
    if is_open:
        stories.window()
    publish(log, *map(told, range(10)))
    interrupted.is_failing = True
    read: Callable[[], object] = partial(stories.catch_up, only_own=False)
    with pytest.raises(LogUnavailable):
        (read if is_open else stories.window)()
    interrupted.is_failing = False
    index.catch_up()
    stories.catch_up(only_own=True)
    assert all(f"a{number}" in stories.window() for number in range(10))
    stories.close(nothing(log))
