"""`onrecord dead-letters`: what was set aside, why, and putting it back."""

import sys
from collections.abc import Callable
from typing import Annotated

import typer
from rich.text import Text

from pipeline import wiring
from pipeline.cli.options import ConfigOption, FormatOption, LogOption, is_pretty, settings
from pipeline.cli.render import console, when
from pipeline.errors import Mistake
from pipeline.log.interface import Log, Writer
from pipeline.processing.dead_letters import by_id, dead_letters, drop, retry
from pipeline.records import DeadLetter, to_json
from pipeline.topics import Topics

app = typer.Typer(
    help="Messages that could not be processed: list, show, retry, drop.", no_args_is_help=True
)

Ids = Annotated[list[str] | None, typer.Argument(help="Letters, by the id that `list` shows.")]
All = Annotated[bool, typer.Option("--all", help="Every letter.")]


@app.command("list")
def list_letters(
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show what was set aside, oldest first.

    Example: onrecord dead-letters list
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        letters = dead_letters(opened, wiring.topics_of(loaded))
    if not is_pretty(format):
        _write_json(letters)
        return
    out = console()
    for letter in letters:
        tries = f"{letter.attempts} attempt{'s' if letter.attempts != 1 else ''}"
        out.print(Text(f"{letter.id}  {when(letter.failed_at)}  {letter.key or ''}", "bold"))
        out.print(Text(f"    {letter.reason}  ({letter.error}, {tries})"))
    out.print(Text(f"{len(letters)} dead letters", "dim"))


@app.command("show")
def show_letters(ids: Ids = None, config: ConfigOption = None, log: LogOption = None) -> None:
    """Show letters whole, as JSON lines: origin, reason, stack, and the original message.

    Example: onrecord dead-letters show
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened:
        letters = dead_letters(opened, wiring.topics_of(loaded))
    chosen = by_id(ids, letters) if ids else _every
    _write_json([found for found in letters if chosen(found)])


@app.command("retry")
def retry_letters(
    ids: Ids = None, every: All = False, config: ConfigOption = None, log: LogOption = None
) -> None:
    """Put letters back into the topic they came from. Each is processed again.

    Example: onrecord dead-letters retry --all
    """
    _settle(retry, ids, every, config, log, "put back")


@app.command("drop")
def drop_letters(
    ids: Ids = None, every: All = False, config: ConfigOption = None, log: LogOption = None
) -> None:
    """Give letters up for good.

    Example: onrecord dead-letters drop --all
    """
    _settle(drop, ids, every, config, log, "dropped")


Act = Callable[[Log, Topics, Writer, Callable[[DeadLetter], bool]], int]


def _settle(
    act: Act, ids: list[str] | None, every: bool, config: ConfigOption, log: LogOption, done: str
) -> None:
    if bool(ids) == every:
        raise Mistake("name the letters by id, or say --all")
    loaded = settings(config, log)
    topics = wiring.topics_of(loaded)
    with (
        wiring.open_log(loaded) as opened,
        opened.writer(wiring.own_name("dead-letters")) as writer,
    ):
        chosen = by_id(ids or [], dead_letters(opened, topics)) if ids else _every
        count = act(opened, topics, writer, chosen)
    print(f"{count} {done}", file=sys.stderr)


def _every(letter: DeadLetter) -> bool:  # noqa: ARG001 - it chooses whatever it is given
    return True


def _write_json(letters: list[DeadLetter]) -> None:
    for letter in letters:
        sys.stdout.buffer.write(to_json(letter) + b"\n")
