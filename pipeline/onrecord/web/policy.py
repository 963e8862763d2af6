"""Where records are offered, to whom, and what a reader may cost."""

import ipaddress
from dataclasses import dataclass

from onrecord.errors import ConfigError

_SHORTEST_TOKEN = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ServePolicy:
    """The keys of `[serve]`; config/onrecord.toml says what each is for.

    `catch_ups` is how many readers are read the past to at once, and `threads` how many of them
    the log is asked for at the same moment. A page looks at `page_messages` messages at most.
    """

    host: str = "127.0.0.1"
    port: int = 8040
    token: str = ""
    streams: int = 1000
    buffer_records: int = 1000
    buffer_bytes: int = 16 * 1024 * 1024
    write_timeout_s: float = 30.0
    keep_alive_s: float = 15.0
    longest_s: float = 0.0
    catch_ups: int = 32
    threads: int = 8
    page_messages: int = 10_000

    def __repr__(self) -> str:
        return f"ServePolicy({self.host}:{self.port})"  # never the token


def check(policy: ServePolicy) -> None:
    """Raise ConfigError for a server that anybody could read."""
    if policy.token and (len(policy.token) < _SHORTEST_TOKEN or not policy.token.isascii()):
        raise ConfigError(
            f"serve.token: {_SHORTEST_TOKEN} ASCII characters at least, as from "
            "`openssl rand -hex 24`",
            key="serve.token",
        )
    if not policy.token and not is_loopback(policy.host):
        raise ConfigError(
            f"serve.host = {policy.host!r} can be reached by others, and needs a token: set "
            "ONRECORD_SERVE__TOKEN or serve.token_file",
            key="serve.token",
        )


def is_loopback(host: str) -> bool:
    """Whether an address can only be reached from this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
