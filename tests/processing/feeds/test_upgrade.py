"""A log that an older version wrote: read on, and nothing is published twice."""

import gzip
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from onrecord.feeds.articles.document import read_document
from onrecord.feeds.articles.revisions import MemoryPolicy, Published
from onrecord.feeds.decisions.decide import PollDecision, decide
from onrecord.feeds.decisions.outcome import Read
from onrecord.feeds.decisions.schedule import PollPolicy
from onrecord.feeds.decisions.site_claims import feed_claims
from onrecord.feeds.fetch import ServerWishes
from onrecord.log.interface import SessionPolicy
from onrecord.log.opening import open_log
from onrecord.processing.feeds.ledger import FeedLedger, LedgerPolicy
from onrecord.records import Article, Feed, FeedState
from onrecord.topics import Topics

DATA = Path(__file__).parents[2] / "data" / "logs" / "9acb379"
NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
FEEDS = {
    "site.xml": Feed(url="https://feeds.skelm-post.example/news.xml"),
    "copies.xml": Feed(url="https://gatherer.example/all.xml"),
}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[FeedLedger]:
    file = tmp_path / "log.db"
    with gzip.open(DATA / "log.db.gz") as packed, file.open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)
    with (
        open_log(f"sqlite:///{file}", session=SessionPolicy()) as log,
        FeedLedger(
            log, Topics("onrecord"), name="poll", policy=LedgerPolicy(), clock=lambda: NOW
        ) as opened,
    ):
        while len(opened.feeds()) < len(FEEDS):
            pass
        yield opened


def poll(ledger: FeedLedger, name: str, body: bytes, hours: int = 0) -> tuple[Article, ...]:
    feed, now = FEEDS[name], NOW + timedelta(hours=hours)

    def decided(state: FeedState, published: Published) -> PollDecision:
        claims = feed_claims(feed, state, feed.url, now)
        document = read_document(feed, body, feed.url, None, now, claims)
        read = Read(drafts=document.drafts, wishes=ServerWishes(), body_hash=str(now))
        return decide(feed, state, read, published, now, policy=PollPolicy(), memory=MemoryPolicy())

    (decision,) = ledger.settle([(feed, decided)])
    assert decision is not None
    return decision.articles


@pytest.mark.parametrize("names", [("site.xml", "copies.xml"), ("copies.xml", "site.xml")])
def test_the_same_documents_publish_nothing_again(
    ledger: FeedLedger, names: tuple[str, ...]
) -> None:
    for name in names:
        assert poll(ledger, name, (DATA / name).read_bytes()) == ()


def test_the_site_still_corrects_its_article_and_the_copy_does_not(ledger: FeedLedger) -> None:
    forged = (DATA / "copies.xml").read_bytes().replace(b"open in May", b"never open")
    assert poll(ledger, "copies.xml", forged) == ()
    corrected = (DATA / "site.xml").read_bytes().replace(b"open in May", b"open in June")
    assert [a.revision for a in poll(ledger, "site.xml", corrected, hours=1)] == [2]
