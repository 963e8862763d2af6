"""What a start costs beside a long log: commands' help, and a poll's or import's look at the past.

    .venv/bin/python -m tests.benchmarks.startup [ARTICLES]

So many short articles are written into a SQLite file as a version without an index writes them.
The first opening builds the index; the next ones must cost the same however many there are.
"""

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
from msgspec import structs

from onrecord.feeds.articles.near_duplicates import StoryWindow
from onrecord.feeds.articles.signatures import signature
from onrecord.log.interface import TopicSettings
from onrecord.log.sqlite import SqliteLog
from onrecord.processing.published import PublishedArticles, publish_article
from onrecord.processing.stories import STORIES
from onrecord.records import Article, id_of
from onrecord.topics import Topics

TOPICS = Topics("onrecord")
A_STEP = 5_000
LOOKUPS = 20_000


def fill(path: Path, articles: int) -> None:
    now = datetime.now(UTC)
    with SqliteLog(path) as log:
        log.create_topic(TOPICS.articles, TopicSettings(partitions=8))
        with log.writer("benchmark") as writer:
            for start in range(0, articles, A_STEP):
                with writer.transaction() as tx:
                    for number in range(start, min(articles, start + A_STEP)):
                        article = invented(number, now, is_signed=number >= articles - STORIES)
                        publish_article(tx, TOPICS, article, source="/benchmark")


def invented(number: int, now: datetime, *, is_signed: bool) -> Article:
    """A short article; the last ones have the signature of a text of their own, and a story."""
    article = Article(
        id=id_of("url", str(number)),
        text=f"Pier {number} is open.",
        content_hash=f"{number:040x}",
        fetched_at=now,
        feed=f"https://f{number % 1000}.example/feed",
        canonical_url=f"https://e.example/{number}",
    )
    if not is_signed:
        return article
    text = " ".join(f"pier{number * 40 + n}" for n in range(40))
    return StoryWindow(0).mark(structs.replace(article, sketch=signature(text)))


def look(path: Path, articles: int) -> None:
    """What opening costs, in this process."""
    before_mb = _memory_mb()
    with SqliteLog(path) as log:
        began = time.process_time()
        published = PublishedArticles(log, TOPICS, stories=STORIES)
        opened = time.process_time()
        opened_mb = _memory_mb()
        step = max(1, articles // LOOKUPS)
        for number in range(0, articles, step):
            assert published.get(id_of("url", str(number))) is not None
        found = time.process_time()
        published.read_stories()
        read = time.process_time()
        all_mb = _memory_mb()
        published.close()
        closed = time.process_time()
    print(
        f"opening: {opened - began:.3f} s, +{opened_mb - before_mb:.0f} MB; an article looked up: "
        f"{(found - opened) / len(range(0, articles, step)) * 1e6:.0f} µs; the stories, once an "
        f"article is new: {read - found:.3f} s, +{all_mb - before_mb:.0f} MB in all; closing: "
        f"{closed - read:.3f} s"
    )


def _memory_mb() -> float:
    return psutil.Process().memory_info().rss / 1e6


def main() -> None:
    articles = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.db"
        fill(path, articles)
        size_mb = path.stat().st_size / 1e6
        print(f"{articles:,} articles, {size_mb:.0f} MB", flush=True)
        for _ in range(3):  # the first one builds the index, and keeps the stories
            command = [sys.executable, "-m", "tests.benchmarks.startup", "look", path, articles]
            subprocess.run([str(part) for part in command], check=True)
        print(f"with the index: {path.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    if sys.argv[1:2] == ["look"]:
        look(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
