"""Who is who for what asks rarely, as the registry has it now."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from onrecord import wiring
from onrecord.config import Config
from onrecord.errors import LogRefused
from onrecord.log.interface import Log, Message
from onrecord.naming import name_key
from onrecord.people.asked_rarely import PeopleAskedRarely
from onrecord.people.live import LivePeople
from onrecord.people.names_seen import id_of_name
from onrecord.wiring.people import known_people, live_people
from tests.archive.reports import Said, report
from tests.conftest import TOPICS
from tests.filling import publish


def test_a_person_has_the_names_of_all_that_were_merged_with_them(log: Log) -> None:
    config = Config()
    mara, maria = (id_of_name(name_key(name)) for name in ("Mara Lind", "Maria Ostrey"))
    publish(log, TOPICS.extractions, report("a", Said("Mara Lind", "One."),
                                            Said("Maria Ostrey", "Two.")).extraction)  # fmt: skip
    seconds = 0.0
    people = PeopleAskedRarely(lambda: live_people(config, log), monotonic=lambda: seconds)
    with closing(people):
        assert people.names_of(mara) == ["Mara Lind"]
        assert people.names_of("0" * 32) == []
        registry = live_people(config, log)
        with closing(registry):
            registry.refresh()
            registry.catch_up()
            made = wiring.editor(registry.registry, "anna").merge(mara, maria)
        wiring.judgement_book(config, log).write(made)
        seconds = 1.0
        assert sorted(people.names_of(maria)) == ["Mara Lind", "Maria Ostrey"]
        assert people.person_of(maria) == people.person_of(mara)


def test_namesakes_who_were_told_apart_are_two_speakers(log: Log) -> None:
    config = Config()
    mara = id_of_name(name_key("Mara Lind"))
    told = [report(each, Said("Mara Lind", "One.")).extraction for each in ("a", "b")]
    publish(log, TOPICS.extractions, *told)
    with closing(live_people(config, log)) as live:
        live.refresh()
        live.catch_up()
        (split,) = wiring.editor(live.registry, "anna").split_namesake(mara, articles=["b"])
    wiring.judgement_book(config, log).write([split])
    people = PeopleAskedRarely(lambda: live_people(config, log), monotonic=lambda: 0.0)
    with closing(people):
        assert [people.speakers_of(one) for one in told] == [[mara], [split.right]]
        assert people.names_of(split.right or "") == ["Mara Lind"]


class RefusedPeople(LivePeople):
    """People whose topics we have no right to read."""

    def news(self) -> Iterator[Message]:
        raise LogRefused("topic people cannot be used: the cluster does not let us see it")


def test_without_the_right_to_read_people_nobody_has_a_name_and_one_warning_says_so(
    log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    seconds = 0.0
    refused = RefusedPeople(log, TOPICS, known_people(Config()))
    with closing(PeopleAskedRarely(lambda: refused, monotonic=lambda: seconds)) as people:
        assert people.names_of("0" * 32) == []
        seconds = 60.0
        assert people.names_of("1" * 32) == []
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "does not let us see it" in caplog.text
