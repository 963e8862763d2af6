"""`onrecord searches` and `onrecord alerts`: saved searches, and the quotes they send."""

import sys
from typing import Annotated

import msgspec
import typer

from onrecord import wiring
from onrecord.alerts.mail import check_address
from onrecord.alerts.searches import search_id
from onrecord.archive.query import parse_query
from onrecord.cli.alerting import AlertSending
from onrecord.cli.events import reported, speak_as
from onrecord.cli.operating import operating
from onrecord.cli.options import ConfigOption, LogOption, settings
from onrecord.cli.output import say, show
from onrecord.cli.signals import stopping
from onrecord.errors import Mistake
from onrecord.log.backoff import Backoff
from onrecord.records import SavedSearch, to_json
from onrecord.web.webhook import check_url

app = typer.Typer(
    help="Saved searches: quotes of a query, sent to a webhook or by mail.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The name of the search.")],
    query: Annotated[str, typer.Argument(help="The query, as the archive takes it.")],
    webhook: Annotated[
        str | None, typer.Option(help="Post each quote to this URL, signed.")
    ] = None,
    mail: Annotated[str | None, typer.Option(help="Mail quotes to this address.")] = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Save a search. `run`, `serve` and `alerts` send what it finds from now on.

    Example: onrecord searches add dockers 'speaker:belcourt dockers' --mail desk@paper.example
    """
    loaded = settings(config, log)
    if not (name.strip() and name.isprintable()):
        raise Mistake("NAME: a name has characters, and all of them can be seen")
    if webhook is not None and mail is not None:
        raise Mistake("--webhook and --mail: one of them; save a second search for the other")
    parse_query(query)
    search = SavedSearch(
        id=search_id(name),
        name=name,
        query=query,
        webhook=None if webhook is None else check_url(webhook),
        mail=None if mail is None else check_address(mail),
        created_at=wiring.now(),
        created_by=wiring.user_name(),
    )
    with wiring.open_log(loaded) as opened:
        wiring.search_book(loaded, opened).add(search, now=wiring.now())
    say(
        f"saved search {name}"
        + ("; `onrecord run` or `serve` sends what it finds from now on" if webhook or mail else "")
    )


@app.command("list")
def list_searches(config: ConfigOption = None, log: LogOption = None) -> None:
    """List the saved searches.

    As JSON lines where the output is not a terminal.

    Example: onrecord searches list
    """
    loaded = settings(config, log)
    with wiring.open_to_read(loaded) as opened:
        searches = wiring.search_book(loaded, opened).all()
    for search in searches:
        if sys.stdout.isatty():
            show(_line(search))
        else:
            show(to_json(_shown(search)).decode())
    if not searches and sys.stdout.isatty():
        say("no saved searches yet: `onrecord searches add NAME QUERY`")


@app.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="The name or id of the search.")],
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Remove a saved search; nothing more is sent for it.

    Example: onrecord searches remove dockers
    """
    loaded = settings(config, log)
    with wiring.open_to_read(loaded) as opened:
        removed = wiring.search_book(loaded, opened).remove(name)
    say(f"removed saved search {removed.name}")


def alerts(config: ConfigOption = None, log: LogOption = None) -> None:
    """Send the quotes of saved searches as they come, until stopped.

    A search sends what is extracted after it was saved. Several processes may run, and share the
    work; started again, they go on where they stopped.

    Example: onrecord alerts
    """
    loaded = settings(config, log)
    speak_as(loaded.logging)
    with (
        reported(loaded.logging) as events,
        wiring.open_log(loaded) as opened,
        stopping(loaded, opened) as stop,
        operating(loaded, opened, events) as operations,
    ):
        wiring.check_alerts(loaded, opened)
        count = len(wiring.search_book(loaded, opened).all())
        events(f"sending alerts for {count} saved searches")
        sending = AlertSending(loaded, opened, events, operations.metrics)
        backoff = Backoff(operations.outage, "alerts")
        sending.run(operations.asked("alerts", stop), backoff, once=False)


def _line(search: SavedSearch) -> str:
    to = search.mail or (search.webhook and "a webhook") or "nobody"
    ended = f" (ended: {search.ended})" if search.ended else ""
    return f"{search.name}: {search.query} → {to}{ended}"


def _shown(search: SavedSearch) -> SavedSearch:
    """Without the path of a webhook, which can hold a secret."""
    if search.webhook is None:
        return search
    scheme, _, rest = search.webhook.partition("://")
    return msgspec.structs.replace(search, webhook=f"{scheme}://{rest.partition('/')[0]}/…")
