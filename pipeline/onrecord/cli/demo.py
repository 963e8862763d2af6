"""`onrecord demo`: the whole pipeline on a bundled sample, offline, in seconds.

A server on loopback serves feeds of an invented world; they are polled, extracted and shown as
any others. Then one article is edited and one is new, and a second round finds just that.
"""

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from onrecord import wiring
from onrecord.cli.events import Events
from onrecord.cli.options import ConfigOption, FormatOption, floor_of, is_pretty, settings
from onrecord.cli.output import say
from onrecord.cli.render import console
from onrecord.cli.served_pages import pages_served
from onrecord.cli.signals import Stop
from onrecord.cli.stages import run_together
from onrecord.config import Config
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log, Start
from onrecord.records import Extraction, Feed, from_json
from onrecord.sink.subscribe import Stretch, read

PagesOption = Annotated[
    bool | None,
    typer.Option("--pages/--no-pages", help="Serve pages to read [default: on a terminal]."),
]
_BLINK_S = 0.2
ROUNDS = ("round-1", "round-2")


def demo(
    format: FormatOption = None,  # noqa: A002 - the option's name
    pages: PagesOption = None,
    config: ConfigOption = None,
) -> None:
    """Run the whole pipeline on a bundled sample, offline, and serve its results as pages.

    Example: onrecord demo
    """
    pretty = is_pretty(format)
    floor = floor_of(None, pretty=pretty)
    with (
        TemporaryDirectory(prefix="onrecord-demo-") as folder,
        as_file(files("onrecord.cli") / "sample") as sample,
        _served(sample) as server,
        Stop() as stop,
    ):
        loaded = _settings(config, Path(folder))
        wiring.check_model(loaded)
        feeds = server.feeds()
        with wiring.open_log(loaded) as log:
            began = monotonic()
            for number, round_ in enumerate(ROUNDS):
                server.round = round_
                say(_introduction(number, len(feeds)))
                run_together(
                    loaded,
                    log,
                    feeds,
                    stop,
                    Events(loaded.logging, plain=True),
                    only=None,
                    once=True,
                    pretty=pretty,
                    floor=floor,
                )
                if stop():
                    return
            _print_summary(loaded, log, monotonic() - began)
            if sys.stdout.isatty() if pages is None else pages:
                _serve(loaded, log, stop)
            else:
                say("To read it in a browser: onrecord demo --pages")


def _introduction(number: int, feeds: int) -> str:
    if number == 0:
        return f"Round 1: {feeds} feeds of an invented world, served on this machine.\n"
    return "Round 2: the same feeds later. One article was edited, one is new.\n"


def _settings(config: Path | None, folder: Path) -> Config:
    """The user's settings with a log of its own and feeds that are always due."""
    loaded = settings(config, f"sqlite:///{folder}/demo.db")
    feeds = replace(
        loaded.feeds,
        usual_interval_s=0.0,
        shortest_interval_s=0.0,
        longest_interval_s=0.0,
        host_spacing_s=0.0,
        full_text="feed",
        allow_addresses="127.0.0.0/8",
    )
    archive = replace(loaded.archive, url=f"sqlite:///{folder}/archive.db")
    serve = replace(loaded.serve, host="127.0.0.1", token="", token_file="", tokens_file="")
    return replace(loaded, feeds=feeds, archive=archive, serve=serve)


def _serve(loaded: Config, log: Log, stop: Stop) -> None:
    """Serve the pages until Ctrl-C; on any free port where the configured one is taken."""
    anywhere = replace(loaded, serve=replace(loaded.serve, port=0))
    for config in (loaded, anywhere):
        with pages_served(config, log, stop, say) as address:
            if address is not None:
                say("Search for the dockers, or open a person's page. Ctrl-C ends the demo.")
                while not stop():
                    sleep(_BLINK_S)
                return


# ── the publishers ───────────────────────────────────────────────────────────────────────────


class _Publishers(ThreadingHTTPServer):
    """Serves the files of the current round, each a feed."""

    daemon_threads = True

    def __init__(self, sample: Path) -> None:
        self.sample = sample
        self.round = ROUNDS[0]
        super().__init__(("127.0.0.1", 0), _Handler)

    def feeds(self) -> list[Feed]:
        """A subscription to each feed."""
        return [Feed(url=f"http://127.0.0.1:{self.server_port}/{name}") for name in self.names()]

    def names(self) -> list[str]:
        """The files of the current round."""
        return sorted(path.name for path in (self.sample / self.round).iterdir())


class _Handler(BaseHTTPRequestHandler):
    """A feed's file with its hash as the validator: unchanged, it is 304 Not Modified."""

    server: _Publishers

    def do_GET(self) -> None:
        """Answer with a file of the current round."""
        name = self.path.lstrip("/")
        if name not in self.server.names():
            self.send_error(404)
            return
        body = (self.server.sample / self.server.round / name).read_bytes()
        validator = f'"{sha256(body).hexdigest()[:16]}"'
        unchanged = self.headers.get("If-None-Match") == validator
        self.send_response(304 if unchanged else 200)
        self.send_header("ETag", validator)
        if not unchanged:
            kind = "application/feed+json" if name.endswith(".json") else "application/xml"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not unchanged:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as inherited
        """Keep standard error for people."""


@contextmanager
def _served(sample: Path) -> Iterator[_Publishers]:
    with _Publishers(sample) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


# ── the summary ──────────────────────────────────────────────────────────────────────────────


def _print_summary(config: Config, log: Log, took_s: float) -> None:
    topics = wiring.topics_of(config)
    revisions = sum(1 for _ in _values(log, topics.articles))
    extractions = {
        found.article.id: found
        for found in (from_json(v, Extraction) for v in _values(log, topics.extractions))
    }
    quotes = [quote for found in extractions.values() for quote in found.quotes]
    types = Counter(quote.type for quote in quotes)
    people = Counter(
        quote.speaker.name for quote in quotes if quote.speaker and quote.speaker.entity
    )
    table = Table(show_header=False, title="The demo in numbers", title_justify="left")
    rows = {
        "articles": str(len(extractions)),
        "revisions published": str(revisions),
        "quotes": ", ".join(f"{count} {kind}" for kind, count in types.most_common()),
        "with a speaker": str(sum(quote.speaker is not None for quote in quotes)),
        "most quoted": ", ".join(f"{name} ({n})" for name, n in people.most_common(3)),
        "entities": str(sum(len(found.entities) for found in extractions.values())),
        "took": f"{took_s:.1f} s, start-up of the extractors included",
    }
    for name, value in rows.items():
        table.add_row(Text(name, "dim"), value)
    console(stderr=not sys.stdout.isatty()).print(table)


def _values(log: Log, topic: str) -> Iterator[bytes]:
    everything = Stretch(start=Start.EARLIEST, until="end")
    backoff = Backoff(Outage(say), "demo")
    for message in read(
        log, topic, everything, backoff=backoff, clock=wiring.now, stopped=lambda: False
    ):
        if message.value is not None:
            yield message.value
