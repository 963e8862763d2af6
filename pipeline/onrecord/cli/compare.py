"""`onrecord compare`: the differences between two extractions of the same articles."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from onrecord import wiring
from onrecord.cli.options import (
    ConfigOption,
    FormatOption,
    LogOption,
    MinConfidenceOption,
    floor_of,
    is_pretty,
    settings,
)
from onrecord.cli.output import say
from onrecord.cli.printing import SkippedRecords
from onrecord.cli.progress import Pace
from onrecord.cli.render import BLANKS, console, print_indented
from onrecord.config import Config
from onrecord.errors import Mistake
from onrecord.log.interface import Log
from onrecord.sink.comparison import Comparison, Example, compare
from onrecord.sink.differences import KINDS, Difference
from onrecord.sink.filters import EVERYTHING, Floor
from onrecord.sink.report import LABELS, made_by, pieces, shortened, to_html, told

ReportOption = Annotated[
    Path | None, typer.Option("--report", help="Write a page to read through (HTML) here.")
]
DifferencesOption = Annotated[
    Path | None, typer.Option("--differences", help="Write every difference here, as JSON lines.")
]


def compare_topics(
    before: Annotated[str, typer.Argument(help="A topic, a replay's name, or `extractions`.")],
    after: Annotated[str, typer.Argument(help="The topic to compare with it.")],
    examples: Annotated[int, typer.Option(min=0, help="Examples of each kind.")] = 5,
    report: ReportOption = None,
    differences: DifferencesOption = None,
    min_confidence: MinConfidenceOption = None,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Say what changed between two extractions of the same articles.

    Quotes gained, lost, and given to another speaker; entities gained, lost, merged and split.

    Example: onrecord compare extractions try --report changes.html
    """
    loaded = settings(config, log)
    with wiring.open_to_read(loaded) as opened:
        show_comparison(
            loaded,
            opened,
            wiring.topic_named(loaded, opened, before),
            wiring.topic_named(loaded, opened, after),
            examples=examples,
            report=report,
            differences=differences,
            pretty=is_pretty(format),
            floor=floor_of(min_confidence, pretty=False),
        )


def show_comparison(
    config: Config,
    log: Log,
    before: str,
    after: str,
    *,
    report: Path | None,
    pretty: bool,
    differences: Path | None = None,
    examples: int = 5,
    floor: Floor = EVERYTHING,
) -> None:
    """Compare two topics, and write what is asked for."""
    if before == after:
        raise Mistake(f"{before} is the same topic twice")
    check_folder(report)
    check_folder(differences)
    skipped = SkippedRecords(say)
    with Pace("comparing", None, say=say) as pace, _written(differences) as write:
        found = compare(
            log,
            before,
            after,
            articles=wiring.topics_of(config).articles,
            examples=examples,
            floor=floor,
            found=write,
            skipped=skipped,
            compared=lambda done, total: pace.done(done, of=total),
        )
    if skipped.count:
        say(f"{skipped.count} records passed over, because they are no extractions")
    if report is not None:
        report.write_text(to_html(found, at=wiring.now()), "utf-8")
        say(f"the report is in {report}")
    if pretty:
        _print(console(), found)
    else:
        sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")


def check_folder(file: Path | None) -> None:
    """Raise Mistake for a file whose folder is missing, before any work is done."""
    if file is not None and not file.parent.is_dir():
        raise Mistake(f"{file}: there is no folder {file.parent}")


@contextmanager
def _written(path: Path | None) -> Iterator[Callable[[Difference], None]]:
    """A function that writes differences as JSON lines into a file, or drops them."""
    if path is None:
        yield lambda difference: None
        return
    with path.open("wb") as file:

        def write(difference: Difference) -> None:
            file.write(msgspec.json.encode(difference) + b"\n")

        yield write


# ── for people ───────────────────────────────────────────────────────────────────────────────


def _print(out: Console, found: Comparison) -> None:
    out.print(Text(f"{found.before.topic} → {found.after.topic}", "bold underline"))
    out.print(Text(f"before: {made_by(found.before)}", "dim"))
    out.print(Text(f"after:  {made_by(found.after)}", "dim"))
    out.print(f"{found.articles} articles compared, {found.changed} of them differ")
    for side in (found.before, found.after):
        if side.articles > found.articles:
            out.print(Text(f"{side.articles - found.articles} only in {side.topic}", "dim"))
    _print_counts(out, found)
    for kind in KINDS:
        if found.examples[kind]:
            out.print(Text(f"\n{LABELS[kind]} ({found.counts[kind]})", "bold"))
            for example in found.examples[kind]:
                _print_example(out, example)


def _print_counts(out: Console, found: Comparison) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("", "before", "after", "change"):
        table.add_column(column, justify="right" if column else "left")
    pairs = {
        "quotes": (found.before.quotes, found.after.quotes),
        "with a speaker": (found.before.with_speaker, found.after.with_speaker),
        "entities": (found.before.entities, found.after.entities),
    }
    for name, (before, after) in pairs.items():
        table.add_row(name, str(before), str(after), f"{after - before:+d}")
    out.print()
    out.print(table)
    counts = Table(box=None, show_header=False, pad_edge=False)
    counts.add_column()
    counts.add_column(justify="right")
    for kind in KINDS:
        counts.add_row(
            Text(LABELS[kind], "" if found.counts[kind] else "dim"), str(found.counts[kind])
        )
    out.print()
    out.print(counts)


def _print_example(out: Console, example: Example) -> None:
    article = example.difference.article
    title = shortened(article.title or article.id, out.width)
    origin = f"  {title}  {article.publisher or ''}".translate(BLANKS).rstrip()
    out.print(Text(origin, "dim"))
    for snippet in example.snippets:
        words = [
            (text.translate(BLANKS), "reverse" if is_marked else "")
            for text, is_marked in pieces(snippet)
        ]
        print_indented(out, Text.assemble(*words))
    for name, value in told(example.difference):
        print_indented(out, Text(f"{name}: {value}".translate(BLANKS)))
    out.print()
