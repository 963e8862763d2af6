"""The archive knows who is who, as judgements say, whenever they come."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from onrecord.archive.indexing import indexer as indexer_module
from onrecord.archive.indexing.changes import ArchiveSources, of_articles
from onrecord.archive.indexing.indexer import Indexer
from onrecord.archive.indexing.people import ArchivePeople
from onrecord.archive.interface import Archive, SpeakersCorrected
from onrecord.archive.opening import open_archive
from onrecord.archive.results import ArchivedQuote, NamedPerson
from onrecord.archive.sqlite.archive import SqliteArchiveWriter
from onrecord.errors import ArchiveUnavailable, LogUnavailable
from onrecord.log.interface import Log, TopicSettings
from onrecord.log.opening import open_log
from onrecord.naming import name_key
from onrecord.people.known import KnownList
from onrecord.people.live import LivePeople
from onrecord.people.names_seen import id_of_name
from onrecord.records import Judgement, to_json
from tests.archive.contract import words_found
from tests.archive.indexing import TOPICS, make_topics, publish, raw
from tests.archive.reports import Said, report
from tests.builders import NOON

MARA, MARIA = (id_of_name(name_key(name)) for name in ("Mara Lind", "Maria Lind"))


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with open_log(f"sqlite:///{tmp_path / 'log.db'}") as opened:
        make_topics(opened)
        for topic in (TOPICS.people, TOPICS.judgements):
            opened.create_topic(topic, TopicSettings(partitions=1))
        yield opened


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(f"sqlite:///{tmp_path / 'archive.db'}") as opened:
        yield opened


def judge(log: Log, kind: str, **fields: object) -> str:
    number = len(judgements_of(log))
    made = Judgement(id=f"j{number}", kind=kind, by="anna", at=NOON, **fields)  # type: ignore[arg-type]
    raw(log, TOPICS.judgements, made.id.encode(), to_json(made))
    return made.id


def judgements_of(log: Log) -> list[int]:
    ((_, (_, end)),) = log.bounds(TOPICS.judgements).items()
    return list(range(end))


class Following:
    """An archive that follows a log, with a clock that always says it is time to look."""

    def __init__(self, log: Log, archive: Archive) -> None:
        self._log, self._archive = log, archive
        times = iter(range(0, 10**9, 60))
        people = ArchivePeople(
            LivePeople(log, TOPICS, KnownList(())), archive, monotonic=lambda: next(times)
        )
        self._sources = ArchiveSources(
            topics={TOPICS.articles: of_articles, TOPICS.extractions: people.of_extractions},
            news=people.news,
            again=people.again,
        )

    def catch_up(self) -> None:
        def fail(message: object, error: Exception) -> None:
            raise error

        with (
            self._archive.writer() as writer,
            Indexer(self._log, self._sources, writer, skipped=fail) as indexer,
        ):
            while indexer.step(0.0).records:
                pass


def test_two_names_are_one_person_while_a_judgement_says_so(log: Log, archive: Archive) -> None:
    following = Following(log, archive)
    publish(log, report("a", Said("Mara Lind", "One.")), report("b", Said("Maria Lind", "Two.")))
    following.catch_up()
    assert words_found(archive, f"speaker:{MARA}") == ["One."]
    merged = judge(log, "same", left=MARA, right=MARIA)
    following.catch_up()
    person = archive.person("Maria Lind")
    assert person is not None
    assert person.names == ("Mara Lind", "Maria Lind")
    assert sorted(words_found(archive, "speaker:mara")) == ["One.", "Two."]
    # Another process, which reads everything anew, sees the same.
    Following(log, archive).catch_up()
    assert archive.person("Maria Lind") == person
    judge(log, "undo", undoes=merged)
    following.catch_up()
    assert words_found(archive, "speaker:mara") == ["One."]
    assert words_found(archive, "speaker:maria") == ["Two."]


def test_what_a_failed_step_had_to_say_of_people_is_said_by_the_next_one(
    log: Log, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log away after the news was read, an archive away, a write that one record spoils."""
    following = Following(log, archive)
    failures = (
        (indexer_module, "poll_past_gap", LogUnavailable("away")),
        (SqliteArchiveWriter, "write", ArchiveUnavailable("busy")),
        (SqliteArchiveWriter, "write", ValueError("one record is at fault")),
    )

    def catch_up_after(where: object, name: str, failure: Exception) -> None:
        untouched = getattr(where, name)

        def fail_once(*args: object, **options: object) -> None:
            monkeypatch.setattr(where, name, untouched)
            raise failure

        monkeypatch.setattr(where, name, fail_once)
        with nullcontext() if isinstance(failure, ValueError) else pytest.raises(type(failure)):
            following.catch_up()
        following.catch_up()

    for family, failure in zip(("Lind", "Berg", "Falk"), failures, strict=True):
        names = f"Mara {family}", f"Maria {family}"
        said = [Said(name, f"{name} says.") for name in names]
        left, right = (id_of_name(name_key(name)) for name in names)
        publish(log, *(report(one.who, one) for one in said))
        catch_up_after(*failure)
        assert len(words_found(archive, f"speaker:{left}")) == 1
        judge(log, "same", left=left, right=right)
        catch_up_after(*failure)
        counts = {len(words_found(archive, f"speaker:{one}")) for one in (left, right)}
        assert counts == {0, 2}, "all quotes are the person's who has the older name"


