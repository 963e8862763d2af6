"""`onrecord run`, `poll` and `extract`: the stages, together or each alone."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Annotated, Self

import typer

from onrecord import wiring
from onrecord.cli.alerting import PART as ALERTS_PART
from onrecord.cli.alerting import send_alerts
from onrecord.cli.archiving import PART, keep_archive
from onrecord.cli.events import Events, reported, speak_as
from onrecord.cli.feeds.naming import pass_over_outline
from onrecord.cli.live_quotes import LiveQuotes
from onrecord.cli.maintenance import kept_up
from onrecord.cli.operating import Operating, operating
from onrecord.cli.options import (
    ConfigOption,
    FormatOption,
    LogOption,
    MinConfidenceOption,
    floor_of,
    is_pretty,
    settings,
)
from onrecord.cli.people_kept import people_kept
from onrecord.cli.printing import say_left_out
from onrecord.cli.served_pages import pages_served
from onrecord.cli.signals import Stop, stopping
from onrecord.cli.starting import topics_there
from onrecord.cli.takeover import slow_to_return
from onrecord.config import Config
from onrecord.feeds.polling.poller import Poller, PollReport
from onrecord.log.backoff import Backoff
from onrecord.log.consuming import is_drained
from onrecord.log.interface import Log
from onrecord.processing.feeds.subscriptions import followed_as
from onrecord.processing.reasons import ReasonCode
from onrecord.processing.worker import BatchReport
from onrecord.records import Feed
from onrecord.sink.filters import Floor
from onrecord.version import VERSION

FeedsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--feeds",
        metavar="FILE|URL",
        help="A feed list (OPML, or one URL a line) or a feed's URL.",
    ),
]
PagesOption = Annotated[
    bool, typer.Option("--pages/--no-pages", help="Serve pages to read while it runs.")
]
OnceOption = Annotated[bool, typer.Option("--once", help="Do what is due, then exit.")]


def run(
    feeds: FeedsOption = None,
    once: OnceOption = False,
    format: FormatOption = None,  # noqa: A002 - the option's name
    min_confidence: MinConfidenceOption = None,
    pages: PagesOption = True,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Poll, extract and show quotes as they come, all in one process.

    The pages of `onrecord serve` are served meanwhile, on serve.host and serve.port.

    Example: onrecord run --once --feeds config/feeds.opml
    """
    loaded = settings(config, log)
    speak_as(loaded.logging)
    floor = floor_of(min_confidence, pretty=is_pretty(format))
    listed = wiring.read_feeds(loaded, feeds, pass_over_outline)
    wiring.check_model(loaded)
    only = {feed.url for feed in listed} if feeds else None
    has_pages = pages and not once
    if has_pages:
        wiring.check_serve(loaded)
    with (
        reported(loaded.logging) as events,
        wiring.connected(loaded) as opened,
        stopping(loaded, opened) as stop,
    ):

        @contextmanager
        def introduced() -> Iterator[None]:
            with pages_served(loaded, opened, stop, events) if has_pages else nullcontext():
                events(f"onrecord {VERSION}: {len(listed)} feeds, {loaded.log.url}, Ctrl-C stops")
                yield

        shown = run_together(
            loaded,
            opened,
            listed,
            stop,
            events,
            only=only,
            once=once,
            pretty=is_pretty(format),
            floor=floor,
            beside=introduced(),
        )
        events(f"{shown.articles} articles extracted, {shown.quotes} quotes")
        say_left_out(shown.left_out, floor, events)


