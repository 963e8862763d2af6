"""What a person sets for one feed, and what follows: rules, secrets, archives, withdrawals."""

from datetime import timedelta

from msgspec.structs import replace

from onrecord.feeds.feed_settings import checked_rule
from onrecord.records import Feed, FeedState
from tests.feeds.polling.test_poller import NOW, Polling
from tests.feeds.publisher import Publisher
from tests.http_server import Answer

PAGE = """<html><head><meta property="article:section" content="Harbours"></head><body><article>
<h1>Pier {0}</h1>{1}</article></body></html>"""
PROSE = "<p>Pier {0} will open in May, harbour master Mara Lind said on Monday in Skelm.</p>"


def item(number: int, *more: str, page: str = "") -> str:
    link = f"<link>{page}</link>" if page else ""
    return (
        f"<item><guid isPermaLink='false'>g{number}</guid><title>Pier {number}</title>{link}"
        f"<description>Pier {number} will open in May.</description>{''.join(more)}</item>"
    )


def rss(*items: str, head: str = "") -> Answer:
    space = "xmlns:atom='http://www.w3.org/2005/Atom'"
    channel = f"<channel><title>T</title>{head}{''.join(items)}</channel>"
    return Answer(f"<rss version='2.0' {space}>{channel}</rss>".encode())


def polling_of(feed: Feed) -> Polling:
    polling = Polling(feed.url, usual_interval_s=0, shortest_interval_s=0)
    polling.ledger.subscriptions[feed.url] = feed
    return polling


def titles(polling: Polling) -> list[str]:
    return [article.title for article in polling.ledger.articles]


def test_what_rules_block_is_not_published_and_counted_once(publisher: Publisher) -> None:
    sport = "<category>Sport</category>"
    publisher.answers["/feed"] = rss(item(1, sport), item(2), item(3, sport))
    feed = Feed(
        url=publisher.url("/feed"),
        categories=("Coast",),
        rules=(checked_rule("block", "section", "sport"),),
    )
    polling = polling_of(feed)
    polling.once()
    publisher.answers["/feed"] = rss(item(1, sport), item(2), item(4, sport))
    polling.once()
    assert titles(polling) == ["Pier 2"]
    assert polling.ledger.articles[0].feed_categories == ("Coast",)
    state = polling.ledger.states[feed.url]
    assert state.blocked == 3
    blocked = {(entry.title, entry.rule) for entry in state.blocked_entries}
    assert blocked == {(f"Pier {n}", "block section: sport") for n in (1, 3, 4)}
    assert [note.blocked for note in state.history] == [1, 2]


def test_a_feed_is_read_with_what_is_its_own(publisher: Publisher) -> None:
    page = publisher.url("/page")
    publisher.answers |= {
        "/robots.txt": Answer(b"", 404),
        "/page": Answer(
            PAGE.format(1, PROSE.format(1) * 4).encode(), headers={"Content-Type": "text/html"}
        ),
        "/feed": rss(item(1, page=page)),
    }
    feed = Feed(
        url=publisher.url("/feed"), full_text="page", user_agent="Mine/1", claims=("127.0.0.1",)
    )
    polling = polling_of(feed)
    polling.once()
    (article,) = polling.ledger.articles
    assert (article.text_from, article.sections) == ("page", ("Harbours",))
    agents = {request.headers.get("User-Agent") for request in publisher.requests}
    assert agents == {"Mine/1"}


def test_the_archive_of_a_feed_is_read_once_when_asked(publisher: Publisher) -> None:
    def older(path: str) -> str:
        return f"<atom:link rel='prev-archive' href='{publisher.url(path)}'/>"

    publisher.answers |= {
        "/feed": rss(item(9), head=older("/2")),
        "/2": rss(item(8), item(7), head=older("/1")),
        "/1": rss(item(6), head=older("/2")),
    }
    feed = Feed(url=publisher.url("/feed"))
    polling = polling_of(feed)
    polling.once()
    assert titles(polling) == ["Pier 9"]
    polling.now += timedelta(seconds=1)
    polling.ledger.subscriptions[feed.url] = replace(feed, fill_at=polling.now)
    polling.once()
    polling.now += timedelta(seconds=1)
    polling.once()
    assert titles(polling) == ["Pier 9", "Pier 8", "Pier 7", "Pier 6"]
    state = polling.ledger.states[feed.url]
    assert (state.archive_next, state.entries) == (None, 1)
    assert publisher.asked("/1") == 1


