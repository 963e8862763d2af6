"""Who may ask, what may be asked, and that nothing anybody sends is an error of ours."""

import asyncio
import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onrecord.errors import ConfigError, Mistake
from onrecord.log.interface import TopicSettings
from onrecord.log.opening import open_log
from onrecord.records import Article, Extraction, QuoteOnRecord, from_json
from onrecord.sink.selection import What
from onrecord.web.cursor import Place, from_text, to_text
from onrecord.web.openapi import describe
from onrecord.web.policy import ServePolicy, check
from onrecord.web.query import parameters_of, parse_pattern
from tests.patience import PATIENCE_S
from tests.web.conftest import Reader, Source, quote_ids, run, serving

TOKEN = "a-token-of-a-test-0123456789"


# ── who may ask ──────────────────────────────────────────────────────────────────────────────


def test_with_a_token_only_who_sends_it_may_read(source: Source) -> None:
    source.publish(1)

    async def status(reader: Reader, path: str, **headers: str) -> int:
        async with reader.open(path, **headers) as response:
            if response.status == 401:
                assert response.headers["WWW-Authenticate"] == "Bearer"
                assert TOKEN not in await response.text()
            return response.status

    async def test(reader: Reader) -> None:
        for path in ("/quotes?until=end", "/articles/page", "/openapi.json"):
            assert await status(reader, path) == 401
            assert await status(reader, path, Authorization="Bearer wrong") == 401
            assert await status(reader, path, Authorization=TOKEN) == 401
            assert await status(reader, path, Authorization="Bearer é") == 401
            assert await status(reader, path, Authorization=f"Bearer {TOKEN}") == 200
        assert await status(reader, "/health") == 200

    run(source, test, token=TOKEN)


def test_without_a_token_only_names_of_this_machine_are_answered(source: Source) -> None:
    async def test(reader: Reader) -> None:
        for host, status in (
            ("localhost", 200),
            ("127.0.0.1:80", 200),
            ("[::1]:80", 200),
            ("evil.example", 421),
            ("localhost.evil.example", 421),
        ):
            async with reader.open("/quotes/page", Host=host) as response:
                assert (host, response.status) == (host, status)

    run(source, test)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"host": "0.0.0.0"}, "needs a token"),
        ({"host": "192.0.2.1"}, "needs a token"),
        ({"host": "news.example"}, "needs a token"),
        ({"host": "0.0.0.0", "token": "short"}, "16 ASCII characters at least"),
    ],
)
def test_a_server_that_anybody_could_read_is_refused(fields: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError, match=says) as error:
        check(ServePolicy(**fields))  # type: ignore[arg-type]
    assert "short" not in str(error.value)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.9.9.9"])
def test_on_this_machine_no_token_is_needed(host: str) -> None:
    check(ServePolicy(host=host))
    check(ServePolicy(host="0.0.0.0", token=TOKEN))
    assert TOKEN not in repr(ServePolicy(host="0.0.0.0", token=TOKEN))


# ── what may be asked ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/quotes?speker=x", "there is no parameter 'speker'"),
        ("/quotes?speaker=a&speaker=b", "speaker is given 2 times"),
        ("/quotes?speaker=", "speaker: from 1 to 500 characters"),
        ("/quotes?speaker=...", "speaker '...': a name has letters or digits"),
        ("/quotes?type=loud", "type 'loud': there are direct, mixed, indirect"),
        ("/quotes?exact=yes", "exact 'yes': true or false"),
        ("/quotes?from=yesterday", "from yesterday: not a time"),
        ("/quotes?until=tomorrow", "until tomorrow: not a time"),
        ("/quotes?match=(", "match: not a regular expression of RE2: missing )"),
        ("/quotes?match=(a)%5C1", "match: not a regular expression of RE2"),
        ("/quotes?min_confidence=high", "min_confidence 'high': a number from 0 to 1"),
        ("/quotes?min_confidence=1.5", "min_confidence 1.5: a confidence is between 0 and 1"),
        ("/articles?min_confidence=0.5", "there is no parameter 'min_confidence'"),
        ("/quotes?limit=0", "limit '0': a whole number from 1 to"),
        ("/quotes/page?limit=1001", "limit '1001': a whole number from 1 to 1000"),
        ("/quotes?limit=%C2%B2", "a whole number"),
        ("/quotes?cursor=abc", "none of ours"),
        ("/articles?speaker=x", "there is no parameter 'speaker'"),
    ],
)
def test_what_cannot_be_asked_is_said(source: Source, path: str, says: str) -> None:
    async def test(reader: Reader) -> None:
        async with reader.open(path) as response:
            assert response.status == 400
            assert response.content_type == "application/problem+json"
            problem = await response.json()
            assert says in problem["detail"]
            assert (problem["title"], problem["status"]) == ("Bad Request", 400)

    run(source, test)


def test_a_page_has_the_quotes_of_the_confidence_that_is_asked_for(source: Source) -> None:
    source.publish(3)

    async def test(reader: Reader) -> None:
        for least, count in (("0", 6), ("0.9", 6), ("1", 0)):
            page = await reader.json(f"/quotes/page?from=earliest&min_confidence={least}")
            assert (least, len(page["records"])) == (least, count)

    run(source, test)


def test_a_cursor_of_other_records_or_of_another_log_is_refused(source: Source) -> None:
    source.publish(5)

    async def test(reader: Reader) -> None:
        articles = (await reader.json("/articles/page?from=earliest"))["cursor"]
        async with reader.open(f"/quotes?cursor={articles}") as response:
            assert response.status == 400
            assert "another kind of records" in await response.text()
        topic = source.topics[What.QUOTES]
        async with reader.open(f"/quotes?cursor={to_text(Place({0: 999}), topic)}") as response:
            assert response.status == 410
            assert "begin without it" in await response.text()

    run(source, test)


