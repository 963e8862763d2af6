"""Secrets in feed URLs: asked for, and never told."""

import asyncio
import json
import logging
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from onrecord.errors import FetchError, Mistake
from onrecord.feeds.feed_list import feed_from_url
from onrecord.feeds.fetch import FetchRequest
from onrecord.feeds.fetch.client import Fetcher
from onrecord.feeds.opml import to_opml
from onrecord.feeds.private_urls import (
    PrivateFile,
    WholeUrls,
    hub_secret,
    public_url,
    without_secrets,
)
from onrecord.records import Feed, to_json
from tests.feeds.polling.test_poller import DOCUMENT, Polling
from tests.feeds.publisher import Publisher, fetch_policy
from tests.http_server import Answer


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://a.example/feed?page=1&b=%20x", "https://a.example/feed?page=1&b=%20x"),
        ("https://ann:s3cret@a.example/feed", "https://a.example/feed"),
        ("https://s3cret@a.example:8443/feed", "https://a.example:8443/feed"),
        ("https://a.example/?index=/news/", "https://a.example/?index=/news/"),
        ("https://a.example/[x", "https://a.example/[x"),
    ],
)
def test_a_public_url_has_no_password(url: str, public: str) -> None:
    assert public_url(url) == public


@pytest.mark.parametrize("name", ["token", "api_key", "apikey", "auth", "user_hash", "PASSWORD"])
def test_a_public_url_has_no_token_and_tells_two_feeds_apart(name: str) -> None:
    one, two = (public_url(f"https://a.example/f?x=1&{name}={value}") for value in ("s3", "s4"))
    assert "s3" not in one
    assert one != two
    assert public_url(one) == one


def test_a_url_with_half_a_character_is_shown_all_the_same() -> None:
    assert "s3" not in public_url("http://a.example/?token=s3&x=\udcff")


def test_messages_repeat_no_secrets() -> None:
    said = without_secrets("it leads to 'https://ann:s3cret@a.example/f?token=s3cret&x=1'")
    assert "s3cret" not in said
    assert "ann" not in said
    assert "x=1" in said


def test_the_private_file_is_readable_by_its_user_only(tmp_path: Path) -> None:
    private = PrivateFile(tmp_path / "data" / "private.json")
    assert private.urls() == {}
    private.keep({"https://a.example/f": "https://ann:s3@a.example/f"})
    key = private.hub_key()
    assert private.hub_key() == key
    assert private.urls() == {"https://a.example/f": "https://ann:s3@a.example/f"}
    assert stat.S_IMODE(private.path.stat().st_mode) == 0o600
    assert hub_secret(key, "https://a.example/f") != hub_secret(key, "https://b.example/f")


def test_a_private_file_that_is_none_is_named(tmp_path: Path) -> None:
    file = tmp_path / "private.json"
    file.write_text(json.dumps(["no object"]))
    with pytest.raises(Mistake, match=r"feeds\.private_file"):
        PrivateFile(file).urls()


def test_commands_at_once_lose_nothing_in_the_private_file(tmp_path: Path) -> None:
    file = tmp_path / "private.json"

    def keep(number: int) -> None:
        for n in range(10):
            PrivateFile(file).keep_secrets(f"https://{number}.example/{n}", {"cookies": "a=b"})
            PrivateFile(file).keep({f"https://{number}.example/{n}": "https://ann:s3@a.example"})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keep, range(8)))
    assert len(PrivateFile(file).secrets()) == len(PrivateFile(file).urls()) == 80


def test_lists_and_mistakes_repeat_no_secrets() -> None:
    assert "s3cret" not in to_opml([Feed(url="https://ann:s3cret@a.example/f")])
    with pytest.raises(Mistake) as caught:
        feed_from_url("ftp://ann:s3cret@a.example/f")
    assert "s3cret" not in str(caught.value)


def test_a_feed_is_asked_by_its_whole_url_and_known_by_the_public_one(
    publisher: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    whole = publisher.url("/feed").replace("://", "://ann:s3cret@") + "?token=t0ken"
    public = public_url(whole)
    publisher.answers["/feed?token=t0ken"] = Answer(
        DOCUMENT.replace(b"https://e.com/1", b"https://e.com/1"),
        headers={"Link": f'<{publisher.url("/hub")}>; rel="hub"'},
    )

    async def go() -> str:
        async with Fetcher(fetch_policy(), {public: whole}.__getitem__) as fetcher:
            return (await fetcher.fetch(FetchRequest(url=public))).url

    assert asyncio.run(go()) == public
    assert publisher.requests[0].headers["Authorization"].startswith("Basic ")
    polling = Polling(public)
    polling.poller._fetcher._whole_url = {public: whole}.__getitem__
    polling.once()
    told = [to_json(article) for article in polling.ledger.articles]
    told += [to_json(state) for state in polling.ledger.states.values()]
    assert polling.ledger.articles
    assert not any(b"s3cret" in each or b"t0ken" in each for each in told)
    assert "s3cret" not in caplog.text
    assert "t0ken" not in caplog.text


def test_a_redirect_repeats_no_secret(publisher: Publisher) -> None:
    target = publisher.url("/there").replace("://", "://ann:s3cret@")
    publisher.answers["/feed"] = Answer(status=301, headers={"Location": target})
    publisher.answers["/there"] = Answer(DOCUMENT)
    polling = Polling(publisher.url("/feed"))
    polling.once()
    assert not any(b"s3cret" in to_json(s) for s in polling.ledger.states.values())
    publisher.answers["/feed"] = Answer(
        status=301, headers={"Location": "ftp://ann:s3cret@a.example/"}
    )

    async def go() -> None:
        async with Fetcher(fetch_policy()) as fetcher:
            await fetcher.fetch(FetchRequest(url=publisher.url("/feed")))

    with pytest.raises(FetchError) as caught:
        asyncio.run(go())
    assert "s3cret" not in str(caught.value)


def test_a_url_hidden_while_the_poller_runs_is_fetched_whole(tmp_path: Path) -> None:
    private = PrivateFile(tmp_path / "private.json")
    whole_url = WholeUrls(private)
    assert whole_url("https://paid.example/feed") == "https://paid.example/feed"
    private.keep({"https://paid.example/feed": "https://me:word@paid.example/feed"})
    assert whole_url("https://paid.example/feed") == "https://me:word@paid.example/feed"
    assert whole_url("https://open.example/feed") == "https://open.example/feed"