def test_what_is_withdrawn_is_marked_on_the_record_once(publisher: Publisher) -> None:
    page = publisher.url("/page")
    publisher.answers |= {
        "/robots.txt": Answer(b"", 404),
        "/page": Answer(b"", 410),
        "/feed": rss(item(1), item(2, page=page)),
    }
    feed = Feed(url=publisher.url("/feed"), full_text="feed", claims=("127.0.0.1",))
    polling = polling_of(feed)
    polling.once()
    gone = "<at:deleted-entry xmlns:at='http://purl.org/atompub/tombstones/1.0' ref='g1'/>"
    publisher.answers["/feed"] = rss(item(2, page=page), head=gone)
    polling.once()
    polling.now += timedelta(seconds=1)
    asked = replace(feed, refetch_at=polling.now, refetch_since=NOW, full_text="page")
    polling.ledger.subscriptions[feed.url] = asked
    polling.once()
    polling.now += timedelta(seconds=1)
    polling.ledger.subscriptions[feed.url] = replace(asked, refetch_at=polling.now)
    polling.once()
    marks = [article for article in polling.ledger.articles if article.withdrawn_at]
    assert [(mark.title, mark.revision, mark.withdrawn_why) for mark in marks] == [
        ("Pier 1", 2, "its feed says that it is deleted"),
        ("Pier 2", 2, "its page: HTTP 410 Gone"),
    ]
    assert marks[0].text == "Pier 1 will open in May."
    assert len(polling.ledger.articles) == 4


def test_a_news_sitemap_is_a_feed(publisher: Publisher) -> None:
    publisher.answers["/news.xml"] = Answer(
        b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>
        <loc>https://e.com/pier</loc><news:news><news:publication>
        <news:name>Harbour Post</news:name>
        <news:language>en</news:language></news:publication>
        <news:publication_date>2026-11-15T10:00:00Z</news:publication_date>
        <news:title>Pier &amp; quay</news:title><news:keywords>Skelm, Trade</news:keywords>
        </news:news></url><url><loc>https://e.com/about</loc></url></urlset>"""
    )
    feed = Feed(url=publisher.url("/news.xml"), full_text="feed", claims=("e.com",))
    polling = polling_of(feed)
    polling.once()
    (article,) = polling.ledger.articles
    assert (article.title, article.url, article.publisher, article.language) == (
        "Pier & quay", "https://e.com/pier", "Harbour Post", "en",
    )  # fmt: skip
    assert article.categories == ("Skelm", "Trade")
    assert article.published_at is not None


def test_a_paused_feed_is_not_asked_until_a_person_wants_it(publisher: Publisher) -> None:
    publisher.answers["/feed"] = rss(item(1))
    feed = Feed(url=publisher.url("/feed"), paused=True)
    polling = polling_of(feed)
    assert polling.once() == {}
    polling.ledger.subscriptions[feed.url] = replace(feed, poll_at=polling.now)
    assert len(polling.once()) == 1
    assert polling.once() == {}


def test_a_feed_that_is_gone_is_asked_once_a_week(publisher: Publisher) -> None:
    publisher.answers["/feed"] = Answer(b"", 410)
    polling = Polling(publisher.url("/feed"))
    url = publisher.url("/feed")
    polls = 0
    while polling.ledger.states[url].interval_s != 7 * 86_400:
        polls += 1
        assert polls < 20
        polling.once()
        state: FeedState = polling.ledger.states[url]
        assert state.next_poll_at is not None
        polling.now = state.next_poll_at
    assert state.failing_since == NOW
    assert polling.now - NOW > timedelta(days=7)
    assert polling.ledger.states[url].why == f"it is gone, failed {state.failures} times in a row"
    polling.now -= timedelta(seconds=1)
    assert polling.once() == {}


def test_a_feed_that_was_moved_is_asked_there_without_the_old_validators(
    publisher: Publisher,
) -> None:
    publisher.answers |= {
        "/old": Answer(rss(item(1)).body, headers={"ETag": '"1"'}),
        "/new": rss(item(1), item(2)),
    }
    feed = Feed(url=publisher.url("/old"))
    polling = polling_of(feed)
    polling.once()
    polling.now += timedelta(seconds=1)
    moved = replace(feed, address=publisher.url("/new"), poll_at=polling.now)
    polling.ledger.subscriptions[feed.url] = moved
    polling.once()
    assert publisher.requests[-1].path == "/new"
    assert "If-None-Match" not in publisher.requests[-1].headers
    assert titles(polling) == ["Pier 1", "Pier 2"]
    assert {article.feed for article in polling.ledger.articles} == {feed.url}
