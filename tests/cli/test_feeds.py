"""The feeds of a person: added, looked at, ordered and asked by commands."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from onrecord.cli.feeds.adding import numbers_in
from onrecord.cli.feeds.naming import as_url
from tests.cli.conftest import Run
from tests.feeds.publisher import Publisher
from tests.http_server import Answer

ITEM = "<item><guid>{0}</guid><title>Pier {0}</title><link>https://x.example/{0}</link></item>"


def rss(title: str, *entries: str) -> Answer:
    items = "".join(map(ITEM.format, entries))
    channel = f"<channel><title>{title}</title>{items}</channel>"
    return Answer(f"<rss version='2.0'>{channel}</rss>".encode())


def page(*paths: str) -> Answer:
    links = "".join(f"<link rel=alternate type='application/rss+xml' href='{p}'>" for p in paths)
    return Answer(f"<html><head><title>Site</title>{links}</head></html>".encode())


@pytest.fixture
def publisher(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.setenv("ONRECORD_FEEDS__ALLOW_ADDRESSES", "127.0.0.0/8")
    monkeypatch.setenv("ONRECORD_FEEDS__HOST_SPACING_S", "0")
    monkeypatch.setenv("ONRECORD_FEEDS__FULL_TEXT", "feed")
    monkeypatch.setenv("ONRECORD_FEEDS__READERS", "1")
    with Publisher() as serving:
        yield serving


def listed(run: Run, *options: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in run("feeds", "list", *options).out.splitlines()]


def publishers(run: Run, *options: str) -> list[str]:
    return [each["publisher"] for each in listed(run, *options)]


def test_each_url_is_looked_at_once_before_it_is_followed(run: Run, publisher: Publisher) -> None:
    publisher.answers |= {
        "/news": rss("Harbour Post", "1", "2"),
        "/": page("/a.xml", "/b.xml"),
        "/a.xml": rss("World", "1"),
        "/b.xml": rss("Sport", "1"),
        "/nothing": Answer(b"<html><title>Nothing</title></html>"),
        "/busy": Answer(b"", 503),
    }
    paths = ("/news", "/", "/nothing", "/missing", "/busy")
    done = run("feeds", "add", *map(publisher.url, paths))
    assert done.code == 1
    feed, site, nothing, missing, busy = map(publisher.url, paths)
    assert f"{feed}: Harbour Post, 2 entries" in done.err
    assert f"{site} is a page that names 2 feeds:" in done.err
    assert f"  1  {publisher.url('/a.xml')}  (World, 1 entry)" in done.out
    assert f'{nothing} is not followed: this is an HTML page, not a feed: "Nothing"' in done.err
    assert f"{missing} is not followed: HTTP 404 Not Found; --unseen" in done.err
    assert f"{busy}: HTTP 503 Service Unavailable; it is followed" in done.err
    assert done.err.endswith("2 feeds added\n")
    assert publisher.asked("/news") == publisher.asked("/") == 1
    done = run("feeds", "add", site, "--all", "--category", "Skelm/Local")
    assert done.code == 0
    assert "2 feeds added" in done.err
    named = {each["url"]: each["categories"] for each in listed(run)}
    assert named == {
        feed: [],
        busy: [],
        publisher.url("/a.xml"): ["Skelm/Local"],
        publisher.url("/b.xml"): ["Skelm/Local"],
    }
    assert "1 feed added" in run("feeds", "add", missing, "--unseen").err


@pytest.mark.parametrize("command", ["add", "check"])
def test_a_word_that_is_neither_a_url_nor_a_file_is_named_with_what_is_right(
    run: Run, url: str, command: str
) -> None:
    done = run("feeds", command, "guardian")
    assert done.code == 2
    assert done.err == (
        "onrecord: 'guardian' is neither a URL nor a file: give the address of a feed or of a "
        "site, as in example.org\n"
    )
    assert "there is no feed list my.opml" in run("feeds", command, "my.opml").err


def test_a_feed_is_polled_now_and_its_polls_are_shown(run: Run, publisher: Publisher) -> None:
    publisher.answers |= {"/": page("/a.xml"), "/a.xml": rss("World", "1", "2")}
    site, feed = publisher.url("/"), publisher.url("/a.xml")
    run("feeds", "add", site, feed, "--unseen")
    run("feeds", "pause", feed)
    done = run("feeds", "poll", feed, site)
    assert done.code == 1
    assert f"{feed}: 2 new articles\n" in done.out
    assert f'{site}: this is an HTML page, not a feed: "Site"; its feeds: {feed}' in done.out
    assert {each["url"]: each["status"] for each in listed(run)} == {
        feed: "paused",
        site: "failing",
    }
    assert [each["url"] for each in listed(run, "--failing")] == [site]
    shown = json.loads(run("feeds", "show", feed).out)
    assert [(poll["status"], poll["new"]) for poll in shown["polls"]] == [(200, 2)]
    pretty = run("feeds", "show", feed, "--format", "pretty").out
    assert "last polls" in pretty
    assert "2 new" in pretty
    checked = run("feeds", "check", site)
    assert f"its feeds: {feed}" in checked.out


def test_secrets_reach_the_server_and_nothing_else(run: Run, publisher: Publisher) -> None:
    publisher.answers["/feed"] = rss("Tide", "1")
    feed = publisher.url("/feed")
    Path("cookies.txt").write_text("sid=hunter2\n")
    Path("headers.txt").write_text("X-Key: hunter2\n")
    Path("user.txt").write_text("ann:hunter2\n")
    Path("my.opml").write_text(
        f"<opml><body><outline xmlUrl='{feed}' cookiesFrom='cookies.txt'/></body></opml>"
    )
    said = [run("feeds", "import", "my.opml")]
    said.append(
        run("feeds", "set", feed, "--headers-from", "headers.txt", "--credentials-from", "user.txt")
    )
    said.append(run("feeds", "poll", feed))
    (sent,) = [request.headers for request in publisher.requests if request.path == "/feed"]
    assert (sent["Cookie"], sent["X-Key"]) == ("sid=hunter2", "hunter2")
    assert sent["Authorization"].startswith("Basic ")
    said += [run("feeds", "show", feed, "--format", form) for form in ("json", "pretty")]
    said += [run("feeds", "list"), run("feeds", "export"), run("feeds", "check", feed)]
    assert all("hunter2" not in each.out + each.err for each in said)
    assert all(b"hunter2" not in file.read_bytes() for file in Path().glob("log.db*"))
    assert listed(run)[0]["secrets"] == ["cookies", "credentials", "headers"]
    assert 'cookiesFrom="cookies.txt"' in run("feeds", "export").out
    run("feeds", "set", feed, "--clear", "cookies", "--clear", "headers", "--clear", "credentials")
    run("feeds", "poll", feed)
    assert "Cookie" not in publisher.requests[-1].headers
    assert "hunter2" not in Path("data/private.json").read_text()


def test_a_list_of_fifty_fits_eighty_columns_with_names_apart(run: Run, url: str) -> None:
    outlines = "".join(
        f"<outline text='The Harbour Post and Evening Tide of Skelm' "
        f"xmlUrl='https://feeds.harbour-post.example/sections/region-{n}/latest/index.xml'/>"
        for n in range(50)
    )
    Path("my.opml").write_text(f"<opml><body>{outlines}<outline xmlUrl='x'/></body></opml>")
    done = run("feeds", "import", "my.opml")
    assert done.code == 0
    assert "passed over: my.opml line 1: 'x' is not a feed's URL" in done.err
    lines = run("feeds", "list", "--format", "pretty").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) == 52
    assert len({line[:35] for line in lines[1:51]}) == 50
    assert lines[-1] == "50 feeds: 50 new"


def test_a_feed_is_ordered_and_its_articles_are_found_so(run: Run, publisher: Publisher) -> None:
    item = "<item><guid>{0}</guid><title>{0}</title><category>{1}</category></item>"
    items = item.format("Pier", "Local") + item.format("Match", "Sport")
    publisher.answers["/feed"] = Answer(f"<rss><channel>{items}</channel></rss>".encode())
    feed = publisher.url("/feed")
    run("feeds", "add", feed, "--unseen", "--category", "Inbox")
    run("feeds", "categorise", feed, "--category", "Coast/North", "--remove", "Inbox")
    run(
        "feeds",
        "set",
        feed,
        "--publisher",
        "Harbour Post",
        "--title",
        "My pier",
        "--interval",
        "1h",
    )
    run("feeds", "block", feed, "--section", "sport")
    run("feeds", "poll", feed)
    (shown,) = listed(run)
    assert (shown["name"], shown["publisher"], shown["interval_s"] // 3600) == (
        "My pier", "Harbour Post", 1,
    )  # fmt: skip
    assert (shown["categories"], shown["blocked"]) == (["Coast/North"], 1)
    read = ("subscribe", "articles", "--from", "earliest", "--until", "end", "--fields", "title")
    assert run(*read, "--category", "coast").out == '{"title":"Pier"}\n'
    assert run(*read, "--category", "Local", "--section", "local").out == '{"title":"Pier"}\n'
    assert run(*read, "--section", "Sport").out == ""
    assert "Match  (block section: sport)" in run("feeds", "show", feed, "--format", "pretty").out
    assert run("feeds", "rules", feed, "--remove", "2").err.startswith("onrecord: --remove 2")
    run("feeds", "rules", feed, "--remove", "1")
    assert "no rules" in run("feeds", "rules", feed).out


def test_a_withdrawn_article_is_marked_on_the_record(run: Run, publisher: Publisher) -> None:
    feed = publisher.url("/feed")
    publisher.answers["/feed"] = rss("Tide", "1", "2")
    run("feeds", "add", feed, "--unseen")
    run("feeds", "poll", feed)
    gone = "<at:deleted-entry xmlns:at='http://purl.org/atompub/tombstones/1.0' ref='1'/>"
    item = ITEM.format("2")
    publisher.answers["/feed"] = Answer(f"<rss><channel>{gone}{item}</channel></rss>".encode())
    run("feeds", "poll", feed)
    read = ("subscribe", "articles", "--from", "earliest", "--until", "end")
    shown = run(*read, "--fields", "title,revision,withdrawn_why").out.splitlines()
    mark = '{"title":"Pier 1","revision":2,"withdrawn_why":"its feed says that it is deleted"}'
    assert [line for line in shown if '"revision":2' in line] == [mark]


def test_feeds_are_found_by_word_category_and_order(run: Run, url: str) -> None:
    Path("my.opml").write_text(
        "<opml><body><outline text='World'><outline text='Asia'>"
        "<outline text='Tide' xmlUrl='https://b.example/f'/></outline></outline>"
        "<outline text='Post' xmlUrl='https://a.example/tidings'/>"
        "<outline text='Anvil' xmlUrl='https://c.example/f'/></body></opml>"
    )
    run("feeds", "import", "my.opml")
    assert publishers(run) == publishers(run, "--silent", "30") == ["Anvil", "Post", "Tide"]
    assert publishers(run, "tid") == ["Post", "Tide"]
    assert publishers(run, "--category", "asia") == ["Tide"]
    assert "none of 3 feeds" in run("feeds", "list", "nowhere", "--format", "pretty").out


def test_a_feed_is_named_as_people_type_it(run: Run, url: str) -> None:
    run("feeds", "add", "https://a.example", "--unseen")
    assert "0 feeds added, 1 followed before" in run("feeds", "add", "https://A.example/").err
    assert run("feeds", "pause", "a.example").err == "https://a.example paused\n"
    moved = run("feeds", "move", "https://a.example/", "https://new.example/feed")
    assert moved.err == "https://a.example is asked at https://new.example/feed from now on\n"
    assert "followed before" in run("feeds", "add", "https://new.example/feed").err
    assert 'xmlUrl="https://new.example/feed"' in run("feeds", "export").out
    assert run("feeds", "remove", "https://a.example/").err == "1 feed removed\n"


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("example.org/feed.xml", "https://example.org/feed.xml"),
        ("feed://example.org/x", "https://example.org/x"),
        ("feed:https://example.org/x", "https://example.org/x"),
        ("localhost:8000/x", "https://localhost:8000/x"),
        ("http://example.org", "http://example.org"),
        ("my.opml", "my.opml"),
        ("lists/my.opml", "lists/my.opml"),
    ],
)
def test_urls_are_taken_as_people_write_them(typed: str, url: str) -> None:
    assert as_url(typed) == url


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [
        ("1 3", [1, 3]),
        ("2-4, 1", [2, 3, 4, 1]),
        ("all", [1, 2, 3, 4]),
        ("none", []),
        ("", []),
        ("5", None),
        ("0", None),
        ("one", None),
        ("1-999999999999", None),
        ("3-", None),
    ],
)
def test_feeds_are_chosen_by_number(answer: str, numbers: list[int] | None) -> None:
    assert numbers_in(answer, 4) == numbers
