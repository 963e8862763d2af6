"""What feeds answered is kept as it came, and read again gives the same articles."""

from pathlib import Path
from typing import Any

from tests.acceptance.conftest import Onrecord, Publisher, story

FIELDS = ("id", "feed", "url", "title", "text", "published_at", "content_hash")


def told(articles: list[dict[str, Any]]) -> list[list[Any]]:
    return sorted([article[field] for field in FIELDS] for article in articles)


def test_what_was_kept_gives_the_same_articles_when_it_is_imported(
    publisher: Publisher, tmp_path: Path
) -> None:
    publisher.feeds["strand"] = [story(publisher, number) for number in range(3)]
    listed = publisher.write_list(tmp_path / "feeds.txt")
    folders = (tmp_path / "polled", tmp_path / "imported")
    for folder in folders:
        folder.mkdir()
    polled, imported = map(Onrecord, folders)
    kept: dict[str, Any] = {"ONRECORD_FEEDS__KEEP_ANSWERS": str(tmp_path / "kept")}
    for _ in range(2):  # the second brings nothing new, and nothing is kept of it
        polled("poll", "--once", "--feeds", str(listed), **kept)
    publisher.feeds["strand"].append(story(publisher, 3))
    polled("poll", "--once", "--feeds", str(listed), **kept)
    archives = sorted((tmp_path / "kept").iterdir())
    assert len(archives) == 2, "one for each process that had something to keep"
    imported("import", *map(str, archives))
    assert told(imported.records("articles")) == told(polled.records("articles"))


def test_a_poll_whose_document_cannot_be_kept_fails_and_says_so(
    publisher: Publisher, onrecord: Onrecord
) -> None:
    publisher.feeds["strand"] = [story(publisher, 1)]
    listed = publisher.write_list(onrecord.folder / "feeds.txt")
    (onrecord.folder / "kept").write_text("a file, not a folder")
    onrecord("poll", "--once", "--feeds", str(listed), ONRECORD_FEEDS__KEEP_ANSWERS="kept")
    assert onrecord.records("articles") == []
    assert "cannot be kept (keep_answers): File exists" in onrecord("feeds", "list").stdout
