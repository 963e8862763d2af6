"""How far people are derived, as `status` and the metrics tell it."""

from onrecord.log.interface import Log
from onrecord.people.progress import derived_position, extractions_left
from tests.people.seeing import TOPICS, naming, publish
from tests.people.test_keeping import keep


def test_without_extractions_none_are_left(log: Log) -> None:
    assert extractions_left(log, TOPICS) == 0
    assert derived_position(log, TOPICS) is None


def test_extractions_are_left_until_a_keeper_has_read_them(log: Log) -> None:
    publish(log, naming("a1", "Mara Lind"), naming("a2", "Goran Petrak"))
    assert extractions_left(log, TOPICS) == 2
    keep(log)
    assert extractions_left(log, TOPICS) == 0
    publish(log, naming("a3", "Mara Lind"))
    assert extractions_left(log, TOPICS) == 1


def test_the_position_is_found_behind_records_of_another_program(log: Log) -> None:
    publish(log, naming("a1", "Mara Lind"))
    keep(log)
    before = derived_position(log, TOPICS)
    with log.writer("tests") as writer, writer.transaction() as tx:
        for n in range(200):
            tx.publish(TOPICS.people, key=b"k%d" % n, value=b"?")
        tx.publish(TOPICS.people, key=b"position", value=b"?")
    assert before is not None
    assert derived_position(log, TOPICS) == before
