"""Keeping the people of a log: derived once, and equal to what is derived anew."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from onrecord import wiring
from onrecord.config import Config
from onrecord.errors import LogUnavailable
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log, Message
from onrecord.log.read_to_end import everything
from onrecord.log.sqlite.member import SqliteMember
from onrecord.people.judgement_book import JudgementBook, new_judgement
from onrecord.people.keeping import Keeper
from onrecord.people.known import KnownList
from onrecord.people.live import LivePeople
from onrecord.people.names_seen import id_of_name
from onrecord.records import to_json
from tests.builders import NOON
from tests.people.seeing import TOPICS, deriver, names_of, naming, publish, seen

LAVROV = ["sergei lavrov", "sergey lavrov"]


def keep(log: Log) -> int:
    keeper = Keeper(
        log=log, topics=TOPICS, known=KnownList(()), group="g", name="keeper", now=lambda: NOON
    )
    return keeper.run(lambda: False, Backoff(Outage(print), "people"), once=True)


def test_people_are_derived_from_extractions_and_read_from_their_topic(log: Log) -> None:
    publish(log, naming("a1", "Sergei Lavrov"), naming("a2", "Sergey Lavrov", "Kirill Lavrov"))
    assert keep(log) == 2
    people = LivePeople(log, TOPICS, KnownList(()))
    people.refresh()
    assert names_of(people.registry) == [["kirill lavrov"], LAVROV]


def test_a_transaction_that_failed_midway_is_settled_before_anything_is_read_again(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Kafka it hides what comes after it until its timeout, half a minute later."""
    publish(log, naming("a1", "Sergei Lavrov"))
    done: list[str] = []
    commit, rewind = SqliteMember.transaction, SqliteMember.rewind
    refresh = LivePeople.refresh

    def transaction(member: SqliteMember) -> Any:
        done.append("transaction")
        if done.count("transaction") == 1:
            raise LogUnavailable("the broker is away")
        return commit(member)

    def settle(member: SqliteMember) -> None:
        done.append("settled")
        rewind(member)

    def read(people: LivePeople) -> set[str]:
        done.append("read")
        return refresh(people)

    monkeypatch.setattr(SqliteMember, "transaction", transaction)
    monkeypatch.setattr(SqliteMember, "rewind", settle)
    monkeypatch.setattr(LivePeople, "refresh", read)
    assert keep(log) == 1
    assert names_of(seen(log).registry) == [["sergei lavrov"]]
    failed = done.index("transaction")
    assert done[failed + 1 : failed + 3] == ["settled", "read"]


def test_what_was_derived_is_not_derived_again(log: Log) -> None:
    publish(log, naming("a1", "Sergei Lavrov"))
    assert keep(log) == 1
    publish(log, naming("a2", "Sergey Lavrov"))
    assert keep(log) == 1
    assert keep(log) == 0
    (person,) = seen(log).registry.people()
    assert person.articles == 2


def test_extractions_that_nobody_derived_yet_are_added_in_memory(log: Log) -> None:
    publish(log, naming("a1", "Sergei Lavrov"))
    keep(log)
    publish(log, naming("a2", "Sergey Lavrov"))
    assert names_of(seen(log).registry) == [LAVROV]


def test_the_topic_is_what_a_rebuild_gives_byte_for_byte(log: Log) -> None:
    names = ["Sergei Lavrov", "Sergey Lavrov", "Donald J. Trump", "Donald Trump", "Mara Lind"]
    for n in range(3):
        publish(log, *(naming(f"a{n}{i}", (name, f"role {i}")) for i, name in enumerate(names)))
        keep(log)
    newest = {message.key: message.value for message in everything(log, TOPICS.people)}
    kept = {key: value for key, value in newest.items() if key != b"position"}
    rebuilt = LivePeople(log, TOPICS, KnownList(()))
    rebuilt.deriver.judge(judgement for judgement in seen(log).registry.judgements)
    rebuilt.catch_up()
    every = [name.id for name in rebuilt.registry.names()]
    assert {
        key.encode(): record and to_json(record) for key, record in rebuilt.deriver.records(every)
    } == kept


