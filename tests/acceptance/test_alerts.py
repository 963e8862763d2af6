"""`onrecord alerts` as people run it: saved, found, posted, stopped, and started again."""

import signal
from functools import partial

from tests.acceptance.conftest import Onrecord
from tests.acceptance.test_subscribing import publish, said
from tests.log.contract import eventually
from tests.receivers import SECRET, Receiver


def ids(receiver: Receiver) -> set[str]:
    return {post["article"]["id"] for _, post in receiver.posts}  # type: ignore[index]


def has_posted(receiver: Receiver, expected: set[str]) -> bool:
    return ids(receiver) == expected


def test_quotes_are_posted_once_over_two_lives(onrecord: Onrecord, receiver: Receiver) -> None:
    onrecord.environment |= {
        "ONRECORD_WEBHOOK__SECRET": SECRET,
        "ONRECORD_ALERTS__MAX_AGE_DAYS": "0",
    }
    onrecord("searches", "add", "lavrov", "speaker:lavrov", "--webhook", receiver.url)
    people = [said(1), said(2, name="Mara Lind"), said(3)]
    publish(onrecord, "onrecord.extractions", people)
    for expected in ({"a1", "a3"}, {"a1", "a3", "a4"}):
        process = onrecord.start("alerts")
        try:
            eventually(partial(has_posted, receiver, expected))
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait()
        publish(onrecord, "onrecord.extractions", [said(4)])
    assert len(receiver.posts) == 3
    assert "sending alerts for 1 saved searches" in (onrecord.folder / "err").read_text()


def test_without_a_secret_it_does_not_start(onrecord: Onrecord, receiver: Receiver) -> None:
    onrecord("searches", "add", "lavrov", "speaker:lavrov", "--webhook", receiver.url)
    done = onrecord("alerts", code=2)
    assert "ONRECORD_WEBHOOK__SECRET" in done.stderr
