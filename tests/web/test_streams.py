"""A stream gives everything that was asked for, once, and goes on where it was left."""

import asyncio
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from onrecord.log.interface import TopicSettings
from onrecord.sink.selection import What
from tests.builders import DEEP
from tests.web.conftest import Event, Reader, Source, events_of, quote_ids, run, serving

ALL = "?from=earliest&until=end"


def test_each_kind_is_given_as_it_stands_on_its_topic(any_source: Source) -> None:
    any_source.publish(20)

    async def test(reader: Reader) -> None:
        assert sorted(quote_ids(await reader.events(f"/quotes{ALL}"))) == sorted(any_source.ids())
        for kind, schema in (("articles", "onrecord.article"), ("extractions", None)):
            found = await reader.events(f"/{kind}{ALL}")
            assert len(found) == 20
            assert {event.data["schema"] for event in found} == {schema or "onrecord.extraction"}

    run(any_source, test)


def test_after_any_event_it_goes_on_with_the_next(any_source: Source) -> None:
    any_source.publish(6, quotes=3)

    async def test(reader: Reader) -> None:
        whole = await reader.events(f"/quotes{ALL}")
        assert len(whole) == 18
        for at, event in enumerate(whole):
            rest = await reader.events(f"/quotes{ALL}", last=event.id)
            assert sorted(quote_ids(rest)) == sorted(quote_ids(whole[at + 1 :]))

    run(any_source, test)


def test_past_and_present_join_without_a_gap_while_much_is_published(any_source: Source) -> None:
    any_source.publish(300)

    async def test(reader: Reader) -> None:
        publishing = asyncio.to_thread(any_source.publish, 300, together=3)
        follow = [reader.events("/quotes?from=earliest", limit=1200) for _ in range(5)]
        found, _ = await asyncio.gather(asyncio.gather(*follow), publishing)
        for events in found:
            assert sorted(quote_ids(events)) == sorted(any_source.ids())

    run(any_source, test)


def test_a_reader_that_was_away_misses_nothing_and_gets_nothing_twice(any_source: Source) -> None:
    async def test(reader: Reader) -> None:
        seen: list[Event] = []
        last: str | None = None
        for _ in range(4):
            async with reader.open(
                "/quotes", **({} if last is None else {"Last-Event-ID": last})
            ) as response:
                await asyncio.to_thread(any_source.publish, 10)
                async for event in events_of(response):
                    seen.append(event)
                    last = event.id
                    if len(seen) % 7 == 0:
                        break
            await asyncio.to_thread(any_source.publish, 5)
        seen += await reader.events("/quotes?until=end", last=last)
        assert sorted(quote_ids(seen)) == sorted(any_source.ids())

    run(any_source, test)


def test_an_id_without_an_event_says_how_far_it_was_read(source: Source) -> None:
    async def test(reader: Reader) -> None:
        async with reader.open("/quotes?speaker=nobody") as response:
            await asyncio.to_thread(source.publish, 3)
            lines = [line async for line in until(response, b"id: ", times=2)]
        last = lines[-1].decode().removeprefix("id: ").strip()
        await asyncio.to_thread(source.publish, 1)
        rest = await reader.events("/quotes?until=end", last=last)
        assert set(quote_ids(rest)) <= set(source.ids())
        assert {"a3.0", "a3.1"} <= set(quote_ids(rest))

    run(source, test, keep_alive_s=0.2)


async def until(response: Any, start: bytes, *, times: int) -> Any:
    while times:
        line = await response.content.readline()
        yield line
        times -= line.startswith(start)


def test_filters_are_those_of_the_command(source: Source) -> None:
    source.publish(4)

    async def test(reader: Reader) -> None:
        async def count_of(query: str) -> int:
            return len(await reader.events(f"/quotes{ALL}&{query}"))

        assert await count_of("speaker=LIND,%20mara") == 8
        assert await count_of("speaker=lind&exact=true") == 0
        assert await count_of("match=open+in+(may%7Cjune)") == 8
        assert await count_of("type=indirect") == 0
        assert await count_of("publisher=harbour&language=en&entity=lind&limit=3") == 3
        assert len(await reader.events("/quotes?from=-1h&until=end")) == 8
        assert len(await reader.events("/quotes?from=latest&until=end")) == 0

    run(source, test)


def test_a_slow_reader_is_cut_off_with_a_reason_goes_on_and_slows_nobody(source: Source) -> None:
    count, step = 3_000, 250
    got_fast: list[Event] = []

    async def follow(reader: Reader) -> None:
        async with reader.open("/extractions?from=earliest") as response:
            async for event in events_of(response):
                got_fast.append(event)
                if len(got_fast) == count:
                    return

    async def test(reader: Reader) -> None:
        slow = slow_socket(reader.url, "/extractions")
        await reader.until_streams_are(1)
        fast = asyncio.create_task(follow(reader))
        for published in range(step, count + 1, step):
            await asyncio.to_thread(source.publish, step, together=20)
            while len(got_fast) < published and not fast.done():  # noqa: ASYNC110 - elsewhere
                await asyncio.sleep(0.01)
        await fast
        assert len(got_fast) == count
        seen = await asyncio.to_thread(read_all, slow)
        assert b"event: cut-off" in seen
        assert b"too slow: what comes next is no longer at hand" in seen
        ids = [line[4:].decode() for line in seen.splitlines() if line.startswith(b"id: ")]
        got = seen.count(b'data: {"schema"')
        rest = await reader.events("/extractions?until=end", last=ids[-1])
        assert 0 < got < count
        assert got + len(rest) == count

    run(source, test, buffer_records=500)


