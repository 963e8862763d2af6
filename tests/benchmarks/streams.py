"""Two hundred readers of one `onrecord serve`, fifty quotes a second: does each get all of them?

    .venv/bin/python -m tests.benchmarks.streams          # for a minute
    .venv/bin/python -m tests.benchmarks.streams 600      # for ten

The server is a process of its own, on SQLite; beside the readers there are ten who ask and then
read nothing, and must cost no more than their buffers. Reported are what came late by how much,
and how much memory the server took before, at most, and at the end.
"""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

import aiohttp
import msgspec
import psutil

from onrecord.log.interface import Log, TopicSettings
from onrecord.log.opening import open_log
from onrecord.records import to_json
from tests.benchmarks.speed import COMMAND
from tests.builders import extraction, quote
from tests.web.test_streams import slow_socket

READERS = 200
SILENT = 10
QUOTES_A_SECOND = 50
TOPIC = "onrecord.extractions"


class Said(msgspec.Struct):
    id: str


class Event(msgspec.Struct):
    quote: Said
    extracted_at: datetime


decode = msgspec.json.Decoder(Event).decode


@contextmanager
def serving(url: str) -> Iterator[tuple[str, psutil.Process]]:
    command = [COMMAND, "serve", "--port", "0", "--log", url]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        line = running.stderr.readline()
        found = re.search(r"on (http://\S+),", line)
        assert found, line
        yield found[1], psutil.Process(running.pid)
        running.terminate()


def publish(log: Log, seconds: int) -> None:
    """Half as many extractions as quotes, evenly."""
    each = 2 / QUOTES_A_SECOND
    began = time.monotonic()
    with log.writer("bench") as writer:
        for n in range(int(seconds / each)):
            time.sleep(max(0.0, began + n * each - time.monotonic()))
            quotes = tuple(quote(id=f"{n}.{q}") for q in range(2))
            found = extraction(f"a{n}", quotes=quotes, extracted_at=datetime.now(UTC))
            with writer.transaction() as tx:
                tx.publish(TOPIC, key=b"%d" % n, value=to_json(found))


async def read(session: aiohttp.ClientSession, url: str, count: int, late_s: list[float]) -> int:
    """How many different quotes came, when so many had come at all."""
    seen: set[str] = set()
    async with session.get(f"{url}/quotes") as response:
        left = count
        async for line in response.content:
            if line.startswith(b"event:"):
                raise RuntimeError(await response.content.readline())
            if line.startswith(b"data:"):
                event = decode(line[5:])
                seen.add(event.quote.id)
                late_s.append((datetime.now(UTC) - event.extracted_at).total_seconds())
                left -= 1
                if not left:
                    break
    return len(seen)


async def watch(server: psutil.Process, used: list[int]) -> None:
    while True:
        used.append(server.memory_info().rss)
        await asyncio.sleep(0.2)


async def follow(url: str, server: psutil.Process, log: Log, seconds: int) -> None:
    count = seconds * QUOTES_A_SECOND
    late_s: list[float] = []
    used: list[int] = []
    silent = [slow_socket(url, "/quotes") for _ in range(SILENT)]
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None, sock_read=120)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        reading = [asyncio.create_task(read(session, url, count, late_s)) for _ in range(READERS)]
        while True:
            async with session.get(f"{url}/health") as response:
                if (await response.json())["streams"] == READERS + SILENT:
                    break
            await asyncio.sleep(0.1)
        watching = asyncio.create_task(watch(server, used))
        worked = sum(server.cpu_times()[:2])
        await asyncio.to_thread(publish, log, seconds)
        got = await asyncio.gather(*reading)
        worked = sum(server.cpu_times()[:2]) - worked
        used.append(server.memory_info().rss)
        watching.cancel()
    for connection in silent:
        connection.close()
    cuts = quantiles(late_s, n=100)
    print(
        f"{READERS} readers and {SILENT} that read nothing, {QUOTES_A_SECOND} quotes a second for "
        f"{seconds} s: {got.count(count)} of {READERS} got all {count:,}, each once\n"
        f"late by {cuts[49] * 1000:.0f} ms (half), {cuts[98] * 1000:.0f} ms (99 of 100), "
        f"{max(late_s) * 1000:.0f} ms (at most)\n"
        f"the server's memory: {used[0] >> 20} MB before, {max(used) >> 20} MB at most, "
        f"{used[-1] >> 20} MB at the end; its processor worked {100 * worked / seconds:.0f} %"
    )
    assert got == [count] * READERS


def main() -> None:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, readers on the same machine")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder)}/log.db"
        with open_log(url) as log:
            log.create_topic(TOPIC, TopicSettings(partitions=4))
            with serving(url) as (address, server):
                asyncio.run(follow(address, server, log, seconds))


if __name__ == "__main__":
    main()
