"""Offering records over HTTP."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from onrecord.config import Config
from onrecord.log.interface import Log
from onrecord.settings import with_secrets
from onrecord.sink.selection import What
from onrecord.version import VERSION
from onrecord.web.policy import check as check_policy
from onrecord.wiring.opening import topic_of
from onrecord.wiring.process import now

if TYPE_CHECKING:
    from onrecord.metrics import Metrics
    from onrecord.web.server import Server
    from onrecord.web.webhook import Webhook


def server(config: Config, log: Log, *, say: Callable[[str], None], metrics: "Metrics") -> "Server":
    """The server of the log's records. Raises ConfigError."""
    # aiohttp's server takes a tenth of a second to import: only `serve` waits for it.
    from onrecord.web.server import Server

    return Server(
        log,
        {what: topic_of(config, what) for what in What},
        with_secrets(config.serve, "serve"),
        version=VERSION,
        clock=now,
        say=say,
        metrics=metrics,
    )


def check_serve(config: Config) -> None:
    """Raise ConfigError for a server that cannot be, or that anybody could read."""
    check_policy(with_secrets(config.serve, "serve"))


def webhook(config: Config, url: str, *, say: Callable[[str], None]) -> "Webhook":
    """The poster of records to a URL. Raises Mistake."""
    from onrecord.web.webhook import Webhook

    policy = with_secrets(config.webhook, "webhook")
    return Webhook(url, policy, user_agent=f"onrecord/{VERSION}", clock=now, say=say)
