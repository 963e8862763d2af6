"""Settings of single feeds: checked, changed by lists and commands, sent with requests."""

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace
from yarl import URL

from onrecord.errors import FetchError, Mistake
from onrecord.feeds.feed_secrets import checked_secret, read_secret, secrets_named_in
from onrecord.feeds.feed_settings import (
    as_listed,
    checked_interval,
    checked_proxy,
    with_list,
    with_publisher,
)
from onrecord.feeds.fetch import FeedManners, FetchRequest
from onrecord.feeds.fetch.manners import MannersTable
from onrecord.records import Feed

FEED = Feed(url="https://news.harbour.example/feed", publisher="Harbour Post")
SECRETS = {
    "headers": "X-Key: k3y\nX-Other: two",
    "cookies": "sid=abc; t=1",
    "credentials": "ann:pa:ss",
    "proxy-credentials": "bob:pr0xy",
}


def options(url: str, **manners: object) -> dict[str, object]:
    table = MannersTable(lambda _: SECRETS)
    given: dict[str, object] = {
        "secrets": tuple(SECRETS),
        "may_know": lambda host: host.endswith("harbour.example"),
        "needs_tls": True,
    }
    table.put("feed", FeedManners(**(given | manners)))  # type: ignore[arg-type]
    request = FetchRequest(url=url, feed="feed")
    return table.options_for(request, URL(url), {"User-Agent": "onrecord"})


def test_secrets_go_to_the_feeds_own_site_alone() -> None:
    sent = options("https://www.harbour.example/page")
    assert sent["headers"] == {
        "User-Agent": "onrecord",
        "X-Key": "k3y",
        "X-Other": "two",
        "Cookie": "sid=abc; t=1",
        "Authorization": f"Basic {b64encode(b'ann:pa:ss').decode()}",
    }
    for elsewhere in ("https://ads.example/x", "http://www.harbour.example/page"):
        assert options(elsewhere) == {"headers": {"User-Agent": "onrecord"}}


def test_a_feed_has_a_user_agent_and_a_proxy_of_its_own() -> None:
    sent = options(
        "https://other.example/", user_agent="Mozilla/5.0", proxy="http://p.example:3128"
    )
    assert sent["headers"] == {"User-Agent": "Mozilla/5.0"}
    assert sent["proxy"] == "http://p.example:3128"
    authorization = f"Basic {b64encode(b'bob:pr0xy').decode()}"
    assert sent["proxy_headers"] == {"Authorization": authorization}


def test_a_feed_whose_secrets_are_not_kept_here_is_not_asked_without_them() -> None:
    table = MannersTable(lambda _: {})
    table.put("feed", FeedManners(secrets=("cookies",)))
    request = FetchRequest(url="https://a.example/", feed="feed")
    with pytest.raises(FetchError, match=r"its cookies are not in feeds\.private_file"):
        table.options_for(request, URL(request.url), {})


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        (
            "headers",
            "# ours\nX-Key:  k3y \n\nAccept-Language: en\n",
            "X-Key: k3y\nAccept-Language: en",
        ),
        ("cookies", "Cookie: a=b; c=d\n", "a=b; c=d"),
        ("cookies", "# Netscape\n.x.example\tTRUE\t/\tTRUE\t0\tsid\tabc\n", "sid=abc"),
        ("credentials", "ann:s3cret\n", "ann:s3cret"),
        ("headers", "no header", None),
        ("headers", "Host: other.example", None),
        ("headers", "X-Key: a\x00b", None),
        ("cookies", "nothing", None),
        ("credentials", "ann", None),
        ("credentials", "ann:1\nbob:2", None),
    ],
)
def test_secrets_are_checked_and_never_shown(kind: str, text: str, kept: str | None) -> None:
    if kept is not None:
        assert checked_secret(kind, text, "file") == kept  # type: ignore[arg-type]
        return
    with pytest.raises(Mistake) as caught:
        checked_secret(kind, text, "file")  # type: ignore[arg-type]
    assert text.partition(":")[2].strip()[:5] not in str(caught.value) or ":" not in text


