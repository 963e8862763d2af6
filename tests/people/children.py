"""Processes that the tests of people start and kill. They speak by lines on stdout.

python -m tests.people.children NAME URL PREFIX ARGUMENT…
"""

import sys
from datetime import UTC, datetime

from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log, SessionPolicy
from onrecord.log.opening import open_log
from onrecord.people.editing import Editor
from onrecord.people.judgement_book import JudgementBook
from onrecord.people.keeping import Keeper
from onrecord.people.known import KnownList
from onrecord.people.live import LivePeople
from onrecord.topics import Topics


def say(*words: object) -> None:
    print(*words, flush=True)


def keep(log: Log, topics: Topics, name: str) -> None:
    """Derive people for ever, a few extractions at a time."""
    say("ready")
    keeper(log, topics, name).run(lambda: False, Backoff(Outage(say), "people"))


def keeper(log: Log, topics: Topics, name: str) -> Keeper:
    return Keeper(
        log=log,
        topics=topics,
        known=KnownList(()),
        group=f"{topics.prefix}.people",
        name=name,
        now=lambda: datetime.now(UTC),
        batch=7,
    )


def merge(log: Log, topics: Topics, *keys: str) -> None:
    """Merge pairs of people, those that are not one yet; say each that was acknowledged."""
    people = LivePeople(log, topics, KnownList(()))
    book = JudgementBook(log, topics, writer=f"{topics.prefix}.judgements")
    say("ready")
    for left, right in zip(keys[::2], keys[1::2], strict=True):
        people.refresh()
        one, other = map(people.registry.person_of_key, (left, right))
        if one != other:
            editor = Editor(registry=people.registry, by="ana", now=lambda: datetime.now(UTC))
            (judgement,) = book.write(editor.merge(one, other))
            say(judgement.id)
    say("done")


if __name__ == "__main__":
    _, wanted, url, prefix, *arguments = sys.argv
    with open_log(url, session=SessionPolicy(session_s=2.0)) as opened:
        work = keep if wanted == "keep" else merge
        work(opened, Topics(prefix), *arguments)
