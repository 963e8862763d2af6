"""Feeds over several rounds, through the installed command, read back through `subscribe`."""

from typing import Any

from tests.acceptance.conftest import (
    Onrecord,
    Publisher,
    offsets_are_right,
    story,
    texts_by_revision,
)
from tests.patience import PATIENCE_S


def test_every_article_is_on_record_exactly_once_with_every_offset_right(
    onrecord: Onrecord, publisher: Publisher
) -> None:
    stories = [story(publisher, number) for number in range(40)]
    publisher.feeds = {"north": stories[:12], "south": stories[8:20], "west": []}
    feeds = str(publisher.write_list(onrecord.folder / "feeds.txt"))

    onrecord("run", "--once", "--feeds", feeds)
    first = onrecord.records("articles")
    assert sorted(a["title"] for a in first) == sorted(s.title for s in stories[:20])

    onrecord("run", "--once", "--feeds", feeds)
    assert onrecord.records("articles") == first, "an unchanged feed publishes nothing"

    edited = story(publisher, 3, edition="corrected")
    publisher.feeds["north"] = [stories[20], *stories[:3], edited, *stories[4:12]]
    publisher.feeds["west"] = stories[21:40]
    onrecord("run", "--once", "--feeds", feeds)

    articles = onrecord.records("articles")
    extractions = onrecord.records("extractions")
    revisions = [a["revision"] for a in articles if a["title"] == edited.title]
    assert revisions == [1, 2]
    assert [a["title"] for a in articles if a["revision"] > 1] == [edited.title]
    (before, after) = [a for a in articles if a["title"] == edited.title]
    assert (before["supersedes"], after["supersedes"]) == (None, before["content_hash"])
    assert "corrected" in after["text"]

    published = texts_by_revision(articles)
    extracted = [(e["article"]["id"], e["article"]["revision"]) for e in extractions]
    assert len(articles) == 41
    assert sorted(extracted) == sorted(published)
    for extraction in extractions:
        reference = extraction["article"]
        assert offsets_are_right(extraction, published[reference["id"], reference["revision"]])


def test_quotes_have_their_speakers_by_full_name(onrecord: Onrecord, publisher: Publisher) -> None:
    publisher.feeds = {"north": [story(publisher, number) for number in range(10)]}
    onrecord("run", "--once", "--feeds", publisher.feed_url("north"))
    quotes = onrecord.records("quotes", "--type", "direct")
    speakers = {q["quote"]["content"][0]["text"]: q["quote"]["speaker"]["name"] for q in quotes}
    assert speakers["Pier 1 will open in May,"] == "Ove Holm"
    assert len(speakers) == 10
    lind = onrecord.records("quotes", "--speaker", "LIND mara", "--type", "direct")
    assert sorted(q["article"]["title"] for q in lind) == ["Pier 0 to open", "Pier 5 to open"]


def test_a_removed_feed_stays_removed_and_an_added_one_is_polled(
    onrecord: Onrecord, publisher: Publisher
) -> None:
    publisher.feeds = {"north": [story(publisher, 1)], "south": [story(publisher, 2)]}
    feeds = publisher.write_list(onrecord.folder / "feeds.txt")
    settings: dict[str, Any] = {"ONRECORD_FEEDS__LIST": str(feeds)}
    onrecord("feeds", "import", str(feeds))
    onrecord("feeds", "remove", publisher.feed_url("north"))
    onrecord("poll", "--once", **settings)
    assert [a["title"] for a in onrecord.records("articles")] == ["Pier 2 to open"]
    onrecord("feeds", "add", publisher.feed_url("north"))
    onrecord("poll", "--once", **settings)
    assert len(onrecord.records("articles")) == 2


def test_an_unreachable_feed_is_one_line_and_costs_the_others_nothing(
    onrecord: Onrecord, publisher: Publisher
) -> None:
    publisher.feeds = {"north": [story(publisher, 1)]}
    away = "http://127.0.0.1:1999/feed"
    done = onrecord("poll", "--once", "--feeds", publisher.feed_url("north"), "--feeds", away)
    lines = [line for line in done.stderr.splitlines() if away in line]
    assert len(lines) == 1
    assert "refused" in lines[0]
    assert len(onrecord.records("articles")) == 1


def test_two_polls_at_once_publish_every_article_once(
    onrecord: Onrecord, publisher: Publisher
) -> None:
    for name in range(12):
        shared = [story(publisher, 9000 + number) for number in range(5)]
        own = [story(publisher, 100 * name + number) for number in range(1, 6)]
        publisher.feeds[f"feed-{name}"] = own + shared
    feeds = str(publisher.write_list(onrecord.folder / "feeds.txt"))
    polls = [onrecord.start("poll", "--once", "--feeds", feeds) for _ in range(2)]
    assert [poll.wait(PATIENCE_S) for poll in polls] == [0, 0]
    titles = [article["title"] for article in onrecord.records("articles")]
    assert len(titles) == len(set(titles)) == 12 * 5 + 5