def test_secrets_are_read_from_files_and_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "cookies.txt"
    file.write_text("a=b")
    assert read_secret("cookies", str(file), {}) == "a=b"
    assert read_secret("cookies", "env:MINE", {"MINE": "c=d"}) == "c=d"
    with pytest.raises(Mistake, match="there is no variable MINE"):
        read_secret("cookies", "env:MINE", {})
    with pytest.raises(Mistake, match="cannot be read"):
        read_secret("cookies", str(tmp_path / "none"), {})


@pytest.mark.parametrize(
    ("source", "environment", "says"),
    [
        ("cookies.txt", {}, None),
        ("env:ONRECORD_FEED_TIDE", {"ONRECORD_FEED_TIDE": "a=b"}, None),
        ("env:HOME", {"HOME": "a=b"}, "may only name variables that begin with ONRECORD_FEED_"),
        ("../cookies.txt", {}, "may only name files beside it"),
        ("/etc/passwd", {}, "may only name files beside it"),
        (".env", {}, "may only name files beside it that end with .txt"),
        ("data/private.json", {}, "may only name files beside it"),
        ("data/cookies.txt", {}, "may only name files beside it"),
    ],
)
def test_a_list_names_secrets_beside_it_alone(
    tmp_path: Path, source: str, environment: Mapping[str, str], says: str | None
) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    for place in (folder, tmp_path):
        (place / "cookies.txt").write_text("a=b")
    attributes = {"cookiesFrom": source}
    if says is None:
        assert list(secrets_named_in(attributes, folder, environment)) == [("cookies", "a=b")]
        return
    with pytest.raises(Mistake, match=says):
        list(secrets_named_in(attributes, folder, environment))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30m", 1800), ("90", 90), ("1.5h", 5400), ("1d", 86_400), ("2d", None), ("5s", None),
     ("soon", None), ("", None), ("1h30m", None)],
)  # fmt: skip
def test_intervals(text: str, seconds: float | None) -> None:
    if seconds is not None:
        assert checked_interval(text) == seconds
        return
    with pytest.raises(Mistake, match="from 1m to 1d"):
        checked_interval(text)


@pytest.mark.parametrize(
    "url", ["proxy", "ftp://p.example", "http://", "http://u:secret@p.example"]
)
def test_a_proxy_has_a_host_and_no_password(url: str) -> None:
    with pytest.raises(Mistake) as caught:
        checked_proxy(url)
    assert "secret" not in str(caught.value)


def test_a_list_changes_a_feed_once_and_leaves_what_commands_changed() -> None:
    listed = replace(FEED, categories=("World",), interval_s=600.0)
    followed = with_list(as_listed(FEED), listed, by_hand=False)
    assert (followed.categories, followed.interval_s) == (("World",), 600.0)
    by_command = replace(followed, categories=("Asia",), interval_s=None)
    assert with_list(by_command, listed, by_hand=False) == by_command
    assert with_list(by_command, Feed(url=FEED.url), by_hand=True) == by_command
    assert with_list(by_command, listed, by_hand=True).categories == ("World",)
    edited = replace(listed, categories=("Europe",))
    assert with_list(by_command, edited, by_hand=False).categories == ("Europe",)


def test_what_an_older_version_read_in_a_list_counts_as_said() -> None:
    listed = Feed(
        url="https://a.example/f", publisher="Tide", categories=("World",), interval_s=1800.0
    )
    assert as_listed(listed).listed == "62556fac87bcb761"  # written by 0.9, before outlines
    beside = replace(listed, outlines={"": {"title": "My feeds"}})
    assert as_listed(beside).listed == "62556fac87bcb761"


def test_another_publisher_keeps_what_ids_were_made_of() -> None:
    renamed = with_publisher(with_publisher(FEED, "Evening Tide"), "Tide")
    assert (renamed.publisher, renamed.id_publisher) == ("Tide", "Harbour Post")
    assert with_publisher(Feed(url=FEED.url), "Tide").id_publisher == "news.harbour.example"