def test_a_judgement_holds_for_names_that_come_later(log: Log, archive: Archive) -> None:
    judge(log, "same", left=MARA, right=MARIA)
    publish(log, report("a", Said("Mara Lind", "One.")), report("b", Said("Maria Lind", "Two.")))
    Following(log, archive).catch_up()
    assert sorted(words_found(archive, "speaker:mara")) == ["One.", "Two."]


def test_a_speaker_is_put_right_and_the_correction_taken_back(log: Log, archive: Archive) -> None:
    following = Following(log, archive)
    one = report("a", Said("Ola Berg", "One."))
    publish(log, one, report("b", Said("Mara Lind", "Two.")))
    following.catch_up()
    made = judge(log, "wrong-speaker", quote=one.ids[0], article="a", right=MARA)
    following.catch_up()
    assert sorted(words_found(archive, "speaker:mara")) == ["One.", "Two."]
    publish(log, one)  # a replay
    following.catch_up()
    assert sorted(words_found(archive, "speaker:mara")) == ["One.", "Two."]
    assert words_found(archive, "speaker:ola") == []  # the name that the text has
    found = archive.quote(one.ids[0])
    assert isinstance(found, ArchivedQuote)
    assert found.quote == one.extraction.quotes[0]
    assert found.speaker == NamedPerson(name="Mara Lind", person=MARA)
    judge(log, "undo", undoes=made)
    following.catch_up()
    assert words_found(archive, "speaker:mara") == ["Two."]


def test_a_speaker_is_corrected_to_nobody_and_the_correction_taken_back(
    log: Log, archive: Archive
) -> None:
    following = Following(log, archive)
    one = report("a", Said("Ola Berg", "One."))
    publish(log, one)
    following.catch_up()
    made = judge(log, "wrong-speaker", quote=one.ids[0], article="a")
    for again in (None, one):
        if again is not None:  # a replay, by a process that has not heard of the judgement yet
            publish(log, again)
            following = Following(log, archive)
        following.catch_up()
        assert words_found(archive, "speaker:ola") == []
        assert words_found(archive, "") == ["One."]
    judge(log, "undo", undoes=made)
    following.catch_up()
    assert words_found(archive, "speaker:ola") == ["One."]


def test_an_archive_that_lacks_a_correction_is_put_right_when_it_is_followed(
    log: Log, archive: Archive
) -> None:
    """As those that were made before a correction to nobody was kept, by any id of the quote."""
    first, second = (report("a", Said("Ola Berg", "One two."), revision=n) for n in (1, 2))
    publish(log, first)
    Following(log, archive).catch_up()
    publish(log, second)
    content = first.extraction.quotes[0].content[0]
    at = {"start": content.start, "end": content.end}
    judge(log, "wrong-speaker", quote=first.ids[0], article="a", **at)
    Following(log, archive).catch_up()
    (current,) = second.ids
    assert current != first.ids[0]
    with archive.writer() as writer:
        writer.write([SpeakersCorrected(people={current: None})], {})
    assert words_found(archive, "speaker:ola") == ["One two."]
    Following(log, archive).catch_up()
    assert words_found(archive, "speaker:ola") == []
    assert words_found(archive, "") == ["One two."]


def test_what_is_no_quote_is_not_found_also_after_a_replay_that_cuts_it_otherwise(
    log: Log, archive: Archive
) -> None:
    following = Following(log, archive)
    one = report("a", Said("Ola Berg", "One two three four five."))
    content = one.extraction.quotes[0].content[0]
    publish(log, one)
    following.catch_up()
    made = judge(
        log,
        "not-a-quote",
        quote=one.ids[0],
        article="a",
        start=content.start,
        end=content.end,
    )
    following.catch_up()
    assert words_found(archive, "") == []
    publish(log, report("a", Said("Ola Berg", "One two three four five"), revision=2))
    following.catch_up()
    assert words_found(archive, "") == []
    judge(log, "undo", undoes=made)
    publish(log, report("a", Said("Ola Berg", "One two three four five"), revision=3))
    following.catch_up()
    assert words_found(archive, "") == ["One two three four five"]


def test_a_namesake_is_told_apart_in_the_articles_named(log: Log, archive: Archive) -> None:
    following = Following(log, archive)
    publish(
        log,
        report("a", Said("Mara Lind", "One.")),
        report("b", Said("Mara Lind", "Two."), at=NOON + timedelta(days=1)),
    )
    following.catch_up()
    judge(log, "split", left=MARA, right="f" * 32, articles=("b",))
    following.catch_up()
    assert words_found(archive, f"speaker:{MARA}") == ["One."]
    assert words_found(archive, f"speaker:{'f' * 32}") == ["Two."]
