"""Ports for servers that are told where to listen before they are started."""

import random
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_ATTEMPTS = 1_000


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, and that the system does not give out by itself.

    Of those a port can be taken before its server listens, by another process or by a connection,
    even one of a client that tries to reach that server.
    """
    chance = random.SystemRandom()  # tests seed the other one
    own = _never_given_out()
    found: list[int] = []
    with ExitStack() as stack:
        for _ in range(_ATTEMPTS):
            bound = stack.enter_context(socket.socket())
            with suppress(OSError):
                bound.bind(("127.0.0.1", chance.choice(own)))
                found.append(bound.getsockname()[1])
            if len(found) == count:
                return found
    raise OSError(f"no {count} free ports in {_ATTEMPTS} attempts")


def _never_given_out() -> range:
    """The larger part of the ports beside those that the system gives out."""
    try:
        first, last = map(int, _RANGE.read_text().split())
    except (OSError, ValueError):
        first, last = 32_768, 60_999
    below, above = range(5_000, first), range(last + 1, 65_536)
    return max(below, above, key=len) or range(5_000, 65_536)
