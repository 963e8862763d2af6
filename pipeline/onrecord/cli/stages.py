"""`onrecord run`, `poll` and `extract`: the stages, together or each alone."""

import asyncio
import sys
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated, Self

import typer

from onrecord import wiring
from onrecord.cli.escape import harmless
from onrecord.cli.maintenance import kept_up
from onrecord.cli.options import (
    ConfigOption,
    FormatOption,
    LogOption,
    MinConfidenceOption,
    floor_of,
    is_pretty,
    settings,
)
from onrecord.cli.printing import say_left_out
from onrecord.cli.render import console, print_quote
from onrecord.cli.signals import Stop
from onrecord.config import Config
from onrecord.errors import RecordError
from onrecord.feeds.polling.poller import Poller, PollReport
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.following import Follower
from onrecord.log.interface import Log, Message, Partition
from onrecord.processing.worker import BatchReport, is_drained
from onrecord.records import Extraction, Feed, Quote, from_json, on_record, to_json
from onrecord.sink.filters import Floor
from onrecord.version import VERSION

FeedsOption = Annotated[
    list[str] | None,
    typer.Option("--feeds", help="A feed list (OPML, or one URL a line) or a feed's URL."),
]
OnceOption = Annotated[bool, typer.Option("--once", help="Do what is due, then exit.")]


