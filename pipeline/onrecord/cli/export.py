"""`onrecord export`: results as files for spreadsheets, notebooks and annotation tools."""

import io
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from onrecord import wiring
from onrecord.cli.archive_reading import ArchivingPace
from onrecord.cli.options import By, ConfigOption, LogOption, MinConfidenceOption, settings
from onrecord.cli.output import say
from onrecord.cli.output import write as write_out
from onrecord.cli.people_asked import AskedPeople, people_read
from onrecord.cli.people_opened import people_opened
from onrecord.cli.printing import SkippedRecords
from onrecord.cli.progress import Pace
from onrecord.cli.signals import INTERRUPTED, Stop, stopping
from onrecord.cli.subscribe import QuoteType
from onrecord.config import Config
from onrecord.errors import Mistake
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log, Message
from onrecord.sink.export.annotations import AnnotationWriter
from onrecord.sink.export.columns import EXTRACTION_COLUMNS, PEOPLE_COLUMNS, QUOTE_COLUMNS
from onrecord.sink.export.newest import Newest
from onrecord.sink.export.parquet import ParquetWriter, require_pyarrow
from onrecord.sink.export.writers import CsvWriter, ExportWriter, JsonLinesWriter
from onrecord.sink.parse_options import parse_filter
from onrecord.sink.selection import Selection, What
from onrecord.sink.subscribe import Stretch, read
from onrecord.sink.times import parse_stretch


class Exported(Enum):
    """What can be exported."""

    QUOTES = "quotes"
    EXTRACTIONS = "extractions"
    PEOPLE = "people"


class ExportFormat(Enum):
    """The format of an export."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"
    ANNOTATIONS = "annotations"


class Revisions(Enum):
    """Which revisions of an article are exported."""

    NEWEST = "newest"
    ALL = "all"


_COLUMNS = {
    Exported.QUOTES: QUOTE_COLUMNS,
    Exported.EXTRACTIONS: EXTRACTION_COLUMNS,
    Exported.PEOPLE: PEOPLE_COLUMNS,
}
_ENDINGS = {
    ".csv": ExportFormat.CSV,
    ".jsonl": ExportFormat.JSONL,
    ".ndjson": ExportFormat.JSONL,
    ".parquet": ExportFormat.PARQUET,
    ".jsonld": ExportFormat.ANNOTATIONS,
}


def export(
    what: Annotated[Exported, typer.Argument(help="What to export.")],
    format: Annotated[  # noqa: A002 - the option's name
        ExportFormat | None,
        typer.Option("--format", help="[default: by the ending of --out, else csv]"),
    ] = None,
    since: Annotated[
        str, typer.Option("--from", help="earliest, a time, or -2h before now.")
    ] = "earliest",
    until: Annotated[str, typer.Option(help="A time, or `end` for what is there now.")] = "end",
    by: Annotated[
        By,
        typer.Option(
            help="Times are when results entered the log, or (from the archive) when the articles "
            "were published."
        ),
    ] = By.ENTERED,
    out: Annotated[
        Path | None,
        typer.Option(help="Write to this file, whole or not at all [default: standard output]."),
    ] = None,
    revisions: Annotated[
        Revisions, typer.Option(help="Of each article only the newest revision, or all.")
    ] = Revisions.NEWEST,
    speaker: Annotated[str | None, typer.Option(help="Only quotes by this speaker.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only articles that name this.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Only of this publisher.")] = None,
    language: Annotated[str | None, typer.Option(help="Only in this language (en).")] = None,
    type: Annotated[  # noqa: A002 - the option's name
        QuoteType | None, typer.Option("--type", help="Only quotes of this type.")
    ] = None,
    match: Annotated[str | None, typer.Option(help="Only where this pattern occurs.")] = None,
    min_confidence: MinConfidenceOption = None,
    topic: Annotated[
        str | None, typer.Option(help="Read this topic, such as a replay's, instead.")
    ] = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Export quotes, extractions or people as CSV, JSON lines, Parquet or Web Annotations.

    Example: onrecord export quotes --from 2026-11-01 --out quotes.parquet
    """
    loaded = settings(config, log)
    chosen = _format(what, format, out)
    if what is Exported.PEOPLE:
        _export_people(loaded, chosen, out)
        return
    kind = What(what.value)
    wanted = parse_filter(
        speaker=speaker,
        entity=entity,
        publisher=publisher,
        language=language,
        type=type.value if type else None,
        match=match,
        min_confidence=min_confidence,
        what=kind,
        mark="--",
    )
    if by is By.PUBLISHED and topic is not None:
        raise Mistake("--by published reads the archive: leave out --topic")
    stretch = parse_stretch(since, until, at=wiring.now(), options=("--from", "--until"))
    selection = Selection(kind, wanted, skipped=SkippedRecords(say))
    with (
        wiring.open_to_read(loaded) as opened,
        stopping(loaded, opened) as stop,
        people_read(loaded, opened, selection, AskedPeople(speaker)),
    ):
        source = wiring.topic_to_read(loaded, opened, kind, topic)
        reading = _Passes(opened, source, stretch, stop)
        with _destination(out, stop) as stream:
            writer = _writer(what, chosen, stream)
            if by is By.PUBLISHED:
                with closing(_published(loaded, opened, kind, stretch, stop)) as messages:
                    count = _write(messages, selection, writer)
            else:
                count = _export(reading, revisions, selection, writer)
            writer.finish()
    if stop():
        raise typer.Exit(INTERRUPTED)
    say(f"{count} {what.value} exported" + (f" to {out}" if out else ""))


