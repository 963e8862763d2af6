"""A served site over a real log and a real archive, and readers of it."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest

from onrecord import wiring
from onrecord.archive.interface import ArticleRead, ExtractionRead
from onrecord.cli.page_operations import operations_of
from onrecord.config import Config
from onrecord.log.interface import Log
from onrecord.measurements import Metrics
from onrecord.records import Article, Extraction, Feed, FeedState, to_json
from onrecord.web.server import Server
from tests.patience import PATIENCE_S
from tests.web.pages.invented import POST, STATE, TIDE, everything


class _Stay(HTTPRedirectHandler):
    """Redirects are answers to look at."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    text: str


@dataclass
class Site:
    """A server in a thread, with the log and the archive that it reads."""

    url: str
    config: Config
    log: Log
    headers: dict[str, str] = field(default_factory=lambda: {"Accept": "text/html"})

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask(Request(self.url + path, headers=self.headers | headers))

    def post(self, path: str, form: dict[str, str], **headers: str) -> Answer:
        return self.send(path, urlencode(form).encode(), **headers)

    def send(self, path: str, body: bytes, **headers: str) -> Answer:
        return self.ask(Request(self.url + path, body, headers=self.headers | headers))

    def ask(self, request: Request) -> Answer:
        try:
            with build_opener(_Stay).open(request, timeout=PATIENCE_S) as response:
                return Answer(response.status, response.headers, response.read().decode())
        except HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read().decode())

    def publish(self, found: Extraction) -> None:
        """Put an extraction on the log, as a worker does."""
        topic = wiring.topics_of(self.config).extractions
        with self.log.writer("test") as writer, writer.transaction() as tx:
            tx.publish(topic, key=found.article.id.encode(), value=to_json(found))

    def follow(self, *feeds: Feed) -> None:
        wiring.follow(self.config, self.log, feeds, by_hand=True)

    def publish_state(self, state: FeedState) -> None:
        """Put the state of a feed on the log, as a poller does."""
        topic = wiring.topics_of(self.config).feed_states
        with self.log.writer("test") as writer, writer.transaction() as tx:
            tx.publish(topic, key=state.url.encode(), value=to_json(state))

    def keep(self, pairs: list[tuple[Article, Extraction]]) -> None:
        """Put articles with their extractions into the archive, as its indexer does."""
        changes: list[ArticleRead | ExtractionRead] = []
        for article, extraction in pairs:
            changes += [ArticleRead(article=article), ExtractionRead(extraction=extraction)]
        with wiring.open_archive(self.config, make=True) as archive, archive.writer() as writer:
            writer.write(changes, {})


def config_in(folder: Path, **serve: Any) -> Config:
    """A configuration whose log and archive are in a folder, on any free port."""
    base = Config()
    return replace(
        base,
        log=replace(base.log, url=f"sqlite:///{folder}/log.db"),
        archive=replace(base.archive, url=f"sqlite:///{folder}/archive.db"),
        serve=replace(base.serve, port=0, **serve),
    )


@contextmanager
def serving(config: Config, *, filled: bool = True) -> Iterator[Site]:
    """Serve the site of a configuration, with the invented world in log and archive."""
    with wiring.open_log(config) as log:
        site = Site("", config, log)
        if filled:
            site.keep(everything())
            site.follow(TIDE, POST)
            site.publish_state(STATE)
            for _, extraction in everything():
                site.publish(extraction)
        with _in_a_thread(config, log) as site.url:
            yield site


@contextmanager
def _in_a_thread(config: Config, log: Log) -> Iterator[str]:
    address: Future[str] = Future()
    loop, over = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        server: Server = wiring.server(
            config, log, say=print, metrics=Metrics(), operations=operations_of(config, log)
        )
        try:
            address.set_result(await server.start())
            await over.wait()
        finally:
            await server.stop()

    def run() -> None:
        try:
            loop.run_until_complete(serve())
        except BaseException as error:  # noqa: BLE001 - raised again in the test's thread
            if not address.done():
                address.set_exception(error)
        finally:
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield address.result(60)
    finally:
        if thread.is_alive():
            loop.call_soon_threadsafe(over.set)
        thread.join()


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """On loopback without a token: who asks can read and write. Tests only add to it."""
    with serving(config_in(tmp_path_factory.mktemp("site"))) as served:
        yield served
