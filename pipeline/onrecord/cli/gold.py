"""`onrecord corrections export` and `onrecord evaluate`: gold, and how much of it is found."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from onrecord import wiring
from onrecord.annotation import article_of
from onrecord.cli.options import ConfigOption, FormatOption, LogOption, is_pretty, settings
from onrecord.cli.output import say, show
from onrecord.cli.output import write as write_out
from onrecord.cli.people_opened import people_opened
from onrecord.cli.progress import Pace
from onrecord.config import Config
from onrecord.errors import Mistake, RecordError
from onrecord.records import Extraction, from_json
from onrecord.sink.corrections import corrections_as_gold
from onrecord.sink.evaluation import Evaluation, evaluate
from onrecord.sink.gold import GoldArticle, read_gold

_AT_ONCE = 8

app = typer.Typer(
    help="What people corrected: not a quote, wrong speaker.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _corrections() -> None:
    pass


@app.command("export")
def export_corrections(
    out: Annotated[
        Path | None, typer.Option(help="Write to this file [default: standard output].")
    ] = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Export what people corrected as gold: JSON lines.

    Example: onrecord corrections export --out gold.jsonl
    """
    loaded = settings(config, log)
    with people_opened(loaded) as opened:
        found = corrections_as_gold(
            opened.log, wiring.topics_of(loaded), opened.registry.shown_name
        )
    lines = msgspec.json.Encoder().encode_lines(found.articles)
    if out is None:
        write_out(lines)
    else:
        _write_file(out, lines)
    count = sum(len(one.gold) + len(one.wrong) for one in found.articles)
    left = f"; {found.missing} whose text is not kept any more left out" if found.missing else ""
    say(f"{count} corrections of {len(found.articles)} articles exported{left}")


def evaluate_gold(
    gold: Annotated[Path, typer.Argument(help="Gold: JSON lines, as of `corrections export`.")],
    predictions: Annotated[
        Path | None,
        typer.Option(
            help="Extractions to measure, as `annotate` writes them [default: extract now]."
        ),
    ] = None,
    extractor: Annotated[
        str | None,
        typer.Option(help="Measure this extractor, as `extract.extractor` names it."),
    ] = None,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
) -> None:
    """Measure an extractor, or its predictions, against gold.

    Example: onrecord evaluate gold.jsonl --extractor mine:factory
    """
    if predictions is not None and extractor is not None:
        raise Mistake("--predictions and --extractor: one of them")
    loaded = settings(config, None)
    if extractor is not None:
        loaded = replace(loaded, extract=replace(loaded.extract, extractor=extractor))
    articles = list(read_gold(gold))
    if not articles:
        raise Mistake(f"{gold}: there is no article in it")
    found = (
        _extracted(loaded, articles) if predictions is None else _predicted(predictions, articles)
    )
    result = evaluate(found)
    if is_pretty(format):
        _print(result)
    else:
        show(msgspec.json.encode(_as_dict(result)).decode())


def _extracted(
    config: Config, articles: list[GoldArticle]
) -> Iterator[tuple[GoldArticle, Extraction | None]]:
    extract = wiring.extractor(config)
    rest = iter(articles)
    with Pace("extracting", len(articles), say=say) as pace:
        while chunk := list(islice(rest, _AT_ONCE)):
            given = [
                article_of(one.text, article_id=one.id, language=one.language) for one in chunk
            ]
            yield from zip(chunk, extract(given), strict=True)
            pace.add(len(chunk))


def _predicted(
    path: Path, articles: Iterable[GoldArticle]
) -> Iterator[tuple[GoldArticle, Extraction | None]]:
    found: dict[str, Extraction] = {}
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    extraction = _extraction(line, f"{path} line {number}")
                    found[extraction.article.id] = extraction
    except OSError as error:
        raise Mistake(f"--predictions {path}: {error.strerror}") from None
    for article in articles:
        yield article, found.get(article.id)


def _extraction(line: bytes, where: str) -> Extraction:
    try:
        return from_json(line, Extraction)
    except RecordError as error:
        raise Mistake(f"{where}: {error}") from None


def _as_dict(result: Evaluation) -> dict[str, int | float | None]:
    shares = ("precision", "recall", "f1", "attribution", "repeated_share")
    return asdict(result) | {name: getattr(result, name) for name in shares}


def _print(result: Evaluation) -> None:
    lines = (
        ("articles", f"{result.articles}"),
        ("quotes found", f"{result.found} of {result.judged}{_percent(result.recall)}"),
        ("given to the right speaker",
         f"{result.attributed} of {result.with_speaker}{_percent(result.attribution)}"),
        ("predicted that are right",
         f"{result.right} of {result.predicted}{_percent(result.precision)}"),
        ("F1", "not known" if result.f1 is None else f"{result.f1:.3f}"),
        ("no quotes, predicted all the same",
         f"{result.repeated} of {result.wrong}{_percent(result.repeated_share)}"),
    )  # fmt: skip
    for name, value in lines:
        show(f"{name + ':':36}{value}")


def _percent(share: float | None) -> str:
    return "" if share is None else f" ({share:.1%})"


def _write_file(out: Path, data: bytes) -> None:
    try:
        out.write_bytes(data)
    except OSError as error:
        raise Mistake(f"--out {out}: cannot be written: {error.strerror}") from None
