"""How fast feeds are polled and read; run by hand.

    .venv/bin/python -m tests.benchmarks.feeds poll [FEEDS]
    .venv/bin/python -m tests.benchmarks.feeds parse [FEEDS]
    .venv/bin/python -m tests.benchmarks.feeds pages [FOLDER]

`poll`: so many feeds on loopback, 90 % of which answer 304 at the second poll and the rest 30 new
entries each; the rate, and the memory of all processes together. The server is another process
and takes its share of the processors. How long the event loop was ready but had no processor tells
a slow machine from a slow poll. `parse`: changed news feeds of 100 kB through what a poll
does with them, beside bare feedparser in the same run. `pages`: quoted passages of 20 characters or
more that survive exactly, in the pages written for tests or in a corpus: `tests/data` of the
source distribution of newspaper4k has news pages with their articles.
"""

import asyncio
import html
import os
import platform
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import psutil
from aiohttp import web

from onrecord.errors import ParseError
from onrecord.feeds.articles.claims import EVERYTHING
from onrecord.feeds.articles.document import read_document
from onrecord.feeds.pages.fulltext import read_page
from onrecord.feeds.parsing.parse import parse_feed
from onrecord.records import Article, Feed
from tests.feeds.pages import written_pages

NOW = datetime.now(UTC)
PARAGRAPH = (
    "<p>“The pier will open in May,” harbour master Mara Lind said &amp; added that the work had "
    "cost <a href='/x'>less</a> than planned, though “not by much”.</p>"
)


def document(feed: int, first: int, entries: int, paragraphs: int, host: str = "") -> bytes:
    host = host or f"h{feed}.example"
    text = html.escape(PARAGRAPH * paragraphs)
    items = "".join(
        f"<item><title>Story {feed}-{n}</title>"
        f"<link>https://{host}/{feed}/{n}?utm_source=rss</link>"
        f"<guid isPermaLink='false'>{feed}-{n}</guid>"
        "<pubDate>Fri, 20 Nov 2026 12:00:00 GMT</pubDate>"
        f"<description>Story {feed}-{n}. {text}</description></item>"
        for n in range(first, first + entries)
    )
    head = f"<title>Feed {feed}</title><language>en</language>"
    return f"<rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


# ── polling ──────────────────────────────────────────────────────────────────────────────────


async def serve(port_file: str) -> None:
    """Each feed its own path; `/round/N` moves on. One feed in ten changes with the round."""
    current = 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal current
        if request.path.startswith("/round/"):
            current = int(request.path.rpartition("/")[2])
            return web.Response()
        number = int(request.path.rpartition("/")[2])
        version = current if number % 10 == 0 else 0
        tag = f'"{version}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        entries = 30 if version else 1
        # Links to other hosts would measure how soon this machine fails to look up their names.
        body = document(number, 30 * version, entries, 1, request.host)
        return web.Response(body=body, headers={"ETag": tag}, content_type="application/rss+xml")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    addresses = runner.addresses
    Path(port_file).write_text(str(addresses[0][1]))  # noqa: ASYNC240
    await asyncio.Event().wait()


@contextmanager
def served(folder: str) -> Iterator[str]:
    """The URL of a server of feeds, in a process of its own."""
    port_file = Path(folder) / "port"
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.feeds", "serve", str(port_file)]
    )
    try:
        while not port_file.exists() or not port_file.read_text():
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port_file.read_text()}"
    finally:
        server.kill()
        server.wait()


