"""`onrecord serve`: articles, extractions and quotes over HTTP."""

import asyncio
import resource
from dataclasses import replace
from typing import Annotated

import typer

from onrecord import wiring
from onrecord.cli.alerting import alerts_beside
from onrecord.cli.archiving import archive_beside
from onrecord.cli.events import Events, reported, speak_as
from onrecord.cli.operating import watch_log
from onrecord.cli.options import ConfigOption, LogOption, settings
from onrecord.cli.page_operations import operations_of
from onrecord.cli.signals import Stop, stopping
from onrecord.config import Config
from onrecord.health import Health
from onrecord.log.interface import Log
from onrecord.measurements import Metrics

_FILES = 65_536


def serve(
    host: Annotated[
        str | None, typer.Option(help="The address to listen on [default: serve.host, 127.0.0.1].")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65_535, help="The port [default: serve.port, 8040]; 0 is any."),
    ] = None,
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Offer articles, extractions and quotes over HTTP: streams to follow, and pages to poll.

    /quotes, /extractions and /articles are Server-Sent Events with subscribe's filters; add /page
    for JSON with a cursor. /openapi.json describes it all.

    Example: onrecord serve --port 8040
    """
    loaded = settings(config, log)
    speak_as(loaded.logging)
    serve = loaded.serve
    serve = replace(serve, host=serve.host if host is None else host)
    serve = replace(serve, port=serve.port if port is None else port)
    loaded = replace(loaded, serve=serve)
    wiring.check_serve(loaded)
    _allow_many_files()
    with (
        reported(loaded.logging) as events,
        wiring.open_to_read(loaded) as opened,
        stopping(loaded, opened) as stop,
        archive_beside(loaded, opened, events, metrics := Metrics()),
        alerts_beside(loaded, opened, events, metrics, health := Health()),
    ):
        asyncio.run(_serve(loaded, opened, stop, events, metrics, health))


def _allow_many_files() -> None:
    """Raise the limit of open files: each reader needs one, and most systems allow 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _serve(
    config: Config, log: Log, stop: Stop, events: Events, metrics: Metrics, health: Health
) -> None:
    stopping = asyncio.Event()
    stop.then_set(stopping, asyncio.get_running_loop())
    watch_log(metrics, config, log)
    server = wiring.server(
        config,
        log,
        say=events,
        metrics=metrics,
        operations=operations_of(config, log),
        health=health,
    )
    try:
        events(f"serving {config.log.url} on {await server.start()}, Ctrl-C stops")
        await stopping.wait()
    finally:
        await server.stop()
