"""OPML as people have it: read however it was written, and written without loss."""

from pathlib import Path

import pytest
from lxml import etree

from onrecord.feeds.categories import category_of, is_within, names_in
from onrecord.feeds.feed_list import FeedList, read_feed_list
from onrecord.feeds.opml import to_opml
from onrecord.records import Feed, FeedRule


def read(folder: Path, text: str | bytes) -> FeedList:
    file = folder / "list.opml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_feed_list(file)


def outline(number: int, **attributes: str) -> str:
    given = {"xmlUrl": f"https://{number}.example/feed", "text": f"Paper {number}"} | attributes
    return "<outline " + " ".join(f"{name}='{value}'" for name, value in given.items()) + "/>"


def test_one_bad_outline_of_many_is_named_and_passed_over(tmp_path: Path) -> None:
    outlines = [outline(number) for number in range(300)]
    outlines[117] = outline(117, xmlUrl="not a url")
    listed = read(tmp_path, "<opml><body>\n" + "\n".join(outlines) + "</body></opml>")
    assert len(listed.feeds) == 299
    (fault,) = listed.faults
    assert fault.line == 119
    assert "line 119: 'not a url' is not a feed's URL" in str(fault)


@pytest.mark.parametrize(
    ("written", "url", "name"),
    [
        ("xmlUrl='https://a.example/?a=1&b=2' text='Fish & Chips'",
         "https://a.example/?a=1&b=2", "Fish & Chips"),
        ("xmlUrl='https://a.example/f' text='R&D &amp; caf&eacute;'",
         "https://a.example/f", "R&D & café"),
        ("xmlUrl='https://a.example/f' text='bell \x07'", "https://a.example/f", "bell"),
        ("xmlUrl='https://a.example/f' text='1 < 2'", "https://a.example/f", "1 < 2"),
    ],
)  # fmt: skip
def test_what_is_not_escaped_is_read_as_it_was_meant(
    tmp_path: Path, written: str, url: str, name: str
) -> None:
    listed = read(tmp_path, f"<?xml version='1.0'?><opml><body><outline {written}/></body></opml>")
    assert [(feed.url, feed.publisher) for feed in listed.feeds] == [(url, name)]
    assert listed.faults == ()


def test_a_list_that_breaks_off_gives_what_it_has_and_says_so(tmp_path: Path) -> None:
    listed = read(tmp_path, f"<opml><body>{outline(1)}\n{outline(2)}\n<outline text=")
    assert [feed.url for feed in listed.feeds] == [
        "https://1.example/feed",
        "https://2.example/feed",
    ]
    assert "is not OPML" in str(listed.faults[0])


def test_a_list_in_an_old_encoding_is_read(tmp_path: Path) -> None:
    text = f"<opml><body>{outline(1, text='Le Café')}</body></opml>".encode("cp1252")
    assert read(tmp_path, text).feeds[0].publisher == "Le Café"


def test_a_feed_in_two_folders_is_one_feed_with_both_categories(tmp_path: Path) -> None:
    text = (
        "<opml><body><outline text='World'><outline text='Asia'>"
        f"{outline(1)}</outline></outline><outline text='TV/Radio'>"
        f"{outline(1, xmlUrl='https://1.example:443/feed#x')}</outline></body></opml>"
    )
    (feed,) = read(tmp_path, text).feeds
    assert feed.categories == ("World/Asia", "TV//Radio")
    assert read(tmp_path, to_opml([feed])).feeds == (feed,)


def test_urls_with_and_without_a_slash_are_one_feed(tmp_path: Path) -> None:
    text = "".join(outline(1, xmlUrl=url) for url in ("http://x.example", "http://X.example:80/"))
    assert len(read(tmp_path, f"<opml><body>{text}</body></opml>").feeds) == 1


