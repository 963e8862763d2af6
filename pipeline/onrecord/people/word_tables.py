"""The word tables of this package: text files of lines; `#` begins a comment, `[…]` a section."""

from functools import cache
from importlib.resources import files


@cache
def table(name: str) -> tuple[tuple[str, ...], ...]:
    """The lines of `name.txt` in words, without sections and comments."""
    text = files("onrecord.people").joinpath(f"{name}.txt").read_text("utf-8")
    lines = (line.strip() for line in text.splitlines())
    return tuple(tuple(line.split()) for line in lines if line and line[0] not in "#[")


@cache
def words(name: str) -> frozenset[str]:
    """All words of `name.txt`."""
    return frozenset(word for line in table(name) for word in line)
