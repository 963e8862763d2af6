"""`kill -9` anywhere: nothing is lost, nothing is there twice."""

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

from tests.acceptance.conftest import (
    Onrecord,
    Publisher,
    offsets_are_right,
    story,
    texts_by_revision,
)
from tests.acceptance.test_import import held
from tests.patience import PATIENCE_S

KILLS = 30 if os.environ.get("ONRECORD_TEST_LONG") == "1" else 12
ARTICLES = 10 * KILLS


def test_run_killed_at_random_moments_extracts_every_article_exactly_once(
    onrecord: Onrecord, publisher: Publisher
) -> None:
    stories = [story(publisher, number) for number in range(ARTICLES)]
    # The backlog appears bit by bit, so that kills fall on polling as much as on extracting.
    publisher.feeds = {f"feed-{n}": [] for n in range(10)}
    feeds = str(publisher.write_list(onrecord.folder / "feeds.txt"))
    chance = random.Random(20261122)
    for number in range(KILLS):
        shown = ARTICLES * (number + 1) // KILLS
        for n, name in enumerate(publisher.feeds):
            publisher.feeds[name] = stories[n:shown:10]
        running = onrecord.start("run", "--feeds", feeds)
        time.sleep(chance.uniform(0.3, 5.0))
        assert running.poll() is None, (onrecord.folder / "err").read_text()[-2000:]
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()

    onrecord("run", "--once", "--feeds", feeds)
    articles = onrecord.records("articles")
    extractions = onrecord.records("extractions")
    assert Counter(a["title"] for a in articles) == Counter(s.title for s in stories)
    done = Counter((e["article"]["id"], e["article"]["revision"]) for e in extractions)
    published = texts_by_revision(articles)
    assert done == Counter(dict.fromkeys(published, 1))
    for extraction in extractions:
        reference = extraction["article"]
        assert offsets_are_right(extraction, published[reference["id"], reference["revision"]])


def test_no_process_outlives_a_killed_run(onrecord: Onrecord, publisher: Publisher) -> None:
    publisher.feeds = {"north": [story(publisher, 1)]}
    onrecord("feeds", "list")  # makes the log, which reading does not
    running = onrecord.start("run", "--feeds", publisher.feed_url("north"))
    _wait_for_extractions(onrecord, 1)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    deadline = time.monotonic() + PATIENCE_S
    while _is_a_group_alive(running.pid):
        assert time.monotonic() < deadline, "extractor processes were left behind"
        time.sleep(0.1)


def test_the_first_ctrl_c_stops_cleanly_and_the_next_run_goes_on(
    onrecord: Onrecord, publisher: Publisher
) -> None:
    publisher.feeds = {"north": [story(publisher, n) for n in range(20)]}
    onrecord("feeds", "list")  # makes the log, which reading does not
    running = onrecord.start("run", "--feeds", publisher.feed_url("north"))
    _wait_for_extractions(onrecord, 1)
    os.killpg(running.pid, signal.SIGINT)
    assert running.wait(PATIENCE_S) == 0
    assert "Traceback" not in (onrecord.folder / "err").read_text()
    publisher.feeds["north"].append(story(publisher, 20))
    onrecord("run", "--once", "--feeds", publisher.feed_url("north"))
    titles = [e["article"]["title"] for e in onrecord.records("extractions")]
    assert len(titles) == len(set(titles)) == 21


def test_a_poll_told_to_stop_before_it_has_begun_ends_well(
    onrecord: Onrecord, publisher: Publisher
) -> None:
    publisher.feeds = {"north": [story(publisher, 1)]}
    onrecord("feeds", "list")  # makes the log
    with held(onrecord.folder / "log.db"):  # so that it cannot begin before it is told to stop
        starting = onrecord.start("poll", "--feeds", publisher.feed_url("north"))
        deadline = time.monotonic() + PATIENCE_S
        while not _is_caught(starting.pid, signal.SIGTERM):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(starting.pid, signal.SIGTERM)
    assert starting.wait(PATIENCE_S) == 0
    assert publisher.asked == []


def _is_caught(process: int, number: signal.Signals) -> bool:
    """Whether a process has said what to do on a signal."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def _wait_for_extractions(onrecord: Onrecord, count: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while len(onrecord.records("extractions")) < count:
        assert time.monotonic() < deadline, "nothing was extracted"


def _is_a_group_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