def run(
    feeds: FeedsOption = None,
    once: OnceOption = False,
    format: FormatOption = None,  # noqa: A002 - the option's name
    min_confidence: MinConfidenceOption = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Poll, extract and show quotes as they come, all in one process.

    Example: onrecord run --once --feeds config/feeds.opml
    """
    loaded = settings(config, log)
    floor = floor_of(min_confidence, pretty=is_pretty(format))
    listed = wiring.read_feeds(loaded, feeds)
    wiring.check_model(loaded)
    only = {feed.url for feed in listed} if feeds else None
    with wiring.open_log(loaded) as opened, Stop(opened.hurry) as stop:
        say(f"onrecord {VERSION}: {len(listed)} feeds, {loaded.log.url}, Ctrl-C stops")
        say_differences(loaded, opened)
        shown = run_together(
            loaded,
            opened,
            listed,
            stop,
            only=only,
            once=once,
            pretty=is_pretty(format),
            floor=floor,
        )
        say(f"{shown.articles} articles extracted, {shown.quotes} quotes")
        say_left_out(shown.left_out, floor, say)


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
    listed = wiring.read_feeds(loaded, feeds)
    only = {feed.url for feed in listed} if feeds else None
    with (
        wiring.open_log(loaded) as opened,
        Stop(opened.hurry) as stop,
        kept_up(opened, once=once, say=say),
    ):
        say_differences(loaded, opened)
        _poll(loaded, opened, listed, stop, Outage(say), only=only, once=once)


def extract(once: OnceOption = False, config: ConfigOption = None, log: LogOption = None) -> None:
    """Extract quotes and entities from published articles. Start as many as you like.

    Example: onrecord extract --once
    """
    loaded = settings(config, log)
    wiring.check_model(loaded)
    with (
        wiring.open_log(loaded) as opened,
        Stop(opened.hurry) as stop,
        kept_up(opened, once=once, say=say),
    ):
        say_differences(loaded, opened)
        done: Counter[str] = Counter()

        def report(batch: BatchReport) -> None:
            report_dead_letters(batch)
            done["articles"] += len(batch.extractions)
            done["letters"] += len(batch.dead_letters)

        _extract(loaded, opened, stop, Outage(say), once=once, report=report)
        say(f"{done['articles']} articles extracted, {done['letters']} dead letters")


def say_differences(config: Config, log: Log) -> None:
    """A line for each topic that is kept otherwise than configured."""
    for topic, different in wiring.differences(config, log).items():
        say(f"{topic} is not as configured, and used as it is: {', '.join(different)}")


def say(line: str) -> None:
    """One line for people."""
    print(harmless(line), file=sys.stderr, flush=True)


# ── the stages ───────────────────────────────────────────────────────────────────────────────


def run_together(
    config: Config,
    log: Log,
    listed: Sequence[Feed],
    stop: Stop,
    *,
    only: set[str] | None,
    once: bool,
    pretty: bool,
    floor: Floor,
) -> "Shown":
    """Poll and extract in threads, and print quotes as they are committed, until it is over."""
    outage = Outage(say)
    shown = Shown(log, wiring.topics_of(config).extractions, pretty=pretty, floor=floor)

    def poll_stage() -> None:
        _poll(config, log, listed, stop, outage, only=only, once=once)

    def extract_stage() -> None:
        _extract(config, log, stop, outage, once=once, report=report_dead_letters)

    def one_after_the_other() -> None:
        poll_stage()
        extract_stage()

    with kept_up(log, once=once, say=say), _Stages(stop) as stages:
        if once:
            stages.start("poll and extract", one_after_the_other)
        else:
            stages.start("poll", poll_stage)
            stages.start("extract", extract_stage)
        shown.follow(Backoff(outage, "show"), over=stages.are_over, stopped=stop)
    return shown


def _poll(
    config: Config,
    log: Log,
    listed: Sequence[Feed],
    stop: Stop,
    outage: Outage,
    *,
    only: set[str] | None,
    once: bool,
) -> None:
    backoff = Backoff(outage, "poll")
    backoff.answered(lambda: wiring.follow(config, log, listed, by_hand=False), stop)
    ledger = backoff.answered(lambda: wiring.ledger(config, log, only), stop)
    if ledger is None:
        return
    names = {feed.url: feed.publisher for feed in listed}

    def report(outcome: PollReport) -> None:
        _report_poll(names.get(outcome.url) or outcome.title, outcome)

    with ledger:
        poller = wiring.poller(config, ledger, report=report, outage=outage)
        asyncio.run(_polling(poller, stop, once=once))


async def _polling(poller: Poller, stop: Stop, *, once: bool) -> None:
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    # A signal arrives in the main thread; the event belongs to this one's loop.
    stop.then(lambda: loop.is_closed() or loop.call_soon_threadsafe(stopping.set))
    await (poller.poll_due(stopping) if once else poller.run(stopping))


def _report_poll(name: str | None, report: PollReport) -> None:
    """A line for a poll that failed or brought something."""
    if report.error:
        say(f"{name} ({report.url}): {report.error}" if name else f"{report.url}: {report.error}")
    elif report.new or report.edited:
        edited = f", {report.edited} edited" if report.edited else ""
        say(f"{name or report.url}: {report.new} new{edited}")


def _extract(
    config: Config,
    log: Log,
    stop: Stop,
    outage: Outage,
    *,
    once: bool,
    report: Callable[[BatchReport], None],
) -> None:
    topics, group = wiring.topics_of(config), wiring.extract_group(config)
    name = wiring.slot_name(config, "extract")
    member = Backoff(outage, "extract").answered(
        lambda: log.join(group, [topics.articles], name=name), stop
    )
    if member is None:
        return
    with (
        member,
        wiring.worker(
            config, member, into=topics.extractions, report=report, outage=outage
        ) as worker,
    ):
        drained = partial(is_drained, log, member, group) if once else _never
        worker.run(stop, drained)


def _never() -> bool:
    return False


def report_dead_letters(report: BatchReport) -> None:
    """A line for each article that was set aside."""
    for message, failure in report.dead_letters:
        key = (message.key or b"").decode("utf-8", "replace")
        say(f"dead letter: article {key or 'without a key'}: {failure.reason}")


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


# ── showing quotes ───────────────────────────────────────────────────────────────────────────


class Shown:
    """Prints the quotes of extractions that are committed from now on.

    An edited article is extracted again: of its quotes only those are printed whose words were
    not printed before. Quotes below the floor are counted instead.
    """

    REMEMBERED = 50_000

    def __init__(self, log: Log, topic: str, *, pretty: bool, floor: Floor) -> None:
        self._log = log
        self._topic = topic
        self._console = console() if pretty else None
        self._printed: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._start: dict[Partition, int] = {
            partition: end for partition, (_, end) in log.bounds(topic).items()
        }
        self._floor = floor
        self.articles = 0
        self.quotes = 0
        self.left_out = 0
        self.skipped = 0

    def follow(
        self, backoff: Backoff, *, over: Callable[[], bool], stopped: Callable[[], bool]
    ) -> None:
        """Print until everything is over and printed."""
        with self._log.reader([self._topic], start=self._start) as reader:
            follower = Follower(reader, backoff=backoff, stopped=stopped)
            while True:
                last = over()
                messages = follower.poll(limit=200, timeout_s=0.0 if last else 0.3)
                if follower.is_away and not stopped():
                    continue
                for message in messages:
                    self._print_message(message)
                sys.stdout.flush()
                if last and not messages:
                    return

    def _print_message(self, message: Message) -> None:
        if message.value is None:
            return  # a tombstone: an article that was taken back
        try:
            extraction = from_json(message.value, Extraction)
        except RecordError as error:
            self.skipped += 1
            say(f"{message.source} offset {message.offset} skipped: {error}")
            return
        self._print(extraction)

    def _print(self, extraction: Extraction) -> None:
        self.articles += 1
        for quote in extraction.quotes:
            if not self._is_new(extraction, quote):
                continue
            if self._floor.admits(quote):
                self.quotes += 1
                self._write(extraction, quote)
            else:
                self.left_out += 1

    def _is_new(self, extraction: Extraction, quote: Quote) -> bool:
        key = (extraction.article.id, " ".join(span.text for span in quote.content))
        if key in self._printed:
            return False
        self._printed[key] = None
        if len(self._printed) > self.REMEMBERED:
            self._printed.popitem(last=False)
        return True

    def _write(self, extraction: Extraction, quote: Quote) -> None:
        if self._console is not None:
            print_quote(self._console, extraction.article, quote, extraction.extracted_at)
        else:
            sys.stdout.buffer.write(to_json(on_record(extraction, quote)) + b"\n")
