"""Hubs: found, subscribed to, renewed, believed only when they sign; and polling goes on."""

import asyncio
import hmac
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode
from urllib.request import Request, urlopen

import pytest
from msgspec.structs import replace

from onrecord.errors import Mistake
from onrecord.feeds.decisions.websub import (
    WebSubPolicy,
    asked,
    confirmed,
    denial,
    is_signed,
    is_subscription_due,
    lease_confirmed_s,
    links_in_headers,
    with_links,
)
from onrecord.feeds.parsing.entry import HubLinks
from onrecord.feeds.parsing.parse import parse_feed
from onrecord.records import FeedState, Push
from tests.feeds.polling.test_poller import Polling
from tests.feeds.publisher import Publisher
from tests.http_server import Answer
from tests.patience import PATIENCE_S
from tests.ports import free_ports

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
URL = "https://harbour.example/feed"
HUB = Push(hub="https://hub.example/", topic=URL)
DAY = timedelta(days=1)


# ── finding the hub ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ('<https://hub.example/>; rel="hub", <https://a.example/f>; rel=self',
         HubLinks("https://hub.example/", "https://a.example/f")),
        ('</hub>;title="a, b";rel="x HUB"', HubLinks("https://harbour.example/hub", URL)),
        ("<https://hub.example/>; rel=alternate", None),
        ("<ftp://hub.example/>; rel=hub", None),
        ("nonsense", None),
    ],
)  # fmt: skip
def test_a_hub_is_found_in_headers(link: str, found: HubLinks | None) -> None:
    assert links_in_headers([("Server", "x"), ("Link", link)], URL) == found


RSS_WITH_HUB = """<rss xmlns:a="http://www.w3.org/2005/Atom"><channel><title>T</title>
<a:link rel="hub" href="/hub"/><a:link href="https://h.example/f?a&amp;b" rel="self"/>
<item><title>t</title></item></channel></rss>"""
JSON_WITH_HUB = """{"version": "https://jsonfeed.org/version/1.1", "items": [],
"feed_url": "https://h.example/f?a&b",
"hubs": [{"type": "rssCloud", "url": "x"}, {"type": "WebSub", "url": "/hub"}]}"""


@pytest.mark.parametrize("document", [RSS_WITH_HUB, JSON_WITH_HUB])
def test_a_hub_is_found_in_documents(document: str) -> None:
    parsed = parse_feed(document.encode(), url=URL)
    assert (parsed.hub, parsed.itself) == (
        "https://harbour.example/hub",
        "https://h.example/f?a&b",
    )


def test_a_feed_that_names_another_hub_or_none_forgets_the_one_it_had() -> None:
    links = HubLinks(HUB.hub, HUB.topic)
    subscribed = replace(HUB, until=NOW, secret="s")
    assert with_links(subscribed, links) == subscribed
    assert with_links(subscribed, HubLinks("https://other.example/", URL)) == Push(
        hub="https://other.example/", topic=URL
    )
    assert with_links(subscribed, None) is None


# ── leases ───────────────────────────────────────────────────────────────────────────────────


def state(push: Push = HUB) -> FeedState:
    return FeedState(url=URL, push=push)


def push_of(changed: FeedState) -> Push:
    assert changed.push is not None
    return changed.push


def test_a_lease_is_renewed_when_half_of_it_is_over() -> None:
    first = asked(state(), NOW)
    subscribed = push_of(confirmed(first, NOW, 10 * 86_400))
    due = [is_subscription_due(subscribed, NOW + days * DAY) for days in (0, 4, 5.01, 11)]
    assert due == [False, False, True, True]
    renewed = push_of(asked(state(subscribed), NOW + 6 * DAY))
    assert not is_subscription_due(renewed, NOW + 6 * DAY + timedelta(minutes=5))


def test_a_hub_that_never_confirms_is_asked_ever_less_often() -> None:
    now, times = NOW, []
    subscribing = state()
    for minute in range(0, 14 * 24 * 60, 10):
        now = NOW + timedelta(minutes=minute)
        if is_subscription_due(subscribing.push, now):
            subscribing = asked(subscribing, now)
            times.append(minute / 60)
    assert times[:5] == [0, 2, 6, 14, 30]
    assert len(times) < 10


@pytest.mark.parametrize(("lease_s", "days"), [(86_400.0, 1), (1e9, 30), (0.0, 300 / 86_400)])
def test_a_lease_is_as_long_as_the_hub_says_within_reason(lease_s: float, days: float) -> None:
    assert push_of(confirmed(state(), NOW, lease_s)).until == NOW + days * DAY


QUERY = {
    "hub.mode": "subscribe", "hub.topic": URL, "hub.challenge": "c", "hub.lease_seconds": "600",
}  # fmt: skip


