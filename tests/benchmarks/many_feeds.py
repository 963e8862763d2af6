"""A poller of many feeds in its daily life: memory, cost and lag, as their number grows; by hand.

    .venv/bin/python -m tests.benchmarks.many_feeds [FEEDS] [SECONDS]

The feeds have states of 30 entries, and their next polls lie evenly in the next hour. `onrecord
poll` runs for so many seconds against a server on loopback, which answers 304 to nine feeds of
ten and 30 new entries to the others. Printed are the memory of all processes, the processor time
from the start until the first poll and for each poll, and how late polls came: the time of a poll
less the time for which it was planned.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

import psutil

from onrecord.log.interface import Log
from onrecord.log.opening import open_log
from onrecord.processing.feeds.subscriptions import feed_statuses, publish_feeds
from onrecord.processing.feeds.tables import table_headers
from onrecord.processing.retention import RetentionPolicy, settings_of
from onrecord.records import Feed, FeedState, PollNote, Seen, to_json
from onrecord.topics import Topics
from tests.benchmarks.feeds import memory, served

TOPICS = Topics("onrecord")
AN_HOUR_S = 3_600
A_STEP = 1_000


def fill(log: Log, url: str, feeds: int, now: datetime) -> None:
    """Follow feeds of this server, as polled many times."""
    urls = [f"{url}/{number}" for number in range(feeds)]
    publish_feeds(log, TOPICS, (Feed(url=it) for it in urls), by_hand=True, clock=lambda: now)
    with log.writer("benchmark") as writer:
        for start in range(0, feeds, A_STEP):
            with writer.transaction() as tx:
                for number in range(start, min(feeds, start + A_STEP)):
                    state = state_of(urls[number], number, feeds, now)
                    tx.publish(
                        TOPICS.feed_states,
                        key=state.url.encode(),
                        value=to_json(state),
                        headers=table_headers(state, state.url, now),
                    )


def planned(number: int, feeds: int, now: datetime) -> datetime:
    """When a feed is to be polled next."""
    return now + timedelta(seconds=AN_HOUR_S * number / feeds)


def state_of(url: str, number: int, feeds: int, now: datetime) -> FeedState:
    return FeedState(
        url=url,
        etag='"0"',
        title=f"Feed {number}",
        body_hash=_hash(url),
        pace_s=3600.0,
        gap_s=120.0,
        overlap=0.9,
        interval_s=float(AN_HOUR_S),
        why="as often as it changes",
        next_poll_at=planned(number, feeds, now),
        last_poll_at=now - timedelta(hours=1),
        last_success_at=now - timedelta(hours=1),
        polls=70,
        status=304,
        entries=30,
        articles=900,
        history=tuple(PollNote(at=now - timedelta(hours=n), status=304) for n in range(10)),
        seen={
            _hash(f"{url} {n}")[:40]: Seen(
                article_id=_hash(f"{url} {n} id")[:40],
                revision=1,
                content_hash=_hash(f"{url} {n} text")[:40],
            )
            for n in range(30)
        },
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def polling(folder: str) -> Iterator[psutil.Popen]:
    command = [str(Path(sys.executable).parent / "onrecord"), "poll"]
    settings = {
        "PATH": "/usr/bin:/bin",
        "ONRECORD_LOG__URL": f"sqlite:///{folder}/log.db",
        "ONRECORD_FEEDS__LIST": "",
        "ONRECORD_FEEDS__HOST_SPACING_S": "0",
        "ONRECORD_FEEDS__PER_HOST": "32",
        "ONRECORD_FEEDS__FULL_TEXT": "feed",
        "ONRECORD_FEEDS__ALLOW_ADDRESSES": "127.0.0.0/8",
    }
    process = psutil.Popen(command, env=settings, cwd=folder, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _worked_s(process: psutil.Process) -> float:
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def lags_s(log: Log, feeds: int, filled_at: datetime, began: datetime) -> list[float]:
    """How late each feed was polled that was due after the start."""
    found = []
    for feed, state in feed_statuses(log, TOPICS):
        if state.polls <= 70:
            continue
        due_at = planned(int(feed.url.rpartition("/")[2]), feeds, filled_at)
        if state.last_poll_at is not None and due_at >= began:
            found.append((state.last_poll_at - due_at).total_seconds())
    return sorted(found)


def main(feeds: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder, served(folder) as url:
        subprocess.run(["curl", "-s", f"{url}/round/1"], check=True)
        now = datetime.now(UTC)
        with open_log(f"sqlite:///{folder}/log.db") as log:
            for name, settings in settings_of(TOPICS, RetentionPolicy()).items():
                log.create_topic(name, settings)
            fill(log, url, feeds, now)
            ends = log.ends(TOPICS.feed_states)
            with polling(folder) as process:
                while log.ends(TOPICS.feed_states) == ends:
                    time.sleep(0.1)
                began, ready_s = datetime.now(UTC), _worked_s(process)
                peak, until = (0, 0), time.monotonic() + seconds
                while time.monotonic() < until:
                    peak = max(peak, memory(process))
                    time.sleep(1)
                worked_s = _worked_s(process) - ready_s
                rested = memory(process)
            polls = sum(log.ends(TOPICS.feed_states).values()) - sum(ends.values())
            lags = lags_s(log, feeds, now, began)
        at = quantiles(lags, n=20, method="inclusive") if len(lags) > 1 else [0.0] * 19
        print(
            f"{feeds} feeds: {ready_s:.1f} s of processors until the first poll; {polls} polls in"
            f" {seconds:.0f} s, {1000 * worked_s / polls:.1f} ms of processors each; peak"
            f" {peak[0] / 1e6:.0f} MB, {peak[1] / 1e6:.0f} with shared pages once, at the end"
            f" {rested[0] / 1e6:.0f}; {len(lags)} polls came {at[9]:.1f} s late in the median,"
            f" {at[18]:.1f} s at 95 %, {lags[-1] if lags else 0:.1f} s at most;"
            f" load {os.getloadavg()[0]:.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main(*(int(given) for given in (sys.argv[1:] + ["10000", "120"][len(sys.argv[1:]) :])))
