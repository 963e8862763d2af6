"""Alerts as people run them: saved, found, posted, stopped, killed, and started again."""

import json
import os
import signal
import subprocess
from collections import Counter
from functools import partial

from tests.acceptance.conftest import Onrecord, Publisher
from tests.acceptance.test_subscribing import publish, said
from tests.log.contract import eventually
from tests.patience import PATIENCE_S
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
            assert process.wait(PATIENCE_S) == 0
        finally:
            process.kill()
            process.wait()
        publish(onrecord, "onrecord.extractions", [said(4)])
    assert len(receiver.posts) == 3
    assert "sending alerts for 1 saved searches" in (onrecord.folder / "err").read_text()


def test_serve_sends_and_a_killed_one_repeats_at_most_what_it_was_sending(
    onrecord: Onrecord, receiver: Receiver
) -> None:
    """Killed twice while a post is on its way. The receiver knows the repeated post by its id."""
    onrecord.environment |= {
        "ONRECORD_WEBHOOK__SECRET": SECRET,
        "ONRECORD_ALERTS__MAX_AGE_DAYS": "0",
    }
    onrecord("searches", "add", "lavrov", "speaker:lavrov", "--webhook", receiver.url)
    publish(onrecord, "onrecord.extractions", [said(n) for n in range(20)])
    servers: list[subprocess.Popen[bytes]] = []
    in_flight: list[int] = []

    def take(asked: int) -> int:
        if asked in (6, 13):
            in_flight.append(asked)
            os.kill(servers[-1].pid, signal.SIGKILL)
        return 204

    receiver.answers = take
    try:
        for is_killed in (True, True, False):
            servers.append(onrecord.start("serve", "--port", "0"))
            if is_killed:
                assert servers[-1].wait(PATIENCE_S) == -signal.SIGKILL
        eventually(lambda: len(ids(receiver)) == 20)
        servers[-1].send_signal(signal.SIGTERM)
        assert servers[-1].wait(PATIENCE_S) == 0
    finally:
        for server in servers:
            server.kill()
            server.wait()
    repeated = [
        post for post, count in Counter(post for post, _ in receiver.posts).items() if count > 1
    ]
    taken = [receiver.posts[asked - 1][0] for asked in in_flight]
    assert (len(in_flight), set(repeated) <= set(taken)) == (2, True)


def test_run_once_sends_what_there_is_and_says_what_it_cannot_send(
    onrecord: Onrecord, receiver: Receiver, publisher: Publisher
) -> None:
    publisher.feeds = {"empty": []}
    run = ("run", "--once", "--feeds", publisher.feed_url("empty"))
    onrecord.environment["ONRECORD_ALERTS__MAX_AGE_DAYS"] = "0"
    onrecord("searches", "add", "lavrov", "speaker:lavrov", "--webhook", receiver.url)
    publish(onrecord, "onrecord.extractions", [said(1)])
    said_of_secret = onrecord(*run).stderr
    assert said_of_secret.count("some alerts cannot be sent from here: ") == 1
    assert "ONRECORD_WEBHOOK__SECRET" in said_of_secret
    onrecord(*run, ONRECORD_WEBHOOK__SECRET=SECRET)
    assert ids(receiver) == {"a1"}
    shown = json.loads(onrecord("status", "--format", "json").stdout)["alerts"]
    assert (shown["sending"], shown["sent"], shown["waiting"]) == (1, 1, 0)


def test_without_a_secret_it_does_not_start(onrecord: Onrecord, receiver: Receiver) -> None:
    onrecord("searches", "add", "lavrov", "speaker:lavrov", "--webhook", receiver.url)
    done = onrecord("alerts", code=2)
    assert "ONRECORD_WEBHOOK__SECRET" in done.stderr