@pytest.mark.parametrize(
    ("push", "change", "lease_s"),
    [
        (replace(HUB, asked_at=NOW), {}, 600.0),
        (replace(HUB, asked_at=NOW), {"hub.lease_seconds": "soon"}, 864_000.0),
        (replace(HUB, asked_at=NOW), {"hub.topic": "https://other.example/"}, None),
        (replace(HUB, asked_at=NOW), {"hub.mode": "unsubscribe"}, None),
        (replace(HUB, asked_at=NOW), {"hub.challenge": ""}, None),
        (HUB, {}, None),
        (None, {}, None),
    ],
)
def test_only_what_we_asked_for_is_confirmed(
    push: Push | None, change: dict[str, str], lease_s: float | None
) -> None:
    assert lease_confirmed_s(push, QUERY | change) == lease_s


def test_a_denial_is_heard_when_it_is_about_what_we_asked() -> None:
    query = {"hub.mode": "denied", "hub.topic": URL, "hub.reason": "full"}
    assert denial(replace(HUB, asked_at=NOW), query) == "the hub denies it: full"
    assert denial(HUB, query) is None
    assert denial(replace(HUB, asked_at=NOW), query | {"hub.topic": "x"}) is None


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha384", "sha512"])
def test_only_who_knows_the_secret_can_sign(algorithm: str) -> None:
    push = replace(HUB, asked_at=NOW)
    good = hmac.new(b"s", b"body", algorithm).hexdigest()
    assert is_signed(push, "s", f"{algorithm}={good}", b"body")
    assert not is_signed(push, "s", f"{algorithm}={good}", b"another body")
    assert not is_signed(push, "s", f"md5={hmac.new(b's', b'body', 'md5').hexdigest()}", b"body")
    assert not is_signed(push, "s", f"{algorithm}=ü", b"body")
    assert not is_signed(push, "s", None, b"body")
    assert not is_signed(HUB, "s", f"{algorithm}={good}", b"body"), "nobody was asked"
    unsigned = hmac.new(b"", b"body", algorithm).hexdigest()
    assert not is_signed(push, "", f"{algorithm}={unsigned}", b"body")


def test_a_secret_that_an_older_version_kept_counts_until_the_next_confirmation() -> None:
    push = replace(HUB, asked_at=NOW, secret="old")
    signature = f"sha256={hmac.new(b'old', b'body', 'sha256').hexdigest()}"
    assert is_signed(push, "new", signature, b"body")
    renewed = push_of(confirmed(state(push), NOW, 600))
    assert renewed.secret is None
    assert not is_signed(renewed, "new", signature, b"body")


# ── against a hub on loopback ────────────────────────────────────────────────────────────────


