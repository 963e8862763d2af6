"""Alerts of saved searches on a real broker: one process sends, and another goes on after it."""

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from onrecord.log.interface import Log
from tests.acceptance.kafka.conftest import OnKafka, eventually, topic_of
from tests.acceptance.test_subscribing import said
from tests.filling import publish
from tests.receivers import SECRET, Receiver, receiving

# It takes minutes on two busy cores.
LONG = bool(os.environ.get("ONRECORD_TEST_LONG"))
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not LONG, reason="`ONRECORD_TEST_LONG=1` asks for it"),
]

ALERTS = {
    "ONRECORD_WEBHOOK__SECRET": SECRET,
    "ONRECORD_ALERTS__MAX_AGE_DAYS": "0",
    "ONRECORD_LOG__SESSION_S": "10",
}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def sender_of(log: Log, group: str, processes: list[subprocess.Popen[bytes]]) -> int:
    """The number of the process that sends, the one with partition 0; -1 while none has it."""
    for name, partitions in log.members(group).items():
        if any(partition.number == 0 for partition in partitions):
            pids = [str(process.pid) for process in processes]
            pid = name.rpartition(":")[2]
            return pids.index(pid) if pid in pids else -1
    return -1


def test_one_process_sends_and_another_goes_on_where_a_killed_one_stopped(
    onrecord: OnKafka, log: Log, receiver: Receiver
) -> None:
    onrecord.environment |= ALERTS
    onrecord("searches", "add", "lavrov", "speaker:lavrov", "--webhook", receiver.url)
    topic = topic_of(onrecord, "extractions")
    onrecord("feeds", "list")
    processes = [onrecord.start("alerts") for _ in range(2)]

    def posted() -> list[str]:
        return [str(post["article"]["id"]) for _, post in receiver.posts]  # type: ignore[index]

    publish(log, topic, *(said(n) for n in range(10)))
    eventually(lambda: len(set(posted())) == 10, "not everything was posted")
    eventually(
        lambda: sender_of(log, topic_of(onrecord, "alerts"), processes) >= 0,
        "not one process sends",
    )
    killed = sender_of(log, topic_of(onrecord, "alerts"), processes)
    os.killpg(processes[killed].pid, signal.SIGKILL)
    publish(log, topic, *(said(n) for n in range(10, 20)))
    # Longer than a transaction that the kill left open is waited for.
    eventually(lambda: len(set(posted())) == 20, "nobody took over")
    # What was posted before the kill was committed after it, or is posted again with the same id.
    assert len({post_id for post_id, _ in receiver.posts}) == 20
    eventually(
        lambda: sender_of(log, topic_of(onrecord, "alerts"), processes) == 1 - killed,
        "the other does not send",
    )
    alerts = onrecord.status()["alerts"]
    assert (alerts["sent"], alerts["waiting"]) == (20, 0)
