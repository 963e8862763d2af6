"""What must hold on every log when processes are killed: judgements once, people as rebuilt."""

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log, TopicSettings
from onrecord.log.read_to_end import everything
from onrecord.people.judgement_book import judgement_of
from onrecord.people.known import KnownList
from onrecord.people.live import LivePeople
from onrecord.records import Judgement, to_json
from onrecord.topics import Topics
from tests.patience import PATIENCE_S
from tests.people.children import keeper
from tests.people.seeing import naming

_FORMS = ("Sergei {}", "Sergey {}", "Sergej {}", "Mara {}", "Mara J. {}")


@contextmanager
def child(*words: str) -> Iterator["subprocess.Popen[str]"]:
    """A child that has started its work; killed at the end."""
    command = [sys.executable, "-m", "tests.people.children", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        try:
            assert started.stdout.readline() == "ready\n"
            yield started
        finally:
            started.kill()


def wait_until_gone(log: Log, group: str) -> None:
    """Until no killed member counts as alive: as long as one does, nobody else derives."""
    deadline = time.monotonic() + PATIENCE_S
    while log.members(group):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def fill(log: Log, topics: Topics, count: int) -> None:
    """Publish extractions that name people in several spellings."""
    log.create_topic(topics.extractions, TopicSettings(partitions=4))
    names = [f"{letter}ov" for letter in ("Grom", "Ustin", "Zvon", "Kostr", "Bragin")]
    with log.writer("fill") as writer, writer.transaction() as tx:
        for n in range(count):
            name = _FORMS[n % len(_FORMS)].format(names[n // len(_FORMS) % len(names)])
            value = to_json(naming(f"a{n}", (name, f"role {n % 3}")))
            tx.publish(topics.extractions, key=f"a{n}".encode(), value=value)


def a_killed_keeper_loses_nothing_and_counts_nothing_twice(
    log: Log, topics: Topics, url: str, *, kills: int = 4
) -> None:
    chance = random.Random(17)
    fill(log, topics, 150)
    for life in range(kills):
        with child("keep", url, topics.prefix, f"keeper{life % 2}"):
            time.sleep(chance.random() * 0.4)  # any moment will do
    wait_until_gone(log, f"{topics.prefix}.people")
    last = keeper(log, topics, "last")
    last.run(lambda: False, Backoff(Outage(print), "people"), once=True)
    judgements = judgements_of(log, topics)
    assert Counter(it.id for it in judgements) == {it.id: 1 for it in judgements}
    assert judgements
    newest = {message.key: message.value for message in everything(log, topics.people)}
    kept = {key: value for key, value in newest.items() if key != b"position"}
    rebuilt = LivePeople(log, topics, KnownList(()))
    rebuilt.deriver.judge(judgements)
    rebuilt.catch_up()
    names = [name.id for name in rebuilt.registry.names()]
    records = dict(rebuilt.deriver.records(names))
    assert {key.encode(): record and to_json(record) for key, record in records.items()} == kept
    assert sum(person.articles for person in rebuilt.registry.people()) == 150
    rebuilt.close()


def merges_killed_at_any_moment_are_judged_once(
    log: Log, topics: Topics, url: str, *, pairs: int = 12, kills: int = 4
) -> None:
    chance = random.Random(23)
    keys = [f"{given} marlow{chr(97 + n)}" for n in range(pairs) for given in ("ana", "berta")]
    log.create_topic(topics.extractions, TopicSettings(partitions=4))
    with log.writer("fill") as writer, writer.transaction() as tx:
        for n, key in enumerate(keys):
            value = to_json(naming(f"a{n}", key.title()))
            tx.publish(topics.extractions, key=b"a", value=value)
    keeper(log, topics, "first").run(lambda: False, Backoff(Outage(print), "people"), once=True)
    acknowledged: list[str] = []
    is_done = False
    for life in range(40):
        with child("merge", url, topics.prefix, *keys) as merging:
            if life < kills:
                time.sleep(chance.random() * 0.3)  # any moment will do
                merging.kill()
            assert merging.stdout is not None
            lines = merging.stdout.read().splitlines()
        is_done = "done" in lines
        acknowledged += [line for line in lines if line not in {"done", ""} and len(line) == 32]
        if is_done:
            break
    assert is_done
    by_hand = [it for it in judgements_of(log, topics) if it.by == "ana"]
    assert len({(it.left, it.right) for it in by_hand}) == len(by_hand) == pairs
    assert {it.id for it in by_hand} >= set(acknowledged)
    people = LivePeople(log, topics, KnownList(()))
    people.refresh()
    assert all(len(person.names) == 2 for person in people.registry.people())
    people.close()


def judgements_of(log: Log, topics: Topics) -> list[Judgement]:
    found = map(judgement_of, everything(log, topics.judgements))
    return [judgement for judgement in found if judgement is not None]
