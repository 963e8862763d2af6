"""Progress of long work: a bar on a terminal, log lines elsewhere."""

import sys
from collections.abc import Callable
from time import monotonic
from typing import Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from onrecord.cli.render import console


def progress_bar() -> Progress:
    """A progress bar on a terminal, nothing elsewhere, for work that is measured in bytes."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeRemainingColumn(),
        console=console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )


class Pace:
    """The progress of a job: a bar on a terminal, a line now and then elsewhere.

    A line comes every `every_s` seconds, so that a log file tells a job that goes on from one
    that hangs. `start` is what an earlier attempt did; `total` is None while it is not known.
    Rates are those that are passed, else the mean of this attempt.
    """

    def __init__(
        self,
        task: str,
        total: int | None,
        *,
        say: Callable[[str], None],
        start: int = 0,
        every_s: float = 30.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._name = task
        self._total = total
        self._start = self._done = start
        self._say = say
        self._every_s = every_s
        self._clock = clock
        self._began = clock()
        self._say_at = self._began + every_s
        self._on_terminal = sys.stderr.isatty()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[pace]}"),
            console=console(stderr=True),
            transient=True,
            disable=not self._on_terminal,
        )
        self._task = self._progress.add_task(
            task, total=total, completed=start, pace=self._pace(None)
        )

    def add(self, count: int, rate: float | None = None) -> None:
        """`count` more are done, at a recent `rate` per second."""
        self.done(self._done + count, rate)

    def done(self, count: int, rate: float | None = None, *, of: int | None = None) -> None:
        """`count` are done in total, of as many as are there now."""
        self._done = count
        self._total = self._total if of is None else of
        pace = self._pace(rate)
        self._progress.update(self._task, completed=count, total=self._total, pace=pace)
        if not self._on_terminal and self._clock() >= self._say_at:
            self._say_at = self._clock() + self._every_s
            share = f" of {self._total} ({count / self._total:.0%})" if self._total else ""
            self._say(f"{self._name}: {count}{share}, {pace}")

    def _pace(self, rate: float | None) -> str:
        if self._done <= self._start:
            return "getting ready"  # a model takes its seconds to load
        rate = rate or self._mean()
        left = "" if self._total is None else f", {time_left(self._total - self._done, rate)}"
        return f"{rate:.1f} a second{left}"

    def _mean(self) -> float:
        return (self._done - self._start) / max(0.001, self._clock() - self._began)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._progress.stop()


def time_left(count: float, rate: float) -> str:
    """How long `count` more take at a rate per second: "3 h 20 min left"."""
    return f"{duration(max(0.0, count) / rate)} left"


def duration(seconds: float) -> str:
    """A length of time in the two units that matter: "3 h 20 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole < 600 else f"{whole // 60} min"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"
