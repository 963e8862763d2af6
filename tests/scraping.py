"""A Prometheus for tests: expositions scraped in simulated time, and alert rules over them."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.validating import validators

Labels = frozenset[tuple[str, str]]


@dataclass
class Scrapes:
    """What was scraped, `step_s` apart. A series that a target no longer shows ends there."""

    step_s: int
    at_s: int = 0
    _series: dict[Labels, list[dict[str, Any]]] = field(default_factory=dict)
    _shown: dict[str, set[Labels]] = field(default_factory=dict)

    def scrape(self, expositions: Mapping[str, bytes | None]) -> None:
        """One scrape of each role, then the next step; None is a process that does not answer."""
        for role, exposition in expositions.items():
            target = {"job": "onrecord", "instance": f"{role}:9465", "role": role}
            now = {} if exposition is None else _samples(exposition, target)
            for ended in self._shown.get(role, set()) - now.keys():
                self._add(ended, None)
            self._shown[role] = set(now)
            for labels, value in now.items():
                self._add(labels, value)
            up = frozenset((target | {"__name__": "up"}).items())
            self._add(up, 0.0 if exposition is None else 1.0)
        self.at_s += self.step_s

    def _add(self, labels: Labels, value: float | None) -> None:
        self._series.setdefault(labels, []).append({"at_s": self.at_s, "value": value})

    def evaluate(self, expressions: Mapping[str, str], file: Path) -> dict[str, Any]:
        """The series of each expression, as Prometheus' own engine has them at each step."""
        given = {
            "step_s": self.step_s,
            "end_s": self.at_s - self.step_s,
            "series": [{"labels": dict(k), "points": v} for k, v in self._series.items()],
            "expressions": expressions,
        }
        file.write_text(json.dumps(given))
        words = [validators(), "evaluate", str(file)]
        found: dict[str, Any] = json.loads(
            subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout
        )
        return found

    def fired(self, rules: Sequence[Mapping[str, Any]], file: Path) -> dict[str, int]:
        """The alerts that fire, each with the first second at which it does."""
        values = self.evaluate({rule["alert"]: rule["expr"] for rule in rules}, file)
        found = {}
        for rule in rules:
            wait_s = seconds_of(rule.get("for", "0s"))
            begins = [
                at
                for series in values[rule["alert"]]
                if (at := self._first(series["points"], wait_s)) is not None
            ]
            if begins:
                found[rule["alert"]] = min(begins)
        return found

    def _first(self, points: Sequence[Sequence[str]], wait_s: int) -> int | None:
        """When a condition has held for so long without a gap."""
        since = before = None
        for at in (int(point[0]) for point in points):
            if before is None or since is None or at - before > self.step_s:
                since = at
            before = at
            if at - since >= wait_s:
                return at
        return None


def seconds_of(text: str) -> int:
    """A duration of Prometheus with one unit: "5m"."""
    return int(text[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[text[-1]]


def _samples(exposition: bytes, target: dict[str, str]) -> dict[Labels, float]:
    return {
        frozenset((sample.labels | target | {"__name__": sample.name}).items()): sample.value
        for family in text_string_to_metric_families(exposition.decode())
        for sample in family.samples
    }
