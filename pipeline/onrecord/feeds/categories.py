"""A user's categories of feeds: paths of folder names, such as "World/Asia". All pure.

A slash within a name is written twice, so that no folder's name is lost.
"""

import re
from collections.abc import Iterable, Iterator

_SLASH = re.compile(r"(?<!/)/(?!/)")


def category_of(names: Iterable[str]) -> str:
    """The category of a path of folder names; empty for none."""
    stripped = (" ".join(name.split()) for name in names)
    return "/".join(name.replace("/", "//") for name in stripped if name)


def names_in(category: str) -> Iterator[str]:
    """The folder names of a category, outermost first."""
    for name in _SLASH.split(category):
        if name := name.replace("//", "/").strip():
            yield name


def is_within(category: str, asked: str) -> bool:
    """Whether a category is the asked one, stands in it, or has a folder of that name."""
    names = [name.casefold() for name in names_in(category)]
    wanted = [name.casefold() for name in names_in(asked)]
    if not wanted:
        return False
    starts = range(len(names) - len(wanted) + 1)
    return any(names[at : at + len(wanted)] == wanted for at in starts) or (
        "/".join(wanted) in names
    )