def _format(what: Exported, chosen: ExportFormat | None, out: Path | None) -> ExportFormat:
    """The format asked for, else by the file's ending. Raises Mistake."""
    found = chosen or (_ENDINGS.get(out.suffix.lower()) if out else None) or ExportFormat.CSV
    if found is ExportFormat.ANNOTATIONS and what is not Exported.QUOTES:
        raise Mistake(f"--format annotations: only quotes are annotations, not {what.value}")
    if found is ExportFormat.PARQUET:
        require_pyarrow()
        if out is None and sys.stdout.isatty():
            raise Mistake("--format parquet is not for a terminal: name a file with --out")
    return found


def _writer(what: Exported, chosen: ExportFormat, stream: BinaryIO) -> ExportWriter:
    columns = _COLUMNS[what]
    match chosen:
        case ExportFormat.CSV:
            return CsvWriter(stream, columns)
        case ExportFormat.JSONL:
            return JsonLinesWriter(stream, columns)
        case ExportFormat.PARQUET:
            return ParquetWriter(stream, columns)
        case ExportFormat.ANNOTATIONS:
            return AnnotationWriter(stream)


@contextmanager
def _destination(out: Path | None, stop: Stop) -> Iterator[BinaryIO]:
    """Standard output, or a file that takes its name only when it is whole."""
    if out is None:
        yield _Terminal() if sys.stdout.isatty() else sys.stdout.buffer
        return
    part = out.with_name(f"{out.name}.part")
    try:
        stream = part.open("wb")
    except OSError as error:
        raise Mistake(f"--out {out}: cannot be written: {error.strerror}") from None
    try:
        with stream:
            yield stream
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    if stop():
        part.unlink()
    else:
        part.replace(out)


class _Terminal(io.BytesIO):
    """Shows what is written, without the control characters of publishers."""

    def write(self, data: Any, /) -> int:
        write_out(bytes(data))
        return len(data)


class _Passes:
    """Reads the same stretch of a topic one or more times, showing the progress of each pass."""

    def __init__(self, log: Log, topic: str, stretch: Stretch, stop: Stop) -> None:
        self._log = log
        self._topic = topic
        self._stretch = stretch
        self._stop = stop

    def messages(self, task: str) -> Iterator[Message]:
        total = sum(end - begin for begin, end in self._log.bounds(self._topic).values())
        with Pace(task, total, say=say) as pace:
            found = read(
                self._log,
                self._topic,
                self._stretch,
                clock=wiring.now,
                stopped=self._stop,
                backoff=Backoff(Outage(say), "export"),
            )
            for number, message in enumerate(found, 1):
                yield message
                if number % 1_000 == 0:
                    pace.done(number)


def _published(
    config: Config, log: Log, kind: What, stretch: Stretch, stop: Stop
) -> Generator[Message, None, None]:
    """What was published in a stretch of time, from the archive: newest revisions only."""
    return wiring.published_in(
        config,
        log,
        kind,
        stretch,
        backoff=Backoff(Outage(say), "export"),
        skipped=SkippedRecords(say),
        report=ArchivingPace(say),
        stopped=stop,
    )


def _export(
    passes: _Passes, revisions: Revisions, selection: Selection, writer: ExportWriter
) -> int:
    """Write the wanted records; returns their number."""
    if revisions is Revisions.ALL:
        return _write(passes.messages("exporting"), selection, writer)
    newest = Newest(passes.messages("finding the newest revisions"))
    return _write(filter(newest.keeps, passes.messages("exporting")), selection, writer)


def _write(messages: Iterable[Message], selection: Selection, writer: ExportWriter) -> int:
    count = 0
    for message in messages:
        records = selection.records(message)
        writer.write(records)
        count += len(records)
    return count


def _export_people(config: Config, chosen: ExportFormat, out: Path | None) -> None:
    """Write everybody that the registry knows, those named most often first."""
    with (
        people_opened(config) as opened,
        stopping(config) as stop,
        _destination(out, stop) as stream,
    ):
        writer = _writer(Exported.PEOPLE, chosen, stream)
        found = opened.registry.most_named()
        writer.write(found)
        writer.finish()
    say(f"{len(found)} people exported" + (f" to {out}" if out else ""))
