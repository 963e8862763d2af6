"""`onrecord subscribe`: follow a topic, from now or from any point in the past."""

import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from typing import Annotated

import typer

from onrecord import wiring
from onrecord.cli.archive_reading import ArchivingPace
from onrecord.cli.columns import Columns, parse_fields
from onrecord.cli.options import (
    By,
    ConfigOption,
    LogOption,
    MinConfidenceOption,
    floor_of,
    settings,
)
from onrecord.cli.output import say
from onrecord.cli.people_asked import AskedPeople, PeopleAtOption, SpeakerIdOption, people_read
from onrecord.cli.printing import (
    Printer,
    SkippedRecords,
    csv_printer,
    json_printer,
    pretty_printer,
    say_left_out,
)
from onrecord.cli.signals import Stop, stopping
from onrecord.config import Config
from onrecord.errors import Mistake
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log, Message
from onrecord.sink.group import GroupPolicy, join
from onrecord.sink.parse_options import parse_filter
from onrecord.sink.selection import Selection, What
from onrecord.sink.subscribe import Stretch, read
from onrecord.sink.times import parse_stretch
from onrecord.tracing import tracer_of


class QuoteType(Enum):
    """How much of a quote stands in quotation marks."""

    DIRECT = "direct"
    MIXED = "mixed"
    INDIRECT = "indirect"


class RecordFormat(Enum):
    """How records are written. Pretty is for people, json a line for each, csv a table."""

    PRETTY = "pretty"
    JSON = "json"
    CSV = "csv"


