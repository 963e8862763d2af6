"""A backlog from elsewhere, brought in by the installed command as users do."""

import gzip
import json
import os
import random
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

import pytest
import zstandard

from onrecord.log.opening import open_log
from tests.acceptance.conftest import Onrecord
from tests.patience import PATIENCE_S

LONG = os.environ.get("ONRECORD_TEST_LONG") == "1"
KILLS = 25 if LONG else 5
LINES = 120_000 if LONG else 20_000
BAD_EVERY = 500


def line(number: int) -> str:
    if number % BAD_EVERY == 7:
        return f'{{"title": "{number} has no text"}}\n'
    published = f"{1990 + number % 30}-05-{number % 28 + 1:02d}T08:00:00Z"
    text = f"“Report {number} is ready,” harbour master Mara Lind said on Monday."
    url = f"https://archive.example/{number}"
    return json.dumps({"url": url, "text": text, "published_at": published}) + "\n"


def killed_at_random_moments(onrecord: Onrecord, *, longest_s: float) -> None:
    """Import with kills on the way, to the end; then every article is there once."""
    source = onrecord.folder / "backlog.jsonl"
    source.write_text("".join(map(line, range(LINES))))
    chance = random.Random(20261125)
    kills = 0
    for turn in range(1, KILLS + 1):  # each may live a little longer than the one before
        running = onrecord.start("import", "backlog.jsonl")
        time.sleep(chance.uniform(0.3, longest_s * turn / KILLS))
        if running.poll() is not None:
            break  # faster than we are
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        kills += 1
    else:
        onrecord("import", "backlog.jsonl", code=1)
    assert kills, "no import lived long enough to be killed"
    assert "Traceback" not in (onrecord.folder / "err").read_text()

    assert_that_all_is_there_once(onrecord)


def assert_that_all_is_there_once(onrecord: Onrecord) -> None:
    articles = onrecord.records("articles")
    urls = Counter(article["url"] for article in articles)
    assert len(urls) == LINES - LINES // BAD_EVERY
    assert set(urls.values()) == {1}
    assert min(article["published_at"] for article in articles) == "1990-05-01T08:00:00Z"
    rejected = (onrecord.folder / "backlog.jsonl.rejected.jsonl").read_text().splitlines()
    places = [json.loads(one)["place"] for one in rejected]
    assert places == [f"line {n + 1}" for n in range(7, LINES, BAD_EVERY)]


def waits_while_the_log_is_away(
    onrecord: Onrecord, topic: str, away: AbstractContextManager[object]
) -> None:
    """Import with the log going away in the middle; then every article is there once."""
    onrecord("feeds", "list")
    said = onrecord.folder / "err"
    words = ("import", "-", "--rejects", "backlog.jsonl.rejected.jsonl")
    is_away = threading.Event()
    with (
        fed_in_halves(is_away) as lines,
        open_log(onrecord.environment["ONRECORD_LOG__URL"]) as log,
    ):
        onrecord.stdin = lines
        running = onrecord.start(*words)
        _wait_until(lambda: any(begin < end for begin, end in log.bounds(topic).values()))
        with away:
            is_away.set()
            _wait_until(lambda: "the log does not answer, waiting for it" in said.read_text())
        assert running.wait(PATIENCE_S) == 1
    assert "the log answers again" in said.read_text()
    assert_that_all_is_there_once(onrecord)


