"""People for readers of a log that goes away now and then."""

from collections.abc import Iterator
from typing import Any

import pytest

from onrecord.errors import LogUnavailable
from onrecord.log.interface import Log, Message
from onrecord.people.judgement_book import JudgementBook, new_judgement
from onrecord.people.known import KnownList
from onrecord.people.live import LivePeople
from onrecord.people.names_seen import id_of_name
from onrecord.people.readers import PeopleReader
from tests.builders import NOON
from tests.people.seeing import TOPICS, naming, publish


class Interrupted(LivePeople):
    """The log goes away after the first message of the look of this number.

    It also goes away at the end of the first look, where that is to fail.
    """

    look_with_outage = 0
    looks = 0
    fails_first = False

    def news(self) -> Iterator[Message]:
        self.looks += 1
        for message in super().news():
            yield message
            if self.looks == self.look_with_outage:
                raise LogUnavailable("away")

    def catch_up(self, *, at_most: int | None = None) -> int:
        left = super().catch_up(at_most=at_most)
        if self.fails_first and self.looks == 1:
            raise LogUnavailable("away")
        return left


@pytest.mark.parametrize("look_with_outage", [1, 2])
def test_no_judgement_is_lost_to_an_outage_in_the_middle_of_a_look(
    log: Log, look_with_outage: int
) -> None:
    publish(log, naming("a1", "Mara Lind"), naming("a2", "Anna Berg"), naming("a3", "Tom Reed"))
    book = JudgementBook(log, TOPICS, writer="w")
    times = iter(range(0, 100, 10))
    live = Interrupted(log, TOPICS, KnownList(()))
    live.look_with_outage = look_with_outage
    reader = PeopleReader(live, monotonic=lambda: next(times), by_itself=False)
    mara, anna, tom = map(id_of_name, ("mara lind", "anna berg", "tom reed"))

    def same(left: str, right: str) -> None:
        fields: dict[str, Any] = {"left": left, "right": right}
        book.write([new_judgement("same", by="ana", at=NOON, **fields)])

    if look_with_outage == 2:
        reader.look()
    same(mara, anna)
    reader.look()
    same(anna, tom)
    reader.look()
    assert len(reader.people_called("Mara Lind")[0].names) == 3
    reader.close()


def test_a_look_that_fails_leaves_no_answer_of_before(log: Log) -> None:
    published = [naming("a1", "Mara Lind"), naming("a2", "Anna Berg")]
    publish(log, *published)
    times = iter(range(0, 100, 10))
    live = Interrupted(log, TOPICS, KnownList(()))
    live.fails_first, live.look_with_outage = True, 2
    reader = PeopleReader(live, monotonic=lambda: next(times), by_itself=False)
    book = JudgementBook(log, TOPICS, writer="w")
    left, right = map(id_of_name, ("mara lind", "anna berg"))
    book.write([new_judgement("different", by="ana", at=NOON, left=left, right=left[::-1])])
    reader.look()
    assert reader.called(published[0], "Anna Berg") == set()
    book.write([new_judgement("same", by="ana", at=NOON, left=left, right=right)])
    reader.look()
    assert reader.called(published[0], "Anna Berg") == {"e0"}
    reader.close()
