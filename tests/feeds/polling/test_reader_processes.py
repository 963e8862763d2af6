"""Reading in processes of their own: limits hold, and what fails fails alone."""

import asyncio
import errno
import gc
import os
import pickle
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec
import pytest

from onrecord.errors import ParseError, ReaderNotStarted
from onrecord.feeds.articles.claims import EVERYTHING
from onrecord.feeds.articles.document import read_document
from onrecord.feeds.pages.feed_links import names_feed
from onrecord.feeds.pages.robots import RobotRules, read_robots
from onrecord.feeds.polling import reader_processes
from onrecord.feeds.polling.reader_answers import (
    decoded_answer,
    encoded_answer,
    encoded_result,
)
from onrecord.feeds.polling.reader_pool import ReaderPool
from onrecord.feeds.polling.reader_processes import ReaderPolicy
from onrecord.feeds.polling.readers import Readers
from onrecord.processes import ChildProcess
from onrecord.records import Feed
from tests.builders import NOON
from tests.feeds.polling.test_poller import until
from tests.patience import PATIENCE_S

POLICY = ReaderPolicy(readers=1, parse_memory_bytes=100_000_000)
# For jobs that hang. It passes in full, and then what does not hang has this long.
HASTY = replace(POLICY, parse_timeout_s=5.0)
URL = "https://a.example/feed"


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers(POLICY) as started:
        yield started


def failing(readers: Readers, function: object, *arguments: object) -> str:
    with pytest.raises(ParseError) as caught:
        readers.read(URL, function, *arguments)  # type: ignore[arg-type]
    assert caught.value.url == URL
    return caught.value.reason


def test_a_document_is_read_in_another_process(readers: Readers) -> None:
    body = b"<rss version='2.0'><channel><item><title>One</title></item></channel></rss>"
    read = readers.read(URL, read_document, Feed(url=URL), body, URL, None, NOON, EVERYTHING)
    assert [draft.article.title for draft in read.drafts] == ["One"]
    assert readers.read(URL, os.getpid) != os.getpid()


def test_what_is_no_feed_says_so(readers: Readers) -> None:
    assert failing(readers, read_document, Feed(url=URL), b"", URL, None, NOON, EVERYTHING) == (
        "the answer is empty"
    )


def test_a_limit_of_time_is_kept_and_named() -> None:
    began = time.monotonic()
    with Readers(HASTY) as readers:
        assert failing(readers, time.sleep, 600) == (
            "reading it took longer than 5 s (parse_timeout_s)"
        )
        assert time.monotonic() - began < 300
        assert readers.read(URL, len, "next") == 4


def test_a_limit_of_memory_is_kept_and_named(readers: Readers) -> None:
    assert failing(readers, bytearray, 300_000_000) == (
        "reading it needs more memory than 100000000 bytes (parse_memory_bytes)"
    )
    assert readers.read(URL, len, "next") == 4


def test_a_process_that_dies_takes_only_its_document_along(readers: Readers) -> None:
    assert failing(readers, os._exit, 9).startswith("reading it ended its process")
    assert readers.read(URL, len, "next") == 4


def test_whatever_is_raised_is_said(readers: Readers) -> None:
    assert failing(readers, int, "x") == "it cannot be read (ValueError)"


def test_a_reader_that_does_not_start_says_nothing_of_the_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    with Readers(POLICY) as readers:
        with monkeypatch.context() as patched:
            patched.setattr(reader_processes, "ChildProcess", refused)
            with pytest.raises(ReaderNotStarted, match="can be started: Resource temp"):
                readers.read(URL, len, "first")
        monkeypatch.setattr(reader_processes, "_START_S", 0.0)
        with pytest.raises(ReaderNotStarted, match="no reader has started within 0 s"):
            readers.read(URL, len, "first")


def test_a_reader_is_replaced_after_its_share() -> None:
    with Readers(ReaderPolicy(recycle_after=2)) as readers:
        assert len({readers.read(URL, os.getpid) for _ in range(4)}) == 2


def test_a_replaced_reader_has_imported_what_the_one_before_needed_and_no_more() -> None:
    body = b"<rss version='2.0'><channel><language>en</language></channel></rss>"
    with Readers(ReaderPolicy(readers=1, recycle_after=1)) as readers:
        readers.read(URL, read_document, Feed(url=URL), body, URL, None, NOON, EVERYTHING)
        # A function of this module would import it, and with it what it imports.
        loaded = readers.read(URL, eval, "[*__import__('sys').modules]")
    assert "onrecord.feeds.articles.document" in loaded
    assert "py3langid" not in loaded  # the 74 MB model of languages


