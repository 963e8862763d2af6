"""The pool: what one article does costs no other article anything."""

import os
import time
from collections.abc import Callable
from typing import Any

import psutil
import pytest

from onrecord.errors import ExtractorBroken
from onrecord.processing import pool as pool_module
from onrecord.processing.pool import MakeExtract, Pool, PoolPolicy, Result
from onrecord.processing.reasons import Failure, ReasonCode
from onrecord.records import Extraction
from tests.builders import article
from tests.fakes import (
    make_broken_extract,
    make_careless_extract,
    make_each_extract,
    make_scripted_extract,
)
from tests.patience import PATIENCE_S

# A loaded machine may stand still for seconds. An article that hangs takes this long and is done.
LIMIT_S = 10.0


def results_of(pool: Pool, chunks: list[list[str]]) -> dict[int, Result]:
    """The result of every text, by its number over all chunks."""
    tickets = iter(range(10_000))
    count = 0
    for texts in chunks:
        articles = [article(f"a{count + at}", text=text) for at, text in enumerate(texts)]
        pool.submit([next(tickets) for _ in texts], articles)
        count += len(texts)
    results: dict[int, Result] = {}
    deadline = time.monotonic() + PATIENCE_S
    while len(results) < count and time.monotonic() < deadline:
        results.update(pool.collect(0.5))
    return results


def pool(**policy: Any) -> Pool:
    return Pool(make_scripted_extract, PoolPolicy(**{"processes": 2, **policy}))


def test_every_article_comes_back_under_its_ticket() -> None:
    with pool() as working:
        results = results_of(working, [["a", "b"], ["c"], ["d", "e", "f"]])
    ids = {ticket: r.article.id for ticket, r in results.items() if isinstance(r, Extraction)}
    assert ids == {ticket: f"a{ticket}" for ticket in range(6)}


def test_the_garbage_collector_spares_what_an_extractor_process_has_loaded() -> None:
    with pool(processes=1) as working:
        results = results_of(working, [["frozen"]])
    assert [r.article.title for r in results.values() if isinstance(r, Extraction)] == ["True"]


@pytest.mark.parametrize(
    ("order", "error", "code", "reason"),
    [
        ("fail", "ValueError", ReasonCode.FAILED, "told to fail"),
        ("die", "ExtractorDied", ReasonCode.DIED, "exit code 9"),
        ("hang", "ExtractorDied", ReasonCode.TIMED_OUT, "extract.timeout_s"),
    ],
)
@pytest.mark.parametrize("make", [make_scripted_extract, make_each_extract])
def test_only_the_article_at_fault_fails(
    make: MakeExtract, order: str, error: str, code: ReasonCode, reason: str
) -> None:
    with Pool(make, PoolPolicy(processes=2, timeout_s=LIMIT_S)) as working:
        results = results_of(working, [["a", order, "c"], ["d"]])
    failed = {ticket: r for ticket, r in results.items() if isinstance(r, Failure)}
    assert set(results) == {0, 1, 2, 3}
    assert set(failed) == {1}
    assert failed[1].error == error
    assert failed[1].code is code
    assert reason in failed[1].reason


def test_the_rest_of_a_chunk_goes_together_to_another_process_once_one_article_took_too_long() -> (
    None
):
    """So a slow article costs the others one `timeout_s`, and not one for each of them."""
    with Pool(make_each_extract, PoolPolicy(processes=1, timeout_s=LIMIT_S)) as working:
        results = results_of(working, [["pid", "hang", "pid", "pid", "pid"]])
    pids = {n: r.article.title for n, r in results.items() if isinstance(r, Extraction)}
    assert set(pids) == {0, 2, 3, 4}
    assert pids[2] == pids[3] == pids[4] != pids[0]


def test_what_answered_while_this_process_stood_still_was_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pool(processes=1) as working:
        working.wait_until_ready()
        working.submit([0], [article("a0")])
        [worker] = working._workers
        assert worker.process.pipe.poll(PATIENCE_S)
        worker.deadline = time.monotonic()
        with monkeypatch.context() as before_the_answer:
            before_the_answer.setattr(pool_module, "wait", lambda *_: [])
            assert working.collect(0.0) == []
        assert working._workers == [worker]
        worker.deadline = time.monotonic() + PATIENCE_S
        results: dict[int, Result] = {}
        while not results:
            results.update(working.collect(0.5))
    assert isinstance(results[0], Extraction)


def test_a_process_that_was_killed_while_idle_is_no_fault_of_the_next_article() -> None:
    with Pool(make_each_extract, PoolPolicy(processes=1)) as working:
        (first,) = results_of(working, [["pid"]]).values()
        assert isinstance(first, Extraction)
        process = psutil.Process(int(first.article.title or ""))
        process.kill()
        psutil.wait_procs([process], timeout=60)
        (second,) = results_of(working, [["pid"]]).values()
    assert isinstance(second, Extraction)
    assert second.article.title != first.article.title


def test_an_extractor_that_gives_too_little_fails_on_its_articles_and_not_the_pool() -> None:
    with Pool(make_careless_extract, PoolPolicy(processes=1)) as working:
        results = results_of(working, [["a", "b"]])
    assert [r.reason for r in results.values() if isinstance(r, Failure)] == [
        "the extractor gave 0 results for 1 texts"
    ] * 2


def test_a_failure_carries_the_stack_that_led_to_it() -> None:
    with pool() as working:
        result = results_of(working, [["fail"]])[0]
    assert isinstance(result, Failure)
    assert "told to fail" in (result.stack or "")


def test_an_extractor_that_cannot_start_says_why() -> None:
    with (
        pytest.raises(ExtractorBroken, match="no such model"),
        Pool(make_broken_extract, PoolPolicy(processes=1)) as working,
    ):
        results_of(working, [["a"]])


def test_a_process_is_replaced_after_its_share() -> None:
    with pool(processes=1, recycle_after=2) as working:
        results = results_of(working, [["pid"], ["pid"], ["pid"]])
    pids = [r.article.title for _, r in sorted(results.items()) if isinstance(r, Extraction)]
    assert pids[0] == pids[1] != pids[2]


def test_closing_leaves_no_process_behind_even_a_busy_one() -> None:
    with pool() as working:
        working.submit([1], [article(text="hang")])
        working.collect(0.5)
        children = psutil.Process(os.getpid()).children()
        assert len(children) >= 2
    _wait_until(lambda: not [c for c in children if c.is_running() and "spawn" in _words(c)])


def _words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def _wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, "it did not become so in time"
        time.sleep(0.05)
