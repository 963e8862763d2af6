"""Policies of the HTTP server and of webhooks: addresses, access, limits and retries."""

import ipaddress
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta

from onrecord.errors import ConfigError
from onrecord.settings import Bytes, Positive, Seconds, SecondsOrZero, key
from onrecord.web.tokens import SHORTEST_TOKEN, read_tokens


@dataclass(frozen=True, kw_only=True)
class ServePolicy:
    """Where records are offered over HTTP, to whom, and what a reader may cost.

    At most `catch_ups` readers are read the past to at once, by at most `threads` readers of the
    log. A page looks at `page_messages` messages at most.
    """

    host: str = key(
        "127.0.0.1",
        "The address at which `onrecord serve` listens. Another one than this machine's own "
        "(0.0.0.0 is all of them) needs a token: whoever reads the topics knows what a newsroom "
        "follows.",
    )
    port: Annotated[int, Meta(ge=0, le=65_535)] = key(8040, "The port; 0 takes any free one.")
    token: str = key(
        "",
        "What readers must send as `Authorization: Bearer …`, 16 characters at least. It belongs "
        "into the environment (ONRECORD_SERVE__TOKEN) or into a file of its own.",
        secret=True,
    )
    token_file: str = key("", "A file that holds the token and that only we may read.")
    tokens_file: str = key(
        "",
        "A file of named tokens, one a line: NAME, then read or write, then TOKEN. People sign in "
        "to the pages with theirs; judgements made on the pages carry the name.",
    )
    streams: Positive = key(
        1000, "How many readers may follow at once; one more is told to come back later."
    )
    buffer_records: Positive = key(
        1000,
        "How many records are kept at hand for all who follow live. A reader that falls further "
        "behind is cut off, and goes on from the log.",
    )
    buffer_bytes: Bytes = key(
        16 * 1024 * 1024, "How many bytes of records are kept at hand for all who follow live."
    )
    write_timeout_s: Seconds = key(
        30.0, "Seconds in which a reader must take what is sent to it, before it is cut off."
    )
    keep_alive_s: Seconds = key(
        15.0,
        "Seconds without a record after which a line is sent all the same, so that no proxy takes "
        "the connection for dead.",
    )
    longest_s: SecondsOrZero = key(
        0.0,
        "Seconds after which a stream ends, and the reader connects again and goes on: for proxies "
        "that end long answers, or to spread readers over several servers. 0 is never.",
    )
    connections: Positive = key(
        2000,
        "How many connections may be open, within what the system lets a process open. One more "
        "takes the place of the one that has waited longest without a request.",
    )
    idle_s: Seconds = key(30.0, "Seconds that a connection may be open without a complete request.")
    catch_ups: int = 32
    threads: int = 8
    page_messages: int = 10_000


@dataclass(frozen=True, kw_only=True)
class WebPolicy:
    """How the pages show what they show."""

    timezone: str = key(
        "UTC",
        "The IANA name of the time zone of the pages, as Europe/Berlin: times are shown in it, "
        "and days begin in it.",
    )
    full_text: bool = key(
        False,
        "Whether the pages show an article's full text when they can be reached from other "
        "machines. The text is its publisher's; otherwise only the passages around quotes are "
        "shown. On loopback the full text is always shown.",
    )


@dataclass(frozen=True, kw_only=True)
class MetricsPolicy:
    """Where `run`, `poll` and `extract` answer operators; `serve` does so on its own port."""

    listen: str = key(
        "",
        "The address at which /metrics (for Prometheus), /health/live and /health/ready are "
        "answered, as 127.0.0.1:9465; empty answers nowhere. Nobody is asked for a token there.",
    )


@dataclass(frozen=True, kw_only=True)
class WebhookPolicy:
    """How `onrecord subscribe --webhook` posts records to a URL."""

    secret: str = key(
        "",
        "What posts are signed with, and the receiver checks with: `whsec_` and base64, as "
        "Standard Webhooks has it. It belongs into the environment (ONRECORD_WEBHOOK__SECRET) or "
        "into a file of its own.",
        secret=True,
    )
    secret_file: str = key("", "A file that holds the secret and that only we may read.")
    timeout_s: Seconds = key(15.0, "Seconds in which the receiver must answer.")
    first_retry_s: Seconds = key(
        1.0,
        "Seconds until a post that failed is tried again; each further wait is twice as long. It "
        "is tried until it is accepted: nothing is left out.",
    )
    longest_retry_s: Seconds = key(300.0, "The longest wait between two tries, in seconds.")


def check(policy: ServePolicy) -> None:
    """Raise ConfigError for a server open to everyone."""
    if policy.token and (len(policy.token) < SHORTEST_TOKEN or not policy.token.isascii()):
        raise ConfigError(
            f"serve.token: {SHORTEST_TOKEN} ASCII characters at least, as from "
            "`openssl rand -hex 24`",
            key="serve.token",
        )
    named = read_tokens(policy.tokens_file)
    if not policy.token and not named and not is_loopback(policy.host):
        raise ConfigError(
            f"serve.host = {policy.host!r} can be reached by others, and needs a token: set "
            "ONRECORD_SERVE__TOKEN, serve.token_file or serve.tokens_file",
            key="serve.token",
        )


def check_pages(policy: WebPolicy) -> None:
    """Raise ConfigError for a time zone that does not exist."""
    try:
        ZoneInfo(policy.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            f"web.timezone = {policy.timezone!r}: no time zone of this name; write an IANA name, "
            "as Europe/Berlin",
            key="web.timezone",
        ) from error


def is_loopback(host: str) -> bool:
    """Whether an address can be reached only from this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
