"""Feed lists: what is read, what is refused with which line, and the way back out."""

from pathlib import Path
from urllib.parse import urljoin

import pytest

from onrecord.errors import FeedListError, Mistake
from onrecord.feeds.articles.claims import claims_of
from onrecord.feeds.feed_list import feed_from_url, read_feed_list
from onrecord.feeds.opml import to_opml
from onrecord.records import Feed

DEFAULT_LIST = Path(__file__).parents[2] / "config" / "feeds.opml"
NESTED = """<?xml version="1.0"?>
<opml version="1.1"><head><title>mine</title></head><body>
  <outline text="Coast"><outline text="Harbours">
    <outline type="rss" text="Harbour Post" language="en-GB"
      xmlUrl=" https://harbour.example/feed "/>
  </outline></outline>
  <outline title="Weekly Tide" xmlurl="http://tide.example/rss?a=1&amp;b=2"/>
  <outline text="A folder" type="folder"/>
  <outline text="Again" xmlUrl="HTTPS://Harbour.example/feed#top"/>
</body></opml>
"""


def feeds_of(path: Path) -> list[Feed]:
    """The feeds of a list without mistakes."""
    listed = read_feed_list(path)
    assert listed.faults == ()
    return list(listed.feeds)


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def fault_of(path: Path) -> FeedListError:
    """The mistake in a list: raised where it has no feed, else named."""
    try:
        listed = read_feed_list(path)
    except FeedListError as error:
        return error
    (fault,) = listed.faults
    return fault


def test_outlines_are_read_however_deep_and_each_feed_once(tmp_path: Path) -> None:
    assert feeds_of(written(tmp_path, "list.opml", NESTED)) == [
        Feed(
            url="https://harbour.example/feed",
            publisher="Harbour Post",
            language="en-GB",
            categories=("Coast/Harbours",),
            outlines={"A folder": {"type": "folder"}, "": {"title": "mine"}},
        ),
        Feed(url="http://tide.example/rss?a=1&b=2", publisher="Weekly Tide"),
    ]


def test_lines_are_read_with_comments(tmp_path: Path) -> None:
    text = "\ufeff# ours\nhttps://a.example/feed  # the good one\r\n\nhttp://b.example:8080/#x\n"
    assert feeds_of(written(tmp_path, "list.txt", text)) == [
        Feed(url="https://a.example/feed"),
        Feed(url="http://b.example:8080/#x"),
    ]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    feeds = [
        Feed(url="https://a.example/f?x=1&y=2", publisher='A "B" & <C>', language="en"),
        Feed(url="https://b.example/f"),
    ]
    assert feeds_of(written(tmp_path, "out.opml", to_opml(feeds))) == feeds


def test_control_characters_do_not_spoil_what_is_written(tmp_path: Path) -> None:
    feed = Feed(url="https://a.example/f", publisher="bell\x07\ud800")
    assert feeds_of(written(tmp_path, "out.opml", to_opml([feed])))[0].publisher == "bell"


def test_the_list_that_comes_with_onrecord_is_large_and_good() -> None:
    feeds = feeds_of(Path(__file__).parents[2] / "config" / "feeds.opml")
    assert len(feeds) >= 35
    assert len({feed.publisher for feed in feeds}) >= 30
    assert all(feed.url.startswith("https://") and feed.language for feed in feeds)