@contextmanager
def fed_in_halves(goes_on: threading.Event) -> Iterator[int]:
    """A pipe of all lines, the second half once it goes on: before, no import of it can end."""
    reading, writing = os.pipe()

    def feed() -> None:
        with suppress(BrokenPipeError), os.fdopen(writing, "w", encoding="utf-8") as pipe:
            pipe.writelines(map(line, range(LINES // 2)))
            pipe.flush()
            goes_on.wait(PATIENCE_S)
            pipe.writelines(map(line, range(LINES // 2, LINES)))

    feeding = threading.Thread(target=feed)
    feeding.start()
    try:
        yield reading
    finally:
        goes_on.set()
        os.close(reading)
        feeding.join()


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def held(file: Path) -> Iterator[None]:
    """While another process has the file for itself."""
    with closing(sqlite3.connect(file, timeout=PATIENCE_S)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.rollback()


def test_an_import_waits_while_the_file_is_held_by_another_process(onrecord: Onrecord) -> None:
    away = held(onrecord.folder / "log.db")
    waits_while_the_log_is_away(onrecord, "onrecord.articles", away)


def test_an_import_that_filled_the_disk_goes_on_when_there_is_space(
    onrecord: Onrecord, small_disk: Path
) -> None:
    onrecord.environment["ONRECORD_LOG__URL"] = f"sqlite:///{small_disk}/log.db"
    (onrecord.folder / "backlog.jsonl").write_text("".join(map(line, range(LINES))))
    full = onrecord("import", "backlog.jsonl", code=1)
    assert full.stderr.splitlines()[-1].endswith(
        "the disk is full: free some space and start again, nothing is damaged"
    )
    subprocess.run(["mount", "-o", "remount,size=90m", str(small_disk)], check=True)
    done = onrecord("import", "backlog.jsonl", code=1)
    assert "going on after" in done.stderr
    assert_that_all_is_there_once(onrecord)


def test_a_reject_file_on_a_full_disk_is_one_line(onrecord: Onrecord) -> None:
    (onrecord.folder / "a.jsonl").write_text("{}\n")
    done = onrecord("import", "a.jsonl", "--rejects", "/dev/full", code=2)
    assert done.stderr.splitlines()[-1] == (
        "onrecord: /dev/full: cannot be written: No space left on device"
    )


def test_an_import_killed_at_random_moments_brings_every_article_once(onrecord: Onrecord) -> None:
    killed_at_random_moments(onrecord, longest_s=3.0)


def test_ctrl_c_stops_and_the_same_command_goes_on(onrecord: Onrecord) -> None:
    count = 60_000  # so many that the import is not done when it is seen to have begun
    (onrecord.folder / "backlog.jsonl").write_text("".join(map(line, range(count))))
    onrecord("feeds", "list")  # makes the log
    with open_log(onrecord.environment["ONRECORD_LOG__URL"]) as log:
        running = onrecord.start("import", "backlog.jsonl")
        _wait_until(lambda: any(end for _, end in log.bounds("onrecord.articles").values()))
    os.killpg(running.pid, signal.SIGINT)
    assert running.wait(PATIENCE_S) == 130
    said = (onrecord.folder / "err").read_text()
    assert "stopped; the same command goes on" in said
    assert "Traceback" not in said
    done = onrecord("import", "backlog.jsonl", code=1)
    assert "backlog.jsonl: going on after" in done.stderr
    assert len(onrecord.records("articles")) == count - count // BAD_EVERY


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress, bytes])
def test_standard_input_is_read_whatever_it_is_packed_with(onrecord: Onrecord, pack: type) -> None:
    data = pack("".join(map(line, range(5))).encode())
    command = [onrecord.command, "import", "-"]
    done = subprocess.run(
        command, input=data, env=onrecord.environment, capture_output=True, check=True
    )
    assert b"5 imported, 0 known already, 0 rejected" in done.stderr


def test_other_names_are_mapped(onrecord: Onrecord) -> None:
    (onrecord.folder / "dump.jsonl").write_text(
        '{"link": "https://a.example/1", "body": {"plain": "It rains."}, "date": 767779200}\n'
    )
    options = ["--field", "url=link", "--field", "text=body.plain", "--field", "published_at=date"]
    onrecord("import", "dump.jsonl", *options)
    (found,) = onrecord.records("articles")
    assert (found["url"], found["text"]) == ("https://a.example/1", "It rains.")
    assert found["published_at"] == "1994-05-01T08:00:00Z"


def test_a_folder_of_pages_and_feeds_is_extracted_like_any_article(onrecord: Onrecord) -> None:
    sample = Path(__file__).parent.parent.parent / "pipeline/onrecord/cli/sample/round-1"
    done = onrecord("import", str(sample))
    assert " 0 rejected" in done.stderr
    articles = onrecord.records("articles")
    assert len(articles) >= 25
    onrecord("extract", "--once")
    assert len(onrecord.records("extractions")) == len(articles)


def test_a_hostile_page_fails_alone_with_its_limit_named(onrecord: Onrecord) -> None:
    folder = onrecord.folder / "pages"
    folder.mkdir()
    (folder / "good.html").write_text(
        "<html><body><article><h1>Pier</h1><p>The report on the pier was read on Monday in the "
        "town hall, and many had come to hear it.</p></article></body></html>"
    )
    (folder / "hostile.html").write_text(
        "<html><body>" + "<p>word word word word word word word</p>" * 220_000
    )
    done = onrecord("import", "pages", code=1, ONRECORD_FEEDS__PARSE_TIMEOUT_S="3")
    assert "1 imported, 0 known already, 1 rejected" in done.stderr
    assert "pages, hostile.html: " in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("import notes.txt", "notes.txt: neither JSON lines, nor a web archive (WARC)"),
        ("import a.jsonl missing.jsonl", "missing.jsonl: no such file"),
        ("import a.jsonl --field body=text", "no field 'body'; an article has text, id, url"),
        ("import a.jsonl --field text", "--field text: write OURS=THEIRS"),
        ("import a.jsonl --rejects nowhere/x", "nowhere/x: cannot be written: No such file"),
        ("import", "Missing argument"),
    ],
)
def test_a_mistake_is_one_line(onrecord: Onrecord, arguments: str, says: str) -> None:
    (onrecord.folder / "notes.txt").write_text("These are my notes.\n")
    (onrecord.folder / "a.jsonl").write_text("{}\n")
    done = onrecord(*arguments.split(), code=2)
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
