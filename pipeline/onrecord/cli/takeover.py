"""Two processes under one log.name, each started again by a supervisor.

Each would take the name over from the other as soon as it is back, dozens of times a minute, and
little work would be done. So a process that loses its name soon after it started ends only when a
minute has passed since. Nobody waits to take over from a process that was killed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep

from onrecord.errors import Fenced

_SHORTEST_LIFE_S = 60.0
_LOOK_S = 0.1


@contextmanager
def slow_to_return(
    stopped: Callable[[], bool],
    say: Callable[[str], None],
    *,
    clock: Callable[[], float] = monotonic,
    pause: Callable[[float], None] = sleep,
) -> Iterator[None]:
    """Raise Fenced from the body no sooner than a minute after it began, unless stopped."""
    until = clock() + _SHORTEST_LIFE_S
    try:
        yield
    except Fenced as error:
        left_s = until - clock()
        if left_s > 0 and not stopped():
            say(
                f"{error.name!r} is in use by another process (log.name): this one does nothing "
                f"more, and ends in {left_s:.0f} s"
            )
        while clock() < until and not stopped():
            pause(_LOOK_S)
        raise
