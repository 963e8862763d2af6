"""Giving way to another process that published first, and deciding again after it."""

from collections.abc import Callable
from random import uniform
from time import sleep
from typing import TypeVar

from onrecord.errors import LogUnavailable, Overtaken

T = TypeVar("T")

_ATTEMPTS = 4
# Longer than a transaction takes, in the usual case.
_SHORTEST_S = 0.05


def retry_when_overtaken(attempt: Callable[[], T], pause: Callable[[float], None] = sleep) -> T:
    """The result of `attempt`, which is repeated after pauses while it is Overtaken.

    An attempt begins by catching up, which waits for transactions that are open, so only later
    ones can overtake it. Pauses double and are partly random: two processes do not overtake each
    other again and again. After a few attempts LogUnavailable is raised instead, so that callers
    back off as usual, and stop when they are told to.
    """
    pause_s = _SHORTEST_S
    for _ in range(_ATTEMPTS - 1):
        try:
            return attempt()
        except Overtaken:
            pause(pause_s * uniform(1, 1.5))  # noqa: S311  it only spreads attempts
            pause_s *= 2
    try:
        return attempt()
    except Overtaken as error:
        raise LogUnavailable(f"{error}, {_ATTEMPTS} times in succession") from error
