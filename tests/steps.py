"""Counting the steps of onrecord's own code: whether work grows linearly, without a clock.

A step is a line of onrecord that is executed, or a character that one of its regular expressions
reads. The count is the same on every machine and under every load, so a small input shows what a
clock shows only after minutes. Not counted: what runs inside C, such as copying a string, and what
libraries do.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

PACKAGE = "onrecord"


class Steps:
    """A count, while `counting` is on."""

    def __init__(self) -> None:
        self.count = 0


def steps_of(act: Callable[[], object]) -> int:
    """How many steps `act` takes."""
    with counting() as steps:
        act()
    return steps.count


def growth(act: Callable[[int], object], small: int, large: int) -> float:
    """By what factor more steps `act` takes for each unit of the larger size: 1.0 is linear.

    The first call is not counted: caches are filled by it.
    """
    act(small)
    return steps_of(lambda: act(large)) / large / (steps_of(lambda: act(small)) / small)


@contextmanager
def counting() -> Iterator[Steps]:
    """Counts the steps of this thread; a tracer that was set before is set again at the end."""
    steps, before = Steps(), sys.gettrace()

    def local(frame: FrameType, event: str, argument: object) -> Any:
        if event == "line":
            steps.count += 1
        return local

    def enter(frame: FrameType, event: str, argument: object) -> Any:
        name = str(frame.f_globals.get("__name__", ""))
        return local if name.partition(".")[0] == PACKAGE else None

    with _counted_patterns(steps):
        sys.settrace(enter)
        try:
            yield steps
        finally:
            sys.settrace(before)


@contextmanager
def _counted_patterns(steps: Steps) -> Iterator[None]:
    """Puts a counting stand-in before every compiled pattern that is a global of a module."""
    replaced: list[tuple[dict[str, Any], str, re.Pattern[str]]] = []
    modules = [m for name, m in list(sys.modules.items()) if name.partition(".")[0] == PACKAGE]
    for names in (vars(module) for module in modules):
        for name, value in list(names.items()):
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                replaced.append((names, name, value))
                names[name] = _CountedPattern(value, steps)
    try:
        yield
    finally:
        for names, name, value in replaced:
            names[name] = value


class _CountedPattern:
    """A compiled pattern that counts the characters it reads."""

    def __init__(self, pattern: re.Pattern[str], steps: Steps) -> None:
        self._pattern = pattern
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pattern, name)

    def search(self, text: str, pos: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        found = self._pattern.search(text, pos, end)
        self._steps.count += (found.end() if found else min(end, len(text))) - min(pos, len(text))
        return found

    def match(self, text: str, pos: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        return self._matched(self._pattern.match(text, pos, end), pos)

    def fullmatch(self, text: str, pos: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        return self._matched(self._pattern.fullmatch(text, pos, end), pos)

    def finditer(self, text: str, pos: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        for found in self._pattern.finditer(text, pos, end):
            self._steps.count += found.end() - pos
            pos = found.end()
            yield found
        self._steps.count += max(0, min(end, len(text)) - pos)

    def findall(self, text: str, pos: int = 0, end: int = sys.maxsize) -> list[Any]:
        self._steps.count += max(0, min(end, len(text)) - pos)
        return self._pattern.findall(text, pos, end)

    def sub(self, replacement: Any, text: str, count: int = 0) -> str:
        self._steps.count += len(text)
        return self._pattern.sub(replacement, text, count)

    def split(self, text: str, maxsplit: int = 0) -> list[Any]:
        self._steps.count += len(text)
        return self._pattern.split(text, maxsplit)

    def _matched(self, found: re.Match[str] | None, pos: int) -> re.Match[str] | None:
        self._steps.count += found.end() - pos if found else 1
        return found