class Hub:
    """Takes subscriptions, confirms them, and sends what a test tells it to."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.status = 202
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        self.confirmed = threading.Event()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                hub.forms.append(dict(parse_qsl(body)))
                if hub.status == 202:  # before the answer, as some hubs do
                    hub.confirm(hub.forms[-1])
                self.send_response(hub.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def confirm(self, form: dict[str, str]) -> None:
        query = urlencode({
            "hub.mode": "subscribe", "hub.topic": form["hub.topic"], "hub.challenge": "42",
            "hub.lease_seconds": form["hub.lease_seconds"],
        })  # fmt: skip
        with urlopen(f"{form['hub.callback']}?{query}", timeout=60) as answer:
            assert answer.read() == b"42"
        self.confirmed.set()

    def push(self, body: bytes, *, secret: str | None = None) -> int:
        form = self.forms[0]
        key = (secret or form["hub.secret"]).encode()
        signature = f"sha256={hmac.new(key, body, 'sha256').hexdigest()}"
        headers = {"X-Hub-Signature": signature, "Content-Type": "application/rss+xml"}
        request = Request(form["hub.callback"], body, headers)
        with urlopen(request, timeout=60) as answer:
            return int(answer.status)


@pytest.fixture
def hub() -> Iterator[Hub]:
    opened = Hub()
    threading.Thread(target=opened.server.serve_forever, args=(0.01,), daemon=True).start()
    yield opened
    opened.server.shutdown()
    opened.server.server_close()


def document(*titles: str, hub_url: str = "") -> bytes:
    link = f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="hub" href="{hub_url}"/>'
    items = "".join(
        f"<item><title>{t}</title><link>https://e.com/{t}</link></item>" for t in titles
    )
    head = f"<title>T</title>{link if hub_url else ''}"
    return f"<rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


def polling_of(publisher: Publisher, hub: Hub) -> Polling:
    publisher.answers["/feed"] = Answer(document("one", hub_url=hub.url))
    [port] = free_ports(1)
    policy = WebSubPolicy(
        websub_url=f"http://127.0.0.1:{port}/hubs", websub_listen=f"127.0.0.1:{port}"
    )
    return Polling(publisher.url("/feed"), websub=policy)


def run_while(polling: Polling, play: Any) -> None:
    """Poll on, while `play` runs in a thread of its own."""

    async def go() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(polling.poller.run(stop))
        try:
            await asyncio.to_thread(play)
        finally:
            stop.set()
            await running

    asyncio.run(go())


def test_a_feed_with_a_hub_is_subscribed_to_and_tells_us(publisher: Publisher, hub: Hub) -> None:
    polling = polling_of(publisher, hub)
    url = publisher.url("/feed")

    def play() -> None:
        assert hub.confirmed.wait(PATIENCE_S)
        assert hub.push(document("two")) == 202
        wait_for(lambda: len(polling.ledger.articles) == 2)

    run_while(polling, play)
    (form,) = hub.forms
    assert (form["hub.mode"], form["hub.topic"]) == ("subscribe", url)
    assert (form["hub.secret"], form["hub.lease_seconds"]) == ("a secret", "864000")
    assert [article.title for article in polling.ledger.articles] == ["one", "two"]
    known = polling.ledger.states[url]
    assert known.push is not None
    assert (known.push.pushes, known.push.failures, known.push.until) == (
        1, 0, polling.now + 10 * DAY,
    )  # fmt: skip
    assert publisher.asked("/feed") == 1, "no poll was needed"
    assert known.next_poll_at == polling.now + timedelta(seconds=900), "and the next one will come"


def test_what_the_hub_did_not_sign_is_left_aside(publisher: Publisher, hub: Hub) -> None:
    polling = polling_of(publisher, hub)

    def play() -> None:
        assert hub.confirmed.wait(PATIENCE_S)
        assert hub.push(document("forged"), secret="guessed") == 202
        assert hub.push(document("true")) == 202
        wait_for(lambda: len(polling.ledger.articles) == 2)

    run_while(polling, play)
    assert [article.title for article in polling.ledger.articles] == ["one", "true"]


def test_who_calls_without_being_asked_is_sent_away(publisher: Publisher, hub: Hub) -> None:
    polling = polling_of(publisher, hub)

    def play() -> None:
        assert hub.confirmed.wait(PATIENCE_S)
        callback = hub.forms[0]["hub.callback"]
        for wrong in (
            f"{callback}?{urlencode(QUERY)}",  # another topic
            f"{callback[:-1]}x",
            f"{callback.rpartition('/')[0]}/{'0' * 32}?{urlencode(QUERY)}",
        ):
            with pytest.raises(HTTPError) as refused:
                urlopen(wrong, timeout=60)
            with refused.value as answer:
                assert answer.code == 404

    run_while(polling, play)


def test_a_hub_that_refuses_is_named_and_costs_the_feed_nothing(
    publisher: Publisher, hub: Hub
) -> None:
    hub.status = 500
    polling = polling_of(publisher, hub)
    url = publisher.url("/feed")

    def play() -> None:
        wait_for(lambda: (push := polling.ledger.states[url].push) and push.error)

    run_while(polling, play)
    known = polling.ledger.states[url]
    assert (push_of(known).error, known.error) == ("HTTP 500 Internal Server Error", None)
    assert [article.title for article in polling.ledger.articles] == ["one"]


def test_without_a_public_url_nobody_is_subscribed_to(publisher: Publisher, hub: Hub) -> None:
    publisher.answers["/feed"] = Answer(document("one", hub_url=hub.url))
    polling = Polling(publisher.url("/feed"))

    def play() -> None:
        wait_for(lambda: polling.ledger.articles)

    run_while(polling, play)
    assert hub.forms == []
    assert push_of(polling.ledger.states[publisher.url("/feed")]).hub == hub.url


def test_an_article_that_a_poll_finds_before_the_hub_brings_it_counts_as_missed(
    publisher: Publisher, hub: Hub
) -> None:
    polling = polling_of(publisher, hub)
    url = publisher.url("/feed")

    def play() -> None:
        assert hub.confirmed.wait(PATIENCE_S)
        publisher.answers["/feed"] = Answer(document("two", "one", hub_url=hub.url))
        polling.now += timedelta(hours=1)
        wait_for(lambda: len(polling.ledger.articles) == 2)

    run_while(polling, play)
    assert push_of(polling.ledger.states[url]).missed == 1


def test_an_address_that_cannot_be_listened_on_is_a_mistake(publisher: Publisher, hub: Hub) -> None:
    policy = WebSubPolicy(
        websub_url="http://x.example", websub_listen=f"127.0.0.1:{hub.server.server_port}"
    )
    with pytest.raises(Mistake, match="websub_listen: cannot listen on"):
        asyncio.run(Polling(publisher.url("/feed"), websub=policy).poller.run(asyncio.Event()))


def wait_for(claim: Any) -> None:
    """Until a claim holds."""
    until = time.monotonic() + PATIENCE_S
    while not claim():
        assert time.monotonic() < until, "it never held"
        time.sleep(0.01)
