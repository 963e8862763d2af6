"""`onrecord people`: who is who across articles, and what is said of it by hand."""

from typing import Annotated

import typer

from onrecord import wiring
from onrecord.cli.options import ConfigOption, FormatOption, LogOption, is_pretty, settings
from onrecord.cli.output import say
from onrecord.cli.people_edit import (
    Who,
    correct_quote,
    forget_person,
    merge_people,
    rename_person,
    split_person,
    undo_judgement,
)
from onrecord.cli.people_opened import people_opened
from onrecord.cli.people_suggest import suggest_people
from onrecord.cli.people_view import print_people, print_person, write_people
from onrecord.cli.signals import stopping
from onrecord.log.backoff import Backoff, Outage

app = typer.Typer(help="Who is who across articles.", no_args_is_help=True)


@app.command("list", short_help="Show the people that articles name.")
def list_people(
    name: Annotated[str | None, typer.Argument(help="Only people so called.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Show so many.")] = 50,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show the people that articles name, those named most often first.

    Example: onrecord people list lavrov
    """
    with people_opened(settings(config, log)) as opened:
        found = opened.registry.most_named() if name is None else opened.called(name)
    if is_pretty(format):
        print_people(found[:limit])
    else:
        write_people(found[:limit])


@app.command("show", short_help="Show a person.")
def show_person(
    who: Who,
    format: FormatOption = None,  # noqa: A002 - the option's name
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Show a person: names, roles, judgements and latest quotes.

    Example: onrecord people show "sergei lavrov"
    """
    with people_opened(settings(config, log)) as opened:
        person = opened.one(who)
        judgements = opened.registry.judgements_of(person)
        quotes = opened.quotes_of(person).get(person.id, [])
    if is_pretty(format):
        print_person(person, judgements, quotes)
    else:
        write_people([person], judgements, quotes)


@app.command("update")
def update_people(
    once: Annotated[bool, typer.Option("--once", help="Derive what is there, then exit.")] = False,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Keep the people topic up to date.

    `run` and `extract` do that as well.

    Example: onrecord people update --once
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened, stopping(loaded, opened) as stop:
        keeper = wiring.people_keeper(loaded, opened)
        count = keeper.run(stop, Backoff(Outage(say), "people"), once=once)
    say(f"people of {count} extractions")


# Docstrings whose first sentence is too long for a line of the list have a shorter one here.
app.command("suggest", short_help="Show people who may be one.")(suggest_people)
app.command("merge", short_help="Say that two people are one.")(merge_people)
app.command("split", short_help="Take a name out of a person.")(split_person)
app.command("rename")(rename_person)
app.command("correct", short_help="Correct the speaker of one quote.")(correct_quote)
app.command("undo", short_help="Take a judgement back.")(undo_judgement)
app.command("forget", short_help="Keep and show a person no longer.")(forget_person)