def test_nothing_is_lost_on_the_way_through_a_list(tmp_path: Path) -> None:
    feeds = (
        Feed(
            url="https://a.example/f",
            publisher="Harbour Post",
            title="Harbour Post: World",
            language="en",
            categories=("News/World", "Morning"),
            attributes={
                "htmlUrl": "https://a.example/",
                "description": "All & more",
                "{https://freshrss.org/opml}cssFullContent": "div.story",
            },
            claims=("b.example",),
            time_zone="Asia/Shanghai",
            full_text="page",
            interval_s=1800.0,
            user_agent="Mozilla/5.0",
            proxy="http://proxy.example:3128",
            paused=True,
            rules=(
                FeedRule(action="keep", of="section", pattern="World"),
                FeedRule(action="block", of="words", pattern="horoscope"),
                FeedRule(action="block", of="url", pattern="/(sport|live)/"),
            ),
        ),
        Feed(url="https://b.example/f", categories=("News",)),
        Feed(url="https://c.example/f", publisher="Tide"),
    )
    written = to_opml(feeds)
    listed = read(tmp_path, written)
    assert listed.faults == ()
    assert {feed.url: feed for feed in listed.feeds} == {feed.url: feed for feed in feeds}
    assert to_opml(listed.feeds) == written


def test_what_stands_beside_the_feeds_of_a_list_comes_back(tmp_path: Path) -> None:
    text = (
        "<opml version='2.0' xmlns:x='https://x.example/'><head><title>My feeds</title>"
        "<ownerName>Ann</ownerName><x:theme>dark</x:theme></head><body>"
        "<outline text='World' x:colour='red' isOpen='true'><outline text='Asia' title='All Asia'>"
        f"{outline(1, type='atom', created='2020-01-01')}</outline>"
        "<outline text='Empty'/></outline>"
        "<outline text='Later' category='x'/>"
        "<outline text='Site' type='link' url='https://s.example/'/>"
        f"{outline(2)}</body></opml>"
    )
    listed = read(tmp_path, text)
    assert listed.faults == ()
    written = to_opml(listed.feeds)
    root = etree.fromstring(written.encode())
    assert [(each.tag, each.text) for each in root.iterfind("head/*")] == [
        ("title", "My feeds"),
        ("ownerName", "Ann"),
        ("{https://x.example/}theme", "dark"),
    ]
    named = {each.get("text"): dict(each.attrib) for each in root.iter("outline")}
    assert named["World"] == {
        "text": "World", "title": "World", "{https://x.example/}colour": "red", "isOpen": "true",
    }  # fmt: skip
    assert named["Asia"]["title"] == "All Asia"
    assert (named["Paper 1"]["type"], named["Paper 1"]["created"]) == ("atom", "2020-01-01")
    assert [each.get("text") for each in root.iterfind("body/outline[@text='World']/outline")] == [
        "Asia",
        "Empty",
    ]
    assert named["Later"]["category"] == "x"
    assert named["Site"]["url"] == "https://s.example/"
    assert to_opml(read(tmp_path, written).feeds) == written


def test_secrets_of_other_readers_are_left_out_and_named(tmp_path: Path) -> None:
    text = (
        "<opml xmlns:frss='https://freshrss.org/opml'><body>"
        + outline(
            1,
            **{"frss:CURLOPT_COOKIE": "sid=hunter2", "httpPassword": "hunter2"},
            htmlUrl="https://ann:hunter2@1.example/?token=hunter2",
        )
        + "</body></opml>"
    )
    listed = read(tmp_path, text)
    assert len(listed.feeds) == 1
    assert "CURLOPT_COOKIE, httpPassword of https://1.example/feed" in str(listed.faults[0])
    assert "hunter2" not in f"{listed}{listed.faults[0]}{to_opml(listed.feeds)}"


def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    text = "".join((outline(1), outline(2, interval="2 weeks"), outline(3, block="mood:sunny")))
    listed = read(tmp_path, f"<opml><body>{text}</body></opml>")
    assert len(listed.feeds) == 1
    assert "interval '2 weeks'" in str(listed.faults[0])
    assert "a rule is about words, section, author, url" in str(listed.faults[1])


@pytest.mark.parametrize(
    ("category", "asked", "expected"),
    [
        ("World/Asia", "world", True),
        ("World/Asia", "Asia", True),
        ("World/Asia", "world/asia", True),
        ("World/Asia", "Asia/World", False),
        ("Worldwide", "World", False),
        ("TV//Radio", "TV/Radio", True),
        ("TV//Radio", "TV", False),
        ("World", "", False),
    ],
)
def test_a_category_holds_those_within_it(category: str, asked: str, expected: bool) -> None:
    assert is_within(category, asked) is expected


def test_a_folders_name_comes_back_as_it_was() -> None:
    names = ["News", "TV/Radio", "R&D"]
    assert list(names_in(category_of(names))) == names