def test_the_configured_keeper_keeps_the_configured_log(log: Log) -> None:
    publish(log, naming("a1", "Sergei Lavrov"))
    keeper = wiring.people_keeper(Config(), log)
    assert keeper.run(lambda: False, Backoff(Outage(print), "people"), once=True) == 1


@pytest.mark.parametrize(
    "value",
    [
        to_json(naming("b", "Mara Lind")).replace(b"Mara", b"M\xff"),
        b'{"schema":"onrecord.extraction","x":' + b"[" * 100_000,
        to_json(
            naming(
                "b", ("Mara Lind", "Russian Foreign Minister"), at=datetime.min.replace(tzinfo=UTC)
            )
        ),
        to_json(
            naming(
                "b", ("Mara Lind", "Russian Foreign Minister"), at=datetime.max.replace(tzinfo=UTC)
            )
        ),
    ],
    ids=["no text", "too deep", "first moment", "last moment"],
)
def test_an_odd_extraction_stops_neither_the_keeper_nor_readers(log: Log, value: bytes) -> None:
    with log.writer("tests") as writer, writer.transaction() as tx:
        tx.publish(TOPICS.extractions, key=b"b", value=value)
    publish(log, naming("a1", "Sergei Lavrov"))
    assert ["sergei lavrov"] in names_of(seen(log).registry)
    assert keep(log) == 2
    assert ["sergei lavrov"] in names_of(seen(log).registry)


def test_a_foreign_record_among_the_judgements_stops_no_writer(log: Log) -> None:
    publish(log, naming("a1", "Sergei Lavrov"))
    assert keep(log) == 1
    with log.writer("tests") as writer, writer.transaction() as tx:
        tx.publish(TOPICS.judgements, key=b"\xff", value=b"?")
    unsure = new_judgement("unsure", by="ana", at=NOON, left="a", right="b")
    assert JudgementBook(log, TOPICS, writer="w").write([unsure]) == [unsure]


def test_who_is_who_as_of_a_judgement_is_the_same_before_and_after_more_is_derived(
    log: Log,
) -> None:
    publish(log, naming("a1", "Sergei Lavrov"), naming("a2", "Sergey Lavrov"))

    def as_of_the_beginning() -> list[list[str]]:
        people = LivePeople(log, TOPICS, KnownList(()), until=0)
        people.refresh()
        people.catch_up()
        return names_of(people.registry)

    before = as_of_the_beginning()
    assert keep(log) == 2
    assert as_of_the_beginning() == before == [[name] for name in LAVROV]


def test_the_forms_and_roles_kept_of_a_name_do_not_depend_on_the_order_of_reading() -> None:
    written = [f"{'-' * n}Mara Lind" for n in range(20)] + ["MARA LIND", "Mara  Lind"]
    roles = [f"harbour minister of Skelm, {n} days in office" for n in range(40)]
    roles += ["Russian foreign minister", "farmer"]
    named = [
        naming(f"a{n}", (written[n % len(written)], roles[n % len(roles)])) for n in range(120)
    ]
    messages = [
        Message(TOPICS.extractions, n % 4, n, NOON, b"", to_json(one))
        for n, one in enumerate(named)
    ]
    chance, found = random.Random(5), set()
    for _ in range(8):
        chance.shuffle(messages)
        derive = deriver()
        derive.take(messages)
        ids = [name.id for name in derive.resolver.registry.names()]
        found.add(b"".join(to_json(one) for _, one in derive.records(ids) if one is not None))
    (only,) = found
    assert b"Russian foreign minister" in only
    assert b'"Mara Lind"' in only


def test_names_that_a_judgement_affects_are_told_although_the_reading_failed(log: Log) -> None:
    publish(log, naming("a1", "Mara Lind"), naming("a2", "Ola Berg"))
    people = seen(log)
    left, right = (id_of_name(key) for key in ("mara lind", "ola berg"))
    judged = new_judgement("same", by="ana", at=NOON, left=left, right=right)
    JudgementBook(log, TOPICS, writer="w").write([judged])

    def broken_off() -> Iterator[Message]:
        yield from people.news()
        raise LogUnavailable("the broker is away")

    with pytest.raises(LogUnavailable):
        people.apply(broken_off())
    assert people.refresh() == {left, right}
    assert people.refresh() == set()
