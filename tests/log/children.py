"""Processes that the log's contract starts, stops and kills. They speak by lines on stdout.

python children.py NAME URL SESSION_S ARGUMENT…
"""

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from onrecord.errors import LogBroken, LogUnavailable, LostOwnership
from onrecord.log.interface import Log, Member, SessionPolicy, TopicSettings
from onrecord.log.opening import file_of, open_log
from onrecord.log.sqlite import SqliteLog

# How long they wait for each other's writing to a file, on a loaded machine.
_BUSY_S = 60.0


def opened_at(url: str, session: SessionPolicy) -> Log:
    """The log at a URL."""
    if url.startswith("sqlite:"):
        return SqliteLog(file_of(url), session=session, busy_s=_BUSY_S)
    return open_log(url, session=session)


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def publish(log: Log, topic: str, name: str, per_transaction: str) -> None:
    """Publish `name:transaction:number` for ever; say each transaction that was acknowledged."""
    with log.writer(name) as writer:
        say("ready")
        for transaction in range(1_000_000):
            with writer.transaction() as tx:
                for number in range(int(per_transaction)):
                    value = f"{name}:{transaction}:{number}".encode()
                    tx.publish(topic, key=value, value=value)
            say(transaction)


def copy(log: Log, source: str, target: str, group: str, name: str, seed: str) -> None:
    """Copy records from a topic to another, exactly once, for ever, in batches of any size."""
    chance = random.Random(seed)
    with log.join(group, [source], name=name) as member:
        say("ready")
        while True:
            try:
                _copy_batch(member, target, chance)
            except (LostOwnership, LogUnavailable):
                member.rewind()


def _copy_batch(member: Member, target: str, chance: random.Random) -> None:
    messages = member.poll(limit=chance.randint(1, 12), timeout_s=0.2)
    member.taken()
    time.sleep(chance.random() * 0.01)
    if messages:
        with member.transaction() as tx:
            for message in messages:
                tx.publish(target, key=message.key, value=message.value)
            tx.commit({message.source: message.next_offset for message in messages})
        say(len(messages))


def hold(log: Log, source: str, target: str, group: str, name: str) -> None:
    """Read a batch, say so, wait for a line, then commit it; say how that went. And once more."""
    with log.join(group, [source], name=name) as member:
        while True:
            messages = member.poll(limit=100, timeout_s=1)
            if not messages:
                continue
            say("holding", len(messages))
            sys.stdin.readline()
            try:
                with member.transaction() as tx:
                    for message in messages:
                        tx.publish(target, key=message.key, value=message.value)
                    tx.commit({message.source: message.next_offset for message in messages})
                say("committed")
            except LostOwnership:
                say("LostOwnership")
                member.rewind()


def create(log: Log, topic: str) -> None:
    """Make a topic: several of these race for a file that is not there."""
    log.create_topic(topic, TopicSettings(partitions=2))
    say("ready")


def outgrow(log: Log, ballast: str) -> None:
    """Publish until the disk is full; make space, go on; say what came of it."""
    log.create_topic("t", TopicSettings(partitions=1))
    acknowledged = 0
    with log.writer("w") as writer:

        def publish_one() -> None:
            with writer.transaction() as tx:
                tx.publish("t", key=b"k", value=b"x" * 50_000)

        try:
            while True:
                publish_one()
                acknowledged += 1
        except LogBroken as error:
            say(error)
        Path(ballast).unlink()
        publish_one()
    with open_log(sys.argv[2]) as again, again.reader(["t"]) as reader:
        found = 0
        while messages := reader.poll(limit=100, timeout_s=0):
            found += len(messages)
    say(acknowledged + 1, found)


if __name__ == "__main__":
    acts: dict[str, Callable[..., None]] = {
        "publish": publish,
        "copy": copy,
        "hold": hold,
        "create": create,
        "outgrow": outgrow,
    }
    session = SessionPolicy(session_s=float(sys.argv[3]))
    with opened_at(sys.argv[2], session) as opened:
        acts[sys.argv[1]](opened, *sys.argv[4:])