def slow_socket(url: str, path: str) -> socket.socket:
    """A reader that asks, and then reads nothing."""
    where = urlsplit(url)
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.connect((where.hostname, where.port))
    made.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    return made


def read_all(connection: socket.socket) -> bytes:
    found = b""
    with connection, suppress(ConnectionError):
        while data := connection.recv(65536):
            found += data
    return found


def test_a_reader_that_reads_nothing_at_all_is_let_go(source: Source) -> None:
    async def test(reader: Reader) -> None:
        slow = slow_socket(reader.url, "/extractions?from=earliest")
        await reader.until_streams_are(1)
        await asyncio.to_thread(source.publish, 3_000)
        await reader.until_streams_are(0)
        slow.close()

    run(source, test, write_timeout_s=0.3)


def test_many_follow_at_once_and_all_get_all(source: Source) -> None:
    async def test(reader: Reader) -> None:
        follow = [asyncio.create_task(reader.events("/quotes", limit=50)) for _ in range(200)]
        await reader.until_streams_are(200)
        for _ in range(5):
            await asyncio.to_thread(source.publish, 5)
            await asyncio.sleep(0.1)
        for events in await asyncio.gather(*follow):
            assert sorted(quote_ids(events)) == sorted(source.ids())

    run(source, test)


def test_one_more_than_may_follow_is_told_to_come_back(source: Source) -> None:
    async def test(reader: Reader) -> None:
        opened = [reader.open("/quotes") for _ in range(3)]
        async with opened[0], opened[1], opened[2] as third:
            assert third.status == 503
            assert third.headers["Retry-After"]
            assert "come back later" in await third.text()
        await reader.until_streams_are(0)
        async with reader.open("/quotes") as again:
            assert again.status == 200

    run(source, test, streams=2)


def test_a_stream_of_limited_life_ends_and_is_taken_up_again(source: Source) -> None:
    async def test(reader: Reader) -> None:
        publishing = asyncio.create_task(asyncio.to_thread(slowly_publish, source))
        seen = await reader.events("/quotes?from=earliest")
        while len(seen) < 60:
            seen += await reader.events("/quotes?from=earliest", last=seen[-1].id if seen else None)
        await publishing
        assert sorted(quote_ids(seen)) == sorted(source.ids())

    run(source, test, longest_s=0.3)


def slowly_publish(source: Source) -> None:
    for _ in range(30):
        source.publish(1)


@pytest.mark.parametrize("foreign", [DEEP, b"", b"\xff\xfe", b'{"schema":"onrecord.article"}'])
def test_a_foreign_record_ends_no_stream(any_source: Source, foreign: bytes) -> None:
    async def test(reader: Reader) -> None:
        following = asyncio.create_task(reader.events("/quotes", limit=2))
        await reader.until_streams_are(1)
        await asyncio.to_thread(any_source.publish_foreign, foreign)
        await asyncio.to_thread(any_source.publish, 1)
        assert len(quote_ids(await following)) == 2
        page = await reader.json("/quotes/page?from=earliest")
        assert len(page["records"]) == 2
        assert (await reader.json("/health"))["status"] == "ok"

    run(any_source, test)


def test_a_topic_that_is_deleted_and_made_again_is_followed_again(any_source: Source) -> None:
    async def test(reader: Reader) -> None:
        topic = any_source.topics[What.QUOTES]
        await asyncio.to_thread(any_source.log.delete_topic, topic)
        async with reader.open("/health") as response:
            status = response.status
        while status == 200:
            await asyncio.sleep(0.05)
            async with reader.open("/health") as response:
                status = response.status
        await asyncio.to_thread(any_source.log.create_topic, topic, TopicSettings(partitions=4))
        while status != 200:
            await asyncio.sleep(0.05)
            async with reader.open("/health") as response:
                status = response.status
        following = asyncio.create_task(reader.events("/quotes", limit=2))
        await reader.until_streams_are(1)
        await asyncio.to_thread(any_source.publish, 1)
        assert len(quote_ids(await following)) == 2

    run(any_source, test)


def test_a_server_that_stops_says_so(source: Source) -> None:
    async def collect(url: str) -> list[Event]:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return [event async for event in events_of(response)]

    async def main() -> list[Event]:
        async with serving(source) as reader:
            reading = asyncio.create_task(collect(f"{reader.url}/quotes"))
            await reader.until_streams_are(1)
        return await reading

    (event,) = asyncio.run(main())
    assert event.name == "cut-off"
    assert "the server is stopping" in event.data["reason"]


@pytest.mark.parametrize("kind", ["quotes", "articles"])
def test_pages_by_cursor_give_everything_once(any_source: Source, kind: str) -> None:
    any_source.publish(25)

    async def test(reader: Reader) -> None:
        found: list[Any] = []
        page = await reader.json(f"/{kind}/page?from=earliest&limit=7")
        found += page["records"]
        while page["more"]:
            assert len(page["records"]) <= 7
            page = await reader.json(f"/{kind}/page?limit=7&cursor={page['cursor']}")
            found += page["records"]
        ids = [one["quote"]["id"] if kind == "quotes" else one["id"] for one in found]
        expected = any_source.ids() if kind == "quotes" else [f"a{n}" for n in range(25)]
        assert sorted(ids) == sorted(expected)
        page = await reader.json(f"/{kind}/page?cursor={page['cursor']}")
        assert (page["records"], page["more"]) == ([], False)
        await asyncio.to_thread(any_source.publish, 1)
        page = await reader.json(f"/{kind}/page?cursor={page['cursor']}")
        assert len(page["records"]) == (2 if kind == "quotes" else 1)

    run(any_source, test)
