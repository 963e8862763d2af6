"""Every alert fires on its condition and on no other, over what our processes really expose.

Poller, extractor and server are three `Metrics`, driven as the stages drive them and scraped in
simulated time; Prometheus' own engine evaluates the rules and the dashboard over the scrapes.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from onrecord.measurements import GroupLag, Metrics
from onrecord.processing.reasons import ReasonCode
from tests.scraping import Scrapes, seconds_of

ROOT = Path(__file__).parent.parent
RULES = yaml.safe_load((ROOT / "config/prometheus/alerts.yml").read_text())["groups"][0]["rules"]
PANELS = json.loads((ROOT / "config/grafana/dashboards/onrecord.json").read_text())["panels"]
MINUTE, HOUR, DAY = 60, 3600, 86_400
ROLES = ("poll", "extract", "serve")


class Newsroom:
    """A poller, an extractor and a server that are well, until told otherwise."""

    def __init__(self) -> None:
        self.metrics = {role: Metrics() for role in ROLES}
        self.members = 2
        self.pollers = 1
        self.list_pollers: int | None = None
        self.waiting_s = 0.4
        self.archive_lag = 0
        self.late = 0
        self.people_left = 10
        self.feeds = {"ok": 40, "new": 1}
        self.outcome: Any = "read"
        self.quotes = 4
        self.dead_letters = 0
        self.down: set[str] = set()
        for metrics in self.metrics.values():
            metrics.watch_groups(self._groups)
            metrics.watch_feeds(lambda: self.feeds)
            metrics.watch_parts(lambda: self.late)
        self.metrics["poll"].will_poll()
        self.metrics["extract"].will_set_aside(code.value for code in ReasonCode)
        self.metrics["extract"].watch_people(lambda: self.people_left)
        self.metrics["extract"].watch_processes(lambda: {"extractor": 2}, lambda: {"extractor": 9})
        self.metrics["extract"].watch_queue("articles", lambda: 3)
        self.metrics["serve"].watch_streams(lambda: 3)

    def _groups(self) -> list[GroupLag]:
        articles, extractions = "onrecord.articles", "onrecord.extractions"
        of_list = [
            GroupLag("onrecord.pollers.0123456789ab", members, {"onrecord.feeds": 0}, None)
            for members in [self.list_pollers]
            if members is not None
        ]
        return [
            *of_list,
            GroupLag("onrecord.extract", self.members, {articles: 3}, self.waiting_s),
            GroupLag("onrecord.pollers", self.pollers, {"onrecord.feeds": 0}, None),
            GroupLag("onrecord.archive", None, {extractions: self.archive_lag}, None),
        ]

    def work(self) -> None:
        """What a few minutes bring."""
        new = 2 if self.outcome == "read" else 0
        self.metrics["poll"].polled(self.outcome, new=new, edited=0, took_s=0.2)
        for _ in range(new):
            self.metrics["extract"].extracted(["direct"] * self.quotes, "en", 0.1)
            self.metrics["extract"].published(1.5)
        self.metrics["serve"].archived(new * self.quotes, 0)
        for _ in range(self.dead_letters):
            self.metrics["extract"].set_aside("failed")

    def expositions(self) -> dict[str, bytes | None]:
        return {
            role: None if role in self.down else metrics.exposition()
            for role, metrics in self.metrics.items()
        }


def lived(newsroom: Newsroom, scrapes: Scrapes, seconds: int) -> None:
    until = scrapes.at_s + seconds
    while scrapes.at_s < until:
        newsroom.work()
        scrapes.scrape(newsroom.expositions())


def breaks(**how: Any) -> Callable[[Newsroom], None]:
    """What goes wrong: attributes of the newsroom."""
    return lambda newsroom: newsroom.__dict__.update(how)


def loses_its_log(newsroom: Newsroom) -> None:
    for metrics in newsroom.metrics.values():
        metrics.log_answers(False)


def loses_its_archive(newsroom: Newsroom) -> None:
    newsroom.metrics["serve"].archive_answers(False)


def waits_for_its_mail_server(newsroom: Newsroom) -> None:
    newsroom.metrics["serve"].alerts_attempted("failed", 3)
    newsroom.metrics["serve"].alerts_waiting(3)


def has_no_mail_server(newsroom: Newsroom) -> None:
    newsroom.metrics["serve"].alerts_can_be_sent(False)


# The alert, what goes wrong, the seconds before and after, and between scrapes.
BROKEN = {
    "OnrecordDown": (breaks(down={"extract"}), 10 * MINUTE, 10 * MINUTE, MINUTE),
    "OnrecordPartHangs": (breaks(late=1), 10 * MINUTE, 10 * MINUTE, MINUTE),
    "OnrecordLogAway": (loses_its_log, 10 * MINUTE, 15 * MINUTE, MINUTE),
    "OnrecordExtractionBehind": (breaks(waiting_s=1000.0), 10 * MINUTE, 20 * MINUTE, MINUTE),
    "OnrecordNobodyExtracts": (breaks(members=0), 10 * MINUTE, 10 * MINUTE, MINUTE),
    "OnrecordNobodyPolls": (breaks(pollers=0), 10 * MINUTE, 10 * MINUTE, MINUTE),
    "OnrecordArchiveBroken": (loses_its_archive, 10 * MINUTE, 20 * MINUTE, MINUTE),
    "OnrecordArchiveBehind": (breaks(archive_lag=5000), 10 * MINUTE, 45 * MINUTE, 5 * MINUTE),
    "OnrecordPeopleNotDerived": (breaks(people_left=5000), 10 * MINUTE, 45 * MINUTE, 5 * MINUTE),
    "OnrecordAlertsNotSent": (waits_for_its_mail_server, HOUR, HOUR, 5 * MINUTE),
    "OnrecordAlertsCannotBeSent": (has_no_mail_server, 10 * MINUTE, 20 * MINUTE, MINUTE),
    "OnrecordNothingPublished": (breaks(outcome="unchanged"), 4 * HOUR, 4 * HOUR, 5 * MINUTE),
    "OnrecordFeedsFail": (breaks(feeds={"ok": 20, "failing": 20}), HOUR, 2 * HOUR, 5 * MINUTE),
    "OnrecordFeedsSilent": (breaks(feeds={"ok": 39, "silent": 1}), HOUR, 26 * HOUR, 5 * MINUTE),
    "OnrecordDeadLetters": (breaks(dead_letters=5), HOUR, HOUR, 5 * MINUTE),
    "OnrecordFindsFewerQuotes": (breaks(quotes=1), 30 * HOUR, 12 * HOUR, 5 * MINUTE),
}


@pytest.mark.parametrize("alert", [rule["alert"] for rule in RULES])
def test_an_alert_fires_on_its_condition_alone(alert: str, tmp_path: Path) -> None:
    go_wrong, before_s, after_s, step_s = BROKEN[alert]
    newsroom, scrapes = Newsroom(), Scrapes(step_s)
    lived(newsroom, scrapes, before_s)
    go_wrong(newsroom)
    lived(newsroom, scrapes, after_s)
    fired = scrapes.fired(RULES, tmp_path / "scrapes.json")
    assert fired.keys() == {alert}
    [rule] = (rule for rule in RULES if rule["alert"] == alert)
    assert fired[alert] >= before_s + seconds_of(rule.get("for", "0s"))


@pytest.mark.parametrize(("everything", "of_list"), [(0, 1), (1, 0)])
def test_a_group_that_is_left_over_pages_nobody_while_others_poll(
    everything: int, of_list: int, tmp_path: Path
) -> None:
    newsroom, scrapes = Newsroom(), Scrapes(MINUTE)
    newsroom.pollers, newsroom.list_pollers = everything, of_list
    lived(newsroom, scrapes, 10 * MINUTE)
    assert scrapes.fired(RULES, tmp_path / "scrapes.json") == {}


def test_pollers_of_a_list_are_missed_too(tmp_path: Path) -> None:
    newsroom, scrapes = Newsroom(), Scrapes(MINUTE)
    newsroom.pollers, newsroom.list_pollers = 0, 0
    lived(newsroom, scrapes, 10 * MINUTE)
    assert scrapes.fired(RULES, tmp_path / "scrapes.json").keys() == {"OnrecordNobodyPolls"}


def test_a_poller_that_never_published_anything_is_noticed(tmp_path: Path) -> None:
    newsroom, scrapes = Newsroom(), Scrapes(5 * MINUTE)
    newsroom.outcome = "failed"
    lived(newsroom, scrapes, 4 * HOUR)
    fired = scrapes.fired(RULES, tmp_path / "scrapes.json")
    assert fired["OnrecordNothingPublished"] >= 3 * HOUR, "a new poller has just begun"


def test_the_first_dead_letters_of_a_process_count(tmp_path: Path) -> None:
    newsroom, scrapes = Newsroom(), Scrapes(MINUTE)
    lived(newsroom, scrapes, 5 * MINUTE)
    newsroom.dead_letters = 30
    lived(newsroom, scrapes, MINUTE)
    newsroom.dead_letters = 0
    lived(newsroom, scrapes, 5 * MINUTE)
    assert "OnrecordDeadLetters" in scrapes.fired(RULES, tmp_path / "scrapes.json")


def test_every_panel_shows_something_of_processes_at_work(tmp_path: Path) -> None:
    newsroom, scrapes = Newsroom(), Scrapes(MINUTE)
    newsroom.dead_letters = 1
    lived(newsroom, scrapes, 20 * MINUTE)
    queries = {
        f"{panel['title']} {n}": query["expr"].replace("$__rate_interval", "5m")
        for panel in PANELS
        for n, query in enumerate(panel["targets"])
    }
    found = scrapes.evaluate(queries, tmp_path / "scrapes.json")
    assert [name for name in queries if not found[name]] == []
