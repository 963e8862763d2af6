"""`onrecord dead-letters`: messages set aside, with their reasons; retrying and dropping them."""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Annotated

import typer
from rich.text import Text

from onrecord import wiring
from onrecord.cli.options import (
    ConfigOption,
    FormatOption,
    LogOption,
    is_pretty,
    parse_pattern,
    parse_time,
    settings,
)
from onrecord.cli.output import harmless
from onrecord.cli.render import console, when
from onrecord.config import Config
from onrecord.errors import Mistake
from onrecord.log.interface import Log, Writer
from onrecord.processing.dead_letters import LetterFilter, by_id, dead_letters, drop, retry
from onrecord.records import DeadLetter, to_json
from onrecord.topics import Topics

app = typer.Typer(
    help="Messages that could not be processed: list, show, retry, drop.", no_args_is_help=True
)

Ids = Annotated[list[str] | None, typer.Argument(help="Letters, by the id that `list` shows.")]
All = Annotated[bool, typer.Option("--all", help="Every letter.")]
Reason = Annotated[
    str | None, typer.Option(help="A regular expression, searched in error and reason.")
]
Since = Annotated[str | None, typer.Option(help="Failed at this time or later; as -2h too.")]
FromTopic = Annotated[str | None, typer.Option(help="The topic they came from.")]


@app.command("list")
def list_letters(
    reason: Reason = None,
    since: Since = None,
    topic: FromTopic = None,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show what was set aside, oldest first.

    Example: onrecord dead-letters list
    """
    loaded = settings(config, log)
    wanted = _filter(reason, since, topic)
    with wiring.open_to_read(loaded) as opened:
        letters = [one for one in dead_letters(opened, wiring.topics_of(loaded)) if wanted(one)]
    if not is_pretty(format):
        _write_json(letters)
        return
    out = console()
    for letter in letters:
        tries = f"{letter.attempts} attempt{'s' if letter.attempts != 1 else ''}"
        out.print(Text(f"{letter.id}  {when(letter.failed_at)}  {letter.key or ''}", "bold"))
        out.print(Text(f"    {letter.reason}  ({letter.error}, {tries})"))
    out.print(Text(f"{len(letters)} dead letters", "dim"))


@app.command("show", short_help="Show letters whole, as JSON lines.")
def show_letters(ids: Ids = None, config: ConfigOption = None, log: LogOption = None) -> None:
    """Show letters whole, as JSON lines: origin, reason, stack, and the original message.

    Example: onrecord dead-letters show
    """
    loaded = settings(config, log)
    with wiring.open_to_read(loaded) as opened:
        letters = dead_letters(opened, wiring.topics_of(loaded))
    chosen = by_id(ids, letters) if ids else _every
    _write_json([found for found in letters if chosen(found)])


@app.command("retry", short_help="Put letters back into their topic.")
def retry_letters(
    ids: Ids = None,
    every: All = False,
    reason: Reason = None,
    since: Since = None,
    topic: FromTopic = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Put letters back into the topic they came from. Each is processed again.

    Those that failed dead_letters.most_attempts times are put back only by their ids.

    Example: onrecord dead-letters retry --all
    """
    loaded = settings(config, log)
    wanted = _filter(reason, since, topic)
    most = None if ids else loaded.dead_letters.most_attempts
    _settle(
        loaded,
        partial(retry, pass_over=_say_passed_over),
        ids,
        every,
        replace(wanted, attempts_below=most),
        "put back",
    )
    if most is not None:
        _say_what_is_left(loaded, wanted, most)


@app.command("drop")
def drop_letters(
    ids: Ids = None,
    every: All = False,
    reason: Reason = None,
    since: Since = None,
    topic: FromTopic = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Give letters up for good.

    Example: onrecord dead-letters drop --all
    """
    wanted = _filter(reason, since, topic)
    _settle(settings(config, log), drop, ids, every, wanted, "dropped")


def _say_passed_over(letter: DeadLetter, reason: str) -> None:
    print(f"{letter.id} not put back: {harmless(reason)}", file=sys.stderr)


Act = Callable[[Log, Topics, Writer, Callable[[DeadLetter], bool]], int]


def _filter(reason: str | None, since: str | None, topic: str | None) -> LetterFilter:
    return LetterFilter(
        reason=parse_pattern(reason, option="--reason"),
        since=None if since is None else parse_time(since, at=wiring.now(), option="--since"),
        topic=topic,
    )


def _settle(
    loaded: Config, act: Act, ids: list[str] | None, every: bool, wanted: LetterFilter, done: str
) -> None:
    asks = replace(wanted, attempts_below=None) != LetterFilter()
    if bool(ids) + every + asks != 1:
        raise Mistake("name the letters by id, or by --reason, --since and --topic, or say --all")
    topics = wiring.topics_of(loaded)
    with (
        wiring.open_log(loaded) as opened,
        opened.writer(f"{topics.prefix}.{wiring.own_name('dead-letters')}") as writer,
    ):
        chosen = by_id(ids, dead_letters(opened, topics)) if ids else wanted
        count = act(opened, topics, writer, chosen)
    print(f"{count} {done}", file=sys.stderr)


def _say_what_is_left(loaded: Config, wanted: LetterFilter, most: int) -> None:
    """Say how many letters were not put back because they failed too often."""
    with wiring.open_log(loaded) as opened:
        letters = dead_letters(opened, wiring.topics_of(loaded))
    left = sum(wanted(letter) and letter.attempts >= most for letter in letters)
    if left:
        print(
            f"{left} left: failed {most} times or more (dead_letters.most_attempts); "
            "name them by id to put them back all the same",
            file=sys.stderr,
        )


def _every(letter: DeadLetter) -> bool:  # noqa: ARG001 - it chooses whatever it is given
    return True


def _write_json(letters: list[DeadLetter]) -> None:
    for letter in letters:
        sys.stdout.buffer.write(to_json(letter) + b"\n")