@pytest.mark.parametrize(
    ("name", "text", "line", "part"),
    [
        (
            "l.txt",
            "https://a.example/\nexample.org/feed\n",
            2,
            "did you mean https://example.org/feed?",
        ),
        ("l.txt", "feed://a.example/x", 1, "did you mean https://a.example/x?"),
        ("l.txt", "https://a.example/x two", 1, "there is a space in it"),
        ("l.txt", "https:///x", 1, "no host name"),
        ("l.txt", "https://a..example/x", 1, "a..example is not a host name"),
        ("l.txt", "https://a.example:99999/x", 1, "host or port"),
        ("l.txt", "https://[::1/x", 1, "host or port"),
        ("l.txt", "<opml>", 1, "name an OPML file .opml"),
        ("l.txt", b"https://a.example/\n\xff\xfe\n", 2, "not UTF-8"),
        ("l.txt", "# nothing\n", None, "names no feed"),
        ("l.opml", "<opml><body/></opml>", None, "names no feed"),
        ("l.opml", "<rss><channel/></rss>", None, "its outermost element is <rss>"),
        ("l.opml", "<opml>\n<body>\n</opml>", 3, "is not OPML"),
        ("l.opml", "", 1, "is not OPML"),
        ("l.opml", "<opml>\n<outline xmlUrl='nonsense'/>\n</opml>", 2, "'nonsense'"),
        ("l.opml", "<opml>\n\n<outline type='rss' text='x'/></opml>", 3, "without an xmlUrl"),
        ("l.xml", "<opml><outline xmlUrl='gopher://x/'/></opml>", 1, "https:// or http://"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_line(
    tmp_path: Path, name: str, text: str | bytes, line: int | None, part: str
) -> None:
    path = written(tmp_path, name, text)
    fault = fault_of(path)
    message = str(fault)
    assert part in message
    assert str(path) in message
    assert "\n" not in message
    assert (fault.file, fault.line) == (str(path), line)
    assert line is None or f"line {line}" in message


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FeedListError, match="there is no feed list"):
        feeds_of(tmp_path / "none.opml")
    with pytest.raises(FeedListError, match="directory"):
        feeds_of(tmp_path)


def test_entities_reach_no_file(tmp_path: Path) -> None:
    secret = written(tmp_path, "secret", "https://stolen.example/")
    evil = f"""<!DOCTYPE opml [<!ENTITY x SYSTEM "{secret.as_uri()}">]>
        <opml><body><outline xmlUrl="https://a.example/" text="a"/>&x;</body></opml>"""
    assert [feed.url for feed in feeds_of(written(tmp_path, "evil.opml", evil))] == [
        "https://a.example/"
    ]


def test_one_url_from_the_command_line() -> None:
    assert feed_from_url(" https://bücher.example/feed ") == Feed(url="https://bücher.example/feed")
    with pytest.raises(Mistake, match="must begin with https://"):
        feed_from_url("example.org")


# Where the articles of default feeds stand that do not come from the feed's own site.
ELSEWHERE = {
    "https://feeds.bbci.co.uk/news/rss.xml": ("https://www.bbc.com/news/articles/1",),
    "https://feeds.bbci.co.uk/news/world/rss.xml": (
        "https://www.bbc.co.uk/news/articles/1",
        "https://www.bbc.com/news/articles/1",
    ),
    "https://feeds.skynews.com/feeds/rss/world.xml": ("https://news.sky.com/story/1",),
    "https://abcnews.go.com/abcnews/internationalheadlines": (
        "https://abcnews.go.com/International/1",
        "https://abcnews.com/International/1",
    ),
}


def test_every_default_feed_has_a_claim_to_its_articles() -> None:
    feeds = {feed.url: feed for feed in feeds_of(DEFAULT_LIST)}
    assert feeds.keys() >= ELSEWHERE.keys()
    for url, feed in feeds.items():
        claims = claims_of([url], feed.claims, ())
        for article in ELSEWHERE.get(url, (urljoin(url, "/article"),)):
            assert claims.to(article) is not None, article


def test_the_time_zone_of_a_feed_is_read_and_written(tmp_path: Path) -> None:
    feed = Feed(url="https://a.example/f", time_zone="Asia/Shanghai")
    file = tmp_path / "feeds.opml"
    file.write_text(to_opml([feed]))
    assert feeds_of(file)[0].time_zone == "Asia/Shanghai"
    file.write_text(to_opml([feed]).replace("Asia/Shanghai", "asia/shanghai"))
    assert feeds_of(file)[0].time_zone == "Asia/Shanghai"
    file.write_text(to_opml([feed]).replace("Shanghai", "Atlantis"))
    with pytest.raises(FeedListError, match=r"line .: there is no time zone 'Asia/Atlantis'"):
        feeds_of(file)


def test_claims_of_a_list_are_read_and_written(tmp_path: Path) -> None:
    feed = Feed(url="https://a.example/f", claims=("b.example", "c.example"))
    file = tmp_path / "feeds.opml"
    file.write_text(to_opml([feed]))
    assert feeds_of(file)[0].claims == feed.claims


def test_a_claim_that_is_no_domain_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    file.write_text(to_opml([Feed(url="https://a.example/f", claims=("not a domain/",))]))
    with pytest.raises(FeedListError, match=r"line .: claims: 'not' is not a domain"):
        feeds_of(file)


def test_a_host_that_no_registrar_would_take_is_refused() -> None:
    with pytest.raises(Mistake, match="its host or port cannot be used"):
        feed_from_url("http://xn--a/feed")
