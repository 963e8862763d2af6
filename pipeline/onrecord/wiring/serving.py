"""Offering records over HTTP."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from onrecord.config import Config
from onrecord.log.interface import Log
from onrecord.processing.pool import Extract
from onrecord.records import Article, Decision, Judgement
from onrecord.settings import with_secrets
from onrecord.sink.selection import What
from onrecord.version import VERSION
from onrecord.web.policy import ServePolicy, check_pages, is_loopback
from onrecord.web.policy import check as check_policy
from onrecord.wiring.archiving import open_archive
from onrecord.wiring.extracting import extractor
from onrecord.wiring.feed_desk import LogFeeds
from onrecord.wiring.opening import open_log, topic_of, topics_of
from onrecord.wiring.people import editor, judgement_book, live_people, people_reader
from onrecord.wiring.process import now
from onrecord.wiring.saving import LogSearches

if TYPE_CHECKING:
    from onrecord.health import Health
    from onrecord.measurements import Metrics
    from onrecord.web.pages.operations import Operations
    from onrecord.web.pages.quote_page import Explain
    from onrecord.web.server import AddPages, Server
    from onrecord.web.webhook import Webhook


def server(
    config: Config,
    log: Log,
    *,
    say: Callable[[str], None],
    metrics: "Metrics",
    operations: "Operations | None" = None,
    says_outages: bool = True,
    health: "Health | None" = None,
) -> "Server":
    """The server of the log's records; with `operations`, also of the pages.

    Without `says_outages` it leaves it to other parts of its process to report that the log is
    away. `health` is that of a process with other parts too. Raises ConfigError.
    """
    # aiohttp's server takes a tenth of a second to import: only `serve` waits for it.
    from onrecord.web.server import Server

    policy = with_secrets(config.serve, "serve")
    return Server(
        log,
        {what: topic_of(config, what) for what in What},
        policy,
        version=VERSION,
        clock=now,
        say=say,
        metrics=metrics,
        says_outages=says_outages,
        add_pages=None if operations is None else _pages(config, log, policy, operations),
        people=people_reader(config, log, by_itself=False),
        health=health,
    )


def _pages(config: Config, log: Log, policy: ServePolicy, operations: "Operations") -> "AddPages":
    from onrecord.web.openapi import describe
    from onrecord.web.pages.people_desk import PeopleDesk
    from onrecord.web.pages.site import SiteParts, add_pages

    parts = SiteParts(
        log=log,
        extractions=topics_of(config).extractions,
        open_archive=partial(open_archive, config),
        operations=operations,
        desk=PeopleDesk(
            partial(live_people, config, log),
            lambda registry, by: editor(registry, by=by),
            partial(_write_judgements, config),
        ),
        searches=LogSearches(config),
        explain=None if config.extract.extractor else _explainer(config),
        description=describe(
            VERSION, needs_token=bool(policy.token or policy.tokens_file), has_pages=True
        ),
        feeds=LogFeeds(config, log),
        policy=config.web,
        is_private=is_loopback(policy.host),
        version=VERSION,
        clock=now,
    )
    return partial(add_pages, parts=parts)


def _write_judgements(config: Config, judgements: Sequence[Judgement]) -> list[Judgement]:
    """Write judgements; the server's own log is open to read only."""
    with open_log(config) as log:
        return judgement_book(config, log).write(judgements)


def _explainer(config: Config) -> "Explain":
    """Explains quotes; the model is loaded when somebody asks for the first time."""
    lock = threading.Lock()
    loaded: list[Extract] = []

    def explain(article: Article, quote_id: str) -> tuple[Decision, ...] | None:
        with lock:
            if not loaded:
                loaded.append(extractor(config, explained=True))
            found = loaded[0]([article])[0]
        return next((one.explanation or () for one in found.quotes if one.id == quote_id), None)

    return explain


def check_serve(config: Config) -> None:
    """Raise ConfigError for a server that cannot be, or that anybody could read."""
    check_policy(with_secrets(config.serve, "serve"))
    check_pages(config.web)


def webhook(config: Config, url: str, *, say: Callable[[str], None]) -> "Webhook":
    """The poster of records to a URL. Raises Mistake."""
    from onrecord.web.webhook import Webhook

    policy = with_secrets(config.webhook, "webhook")
    return Webhook(url, policy, user_agent=f"onrecord/{VERSION}", clock=now, say=say)