def test_what_retention_removed_behind_a_cursor_is_told(tmp_path: Path) -> None:
    with open_log(f"sqlite:///{tmp_path}/log.db") as log:
        source = Source(log)
        topic = source.topics[What.QUOTES]
        log.alter_topic(topic, TopicSettings(partitions=4, retention_s=3600))
        source.publish(8)
        cursor = to_text(Place(dict.fromkeys(range(4), 0)), topic)
        log.maintain(datetime.now(UTC) + timedelta(hours=2))
        source.publish(1)

        async def test(reader: Reader) -> None:
            gap, *rest = await reader.events(f"/quotes?until=end&cursor={cursor}")
            assert gap.name == "gap"
            assert "removed by retention" in gap.data["reason"]
            assert quote_ids(rest) == ["a8.0", "a8.1"]

        run(source, test)


def test_a_strangers_pattern_takes_time_that_grows_with_the_text_and_no_more() -> None:
    pattern = parse_pattern("(a+)+$", option="match")
    assert pattern is not None
    assert not pattern.search("a" * 5_000 + "b")
    umlaut = parse_pattern("müller|żółć", option="match")
    assert umlaut is not None
    assert umlaut.search("FRAU MÜLLER")


def test_other_paths_and_methods_are_refused_in_the_same_form(source: Source) -> None:
    async def test(reader: Reader) -> None:
        async with reader.open("/nothing") as response:
            assert (response.status, (await response.json())["status"]) == (404, 404)
        for method in ("POST", "HEAD", "DELETE"):
            async with reader.session.request(method, f"{reader.url}/quotes") as response:
                assert (response.status, response.headers["Allow"]) == (405, "GET")

    run(source, test)


# ── cursors ──────────────────────────────────────────────────────────────────────────────────

offsets = st.integers(0, 2**61)
places = st.builds(
    Place,
    st.dictionaries(st.integers(0, 999), offsets, max_size=20),
    st.integers(0, 999),
    st.integers(0, 10_000),
)


# Slow on a busy machine is not wrong.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(places, st.text(min_size=1))
def test_a_cursor_names_its_place_and_fits_into_a_url(place: Place, topic: str) -> None:
    text = to_text(place, topic)
    assert from_text(text, topic) == place
    assert percent(text) == text


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(), st.text("abcXYZ019-_=", max_size=60)))
def test_what_is_no_cursor_is_a_mistake(text: str) -> None:
    with suppress(Mistake):
        from_text(text, "t")


# ── the description ──────────────────────────────────────────────────────────────────────────


def test_the_description_names_every_parameter_and_resolves() -> None:
    found = json.loads(json.dumps(describe("1", needs_token=True, has_pages=True)))
    for reference in references(found):
        where = found
        for step in reference.removeprefix("#/").split("/"):
            where = where[step]
    for what in What:
        for page in (False, True):
            path = f"/{what.value}/page" if page else f"/{what.value}"
            names = [p["name"] for p in found["paths"][path]["get"]["parameters"]]
            known = [parameter.name for parameter in parameters_of(what, page=page)]
            assert [name for name in names if name != "Last-Event-ID"] == known


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


# ── anything at all ──────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server in another thread, with a few records."""
    folder = tmp_path_factory.mktemp("asking")
    loop, ready, stopping = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    urls: list[str] = []
    with open_log(f"sqlite:///{folder}/log.db") as log:
        source = Source(log)
        source.publish(20)

        async def main() -> None:
            async with serving(source) as reader:
                urls.append(reader.url.removeprefix("http://"))
                ready.set()
                await stopping.wait()

        thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
        thread.start()
        ready.wait()
        yield urls[0]
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()


likely = {
    "from": st.sampled_from(
        ["earliest", "latest", "-1h", "2026-11-01", "0001-01-01", "9999-12-31"]
    ),
    "limit": st.integers(-1, 2000).map(str),
    "exact": st.sampled_from(["true", "false", "1"]),
    "type": st.sampled_from(["direct", "mixed", "indirect"]),
    "match": st.sampled_from(["pier", "(?i)may$", "[", "(a*)*b", "\\pL+", "x{1001}"]),
}
names = st.sampled_from([p.name for p in parameters_of(What.QUOTES, page=True)] + ["other"])
queries = st.dictionaries(names, st.text(max_size=30), max_size=4).flatmap(
    lambda wild: st.fixed_dictionaries({}, optional=likely).map(lambda tame: wild | tame)
)
paths = st.sampled_from([f"/{what.value}{page}" for what in What for page in ("", "/page")])


@settings(max_examples=300, deadline=None)
@given(path=paths, query=queries, last=st.one_of(st.none(), st.text("abcXYZ019-_", min_size=1)))
def test_no_query_is_an_error_of_ours(
    address: str, path: str, query: dict[str, str], last: str | None
) -> None:
    asked = urlencode(query | {"until": "end"}, errors="surrogatepass")
    connection = http.client.HTTPConnection(address, timeout=PATIENCE_S)
    connection.request("GET", f"{path}?{asked}", headers={"Last-Event-ID": last} if last else {})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    assert response.status in {200, 400}, body
    if response.status == 400:
        assert json.loads(body)["status"] == 400
    elif path.endswith("/page"):
        page = json.loads(body)
        assert page.keys() == {"records", "cursor", "more"}
        kinds: dict[str, Any] = {"q": QuoteOnRecord, "e": Extraction, "a": Article}
        for record in page["records"]:
            from_json(json.dumps(record), kinds[path[1]])
    else:
        assert body.startswith(b"retry: 3000\n")
