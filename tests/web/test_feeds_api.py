"""Feeds over the HTTP interface: looked at, added, changed, acted on and removed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import Request

import pytest
from aiohttp import web

from onrecord import wiring
from onrecord.feeds.opml import read_opml
from onrecord.feeds.private_urls import PrivateFile
from onrecord.processing.feeds.subscriptions import followed_feeds
from onrecord.records import Feed
from onrecord.web.access import AccessControl
from onrecord.web.feeds_api import FeedsApi
from onrecord.web.looking import Looking
from onrecord.web.openapi import describe
from onrecord.wiring.feed_desk import LogFeeds
from tests.feeds.publisher import Publisher
from tests.filling import everything
from tests.http_server import Answer
from tests.web.pages.conftest import Site, config_in, serving

MARIA, WALL = "maria-0123456789abcdef", "wall-0123456789abcdef"
FEED = b"<rss version='2.0'><channel><title>Tide</title><item><guid>1</guid></item></channel></rss>"
PAGE = (
    b"<html><head><title>Site</title>"
    b"<link rel=alternate type='application/rss+xml' href='/feed'></head></html>"
)


@dataclass
class Api:
    """A program that asks the interface, as the holder of a token."""

    site: Site
    token: str = MARIA

    def ask(self, method: str, path: str, sent: Any = None, **headers: str) -> tuple[int, Any]:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
        } | headers
        is_as_it_is = sent is None or isinstance(sent, bytes)
        body = sent if is_as_it_is else json.dumps(sent).encode()
        found = self.site.ask(
            Request(f"{self.site.url}/api/feeds{path}", body, headers=headers, method=method)
        )
        return found.status, json.loads(found.text) if found.text[:1] in ("{", "[") else found.text

    def done(self, method: str, path: str, sent: Any = None) -> Any:
        status, found = self.ask(method, path, sent)
        assert status == 200, found
        return found


def of(url: str) -> str:
    return f"/{quote(url, safe='')}"


@pytest.fixture(scope="module")
def publisher() -> Iterator[Publisher]:
    with Publisher() as serving_feeds:
        serving_feeds.answers |= {"/feed": Answer(FEED), "/": Answer(PAGE)}
        yield serving_feeds


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("api")
    tokens = folder / "tokens.txt"
    tokens.write_text(f"maria write {MARIA}\nwall read {WALL}\n")
    config = config_in(folder, tokens_file=str(tokens))
    feeds = replace(
        config.feeds,
        allow_addresses="127.0.0.0/8",
        host_spacing_s=0.0,
        readers=1,
        private_file=str(folder / "private.json"),
    )
    with serving(replace(config, feeds=feeds), filled=False) as site:
        yield Api(site)


def follow(api: Api, *feeds: Feed) -> None:
    wiring.follow(api.site.config, api.site.log, feeds, by_hand=True)


def followed(api: Api) -> dict[str, Feed]:
    topics = wiring.topics_of(api.site.config)
    return {feed.url: feed for feed in followed_feeds(api.site.log, topics)}


def test_new_urls_are_looked_at_once_and_followed_or_refused_with_the_reason(
    api: Api, publisher: Publisher
) -> None:
    feed, site, missing = (publisher.url(path) for path in ("/feed", "/", "/missing"))
    found = api.done("POST", "", {"urls": [site, missing], "categories": ["Coast"]})
    assert (found["added"], found["known"]) == ([], [])
    page, nothing = found["refused"]
    assert (page["url"], [each["url"] for each in page["feeds"]]) == (site, [feed])
    assert (nothing["url"], nothing["reason"]) == (missing, "HTTP 404 Not Found")
    found = api.done("POST", "", {"urls": [site], "every_feed": True, "categories": ["Coast"]})
    assert found["added"] == [feed]
    assert followed(api)[feed].categories == ("Coast",)
    assert api.done("POST", "", {"urls": [feed]})["known"] == [feed]
    (never,) = api.done("POST", "", {"urls": ["http://127.0.0.1:25/"]})["refused"]
    assert never["reason"].endswith("port 25 is another service's")
    assert api.done("POST", "", {"urls": [missing], "unseen": True})["added"] == [missing]


def test_tokens_of_feeds_that_a_page_names_are_kept_private(api: Api, publisher: Publisher) -> None:
    link = "/paid?key=a-very-secret-1234"
    publisher.answers |= {
        link: Answer(FEED),
        "/members": Answer(PAGE.replace(b"/feed", link.encode())),
    }
    site = publisher.url("/members")
    (page,) = api.done("POST", "", {"urls": [site]})["refused"]
    (shown,) = [each["url"] for each in page["feeds"]]
    assert "a-very-secret-1234" not in shown
    assert api.done("POST", "", {"urls": [site], "every_feed": True})["added"] == [shown]
    assert shown in followed(api)
    private = Path(api.site.config.feeds.private_file)
    assert "a-very-secret-1234" in private.read_text()
    topic = wiring.topics_of(api.site.config).feeds
    told = [message.value or b"" for message in everything(api.site.log, topic)]
    assert b"a-very-secret-1234" not in b"".join(told)


def test_feeds_are_listed_by_the_filters_of_the_command(api: Api) -> None:
    follow(
        api,
        Feed(url="https://a.example/f", publisher="Brine Post", categories=("World/Asia",)),
        Feed(url="https://b.example/f", publisher="Almanac"),
    )
    listed = api.done("GET", "?category=world")
    assert [feed["name"] for feed in listed["feeds"]] == ["Brine Post"]
    assert listed["followed"] >= 2
    names = [feed["name"] for feed in api.done("GET", "?sort=name&word=.example")["feeds"]]
    assert names == ["Almanac", "Brine Post"]
    assert api.done("GET", "?failing=true&word=almanac")["feeds"] == []
    assert api.ask("GET", "?colour=red")[0] == 400
    assert api.ask("GET", "?silent=soon")[0] == 400
    shown = api.done("GET", of("https://a.example/f"))
    assert (shown["feed"]["publisher"], shown["polls"]) == ("Brine Post", [])


def test_a_feed_is_changed_and_what_is_absent_stays(api: Api) -> None:
    url = "https://c.example/f"
    follow(api, Feed(url=url, publisher="Tide", title="Mine"))
    rules = [{"action": "block", "of": "words", "pattern": "horoscope"}]
    changed = api.done(
        "PATCH",
        of(url),
        {
            "title": None,
            "categories": ["World / Asia"],
            "interval_s": 1800,
            "full_text": "page",
            "claims": ["WWW.tide.example"],
            "rules": rules,
            "address": "https://new.example/f",
            "secrets": {"cookies": "sid=hunter2"},
        },
    )["feed"]
    assert (changed["publisher"], changed["own_title"], changed["name"]) == ("Tide", None, "Tide")
    assert (changed["categories"], changed["set_interval_s"]) == (["World/Asia"], 1800.0)
    assert (changed["claims"], changed["rules"]) == (["tide.example"], rules)
    assert (changed["address"], changed["secrets"]) == ("https://new.example/f", ["cookies"])
    private = PrivateFile(Path(api.site.config.feeds.private_file))
    assert private.secrets()[url] == {"cookies": "sid=hunter2"}
    assert "hunter2" not in json.dumps(api.done("GET", of(url)))
    changed = api.done("PATCH", of(url), {"secrets": {"cookies": None}})["feed"]
    assert (changed["secrets"], changed["full_text"]) == ([], "page")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"colour": "red"}, 400),
        ({"interval_s": 5}, 400),
        ({"proxy": "http://ann:s3@p.example:1"}, 400),
        ({"proxy": "http://10.0.0.1:3128"}, 400),  # not in allow_addresses
        ({"proxy": "http://[::ffff:169.254.169.254]"}, 400),
        ({"proxy": "http://0x0a000001:3128"}, 400),
        ({"time_zone": "Mars/Olympus"}, 400),
        ({"rules": [{"action": "block", "of": "url", "pattern": "("}]}, 400),
        ({"secrets": {"credentials": "no-colon"}}, 400),
        ({"publisher": ""}, 400),
        (b'{"publisher": "\\ud800"}', 400),
        (b"[" * 100_000, 400),
        (b"\xff", 400),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_the_reason(
    api: Api, sent: Any, status: int
) -> None:
    url = "https://d.example/f"
    follow(api, Feed(url=url))
    before = followed(api)[url]
    found = api.ask("PATCH", of(url), sent)
    assert found[0] == status, found
    assert found[1]["detail"]
    assert followed(api)[url] == before


@pytest.mark.parametrize(
    ("addresses", "fault"),
    [
        (["8.8.8.8", "10.0.0.1"], "private"),
        (["8.8.8.8", "::1"], "loopback"),
        (["127.0.0.1", "8.8.8.8"], None),  # the first is in allow_addresses
        ([], "not found"),
    ],
)
def test_a_proxy_is_allowed_by_all_addresses_of_its_name(
    api: Api, monkeypatch: pytest.MonkeyPatch, addresses: list[str], fault: str | None
) -> None:
    def resolve(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        assert host == "proxy.example"
        if not addresses:
            raise OSError
        return [(2, 1, 6, "", (address, 0)) for address in addresses]

    url = f"https://proxied.example/{len(addresses)}{fault}".replace(" ", "-")
    follow(api, Feed(url=url))
    with monkeypatch.context() as patched:
        patched.setattr("onrecord.wiring.feed_desk.getaddrinfo", resolve)
        status, found = api.ask("PATCH", of(url), {"proxy": "http://proxy.example:3128"})
    assert (status == 200) == (fault is None), found
    assert fault is None or fault in found["detail"]
    assert followed(api)[url].proxy == (None if fault else "http://proxy.example:3128")


def test_a_feed_is_paused_polled_and_removed(api: Api) -> None:
    url = "https://e.example/f"
    follow(api, Feed(url=url))
    assert api.done("POST", f"{of(url)}/pause")["feed"]["status"] == "paused"
    assert api.done("POST", f"{of(url)}/resume", {})["feed"]["status"] == "new"
    for path, sent in (("poll", None), ("fill", {}), ("refetch", {"days": 3})):
        api.done("POST", f"{of(url)}/{path}", sent)
    feed = followed(api)[url]
    assert None not in {feed.poll_at, feed.fill_at}
    assert feed.refetch_at is not None
    assert feed.refetch_since is not None
    assert (feed.refetch_at - feed.refetch_since).days == 3
    assert api.ask("POST", f"{of(url)}/poll", {"days": 3})[0] == 400
    assert api.ask("POST", f"{of(url)}/burn", {})[0] == 404
    assert api.ask("DELETE", of(url)) == (204, "")
    assert url not in followed(api)
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/pause"), ("PATCH", "")):
        assert (
            api.ask(method, of(url) + path, None if method in {"GET", "DELETE"} else {})[0] == 404
        )


def test_whoever_can_only_read_changes_nothing(api: Api) -> None:
    url = "https://f.example/f"
    follow(api, Feed(url=url))
    before = followed(api)
    reader, nobody = Api(api.site, WALL), Api(api.site, "wrong")
    changes: list[tuple[str, str, Any]] = [
        ("POST", "", {"urls": ["https://g.example/f"], "unseen": True}),
        ("PATCH", of(url), {"paused": True}),
        ("POST", f"{of(url)}/pause", {}),
        ("DELETE", of(url), None),
    ]
    for method, path, sent in changes:
        assert reader.ask(method, path, sent)[0] == 403
        assert nobody.ask(method, path, sent)[0] == 401
        foreign = {"Sec-Fetch-Site": "cross-site"}
        assert api.ask(method, path, sent, **foreign)[0] == 403
    # A form, which a browser sends for any page without asking first.
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert api.ask("POST", f"{of(url)}/pause", {}, **form)[0] == 415
    assert followed(api) == before
    assert reader.ask("GET", "")[0] == 200
    assert nobody.ask("GET", "")[0] == 401


def test_the_list_is_exported_as_opml(api: Api) -> None:
    follow(api, Feed(url="https://h.example/f", publisher="Tide", categories=("World",)))
    status, text = api.ask("GET", ".opml")
    assert status == 200
    found = {feed.url: feed for feed in read_opml(text.encode(), Path("x.opml"))
             if isinstance(feed, Feed)}  # fmt: skip
    assert found["https://h.example/f"].categories == ("World",)


OPML = {"Content-Type": "text/x-opml"}
LIST = b"""<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="World"><outline text="Ebb" xmlUrl="https://ebb.example/f" interval="30m"/></outline>
<outline text="P" xmlUrl="https://paid.example/f?key=a-secret-of-the-list-1" cookiesFrom="k.txt"/>
<outline text="By way" xmlUrl="https://way.example/f" proxy="http://127.0.0.1:3128"/>
<outline text="None" type="rss"/>
</body></opml>"""


def test_a_list_is_imported_in_its_folders_and_what_is_no_feed_is_named(api: Api) -> None:
    status, found = api.ask("POST", ".opml", LIST, **OPML)
    assert status == 200, found
    assert len(found["added"]) == 3
    assert "a-secret-of-the-list-1" not in str(found)
    ebb = followed(api)["https://ebb.example/f"]
    assert (ebb.publisher, ebb.categories, ebb.interval_s) == ("Ebb", ("World",), 1800.0)
    assert not any("cookies" in name.lower() for feed in followed(api).values()
                   for name in feed.attributes)  # fmt: skip
    left_out, nothing = sorted(found["faults"])
    assert "cookiesFrom is left out" in left_out
    assert nothing.startswith("the list line 5: ")
    again = api.ask("POST", ".opml", LIST, **OPML)[1]
    assert (again["added"], len(again["known"])) == ([], 3)


def test_a_list_over_http_sets_no_proxy_of_our_own_network(api: Api) -> None:
    document = LIST.replace(b"127.0.0.1:3128", b"10.0.0.1:3128").replace(b"way.", b"other-way.")
    found = api.ask("POST", ".opml", document, **OPML)[1]
    assert "https://other-way.example/f" not in followed(api)
    assert any("10.0.0.1" in fault and "allow_addresses" in fault for fault in found["faults"])


@pytest.mark.parametrize(
    ("sent", "kind", "status"),
    [
        (b"<html/>", "text/x-opml", 400),
        (b"", "text/x-opml", 400),
        (b"\xff\x00<opml", "text/xml", 400),
        (b"<opml><body/></opml>", "application/xml", 400),
        (LIST, "application/json", 415),
        (LIST, "text/plain", 415),
    ],
)
def test_what_is_no_list_is_refused_in_words(api: Api, sent: bytes, kind: str, status: int) -> None:
    before = followed(api)
    found = api.ask("POST", ".opml", sent, **{"Content-Type": kind})
    assert (found[0], followed(api)) == (status, before)
    assert replace(api, token=WALL).ask("POST", ".opml", LIST, **OPML)[0] == 403


def test_every_endpoint_is_described(api: Api) -> None:
    config = api.site.config
    router = web.Application().router
    desk = LogFeeds(config, api.site.log)
    FeedsApi(desk, Looking(desk.add), AccessControl(config.serve), wiring.now).add_to(router)
    described = describe("1", needs_token=True, has_pages=True)["paths"]
    served = {
        (route.method.lower(), route.resource.canonical)
        for route in router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/api/")
    }
    paths = {
        (method, path)
        for path, methods in described.items()
        if path.startswith("/api/feeds")
        for method in methods
    }
    assert {(m, p.replace("{act}", act)) for m, p in served for act in _acts(p)} == paths


def _acts(path: str) -> tuple[str, ...]:
    return ("pause", "resume", "poll", "refetch", "fill") if "{act" in path else ("",)
