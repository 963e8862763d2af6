"""`onrecord subscribe`: follow a topic, from now or from any point in the past."""

import sys
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import Annotated

import typer

from pipeline import wiring
from pipeline.cli.options import (
    ConfigOption,
    FormatOption,
    LogOption,
    is_pretty,
    parse_pattern,
    parse_time,
    settings,
)
from pipeline.cli.render import console, print_article, print_extraction, print_quote
from pipeline.cli.stages import say
from pipeline.cli.stopping import Stop
from pipeline.config import Config
from pipeline.errors import Mistake, RecordError
from pipeline.log.interface import Log, Message, Start
from pipeline.log.outage import Backoff, Outage
from pipeline.records import Article, Extraction, QuoteOnRecord, Record, from_json, to_json
from pipeline.sink.filters import Filter
from pipeline.sink.subscribe import Stretch, consume, read

_END = "end"


class What(Enum):
    """What can be subscribed to."""

    ARTICLES = "articles"
    EXTRACTIONS = "extractions"
    QUOTES = "quotes"


class QuoteType(Enum):
    """How much of a quote stands in quotation marks."""

    DIRECT = "direct"
    MIXED = "mixed"
    INDIRECT = "indirect"


def subscribe(
    what: Annotated[What, typer.Argument(help="What to read.")] = What.QUOTES,
    since: Annotated[
        str, typer.Option("--from", help="earliest, latest, a time, or -2h before now.")
    ] = "latest",
    until: Annotated[
        str | None, typer.Option(help="A time, or `end` for what is there now [default: go on].")
    ] = None,
    group: Annotated[
        str | None, typer.Option(help="Go on where this group stopped; members share the work.")
    ] = None,
    speaker: Annotated[str | None, typer.Option(help="Only quotes by (or found with).")] = None,
    entity: Annotated[str | None, typer.Option(help="Only articles that name this.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Only of this publisher.")] = None,
    feed: Annotated[str | None, typer.Option(help="Only articles of this feed URL.")] = None,
    language: Annotated[str | None, typer.Option(help="Only in this language (en).")] = None,
    type: Annotated[  # noqa: A002 - the option's name
        QuoteType | None, typer.Option("--type", help="Only quotes of this type.")
    ] = None,
    match: Annotated[str | None, typer.Option(help="Only where this pattern occurs.")] = None,
    topic: Annotated[
        str | None, typer.Option(help="Read this topic, such as a replay's, instead.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many.")] = None,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Read articles, extractions or quotes: live, or from any point in the past.

    Example: onrecord subscribe quotes --from earliest --until end
    """
    loaded = settings(config, log)
    wanted = Filter(
        speaker=speaker,
        entity=entity,
        publisher=publisher,
        feed=feed,
        language=language,
        quote_type=type.value if type else None,
        match=parse_pattern(match, option="--match"),
    )
    stretch = Stretch(start=_start(since), until=_until(until))
    printer = _Printer(what, wanted, limit=limit, pretty=is_pretty(format))
    with wiring.open_log(loaded) as opened, Stop() as stop:
        source = topic or _topic(loaded, what)
        if group is None:
            _read_alone(opened, source, stretch, printer, stop)
        else:
            _read_in_group(opened, source, stretch, group, printer, stop)


def _start(text: str) -> Start | datetime:
    if text in {"earliest", "latest"}:
        return Start(text)
    return parse_time(text, at=wiring.now(), option="--from")


def _until(text: str | None) -> datetime | str | None:
    if text is None or text == _END:
        return text
    return parse_time(text, at=wiring.now(), option="--until")


def _topic(config: Config, what: What) -> str:
    topics = wiring.topics_of(config)
    return topics.articles if what is What.ARTICLES else topics.extractions


def _read_alone(log: Log, topic: str, stretch: Stretch, printer: "_Printer", stop: Stop) -> None:
    for message in read(log, topic, stretch, backoff=_backoff(), clock=wiring.now, stopped=stop):
        if not printer([message]):
            return


def _read_in_group(
    log: Log, topic: str, stretch: Stretch, group: str, printer: "_Printer", stop: Stop
) -> None:
    if isinstance(stretch.start, datetime) or isinstance(stretch.until, datetime):
        raise Mistake(
            "--group goes on where the group stopped: --from earliest or latest says where a "
            "new group begins, and --until can only be `end`"
        )
    with log.join(group, [topic], name=wiring.own_name("subscribe"), start=stretch.start) as member:
        consume(member, printer, backoff=_backoff(), stopped=stop, to_end=stretch.until == _END)


def _backoff() -> Backoff:
    return Backoff(Outage(say), "subscribe")


class _Printer:
    """Writes the records of messages that are wanted, until the limit."""

    def __init__(self, what: What, wanted: Filter, *, limit: int | None, pretty: bool) -> None:
        self._what = what
        self._wanted = wanted
        self._left = limit
        self._console = console() if pretty else None
        # Without a filter the record's own bytes are what is asked for.
        self._asks_nothing = wanted == Filter() and what is not What.QUOTES

    def __call__(self, messages: list[Message]) -> bool:
        """Whether more is wanted."""
        for message in messages:
            for record, data in self._records(message):
                self._write(record, data)
                if self._left is not None:
                    self._left -= 1
                    if self._left <= 0:
                        return False
        if self._console is not None or sys.stdout.isatty():
            sys.stdout.flush()
        return True

    def _records(self, message: Message) -> Iterator[tuple[Record | None, bytes | None]]:
        if message.value is None:
            return
        if self._asks_nothing and self._console is None:
            yield None, message.value
            return
        try:
            yield from self._decoded(message.value)
        except RecordError as error:
            print(
                f"onrecord: {message.source} offset {message.offset} skipped: {error}",
                file=sys.stderr,
            )

    def _decoded(self, value: bytes) -> Iterator[tuple[Record, None]]:
        if self._what is What.ARTICLES:
            article = from_json(value, Article)
            if self._wanted.wants_article(article):
                yield article, None
            return
        extraction = from_json(value, Extraction)
        if self._what is What.EXTRACTIONS:
            if self._wanted.wants_extraction(extraction):
                yield extraction, None
            return
        for quote in extraction.quotes:
            if self._wanted.wants_quote(quote, extraction):
                yield (
                    QuoteOnRecord(
                        article=extraction.article,
                        quote=quote,
                        extracted_at=extraction.extracted_at,
                    ),
                    None,
                )

    def _write(self, record: Record | None, data: bytes | None) -> None:
        if record is None or self._console is None:
            line = data if data is not None else to_json(record)  # type: ignore[arg-type]
            sys.stdout.buffer.write(line + b"\n")
        elif isinstance(record, Article):
            print_article(self._console, record)
        elif isinstance(record, Extraction):
            print_extraction(self._console, record)
        elif isinstance(record, QuoteOnRecord):
            print_quote(self._console, record.article, record.quote, record.extracted_at)