def test_no_reader_outlives_the_pool() -> None:
    with Readers(POLICY) as readers:
        process = readers.read(URL, os.getpid)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_a_process_is_killed_from_any_thread_and_its_pipe_closed_by_its_own() -> None:
    child = ChildProcess(_sleep, name="sleeper")
    assert child.receive(60) == "ready"
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(child.receive, 60)
        child.kill()
        with pytest.raises((EOFError, OSError)):
            waiting.result()
    assert not child.pipe.closed
    child.end()
    assert child.pipe.closed


def test_a_reader_that_nobody_waits_for_any_more_still_holds_its_place(tmp_path: Path) -> None:
    over = tmp_path / "over"

    async def go() -> tuple[bool, str]:
        with ReaderPool(ReaderPolicy(readers=1)) as pool:
            slow = asyncio.create_task(pool.read("slow", URL, _wait_for, str(over)))
            await until(over.with_suffix(".begun").exists)
            slow.cancel()
            await asyncio.gather(slow, return_exceptions=True)
            other = asyncio.create_task(pool.read("other", URL, str.upper, "read"))
            await asyncio.sleep(0.1)
            is_done = other.done()
            over.touch()
            return is_done, await other

    assert asyncio.run(go()) == (False, "READ")


def test_a_job_that_ends_its_reader_leaves_a_new_one_behind() -> None:
    with Readers(POLICY) as readers:
        assert failing(readers, os._exit, 9)
        readers.renew()
        process = readers.read(URL, os.getpid)
        readers.renew()
        assert readers.read(URL, os.getpid) == process


def test_threads_that_read_in_turn_share_one_process(readers: Readers) -> None:
    process = readers.read(URL, os.getpid)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(readers.read, URL, os.getpid).result() == process


def test_a_job_that_has_waited_gets_another_reader_which_ends_when_it_is_not_needed(
    tmp_path: Path,
) -> None:
    over = tmp_path / "over"
    policy = ReaderPolicy(patience_s=0.01, idle_s=0.0)
    with Readers(policy) as readers, ThreadPoolExecutor(1) as pool:
        long = pool.submit(readers.read, URL, _wait_for, str(over))
        while not over.with_suffix(".begun").exists():
            time.sleep(0.01)
        second = readers.read(URL, os.getpid)
        over.touch()
        first = long.result()
        assert first != second
        with pytest.raises(ProcessLookupError):
            os.kill(second, 0)
        assert readers.read(URL, os.getpid) == first


def test_without_jobs_a_reader_that_is_not_needed_ends_when_somebody_looks(
    tmp_path: Path,
) -> None:
    over = tmp_path / "over"
    with Readers(ReaderPolicy(patience_s=0.01)) as readers, ThreadPoolExecutor(1) as pool:
        long = pool.submit(readers.read, URL, _wait_for, str(over))
        while not over.with_suffix(".begun").exists():
            time.sleep(0.01)
        second = readers.read(URL, os.getpid)
        over.touch()
        first = long.result()
        readers.end_unneeded()
        os.kill(second, 0)  # a minute has not passed
        readers.policy = ReaderPolicy(idle_s=0.0)
        readers.end_unneeded()
        with pytest.raises(ProcessLookupError):
            os.kill(second, 0)
        readers.end_unneeded()
        assert readers.read(URL, os.getpid) == first


def test_a_reader_that_was_killed_while_idle_costs_no_document() -> None:
    with Readers(POLICY) as readers:
        killed = readers.read(URL, os.getpid)
        os.kill(killed, signal.SIGKILL)
        os.waitid(os.P_PID, killed, os.WEXITED | os.WNOWAIT)
        assert readers.read(URL, os.getpid) != killed


def _wait_for(file: str) -> int:
    """This process, once the file exists."""
    path = Path(file)
    path.with_suffix(".begun").touch()
    while not path.exists():
        time.sleep(0.01)
    return os.getpid()


def _sleep(pipe: Connection) -> None:
    pipe.send("ready")
    time.sleep(60)


class _Crafted:
    """Unpickling this makes a file."""

    def __init__(self, marker: str) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return open, (self._marker, "w")


def _take_over(marker: str) -> None:
    _answer_in_its_place(pickle.dumps(_Crafted(marker)))


