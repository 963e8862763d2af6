"""When feeds are asked again, and who never is: waits, hosts left alone, addresses refused."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.acceptance.gauntlet import Outcome, Scenario, Scenarios, item, ok, play, rss
from tests.http_server import Answer

USUAL_S, SHORTEST_S, LONGEST_S = 600.0, 60.0, 40_000.0
WAITS = {
    "usual_interval_s": f"{USUAL_S:g}",
    "shortest_interval_s": f"{SHORTEST_S:g}",
    "longest_interval_s": f"{LONGEST_S:g}",
}
LIMIT_BYTES = 400_000
NOBODY = "http://127.0.0.1:1/nobody"
# Only 127.0.0.1 is allowed.
REFUSED = {
    "http://127.0.0.2:{port}/secret": "loopback",
    "http://[::1]:{port}/secret": "loopback",
    "http://[::ffff:127.0.0.2]:{port}/secret": "loopback",
    "http://[64:ff9b::10.0.0.1]/secret": "private",
    "http://169.254.169.254/latest/meta-data/": "link-local",
    "http://10.0.0.1/secret": "private",
    "http://192.168.0.1/secret": "private",
    "http://100.64.0.1/secret": "private",
    "http://0.0.0.0:{port}/secret": "unspecified",
}

scenario = SCENARIOS = Scenarios()


@scenario
def plain(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("plain"))


@scenario
def max_age(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("max-age"), Cache_Control="public, max-age=7200")


@scenario
def max_age_not_to_be_kept(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("no-cache"), Cache_Control="no-cache, max-age=7200")


@scenario
def expires(round: int, asked: Mapping[str, str], url: str) -> Answer:
    then = datetime.now(UTC) + timedelta(hours=2)
    return ok(item("expires"), Expires=format_datetime(then, usegmt=True))


@scenario
def expires_long_ago(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("expired"), Expires="Mon, 01 Jan 1990 00:00:00 GMT")


@scenario
def a_year(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("year"), Cache_Control="max-age=31536000")


@scenario
def ttl(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(rss(item("ttl"), channel="<ttl>120</ttl>"))


@scenario
def update_period(round: int, asked: Mapping[str, str], url: str) -> Answer:
    channel = "<sy:updatePeriod>dayly</sy:updatePeriod><sy:updateFrequency>12</sy:updateFrequency>"
    return Answer(rss(item("sy"), channel=channel))


@scenario
def skipped_hours(round: int, asked: Mapping[str, str], url: str) -> Answer:
    now = datetime.now(UTC)  # one hour more than is asked for: this one may be over at once
    hours = "".join(f"<hour>{(now + timedelta(hours=n)).hour}</hour>" for n in range(4))
    return Answer(rss(item("skipped"), channel=f"<skipHours>{hours}</skipHours>"))


@scenario
def retry_later(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(status=404, headers={"Retry-After": "7200"})


@scenario
def gone(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(status=410)


@scenario
def forbidden(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(status=403)


@scenario
def broken(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(status=500)


@scenario
def no_feed(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(b"<html><title>Hello</title></html>")


@scenario
def too_large(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(b"<rss>" + b" " * LIMIT_BYTES)


@scenario
def led_to_our_network(round: int, asked: Mapping[str, str], url: str) -> Answer:
    there = url.replace("127.0.0.1", "127.0.0.2")
    return Answer(status=301, headers={"Location": f"{there}/secret"}, delay_s=0.3)


@scenario
def slow(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(rss(item("slow")), delay_s=0.3)


@pytest.fixture(scope="module")
def waits(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return play(
        tmp_path_factory.mktemp("waits"),
        SCENARIOS,
        rounds=2,
        more_feeds={"nobody": NOBODY, **{url: url for url in REFUSED}},
        others={"secret": lambda *_: ok(item("secret"))},
        settings={
            **WAITS,
            "allow_addresses": "127.0.0.1/32",
            "per_host": "2",
            "max_body_bytes": str(LIMIT_BYTES),
        },
    )


def test_nothing_is_asked_again_before_it_is_due(waits: Outcome) -> None:
    assert {name: waits.requests(name) for name in SCENARIOS} == {
        name: [1, 0] for name in SCENARIOS
    }


@pytest.mark.parametrize(
    ("name", "asked_s", "why"),
    [
        ("plain", USUAL_S, "as usual"),
        ("max_age", 7200, "max-age or Expires"),
        ("max_age_not_to_be_kept", USUAL_S, "as usual"),
        ("expires", 7100, "max-age or Expires"),
        ("expires_long_ago", USUAL_S, "as usual"),
        ("a_year", LONGEST_S, "the longest interval"),
        ("ttl", 7200, "ttl"),
        ("update_period", 7200, "updatePeriod"),
        ("skipped_hours", 2 * 3600, "skipHours"),
        ("retry_later", 7200, "Retry-After"),
        ("gone", USUAL_S, "failed once"),
        ("forbidden", USUAL_S, "failed once"),
        ("broken", USUAL_S, "failed once"),
        ("no_feed", USUAL_S, "failed once"),
        ("too_large", USUAL_S, "failed once"),
        ("nobody", USUAL_S, "failed once"),
    ],
)
def test_a_feed_waits_as_long_as_is_asked_for_and_says_why(
    waits: Outcome, name: str, asked_s: float, why: str
) -> None:
    feed = waits.feeds[name]
    assert asked_s <= feed["interval_s"] <= LONGEST_S
    assert why in feed["why"]
    wait = datetime.fromisoformat(feed["next_poll_at"]) - datetime.fromisoformat(
        feed["last_poll_at"]
    )
    assert wait == pytest.approx(timedelta(seconds=feed["interval_s"]), abs=timedelta(seconds=1))
    assert (feed["last_success_at"] is None) == (feed["error"] is not None)


# ── a host that wants to be left alone ───────────────────────────────────────────────────────


def test_a_host_that_asks_for_it_is_left_alone_with_all_its_feeds(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    feeds: dict[str, Scenario] = {
        "busy": lambda *_: Answer(status=429, headers={"Retry-After": "7200"}),
        **{f"quiet_{n}": lambda *_: ok(item("quiet")) for n in range(3)},
    }
    began = datetime.now(UTC)
    played = play(
        tmp_path_factory.mktemp("busy"), feeds, rounds=2, settings={**WAITS, "per_host": "1"}
    )
    assert [played.requests(name)[1] for name in feeds] == [0] * 4
    assert "429" in played.error("busy")
    until = began + timedelta(seconds=7200)
    assert all(datetime.fromisoformat(f["next_poll_at"]) >= until for f in played.feeds.values())


# ── who is asked ─────────────────────────────────────────────────────────────────────────────


def test_a_host_has_no_more_connections_than_it_may_have(waits: Outcome) -> None:
    assert 1 <= waits.most_at_once <= 2


@pytest.mark.parametrize("url", REFUSED)
def test_no_address_of_our_own_network_is_asked_unless_it_is_allowed(
    waits: Outcome, url: str
) -> None:
    assert f"{REFUSED[url]} address (not in allow_addresses)" in waits.error(url)
    assert waits.asked["secret"] == []


def test_no_redirect_leads_to_an_address_that_is_not_allowed(waits: Outcome) -> None:
    assert "loopback address (not in allow_addresses)" in waits.error("led_to_our_network")
    assert waits.requests("led_to_our_network") == [1, 0]
