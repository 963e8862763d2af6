"""What long-running commands write on standard error."""

import io
import json
import logging
import threading
import warnings
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest

from onrecord.cli.events import Events, reported, speak_as
from onrecord.cli.last_words import last_words
from onrecord.cli.reckoning import Reckoning, of_extraction, of_polling
from onrecord.logging_policy import LoggingPolicy

NOON = datetime(2026, 11, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def written(policy: LoggingPolicy) -> tuple[Events, io.StringIO]:
    stream = io.StringIO()
    return Events(policy, stream=stream, clock=lambda: NOON), stream


def test_text_has_the_time_the_level_and_a_sentence() -> None:
    events, stream = written(LoggingPolicy())
    events.info("polled", "Aldmoor Gazette: 3 new", feed="https://a.example/feed", new=3)
    expected = f"{NOON.astimezone():%Y-%m-%d %H:%M:%S} info    Aldmoor Gazette: 3 new\n"
    assert stream.getvalue() == expected


def test_json_has_all_fields_on_one_line() -> None:
    events, stream = written(LoggingPolicy(format="json"))
    events.warning("dead letter", "it failed\nbadly", article_id="a1", offset=7)
    (line,) = stream.getvalue().splitlines()
    assert json.loads(line) == {
        "time": "2026-11-01T12:00:00.250Z",
        "level": "warning",
        "event": "dead letter",
        "message": "it failed\nbadly",
        "article_id": "a1",
        "offset": 7,
    }


@pytest.mark.parametrize("format", ["text", "json"])
def test_publishers_cannot_steer_a_terminal(format: str) -> None:
    events, stream = written(LoggingPolicy(format=format))  # type: ignore[arg-type]
    events.info("polled", "A \x1b]0;title\x07 \x9b31m \u202e")
    shown = stream.getvalue().rstrip("\n")
    assert not any(c < " " or "\x7f" <= c < "\xa0" or c == "\u202e" for c in shown)


def test_publishers_cannot_begin_a_line() -> None:
    events, stream = written(LoggingPolicy())
    events.info("polled", "A\n2026-11-01 12:00:00 error   forged\r\nB\u2028C")
    first, *others = stream.getvalue().splitlines()
    assert first.endswith("info    A")
    assert others == ["    2026-11-01 12:00:00 error   forged", "    B", "    C"]


@pytest.mark.parametrize("format", ["text", "json"])
def test_an_event_that_cannot_be_written_ends_nothing(format: Literal["text", "json"]) -> None:
    full = Path("/dev/full").open("w")  # noqa: SIM115 - closing it raises as well
    Events(LoggingPolicy(format=format), stream=full).info("polled", "A: 3 new")
    with suppress(OSError):
        full.close()
    closed = io.StringIO()
    closed.close()
    Events(LoggingPolicy(format=format), stream=closed).info("polled", "A: 3 new")


def test_only_what_is_at_least_of_the_level_is_written() -> None:
    events, stream = written(LoggingPolicy(level="warning"))
    events.debug("a", "a")
    events.info("b", "b")
    events.warning("c", "see this")
    assert "see this" in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 1


def test_what_libraries_log_comes_out_in_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    with reported(LoggingPolicy(format="json")):
        logging.getLogger("onrecord.log.kafka").warning("partition %d moved", 3)
    logging.getLogger("onrecord.log.kafka").debug("not any more")
    found = json.loads(capsys.readouterr().err)
    assert (found["level"], found["event"], found["message"]) == (
        "warning",
        "log.kafka",
        "partition 3 moved",
    )


def objects(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    """What was written on standard error, an object a line."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_warnings_of_python_are_events(capsys: pytest.CaptureFixture[str]) -> None:
    with reported(LoggingPolicy(format="json")), warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("an old\nvocabulary", UserWarning, stacklevel=1)
    (found,) = objects(capsys)
    assert (found["level"], found["event"]) == ("warning", "py.warnings")
    assert "an old vocabulary" in found["message"]


def test_an_error_that_ends_a_thread_is_one_event(capsys: pytest.CaptureFixture[str]) -> None:
    with reported(LoggingPolicy(format="json")):
        thread = threading.Thread(target=lambda: 1 / 0, name="retention")
        thread.start()
        thread.join()
    (found,) = objects(capsys)
    assert found["level"] == "error"
    assert found["message"].startswith("retention was ended by an error: Traceback")
    assert found["message"].endswith("ZeroDivisionError: division by zero")


def test_a_log_line_with_a_mistake_is_shown_and_ends_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with reported(LoggingPolicy(format="json")):
        record = logging.LogRecord("spacy", logging.WARNING, "", 1, "%d tokens", ("many",), None)
        logging.getLogger().handlers[-1].handle(record)  # pytest's own would fail
    (found,) = objects(capsys)
    assert found["message"] == "a line of spacy cannot be shown: '%d tokens'"


class Unspeakable:
    def __str__(self) -> str:
        raise LookupError

    __repr__ = __str__


def test_a_log_line_whose_message_cannot_even_be_named_ends_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with reported(LoggingPolicy(format="json")):
        record = logging.LogRecord("spacy", logging.WARNING, "", 1, Unspeakable(), (), None)
        logging.getLogger().handlers[-1].handle(record)
    (found,) = objects(capsys)
    assert found["message"] == "a line of spacy cannot be shown: an object of Unspeakable"


def test_the_error_that_ends_a_command_is_an_event_where_events_are_json(
    capsys: pytest.CaptureFixture[str],
) -> None:
    speak_as(LoggingPolicy(format="json"))
    last_words("extract.model = 'x'")
    speak_as(LoggingPolicy())
    last_words("extract.model = 'x'")
    as_json, as_text = capsys.readouterr().err.splitlines()
    found = json.loads(as_json)
    assert (found["level"], found["event"]) == ("error", "ended")
    assert found["message"] == "extract.model = 'x'"
    assert as_text == "onrecord: extract.model = 'x'"


@pytest.mark.parametrize(("level", "count"), [("info", 0), ("debug", 1)])
def test_the_kafka_client_does_not_report_each_of_its_attempts(
    capsys: pytest.CaptureFixture[str], level: Literal["info", "debug"], count: int
) -> None:
    with reported(LoggingPolicy(level=level)):
        logging.getLogger("kafka.net.manager").error("Connection failed: KafkaConnectionError")
    assert len(capsys.readouterr().err.splitlines()) == count


def test_progress_is_said_now_and_then_and_not_of_nothing() -> None:
    now = [0.0]
    events, stream = written(LoggingPolicy(format="json"))
    extraction = Reckoning(events, lambda: now[0], of_extraction, every_s=60)
    for _ in range(5):
        now[0] += 20
        extraction.add(articles=10, quotes=3)
    now[0] += 100
    extraction.add(articles=0)
    said = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["articles"], line["seconds"]) for line in said] == [(30, 60), (20, 140)]
    assert said[0]["message"] == (
        "30 articles extracted in 60 s (0.5 a second), 9 quotes, 0 dead letters"
    )


def test_a_poller_says_how_its_polls_went() -> None:
    counts = Counter(polls=40, read=5, failed=2, new=7, edited=1)
    assert of_polling(counts, 61) == (
        "40 polls in 61 s: 5 read, 33 unchanged, 2 failed; 7 new articles, 1 edited"
    )
