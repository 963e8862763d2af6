"""Each article once, in the order of the source, whatever stops an import and wherever it stops."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from onrecord.errors import Mistake, OnrecordError, Overtaken, ReaderNotStarted
from onrecord.log.interface import Log, TopicSettings, Transaction
from onrecord.log.read_to_end import everything
from onrecord.processing.importing.documents import read_document
from onrecord.processing.importing.importer import Importer, ImportJob, pieces_ahead
from onrecord.processing.importing.lines import LineReader
from onrecord.processing.importing.progress import ImportTally, ProgressTable
from onrecord.processing.importing.ready import ReadyArticle
from onrecord.processing.importing.rejects import RejectFile
from onrecord.processing.importing.sources import PieceReading, ReadLines, Source, open_source
from onrecord.processing.published import PublishedArticles
from onrecord.records import Article, from_json, to_json
from tests.builders import article
from tests.conftest import TOPICS
from tests.processing.importing.test_warc import http, record

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAGE = (
    b"<html lang=en><body><article><h1>Pier %d</h1><p>The report on pier %d was read in the town "
    b"hall on Monday, and many had come to hear it.</p></article></body></html>"
)


def line(number: int, **fields: object) -> str:
    url = f"https://archive.example/{number}"
    published = f"{1990 + number % 30}-05-01T08:00:00Z"
    text = f"Pier {number} will open in May."
    return json.dumps({"url": url, "text": text, "published_at": published} | fields) + "\n"


class Imports:
    """Imports into a log, each with a new importer, as each process has."""

    def __init__(self, log: Log, folder: Path) -> None:
        self.log = log
        self.rejects = folder / "rejected.jsonl"
        self.said: list[str] = []

    def __call__(
        self,
        source: Path | Source,
        *,
        stopped: Callable[[], bool] = lambda: False,
        clock: Callable[[], datetime] = lambda: NOW,
        most: int = 1_000_000,
        chunk_bytes: int = 8,
        lines: ReadLines | None = None,
    ) -> ImportTally:
        opened = source if isinstance(source, Source) else open_source(str(source), None)  # type: ignore[arg-type]
        reading = PieceReading(
            lines=lines or LineReader().read_all,
            many_lines=LineReader().read_all,
            document=read_document,
            clock=clock,
            most_document_bytes=most,
            chunk_bytes=chunk_bytes,
        )
        job = ImportJob(
            name="import",
            source=opened,
            reading=reading,
            rejects=RejectFile(self.rejects),
            reject=lambda rejected: None,
            progressed=lambda tally: None,
        )
        with (
            ThreadPoolExecutor(2) as pool,
            Importer(self.log, TOPICS, pool, ahead=4, say=self.said.append) as importer,
        ):
            return importer.run(job, stopped)

    def articles(self) -> list[Article]:
        return [
            from_json(message.value or b"", Article)
            for message in everything(self.log, TOPICS.articles)
        ]

    def urls(self) -> Counter[str | None]:
        return Counter(article.url for article in self.articles())

    def rejected(self) -> list[tuple[str, str]]:
        if not self.rejects.exists():
            return []
        found = map(json.loads, self.rejects.read_text().splitlines())
        return [(one["place"], one["reason"]) for one in found]


@pytest.fixture
def imports(log: Log, tmp_path: Path) -> Imports:
    return Imports(log, tmp_path)


def ticking() -> Callable[[], datetime]:
    """A clock by which every piece makes a step of its own."""
    seconds = count(0, 3)
    return lambda: NOW + timedelta(seconds=next(seconds))


def after(calls: int) -> Callable[[], bool]:
    """A stop that comes after so many questions."""
    left = iter(range(calls))
    return lambda: next(left, None) is None


def test_articles_keep_their_dates_and_the_record_that_of_the_import(
    imports: Imports, log: Log, tmp_path: Path
) -> None:
    source = tmp_path / "backlog.jsonl"
    source.write_text("".join(map(line, range(60))))
    began = datetime.now(UTC) - timedelta(seconds=1)
    assert imports(source) == ImportTally(imported=60)
    dates = sorted(article.published_at or NOW for article in imports.articles())
    assert dates[0] == datetime(1990, 5, 1, 8, tzinfo=UTC)
    for message in everything(log, TOPICS.articles):
        assert message.timestamp >= began
        assert dict(message.headers)["ce_type"] == b"onrecord.article"


def test_what_is_no_article_is_kept_with_reason_and_place(imports: Imports, tmp_path: Path) -> None:
    source = tmp_path / "backlog.jsonl"
    source.write_text(f"{line(1)}garbage\n\n{line(2)}" + '{"title": "no text"}\n' + line(3))
    assert imports(source) == ImportTally(imported=3, rejected=2)
    assert [place for place, _ in imports.rejected()] == ["line 2", "line 5"]
    first = json.loads(imports.rejects.read_text().splitlines()[0])
    assert (first["source"], first["record"]) == (str(source), "garbage")


def test_an_import_twice_or_overlapping_adds_nothing(imports: Imports, tmp_path: Path) -> None:
    source = tmp_path / "backlog.jsonl"
    source.write_text("".join(map(line, range(10))))
    imports(source)
    assert imports(source) == ImportTally(known=10)
    other = tmp_path / "other.jsonl"
    other.write_text("".join(map(line, range(5, 15))) + line(14))
    assert imports(other) == ImportTally(imported=5, known=6)
    assert set(imports.urls().values()) == {1}


def test_revisions_of_our_articles_are_kept(imports: Imports, tmp_path: Path) -> None:
    source = tmp_path / "backlog.jsonl"
    revisions = [article("a", revision=n, content_hash=f"h{n}") for n in (1, 2, 2, 1, 3)]
    source.write_bytes(b"".join(to_json(one) + b"\n" for one in revisions))
    assert imports(source) == ImportTally(imported=3, known=2)
    assert [found.revision for found in imports.articles()] == [1, 2, 3]


WIRE = (
    "The harbour master of Tarn said on Monday that the old pier will be rebuilt by winter, "
    "and that nobody in the town will have to pay a crown more for the ferry than last year."
)


@pytest.mark.parametrize("at_once", [True, False])
def test_near_duplicates_have_one_story_as_when_they_are_polled(
    imports: Imports, tmp_path: Path, at_once: bool
) -> None:
    lines = [line(1, text=WIRE), line(2), line(3, text=f"{WIRE} More follows.")]
    for number, some in enumerate([lines] if at_once else [[one] for one in lines]):
        source = tmp_path / f"{number}.jsonl"
        source.write_text("".join(some))
        imports(source)
    wire, other, copy = sorted(imports.articles(), key=lambda one: one.url or "")
    assert (wire.story, other.story, copy.story) == (wire.id, other.id, wire.id)
    assert copy.story_share is not None


def test_a_near_duplicate_keeps_its_share_when_the_import_was_overtaken(
    imports: Imports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish, calls = ProgressTable.publish, count()

    def overtaken_once(*arguments: Any) -> None:
        if next(calls) == 1:
            raise Overtaken("faster")
        publish(*arguments)

    monkeypatch.setattr(ProgressTable, "publish", overtaken_once)
    source = tmp_path / "backlog.jsonl"
    source.write_text(line(1, text=WIRE) + line(2, text=WIRE))
    assert imports(source).imported == 2
    assert {one.url: one.story_share for one in imports.articles()} == {
        "https://archive.example/1": None,
        "https://archive.example/2": 1.0,
    }


def test_an_article_of_another_log_keeps_its_story(imports: Imports, tmp_path: Path) -> None:
    source = tmp_path / "backlog.jsonl"
    theirs = article("a", text=WIRE, story="s", story_first_seen=NOW)
    source.write_bytes(to_json(theirs) + b"\n" + line(1, text=WIRE).encode())
    imports(source)
    assert [one.story for one in imports.articles()] == ["s", "s"]


@pytest.mark.parametrize("pieces", [1, 2, 7, 20, 59, 60])
def test_an_import_that_stopped_goes_on_where_it_was(
    imports: Imports, tmp_path: Path, pieces: int
) -> None:
    source = tmp_path / "backlog.jsonl"
    source.write_text("".join(line(n) if n % 10 else "garbage\n" for n in range(60)))
    first = imports(source, stopped=after(pieces), clock=ticking())
    total = imports(source)
    assert first.imported <= total.imported == 54
    assert total == ImportTally(imported=54, rejected=6), (
        "the counts are those of all attempts together"
    )
    assert set(imports.urls().values()) == {1}
    assert len(imports.rejected()) == len(set(imports.rejected())) == 6


def test_an_import_without_a_process_to_read_it_ends_and_goes_on_later(
    imports: Imports, tmp_path: Path
) -> None:
    source = tmp_path / "backlog.jsonl"
    source.write_text("".join(map(line, range(6))))
    calls = count()

    def lines(written: Sequence[bytes], now: datetime) -> Sequence[ReadyArticle | str]:
        if next(calls) == 3:
            raise ReaderNotStarted("", "no reader has started within 60 s")
        return LineReader().read_all(written, now)

    with pytest.raises(OnrecordError, match=r"backlog\.jsonl: no reader has started within 60 s"):
        imports(source, lines=lines, clock=ticking())
    assert len(imports.urls()) == 3
    assert imports(source) == ImportTally(imported=6)
    assert (set(imports.urls().values()), imports.rejected()) == ({1}, [])


def test_lines_are_published_as_they_arrive(imports: Imports) -> None:
    reading, writing = os.pipe()
    many = "".join(line(n, summary="x" * 900) for n in range(45))
    assert os.write(writing, many.encode()) > 32 * 1024  # so many are read in parallel
    too_late = Timer(60, os.close, [writing])
    last = iter([line(45)])

    def stopped() -> bool:
        published = len(imports.urls())
        if published == 45:
            os.write(writing, "".join(last).encode())
        return published == 46

    too_late.start()
    with os.fdopen(reading, "rb") as stdin:
        source = Source("standard input", None, stdin)
        tally = imports(source, stopped=stopped, chunk_bytes=128 * 1024)
    in_time = not too_late.finished.is_set()
    too_late.cancel()
    assert (tally, in_time) == (ImportTally(imported=46), True)
    os.close(writing)


class Killed(BaseException):
    pass


@pytest.mark.parametrize("at", range(1, 20, 2))
def test_an_import_that_died_between_two_steps_goes_on_and_doubles_nothing(
    imports: Imports, tmp_path: Path, at: int
) -> None:
    source = tmp_path / "backlog.jsonl"
    source.write_text("".join(line(n) if n % 4 else "garbage\n" for n in range(20)))
    clock, calls = ticking(), count(1)

    def dies() -> datetime:
        if next(calls) == 3 * at:
            raise Killed
        return clock()

    with pytest.raises(Killed):
        imports(source, clock=dies)
    imports(source)
    assert len(imports.urls()) == 15
    assert set(imports.urls().values()) == {1}
    assert len(imports.rejected()) == len(set(imports.rejected())) == 5


def test_a_file_that_changed_meanwhile_is_read_from_its_beginning(
    imports: Imports, tmp_path: Path
) -> None:
    source = tmp_path / "backlog.jsonl"
    source.write_text("".join(map(line, range(20))))
    imports(source, stopped=after(10), clock=ticking())
    source.write_text("".join(map(line, range(100, 105))) + "".join(map(line, range(20))))
    imports(source)
    assert imports.urls() == Counter(
        f"https://archive.example/{n}" for n in [*range(20), *range(100, 105)]
    )


def test_a_folder_is_searched_and_goes_on_in_the_file_where_it_stopped(
    imports: Imports, tmp_path: Path
) -> None:
    folder = tmp_path / "backlog"
    (folder / "b").mkdir(parents=True)
    (folder / "a.jsonl").write_text("".join(map(line, range(5))))
    (folder / "b" / "c.jsonl").write_text("".join(map(line, range(5, 12))))
    (folder / "b-page.html").write_bytes(PAGE % (50, 50))
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (folder / "empty").write_bytes(b"")
    for stop in (3, 4, 5):
        assert imports(folder, stopped=after(stop), clock=ticking()).imported < 13
    opened = open_source(str(folder), None)  # type: ignore[arg-type]
    assert imports(opened) == ImportTally(imported=13)
    assert opened.read_bytes == opened.total_bytes
    assert set(imports.urls().values()) == {1}
    whole = open_source(str(folder), None)  # type: ignore[arg-type]
    assert imports(whole) == ImportTally(known=13)
    assert whole.left_out == 1


def test_a_web_archive_gives_its_pages_and_the_articles_of_its_feeds(
    imports: Imports, tmp_path: Path
) -> None:
    feed = (
        b"<rss version='2.0'><channel><title>Post</title><item><title>Pier</title>"
        b"<link>https://post.example/pier</link><description>Open.</description></item></channel></rss>"
    )
    source = tmp_path / "crawl.warc"
    source.write_bytes(
        record(b"software: x\r\n", kind="warcinfo")
        + record(http(PAGE % (1, 1)), WARC_Target_URI="https://post.example/1")
        + record(http(b"\x89PNG", Content_Type="image/png"))
        + record(
            http(feed, Content_Type="application/rss+xml"),
            WARC_Target_URI="https://post.example/feed",
        )
        + record(http(b"<html></html>"), WARC_Target_URI="https://post.example/empty")
        + record(http(PAGE % (2, 2)), WARC_Target_URI="https://post.example/2")[:-60]
    )
    opened = open_source(str(source), None)  # type: ignore[arg-type]
    assert imports(opened) == ImportTally(imported=2, rejected=2)
    assert opened.left_out == 2
    assert set(imports.urls()) == {"https://post.example/1", "https://post.example/pier"}
    assert {found.fetched_at for found in imports.articles()} == {
        datetime(1999, 5, 1, 8, tzinfo=UTC)
    }
    assert [reason for _, reason in imports.rejected()] == [
        "the page has no article's text",
        "the file ends within the record",
    ]
    assert "https://post.example/empty" in imports.rejected()[0][0]


def test_what_is_too_large_is_rejected_and_the_rest_goes_in(
    imports: Imports, log: Log, tmp_path: Path
) -> None:
    log.alter_topic(TOPICS.articles, TopicSettings(partitions=4, max_record_bytes=5_000))
    source = tmp_path / "backlog.jsonl"
    source.write_text(line(1) + line(2, text="long " * 2_000) + line(3))
    assert imports(source) == ImportTally(imported=2, rejected=1)
    ((place, reason),) = imports.rejected()
    assert place == "line 2"
    assert "too large" in reason


def test_a_document_of_more_bytes_than_allowed_is_rejected(
    imports: Imports, tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_bytes(PAGE % (1, 1) + b" " * 5_000)
    assert imports(tmp_path / "page.html", most=4_000) == ImportTally(rejected=1)
    assert imports.rejected() == [("", "larger than 4000 bytes")]


def test_another_import_of_the_same_source_ends_the_one_before(
    imports: Imports, tmp_path: Path
) -> None:
    source = tmp_path / "backlog.jsonl"
    source.write_text("".join(map(line, range(10))))

    def meddle() -> Iterator[bool]:
        yield from (False, False, False)
        assert imports(source).imported > 0
        yield from iter(lambda: False, True)

    turns = meddle()
    with pytest.raises(OnrecordError, match="another import of it has begun"):
        imports(source, stopped=lambda: next(turns), clock=ticking())
    assert imports.urls() == Counter(f"https://archive.example/{n}" for n in range(10))


def test_what_comes_in_by_another_way_meanwhile_is_not_doubled(
    imports: Imports, log: Log, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    for file in (first, second):
        file.write_text("".join(map(line, range(20))))

    def meddle() -> Iterator[bool]:
        yield from (False, False, False)
        with log.writer("poller") as writer, writer.transaction() as tx:
            for found in map(LineReader().read, map(str.encode, map(line, range(20))), [NOW] * 20):
                tx.publish(TOPICS.articles, key=found.id.encode(), value=to_json(found))
        yield from iter(lambda: False, True)

    turns = meddle()
    imports(first, stopped=lambda: next(turns), clock=ticking())
    once = {url: n for url, n in imports.urls().items() if n == 1}
    assert len(once) >= 20 - 3, "only what was imported before is there twice, by the other's doing"


def test_what_comes_in_between_look_up_and_commit_is_not_doubled(
    imports: Imports, log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "backlog.jsonl"
    file.write_text("".join(map(line, range(20))))
    theirs = LineReader().read(line(7).encode(), NOW)
    looked_up = PublishedArticles.catch_up_within
    turns = count()

    def meddled_with(self: PublishedArticles, tx: Transaction) -> None:
        looked_up(self, tx)
        if next(turns) == 1:  # the first transaction begins the import
            with log.writer("poller") as writer, writer.transaction() as other:
                other.publish(TOPICS.articles, key=theirs.id.encode(), value=to_json(theirs))

    monkeypatch.setattr(PublishedArticles, "catch_up_within", meddled_with)
    tally = imports(file)
    assert set(imports.urls().values()) == {1}
    assert (tally.imported, tally.known) == (19, 1)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.jsonl", None, "no such file"),
        ("notes.txt", b"These are my notes.\n", "neither JSON lines"),
        ("picture.png", b"\x89PNG\r\n", "neither JSON lines"),
        ("cut.gz", b"\x1f\x8b\x08", "cannot be read"),
    ],
)
def test_a_source_that_cannot_be_read_is_a_mistake(
    tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(Mistake, match=says):
        open_source(str(tmp_path / name), None)  # type: ignore[arg-type]


def test_an_empty_file_is_an_import_of_nothing(imports: Imports, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_bytes(b"")
    assert imports(tmp_path / "empty.jsonl") == ImportTally()


def test_few_readers_are_far_ahead_and_many_fill_no_memory() -> None:
    ahead = {readers: pieces_ahead(readers) for readers in (1, 2, 4, 8, 16, 64)}
    assert ahead == {1: 8, 2: 16, 4: 32, 8: 32, 16: 32, 64: 128}
