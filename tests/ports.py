"""Ports for servers that are told where to listen before they are started."""

import random
import socket
from contextlib import ExitStack, suppress


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, below those that systems give out by themselves.

    Of those a port can be taken before its server listens, by another process or by a connection,
    even one of a client that tries to reach that server.
    """
    chance = random.SystemRandom()  # tests seed the other one
    found: list[int] = []
    with ExitStack() as stack:
        while len(found) < count:
            bound = stack.enter_context(socket.socket())
            with suppress(OSError):
                bound.bind(("127.0.0.1", chance.randrange(15_000, 30_000)))
                found.append(bound.getsockname()[1])
    return found