def subscribe(
    what: Annotated[What, typer.Argument(help="What to read.")] = What.QUOTES,
    since: Annotated[
        str, typer.Option("--from", help="earliest, latest, a time, or -2h before now.")
    ] = "latest",
    until: Annotated[
        str | None, typer.Option(help="A time, or `end` for what is there now [default: go on].")
    ] = None,
    by: Annotated[
        By,
        typer.Option(
            help="Times are when records entered the log, or (from the archive) when the articles "
            "were published."
        ),
    ] = By.ENTERED,
    group: Annotated[
        str | None,
        typer.Option(
            help="Go on where this group stopped; members share the work. --from is "
            "where a new group begins."
        ),
    ] = None,
    speaker: Annotated[
        str | None, typer.Option(help="Only quotes by who is so called, in any spelling.")
    ] = None,
    speaker_id: SpeakerIdOption = None,
    about: Annotated[str | None, typer.Option(help="Only quotes that speak of this.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only articles that name this.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Only of this publisher.")] = None,
    feed: Annotated[str | None, typer.Option(help="Only articles of this feed URL.")] = None,
    language: Annotated[str | None, typer.Option(help="Only in this language (en).")] = None,
    category: Annotated[
        str | None, typer.Option(help="Only of this category: yours of the feed, or the entry's.")
    ] = None,
    section: Annotated[str | None, typer.Option(help="Only in this section of the outlet.")] = None,
    type: Annotated[  # noqa: A002 - the option's name
        QuoteType | None, typer.Option("--type", help="Only quotes of this type.")
    ] = None,
    match: Annotated[str | None, typer.Option(help="Only where this pattern occurs.")] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Match names exactly as the article has them.")
    ] = False,
    min_confidence: MinConfidenceOption = None,
    people_at: PeopleAtOption = None,
    topic: Annotated[
        str | None, typer.Option(help="Read this topic, such as a replay's, instead.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many.")] = None,
    fields: Annotated[
        str | None, typer.Option(help="Only these, as in speaker,words,article.url (json, csv).")
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        RecordFormat | None,
        typer.Option("--format", help="[default: pretty on a terminal, json lines otherwise]"),
    ] = None,
    webhook: Annotated[
        str | None,
        typer.Option(help="Post each to this URL, signed, until it is taken; needs --group."),
    ] = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Read articles, extractions or quotes: live, or from any point in the past.

    Example: onrecord subscribe quotes --from earliest --until end
    """
    loaded = settings(config, log)
    pretty = webhook is None and _format(format, fields) is RecordFormat.PRETTY
    floor = floor_of(None, pretty=pretty and what is not What.ARTICLES)
    wanted = parse_filter(
        speaker=speaker,
        speaker_id=speaker_id,
        about=about,
        entity=entity,
        publisher=publisher,
        feed=feed,
        language=language,
        category=category,
        section=section,
        type=type.value if type else None,
        match=match,
        exact=exact,
        min_confidence=min_confidence,
        floor=floor,
        what=what,
        mark="--",
    )
    stretch = parse_stretch(since, until, at=wiring.now(), options=("--from", "--until"))
    selection = Selection(what, wanted, skipped=SkippedRecords(say))
    asked = AskedPeople(None if exact else speaker, speaker_id, people_at)
    if group is not None and not group.strip():
        raise Mistake("--group: a group has a name")
    if by is By.PUBLISHED and (group is not None or topic is not None):
        raise Mistake("--by published reads the archive: leave out --group and --topic")
    if webhook is not None:
        if group is None:
            raise Mistake("--webhook needs --group: the group keeps what was posted already")
        if format is not None or fields is not None:
            raise Mistake("--webhook posts whole records as JSON: leave out --format and --fields")
        _post(loaded, webhook, group, topic, selection, stretch, limit, asked)
        return
    output = _Output(_printer(selection, _format(format, fields), fields), limit)
    with (
        wiring.open_to_read(loaded) as opened,
        stopping(loaded, opened) as stop,
        people_read(loaded, opened, selection, asked),
    ):
        source = wiring.topic_to_read(loaded, opened, what, topic)
        reading = _Reading(opened, source, stretch, stop)
        if by is By.PUBLISHED:
            reading.published(loaded, what, output)
            return
        if group is None:
            reading.alone(output)
        else:
            reading.in_group(group, output)
    if pretty:
        say_left_out(selection.left_out, wanted.floor, say)


def _format(chosen: RecordFormat | None, fields: str | None) -> RecordFormat:
    if chosen is None:
        return RecordFormat.PRETTY if sys.stdout.isatty() and fields is None else RecordFormat.JSON
    return chosen


def _printer(selection: Selection, chosen: RecordFormat, fields: str | None) -> Printer:
    names = parse_fields(fields) if fields is not None else None
    if chosen is RecordFormat.PRETTY:
        if names is not None:
            raise Mistake("--fields: the pretty format has its own; use --format json or csv")
        return pretty_printer(selection)
    if chosen is RecordFormat.CSV:
        return csv_printer(selection, Columns(selection.what, names))
    return json_printer(selection, None if names is None else Columns(selection.what, names))


def _post(
    config: Config,
    url: str,
    group: str,
    topic: str | None,
    selection: Selection,
    stretch: Stretch,
    limit: int | None,
    asked: AskedPeople,
) -> None:
    # aiohttp is imported for this alone.
    from onrecord.web.webhook import post_all

    with (
        wiring.webhook(config, url, say=say) as webhook,
        wiring.open_to_read(config) as opened,
        stopping(config, opened) as stop,
        people_read(config, opened, selection, asked),
        join(
            opened,
            group,
            wiring.topic_to_read(config, opened, selection.what, topic),
            stretch,
            name=wiring.own_name("webhook"),
            backoff=Backoff(Outage(say), "webhook"),
            clock=wiring.now,
            stopped=stop,
            policy=GroupPolicy(read_ahead=50),
        ) as reading,
    ):
        post_all(
            reading,
            selection,
            webhook,
            limit=limit,
            stopped=stop,
            tracer=tracer_of(config.traces),
        )


class _Output:
    """Prints records until the limit is reached."""

    def __init__(self, printer: Printer, limit: int | None) -> None:
        self._print = printer
        self._left = limit
        self.flush: Callable[[], None] = sys.stdout.flush

    def __call__(self, message: Message) -> bool:
        """Print a message's records; returns whether all of them were printed."""
        count = self._print(message, limit=self._left)
        if self._left is None:
            return True
        left, self._left = self._left, max(0, self._left - count)
        return count <= left

    @property
    def has_enough(self) -> bool:
        return self._left == 0


@dataclass(frozen=True, slots=True)
class _Reading:
    log: Log
    topic: str
    stretch: Stretch
    stop: Stop

    def alone(self, output: _Output) -> None:
        for message in read(
            self.log,
            self.topic,
            self.stretch,
            clock=wiring.now,
            stopped=self.stop,
            backoff=Backoff(Outage(say), "subscribe"),
            settle=output.flush,
        ):
            output(message)
            if output.has_enough:
                return

    def published(self, config: Config, what: What, output: _Output) -> None:
        messages = wiring.published_in(
            config,
            self.log,
            what,
            self.stretch,
            backoff=Backoff(Outage(say), "subscribe"),
            skipped=SkippedRecords(say),
            report=ArchivingPace(say),
            stopped=self.stop,
        )
        with closing(messages):
            for message in messages:
                output(message)
                if output.has_enough:
                    return

    def in_group(self, group: str, output: _Output) -> None:
        with join(
            self.log,
            group,
            self.topic,
            self.stretch,
            name=wiring.own_name("subscribe"),
            clock=wiring.now,
            stopped=self.stop,
            backoff=Backoff(Outage(say), "subscribe"),
            settle=output.flush,
        ) as reading:
            for message in reading:
                is_whole = output(message)
                if output.has_enough:
                    if is_whole:
                        reading.accept()
                    return