def poll(feeds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, served(folder) as url:
        listed = Path(folder) / "feeds.txt"
        listed.write_text("".join(f"{url}/{number}\n" for number in range(feeds)))
        for round_number, what in enumerate(("all new", "90 % unchanged")):
            subprocess.run(["curl", "-s", f"{url}/round/{round_number}"], check=True)
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            run = _run_poll(folder, listed)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            busy_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(
                f"{what}: {feeds} feeds in {run.took_s:.1f} s, {feeds / run.took_s:.0f} a "
                f"second; {busy_s:.1f} s of processors, so {feeds / busy_s:.0f} a second of "
                f"one; its event loop was ready without a processor for {run.queued_s:.1f} s; "
                f"peak {run.peak[0] / 1e6:.0f} MB, {run.peak[1] / 1e6:.0f} with shared pages "
                f"once; load {os.getloadavg()[0]:.1f}",
                flush=True,
            )


@dataclass(frozen=True)
class _Run:
    """A poll's seconds by the clock, the most memory of its processes in bytes (all of each, and
    shared pages once), and how many seconds its main thread was ready to run while others had the
    processors."""

    took_s: float
    peak: tuple[int, int]
    queued_s: float


def _run_poll(folder: str, listed: Path) -> _Run:
    command = [
        str(Path(sys.executable).parent / "onrecord"),
        "poll",
        "--once",
        "--feeds",
        str(listed),
    ]
    settings = {
        "PATH": "/usr/bin:/bin",
        "ONRECORD_LOG__URL": f"sqlite:///{folder}/log.db",
        "ONRECORD_FEEDS__USUAL_INTERVAL_S": "0",
        "ONRECORD_FEEDS__SHORTEST_INTERVAL_S": "0",
        "ONRECORD_FEEDS__LONGEST_INTERVAL_S": "0",
        "ONRECORD_FEEDS__HOST_SPACING_S": "0",
        "ONRECORD_FEEDS__PER_HOST": "32",
        "ONRECORD_FEEDS__FULL_TEXT": "feed",
        "ONRECORD_FEEDS__ALLOW_ADDRESSES": "127.0.0.0/8",
    }
    began = time.monotonic()
    process = psutil.Popen(command, env=settings, cwd=folder, stderr=subprocess.DEVNULL)
    peak, queued_s = (0, 0), 0.0
    while process.poll() is None:
        peak = max(peak, memory(process))
        with suppress(OSError):  # not on other systems than Linux, nor once it has ended
            schedule = Path(f"/proc/{process.pid}/schedstat").read_text()
            queued_s = int(schedule.split()[1]) / 1e9
        time.sleep(0.2)
    return _Run(time.monotonic() - began, peak, queued_s)


def memory(process: psutil.Process) -> tuple[int, int]:
    """The bytes that all processes have in memory, and the same with shared pages counted once."""
    try:
        used = [one.memory_full_info() for one in (process, *process.children(recursive=True))]
        return sum(one.rss for one in used), sum(one.pss for one in used)
    except psutil.Error:
        return 0, 0


# ── reading ──────────────────────────────────────────────────────────────────────────────────


def parse(feeds: int) -> None:
    bodies = [document(number, 0, 30, 15) for number in range(feeds)]
    url = "https://h.example/feed"
    size = sum(map(len, bodies)) / feeds
    few = bodies[: max(1, feeds // 10)]
    ours = _each_ms(bodies, lambda body: parse_feed(body, url=url))
    whole = _each_ms(
        bodies, lambda body: read_document(Feed(url=url), body, url, None, NOW, EVERYTHING)
    )
    theirs = _each_ms(few, feedparser.parse)
    print(f"{feeds} feeds of {size / 1000:.0f} kB, milliseconds of one processor each:")
    print(f"  entries: {ours:.1f}; articles with plain text: {whole:.1f}; feedparser: {theirs:.1f}")
    print(f"  {theirs / ours:.1f} and {theirs / whole:.1f} times feedparser's rate")


# ── pages ────────────────────────────────────────────────────────────────────────────────────

_QUOTED = re.compile(r"“([^“”]{20,})”|\"([^\"]{20,400})\"|«([^«»]{20,})»|„([^„“”]{20,})[“”]")


def pages(folder: str | None) -> None:
    """Quoted passages of 20 characters or more, and those of them that survive exactly."""
    wanted, kept = 0, 0
    for name, body, whole in _corpus(Path(folder)) if folder else _written():
        passages = [" ".join("".join(found).split()) for found in _QUOTED.findall(whole)]
        entry = Article(id="x", fetched_at=NOW, text="", content_hash="")
        try:
            found = " ".join(read_page(body, "https://p.example/1", None, entry).text.split())
        except ParseError as error:
            found = ""
            print(f"{name}: {error.reason}")
        lost = [passage for passage in passages if passage not in found]
        wanted, kept = wanted + len(passages), kept + len(passages) - len(lost)
        for passage in lost:
            print(f"{name} lost {passage[:100]!r}")
    print(f"{kept} of {wanted} quoted passages survive")


def _written() -> Iterator[tuple[str, bytes, str]]:
    for page in written_pages.pages():
        yield page.layout, page.body, page.article.text


def _corpus(folder: Path) -> Iterator[tuple[str, bytes, str]]:
    """Pages in `html/` with their articles in `txt/`, as newspaper4k's tests have them."""
    for path in sorted((folder / "html").iterdir()):
        text = folder / "txt" / f"{path.stem}.txt"
        if text.exists():
            yield path.name, path.read_bytes(), text.read_text("utf-8", "replace")


def _each_ms(bodies: list[bytes], read: Callable[[bytes], object]) -> float:
    began = time.process_time()
    for body in bodies:
        read(body)
    return (time.process_time() - began) * 1000 / len(bodies)


if __name__ == "__main__":
    what, *more = sys.argv[1:]
    if what == "serve":
        asyncio.run(serve(more[0]))
    else:
        print(f"Python {platform.python_version()}, feedparser {feedparser.__version__}")
        if what == "pages":
            pages(more[0] if more else None)
        else:
            {"poll": poll, "parse": parse}[what](int(more[0]) if more else 1000)