def poll(
    feeds: FeedsOption = None,
    once: OnceOption = False,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Poll feeds and publish their articles.

    Example: onrecord poll --once
    """
    loaded = settings(config, log)
    speak_as(loaded.logging)
    listed = wiring.read_feeds(loaded, feeds, pass_over_outline)
    only = {feed.url for feed in listed} if feeds else None
    with (
        reported(loaded.logging) as events,
        wiring.connected(loaded) as opened,
        stopping(loaded, opened) as stop,
        kept_up(opened, once=once, say=events),
        operating(loaded, opened, events) as operations,
        topics_there(loaded, opened, stop, operations, once=once),
    ):
        _poll(loaded, opened, listed, stop, operations, only=only, once=once)


def extract(once: OnceOption = False, config: ConfigOption = None, log: LogOption = None) -> None:
    """Extract quotes and entities from published articles. Start as many as you like.

    Example: onrecord extract --once
    """
    loaded = settings(config, log)
    speak_as(loaded.logging)
    wiring.check_model(loaded)
    with (
        reported(loaded.logging) as events,
        wiring.connected(loaded) as opened,
        stopping(loaded, opened) as stop,
        kept_up(opened, once=once, say=events),
        operating(loaded, opened, events) as operations,
        topics_there(loaded, opened, stop, operations, once=once),
        people_kept(loaded, opened, stop, operations, once=once),
    ):
        done: Counter[str] = Counter()

        def report(batch: BatchReport) -> None:
            done["articles"] += len(batch.extractions)
            done["letters"] += len(batch.dead_letters)

        _extract(loaded, opened, stop, operations, once=once, report=report)
        events(f"{done['articles']} articles extracted, {done['letters']} dead letters")


# ── the stages ───────────────────────────────────────────────────────────────────────────────


def run_together(
    config: Config,
    log: Log,
    listed: Sequence[Feed],
    stop: Stop,
    events: Events,
    *,
    only: set[str] | None,
    once: bool,
    pretty: bool,
    floor: Floor,
    beside: AbstractContextManager[None] | None = None,
) -> LiveQuotes:
    """Poll and extract in threads, and print quotes as they are committed, until it is over.

    `beside` is entered once the log answers and has its topics.
    """

    def poll_stage() -> None:
        _poll(config, log, listed, stop, operations, only=only, once=once)

    def extract_stage() -> None:
        _extract(config, log, stop, operations, once=once, report=_nothing_more)

    def archive_stage() -> None:
        archive_level(config, log, stop, operations, once=once)

    def alert_stage() -> None:
        _alert(config, log, stop, operations, once=once)

    def one_after_the_other() -> None:
        poll_stage()
        extract_stage()
        archive_stage()
        alert_stage()

    with (
        kept_up(log, once=once, say=events),
        operating(config, log, events) as operations,
        topics_there(config, log, stop, operations, once=once),
        beside or nullcontext(),
    ):
        shown = LiveQuotes(log, wiring.topics_of(config).extractions, pretty=pretty, floor=floor)
        with (
            people_kept(config, log, stop, operations, once=once),
            _Stages(stop) as stages,
        ):
            if once:
                stages.start("poll and extract", one_after_the_other)
            else:
                stages.start("poll", poll_stage)
                stages.start("extract", extract_stage)
                stages.start("archive", archive_stage)
                stages.start("alerts", alert_stage)
            shown.follow(
                Backoff(operations.outage, "show"),
                over=stages.are_over,
                stopped=operations.asked("show", stop),
            )
    return shown


def _poll(
    config: Config,
    log: Log,
    listed: Sequence[Feed],
    stop: Stop,
    operations: Operating,
    *,
    only: set[str] | None,
    once: bool,
) -> None:
    operations.metrics.will_poll()
    backoff = Backoff(operations.outage, "poll")
    backoff.answered(lambda: wiring.follow(config, log, listed, by_hand=False), stop)
    ledger = backoff.answered(lambda: wiring.ledger(config, log, _known(config, log, only)), stop)
    if ledger is None:
        return
    names = {feed.url: feed.publisher for feed in listed}

    def report(outcome: PollReport) -> None:
        operations.polled(outcome, names.get(outcome.url) or outcome.title)

    with slow_to_return(lambda: once or stop(), operations.say), ledger:
        poller = wiring.poller(
            config,
            ledger,
            report=report,
            outage=operations.outage,
            alive=operations.part("poll"),
        )
        operations.metrics.watch_queue("polls", poller.in_hand)
        asyncio.run(_polling(poller, stop, once=once))
    operations.ended("poll")


def _known(config: Config, log: Log, only: set[str] | None) -> set[str] | None:
    """The URLs under which these feeds are followed."""
    known = followed_as(log, wiring.topics_of(config), only or ())
    return only and {known.get(url, url) for url in only}


async def _polling(poller: Poller, stop: Stop, *, once: bool) -> None:
    stopping = asyncio.Event()
    stop.then_set(stopping, asyncio.get_running_loop())
    await (poller.poll_due(stopping) if once else poller.run(stopping))


def _extract(
    config: Config,
    log: Log,
    stop: Stop,
    operations: Operating,
    *,
    once: bool,
    report: Callable[[BatchReport], None],
) -> None:
    topics, group = wiring.topics_of(config), wiring.extract_group(config)
    name = wiring.slot_name(config, "extract")
    operations.metrics.will_set_aside(code.value for code in ReasonCode)
    outage, stopped = operations.outage, operations.asked("extract", stop)
    member = Backoff(outage, "extract").answered(
        lambda: log.join(group, [topics.articles], name=name), stopped
    )

    def committed(batch: BatchReport) -> None:
        operations.extracted(batch)
        report(batch)

    if member is None:
        return
    with (
        slow_to_return(lambda: once or stop(), operations.say),
        member,
        wiring.worker(config, log, member, report=committed, outage=outage) as worker,
    ):
        operations.metrics.watch_queue("articles", worker.in_hand)
        drained = partial(is_drained, log, member, group) if once else _never
        worker.run(stopped, drained)
    operations.ended("extract")


def archive_level(
    config: Config, log: Log, stop: Stop, operations: Operating, *, once: bool
) -> None:
    """Keep the archive level with the log, as a stage."""
    keep_archive(
        config,
        log,
        operations.archive,
        outage=operations.outage,
        stopped=operations.asked(PART, stop),
        once=once,
    )
    operations.ended(PART)


def _alert(config: Config, log: Log, stop: Stop, operations: Operating, *, once: bool) -> None:
    send_alerts(
        config,
        log,
        say=operations.say,
        metrics=operations.metrics,
        health=operations.health,
        outage=operations.outage,
        stopped=operations.asked(ALERTS_PART, stop),
        once=once,
    )
    operations.ended(ALERTS_PART)


def _never() -> bool:
    return False


def _nothing_more(batch: BatchReport) -> None:
    pass


class _Stages:
    """Runs stages in threads. The first to fail stops the others, and its error is raised."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._threads: list[threading.Thread] = []
        self._error: BaseException | None = None

    def start(self, name: str, stage: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._guarded, args=(stage,), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _guarded(self, stage: Callable[[], None]) -> None:
        try:
            stage()
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            self._error = self._error or error
            self._stop.set()

    def are_over(self) -> bool:
        """Whether every stage has returned."""
        return not any(thread.is_alive() for thread in self._threads)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._error is not None:
            raise self._error