def _answer_in_its_place(answer: bytes) -> None:
    """Answer in place of the reader, as a document could that exploits a parser."""
    for pipe in _pipes():
        with suppress(OSError):
            pipe.send_bytes(answer)


def _begin_an_answer(length: int) -> None:
    """Announce an answer of this length, and say nothing more."""
    for pipe in _pipes():
        with suppress(OSError):
            os.write(pipe.fileno(), length.to_bytes(4, "big"))
    time.sleep(600)


def _pipes() -> list[Connection]:
    return [one for one in gc.get_objects() if isinstance(one, Connection)]


def test_the_answer_of_a_reader_that_was_taken_over_runs_nothing_here(tmp_path: Path) -> None:
    """Finding F28: readers' answers were unpickled."""
    marker = tmp_path / "unpickled"
    with Readers(ReaderPolicy(readers=1)) as readers:
        reason = failing(readers, _take_over, str(marker))
        assert (reason, marker.exists()) == ("its reader's answer is in no known form", False)
        assert readers.read(URL, len, "next") == 4


@pytest.mark.parametrize(
    "answer",
    [
        msgspec.msgpack.encode([None, "reason", 0.0]).replace(
            b"reason", b"\xff\xff\xff\xff\xff\xff"
        ),
        b"\x91" * 200_000,
        b"\x93" + b"\x91" * 200_000,
        b"",
    ],
    ids=["no UTF-8", "nested", "nested result", "nothing"],
)
def test_a_crafted_answer_ends_its_reader(answer: bytes) -> None:
    with Readers(ReaderPolicy(readers=1)) as readers:
        before = readers.read(URL, os.getpid)
        assert failing(readers, _answer_in_its_place, answer) == (
            "its reader's answer is in no known form"
        )
        assert readers.read(URL, os.getpid) != before


@pytest.mark.parametrize(
    ("length", "reason"),
    [(1_000, "reading it took longer than"), (2**31 - 1, "reading it ended its process")],
)
def test_an_answer_that_does_not_end_or_is_too_large_ends_its_reader(
    length: int, reason: str
) -> None:
    with Readers(HASTY) as readers:
        before = readers.read(URL, os.getpid)
        assert failing(readers, _begin_an_answer, length).startswith(reason)
        assert readers.read(URL, os.getpid) != before


@pytest.mark.parametrize("reason", [None, "it says nothing"])
def test_an_answer_is_decoded_as_its_function_gives_it(reason: str | None) -> None:
    result = encoded_result(RobotRules(rules=(("/x", False),), delay_s=2.0))
    answer = decoded_answer(encoded_answer(result, reason, 0.5))
    assert answer.value(read_robots) == RobotRules(rules=(("/x", False),), delay_s=2.0)
    assert (answer.reason, answer.processor_s) == (reason, 0.5)
    with pytest.raises(msgspec.DecodeError):
        answer.value(names_feed)


def _busy(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def _until_there(path: str) -> None:
    while not os.path.exists(path):  # noqa: PTH110  what a reader is given must be picklable
        time.sleep(0.01)


def test_slow_and_large_documents_of_many_feeds_leave_a_reader_to_the_others(
    tmp_path: Path,
) -> None:
    """The slow jobs do not end before the others have been read."""
    end = str(tmp_path / "end")

    async def go() -> tuple[int, list[str]]:
        with ReaderPool(ReaderPolicy(readers=2, parse_timeout_s=300.0)) as pool:
            # What is quick in between does not make a slow feed quick.
            for feed in ("slow 1", "slow 2"):
                await pool.read(feed, URL, _busy, 1.1)
                await pool.read(feed, URL, str.upper, "quick")
            slow = [
                asyncio.create_task(pool.read(f"slow {n % 2 + 1}", URL, _until_there, end))
                for n in range(4)
            ]
            slow.append(
                asyncio.create_task(pool.read("large", URL, _until_there, end, is_large=True))
            )
            await asyncio.sleep(0)
            async with asyncio.timeout(PATIENCE_S):
                read = [await pool.read("good", URL, str.upper, f"read {n}") for n in range(3)]
            waiting = sum(not job.done() for job in slow)
            Path(end).touch()  # noqa: ASYNC240
            await asyncio.gather(*slow)
            return waiting, read

    assert asyncio.run(go()) == (5, ["READ 0", "READ 1", "READ 2"])
