"""`onrecord annotate`: text in, extractions out, without a log."""

import sys
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import typer

from onrecord import wiring
from onrecord.annotation import article_of, article_of_page
from onrecord.cli.explaining import print_explained
from onrecord.cli.options import (
    ConfigOption,
    FormatOption,
    MinConfidenceOption,
    floor_of,
    is_pretty,
    settings,
)
from onrecord.cli.output import say
from onrecord.cli.printing import say_left_out
from onrecord.cli.render import console, print_extraction
from onrecord.errors import Mistake
from onrecord.records import Article, to_json

_STDIN = Path("-")
_AT_ONCE = 32


class Input(Enum):
    """What the files hold."""

    TEXT = "text"
    HTML = "html"
    JSONL = "jsonl"


def annotate(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Files to read; - is standard input.")
    ] = None,
    format: FormatOption = None,  # noqa: A002 - the option's name
    input: Annotated[  # noqa: A002 - the option's name
        Input | None,
        typer.Option("--input", help="[default: by the file's ending, else text]"),
    ] = None,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Why each quote has its cue, source and speaker; what came second."
        ),
    ] = False,
    whole_page: Annotated[
        bool,
        typer.Option(
            "--whole-page", help="All the text of an HTML page, not only the article on it."
        ),
    ] = False,
    min_confidence: MinConfidenceOption = None,
    config: ConfigOption = None,
) -> None:
    """Find quotes and entities in texts: plain text, HTML, or JSON lines {"id", "text", …}.

    Writes one Extraction per text, in order. Offsets index the text exactly as given; of an HTML
    page, the text of the article on it. The language is detected where it is not given.

    Example: echo '"It will rain," Ada Lund said.' | onrecord annotate -
    """
    loaded = settings(config, None)
    sources = files or [_STDIN]
    _check_readable(sources)
    extract = wiring.extractor(loaded, explained=explain)
    out = console()
    show = print_explained if explain else print_extraction
    pretty = is_pretty(format)
    floor, left_out = floor_of(min_confidence, pretty=pretty), 0
    for batch in _batches(_articles(sources, input, whole_page=whole_page)):
        for extraction in extract(batch):
            kept = floor.kept(extraction)
            left_out += len(extraction.quotes) - len(kept.quotes)
            if pretty:
                show(out, kept)
            else:
                sys.stdout.buffer.write(to_json(kept) + b"\n")
        sys.stdout.flush()
    if pretty:
        say_left_out(left_out, floor, say)


def _check_readable(files: list[Path]) -> None:
    for file in files:
        if file != _STDIN and not file.is_file():
            raise Mistake(f"{file}: {'a folder, not a file' if file.is_dir() else 'no such file'}")


def _articles(files: list[Path], given: Input | None, *, whole_page: bool) -> Iterator[Article]:
    for file in files:
        kind = given or _by_ending(file)
        name = "standard input" if file == _STDIN else str(file)
        with _opened(file) as stream:
            if kind is Input.JSONL:
                yield from _from_lines(stream, name)
            elif kind is Input.HTML:
                yield article_of_page(stream.read(), article_id=name, whole_page=whole_page)
            else:
                yield article_of(_decoded(stream.read(), name), article_id=name)


def _opened(file: Path) -> BinaryIO:
    if file == _STDIN:
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as error:
        raise Mistake(f"{file}: {error.strerror}") from error


def _by_ending(file: Path) -> Input:
    endings = {".jsonl": Input.JSONL, ".ndjson": Input.JSONL} | dict.fromkeys(
        (".html", ".htm", ".xhtml"), Input.HTML
    )
    return endings.get(file.suffix.lower(), Input.TEXT)


def _decoded(data: bytes, name: str) -> str:
    try:
        # Line ends stay what they are: offsets index the text as given. A byte order mark is none
        # of it: it says how the text is encoded.
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Mistake(f"{name}: not UTF-8 text (byte {error.start})") from error


class _Line(msgspec.Struct):
    """The fields that a JSON line must or can have; others are ignored."""

    text: str
    id: str | int | None = None
    title: str | None = None
    url: str | None = None
    publisher: str | None = None
    language: str | None = None
    revision: Annotated[int, msgspec.Meta(ge=1)] | None = None


def _from_lines(stream: BinaryIO, name: str) -> Iterator[Article]:
    decoder = msgspec.json.Decoder(_Line)
    for number, data in enumerate(stream, 1):
        if not data.strip():
            continue
        try:
            line = decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Mistake(f"{name}, line {number}: {error}") from error
        yield article_of(
            line.text,
            article_id=str(number if line.id is None else line.id),
            title=line.title or "",
            url=line.url,
            publisher=line.publisher,
            language=line.language,
            revision=line.revision or 1,
        )


def _batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    """Articles in batches. Those before a wrong line are given before its error is raised."""
    batch: list[Article] = []
    wrong: Mistake | None = None
    try:
        for article in articles:
            batch.append(article)
            if len(batch) == _AT_ONCE:
                yield batch
                batch = []
    except Mistake as mistake:
        wrong = mistake
    if batch:
        yield batch
    if wrong is not None:
        raise wrong
