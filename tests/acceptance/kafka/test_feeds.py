"""A person's feeds on a real broker: settings stay with a feed, and what they lead to moves."""

import json
from pathlib import Path

import pytest

from tests.acceptance.conftest import Onrecord
from tests.feeds.publisher import Publisher
from tests.http_server import Answer

pytestmark = pytest.mark.slow

ITEM = (
    "<item><guid>{0}</guid><title>Pier {0}</title><category>{1}</category>"
    "<description>Pier {0} will open in May.</description></item>"
)


def rss(*items: str) -> Answer:
    return Answer(f"<rss version='2.0'><channel>{''.join(items)}</channel></rss>".encode())


def test_what_a_person_sets_for_a_feed_stays_with_it(onrecord: Onrecord, tmp_path: Path) -> None:
    with Publisher() as publisher:
        feed = publisher.url("/feed")
        publisher.answers["/feed"] = rss(ITEM.format(1, "Local"), ITEM.format(2, "Sport"))
        listed = tmp_path / "my.opml"
        listed.write_text(
            f"<opml><body><outline text='Coast'><outline xmlUrl='{feed}' fullText='feed'/>"
            "</outline></body></opml>"
        )
        onrecord("feeds", "import", str(listed))
        onrecord("feeds", "block", feed, "--section", "sport")
        onrecord("feeds", "poll", feed)
        gone = "<at:deleted-entry xmlns:at='http://purl.org/atompub/tombstones/1.0' ref='1'/>"
        publisher.answers["/feed"] = rss(gone, ITEM.format(3, "Local"))
        onrecord("feeds", "poll", feed)
        onrecord("feeds", "pause", feed)
        articles = onrecord.records("articles", "--category", "coast")
        shown = json.loads(onrecord("feeds", "show", feed).stdout)
    assert sorted((a["title"], a["revision"], a["withdrawn_at"] is not None) for a in articles) == [
        ("Pier 1", 1, False),
        ("Pier 1", 2, True),
        ("Pier 3", 1, False),
    ]
    assert (shown["feed"]["status"], shown["feed"]["blocked"]) == ("paused", 1)
    assert [(poll["new"], poll["edited"]) for poll in shown["polls"]] == [(1, 1), (1, 0)]
