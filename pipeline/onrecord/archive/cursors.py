"""Cursors: where a page of hits ended, as text."""

from onrecord.errors import QueryError


def to_cursor(order: str, at: int) -> str:
    """A cursor of this order of hits."""
    return f"{order[0]}{at}"


def from_cursor(order: str, cursor: str) -> int:
    """Where to continue. Raises QueryError for a cursor of another order or no cursor at all."""
    letter, number = cursor[:1], cursor[1:]
    is_number = number.removeprefix("-").isascii() and number.removeprefix("-").isdecimal()
    if letter != order[0] or not is_number or len(number) > 20:
        raise QueryError(f"{cursor[:40]!r} is no cursor of a page ordered by {order}", at=1)
    return int(number)
