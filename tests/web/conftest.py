"""A server on loopback over a real log, and readers of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from onrecord.log.interface import Log, TopicSettings
from onrecord.log.opening import open_log
from onrecord.measurements import Metrics
from onrecord.records import Record, to_json
from onrecord.sink.selection import What
from onrecord.web.policy import ServePolicy
from onrecord.web.server import Server
from tests.builders import article, extraction, quote
from tests.kafka.fixtures import everyday
from tests.patience import PATIENCE_S

_numbers = count(1)


@dataclass(frozen=True)
class Event:
    id: str
    name: str
    data: Any


class Source:
    """A log with topics of its own, and what a test does with it."""

    def __init__(self, log: Log) -> None:
        self.log = log
        number = next(_numbers)
        self.topics = {
            What.ARTICLES: f"t{number}.articles",
            What.EXTRACTIONS: f"t{number}.extractions",
            What.QUOTES: f"t{number}.extractions",
        }
        for topic in sorted(set(self.topics.values())):
            log.create_topic(topic, TopicSettings(partitions=4))
        self.published = 0

    def publish(self, records: int, *, quotes: int = 2, together: int = 1000) -> None:
        """Extractions with quotes, and as many articles, numbered on."""
        with self.log.writer("publish") as writer:
            for start in range(0, records, together):
                with writer.transaction() as tx:
                    for _ in range(min(together, records - start)):
                        self._publish_one(tx, quotes)

    def _publish_one(self, tx: Any, quotes: int) -> None:
        name = f"a{self.published}"
        self.published += 1
        said = tuple(quote(id=f"{name}.{n}") for n in range(quotes))
        found: tuple[tuple[What, Record], ...] = (
            (What.EXTRACTIONS, extraction(name, quotes=said)),
            (What.ARTICLES, article(name)),
        )
        for what, record in found:
            tx.publish(self.topics[what], key=name.encode(), value=to_json(record))

    def publish_foreign(self, value: bytes) -> None:
        """The same bytes, no record of ours, on every topic."""
        with self.log.writer("foreign") as writer, writer.transaction() as tx:
            for topic in sorted(set(self.topics.values())):
                tx.publish(topic, key=b"foreign", value=value)

    def ids(self, quotes: int = 2) -> list[str]:
        """The ids of every quote published."""
        return [f"a{n}.{q}" for n in range(self.published) for q in range(quotes)]


class Reader:
    """Asks one server."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    @asynccontextmanager
    async def open(self, path: str, **headers: str) -> AsyncIterator[aiohttp.ClientResponse]:
        async with self.session.get(self.url + path, headers=headers) as response:
            yield response

    async def json(self, path: str, **headers: str) -> Any:
        async with self.open(path, **headers) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def until_streams_are(self, count: int) -> None:
        """Wait until so many follow."""
        while (await self.json("/health"))["streams"] != count:  # noqa: ASYNC110 - elsewhere
            await asyncio.sleep(0.02)

    async def events(
        self, path: str, *, last: str | None = None, limit: int | None = None
    ) -> list[Event]:
        """The events of a stream until it ends, or there were so many."""
        headers = {} if last is None else {"Last-Event-ID": last}
        found: list[Event] = []
        async with self.open(path, **headers) as response:
            assert response.status == 200, await response.text()
            async for event in events_of(response):
                found.append(event)
                if len(found) == limit:
                    break
        return found


async def events_of(response: aiohttp.ClientResponse) -> AsyncIterator[Event]:
    """As a browser reads them: an id without data is remembered and not given."""
    last, fields = "", dict[str, str]()
    while line := (await response.content.readline()).decode():
        if line == "\n":
            last = fields.get("id", last)
            if "data" in fields:
                yield Event(last, fields.get("event", "message"), json.loads(fields["data"]))
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.rstrip("\n").partition(": ")
            fields[name] = value


def quote_ids(events: list[Event]) -> list[str]:
    return [event.data["quote"]["id"] for event in events if event.name == "message"]


@asynccontextmanager
async def serving(source: Source, **policy: Any) -> AsyncIterator[Reader]:
    server = Server(
        source.log,
        source.topics,
        ServePolicy(port=0, **policy),
        version="0",
        clock=lambda: datetime.now(UTC),
        say=print,
        metrics=Metrics(),
    )
    connector = aiohttp.TCPConnector(limit=0)
    try:
        url = await server.start()
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, read_bufsize=2**20
        ) as session:
            yield Reader(url, session)
    finally:
        await connector.close()
        await server.stop()


Run = Callable[[Callable[[Reader], Coroutine[Any, Any, None]]], None]


def run(source: Source, test: Callable[[Reader], Coroutine[Any, Any, Any]], **policy: Any) -> Any:
    """Run a test against a server."""

    async def main() -> Any:
        async with serving(source, **policy) as reader:
            return await test(reader)

    return asyncio.run(main())


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Source]:
    with open_log(f"sqlite:///{tmp_path}/log.db") as log:
        yield Source(log)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with everyday(tmp_path_factory.mktemp("kafka")) as started:
        yield started.servers


@pytest.fixture(params=["sqlite", pytest.param("kafka", marks=pytest.mark.slow)])
def any_source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    """On each log."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/log.db"
    else:
        url = f"kafka://{request.getfixturevalue('servers')}"
    with open_log(url) as log:
        yield Source(log)
