"""Readers get people with the records, and ask for them by any of their names."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from onrecord import subscribe, wiring
from onrecord.cli import main
from onrecord.config import Config
from onrecord.errors import Mistake
from onrecord.log.interface import Log, SessionPolicy
from onrecord.log.opening import open_log
from onrecord.log.read_to_end import everything
from onrecord.people.editing import Editor
from onrecord.people.judgement_book import JudgementBook
from onrecord.records import to_json
from onrecord.sink.filters import Filter
from onrecord.sink.glances import read_glance
from onrecord.sink.selection import Selection, What
from tests.builders import NOON
from tests.people.seeing import TOPICS, naming, publish, seen


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    found = f"sqlite:///{tmp_path}/log.db"
    monkeypatch.setenv("ONRECORD_LOG__URL", found)
    with open_log(found, session=SessionPolicy()) as log:
        for topic, settings in wiring.topic_settings(Config()).items():
            log.create_topic(topic, settings)
        publish(
            log,
            naming("a1", ("Sergei Lavrov", "Russian Foreign Minister")),
            naming("a2", "Sergey Lavrov"),
            naming("a3", ("Kirill Lavrov", "farmer")),
            naming("a4", "Lavrov"),
        )
    return found


def articles(**options: object) -> list[str]:
    asked = subscribe("quotes", since="earliest", until="end", **options)  # type: ignore[call-overload]
    return [found.article.id for found in asked]


@pytest.mark.usefixtures("url")
def test_a_name_finds_all_spellings_of_the_person_and_no_namesake() -> None:
    assert articles(speaker="sergey lavrov") == ["a1", "a2"]
    assert articles(speaker="Сергей Лавров") == ["a1", "a2"]
    assert articles(speaker="lavrov") == ["a1", "a2", "a3", "a4"]
    assert articles(speaker="Sergey Lavrov", exact=True) == ["a2"]
    assert articles(entity="sergey lavrov") == ["a1", "a2"]


@pytest.mark.usefixtures("url")
def test_quotes_extractions_and_entities_come_with_their_people() -> None:
    quotes = list(subscribe("quotes", since="earliest", until="end"))
    people = [quote.quote.speaker and quote.quote.speaker.person for quote in quotes]
    assert people[0] == people[1] != people[2]
    extractions = list(subscribe("extractions", since="earliest", until="end"))
    assert [found.entities[0].person for found in extractions[:3]] == people[:3]
    assert extractions[0].quotes[0].speaker == quotes[0].quote.speaker


@pytest.mark.usefixtures("url")
def test_an_id_finds_its_person_also_after_a_merge_and_an_undo() -> None:
    with open_log_of_test() as log:
        people = seen(log)
        editor = Editor(registry=people.registry, by="ana", now=lambda: NOON)
        book = JudgementBook(log, TOPICS, writer="w")
        minister, farmer = (
            people.registry.person_of_key(key) for key in ("sergei lavrov", "kirill lavrov")
        )
        merged = editor.merge(minister, farmer)
        book.write(merged)
        for some_id in (minister, farmer):
            assert articles(speaker_id=some_id) == ["a1", "a2", "a3"]
        assert articles(speaker_id=farmer, people_at=0) == ["a3"], "as of before the merge"
        people.refresh()
        book.write(editor.undo(merged[0].id))
        assert articles(speaker_id=farmer) == ["a3"]


def test_a_speaker_corrected_to_nobody_is_given_out_nowhere_until_it_is_undone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    read = ("subscribe", "extractions", "--from", "earliest", "--until", "end", "--format", "json")
    with open_log(url, session=SessionPolicy()) as log:
        editor = Editor(registry=seen(log).registry, by="ana", now=lambda: NOON)
        book = JudgementBook(log, TOPICS, writer="w")
        corrected = editor.correct_speaker("a2-q0", None, article="a2", span=(0, 7))
        book.write(corrected)
        quotes = list(subscribe("quotes", since="earliest", until="end"))
        assert [quote.article.id for quote in quotes if quote.quote.speaker is None] == ["a2"]
        extractions = list(subscribe("extractions", since="earliest", until="end"))
        assert extractions[1].quotes[0].speaker is None
        _, out, _ = run(capsys, monkeypatch, *read)
        told = [json.loads(line)["quotes"][0]["speaker"] for line in out.splitlines()]
        assert [speaker is None for speaker in told] == [False, True, False, False]
        assert articles(speaker="sergey lavrov") == ["a1"]
        assert articles(speaker="Sergey Lavrov", exact=True) == []
        with closing(wiring.people_reader(Config(), log)) as people:
            given = naming("a2", "Sergey Lavrov")
            assert people.with_people(given).quotes[0].speaker is None
            assert people.quote_with_person(given, given.quotes[0]).speaker is None
            sought = Filter(speaker="sergey lavrov", people=people)
            assert sought.wanted_quotes(read_glance(to_json(given))) == []
        judged = seen(log)
        editor = Editor(registry=judged.registry, by="ana", now=lambda: NOON)
        book.write(editor.undo(corrected[0].id))
        assert articles(speaker="sergey lavrov") == ["a1", "a2"]


def open_log_of_test() -> Log:
    return wiring.open_log(wiring_config())


def wiring_config() -> Config:
    import os

    from onrecord.config import load_config

    return load_config(os.environ)


def test_what_is_judged_meanwhile_counts_from_the_next_look_on(url: str) -> None:
    with open_log(url, session=SessionPolicy()) as log:
        clock = [0.0]
        reader = wiring.people_reader(Config(), log)
        reader._monotonic = lambda: clock[0]
        selection = Selection(What.QUOTES, Filter(speaker="sergei lavrov"), skipped=fail)
        selection.use_people(reader)
        messages = [message for topic in [TOPICS.extractions] for message in read_all(log, topic)]
        assert count(selection, messages) == 2
        people = seen(log)
        editor = Editor(registry=people.registry, by="ana", now=lambda: NOON)
        ids = [people.registry.person_of_key(key) for key in ("sergei lavrov", "kirill lavrov")]
        JudgementBook(log, TOPICS, writer="w").write(editor.merge(*ids))
        assert count(selection, messages) == 2
        clock[0] += 2
        assert count(selection, messages) == 3
        reader.close()


def read_all(log: Log, topic: str) -> list:
    from onrecord.log.read_to_end import everything

    return list(everything(log, topic))


def count(selection: Selection, messages: list) -> int:
    return sum(len(selection.records(message)) for message in messages)


def fail(*_: object) -> None:
    raise AssertionError("nothing is to be skipped")


# ── the command ──────────────────────────────────────────────────────────────────────────────


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple:
    monkeypatch.setattr("sys.argv", ["onrecord", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr()
    return ended.value.code, shown.out, shown.err


@pytest.mark.usefixtures("url")
def test_the_command_says_who_is_so_called_and_how_to_choose(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = ("subscribe", "quotes", "--from", "earliest", "--until", "end", "--format", "json")
    code, out, err = run(capsys, monkeypatch, *read, "--speaker", "lavrov")
    assert (code, out.count("\n")) == (0, 4)
    assert "'lavrov' is 2 people" in err
    assert "Kirill Lavrov, farmer" in err
    some_id = err.partition(" Kirill Lavrov")[0].split()[-1]
    code, out, err = run(capsys, monkeypatch, *read, "--speaker-id", some_id)
    assert (code, err) == (0, "")
    assert [json.loads(line)["article"]["id"] for line in out.splitlines()] == ["a3"]
    code, _, err = run(capsys, monkeypatch, *read, "--speaker-id", "abcdef")
    assert (code, err.count("\n")) == (2, 1)


@pytest.mark.usefixtures("url")
def test_fields_of_a_newer_version_stay_in_an_extraction_with_people(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_log_of_test() as log, log.writer("w") as writer, writer.transaction() as tx:
        newer = json.loads(to_json(naming("a9", "Sergej Lavrov"))) | {"mood": "sunny"}
        tx.publish(TOPICS.extractions, key=b"a9", value=json.dumps(newer).encode())
    read = ("subscribe", "extractions", "--from", "earliest", "--until", "end")
    _, out, _ = run(capsys, monkeypatch, *read, "--format", "json")
    found = [json.loads(line) for line in out.splitlines()][-1]
    assert found["mood"] == "sunny"
    assert found["entities"][0]["person"] == found["quotes"][0]["speaker"]["person"]
    assert found["quotes"][0]["speaker"]["person"]["by"] == "name"


def test_ids_are_not_asked_of_articles() -> None:
    with pytest.raises(Mistake, match="speaker_id"):
        subscribe("articles", speaker_id="0" * 32)


def test_an_extraction_that_is_no_text_somewhere_is_skipped_and_not_fatal(url: str) -> None:
    value = to_json(naming("b", "Mara Lind"))[:-1] + b',"more":"\xff"}'
    with open_log(url, session=SessionPolicy()) as log:
        with log.writer("tests") as writer, writer.transaction() as tx:
            tx.publish(TOPICS.extractions, key=b"b", value=value)
        skipped: list[str] = []
        selection = Selection(
            What.EXTRACTIONS, Filter(), skipped=lambda message, error: skipped.append(str(error))
        )
        people = wiring.people_reader(Config(), log)
        selection.use_people(people)
        messages = list(everything(log, TOPICS.extractions))
        lines = [line for message in messages for line in selection.lines(message)]
        people.close()
    assert len(lines) == len(messages) - 1
    assert len(skipped) == 1


@pytest.mark.parametrize("brought", [b'{"id":"x","name":"X"}', b"null"])
def test_people_that_a_record_brings_give_way_to_those_of_the_registry(
    url: str, brought: bytes
) -> None:
    value = to_json(naming("b", "Mara Lind")).replace(
        b'"name":"Mara Lind"', b'"name":"Mara Lind","person":' + brought
    )
    with open_log(url, session=SessionPolicy()) as log:
        with log.writer("tests") as writer, writer.transaction() as tx:
            tx.publish(TOPICS.extractions, key=b"b", value=value)
        selection = Selection(What.EXTRACTIONS, Filter(), skipped=lambda message, error: None)
        people = wiring.people_reader(Config(), log)
        selection.use_people(people)
        messages = [it for it in everything(log, TOPICS.extractions) if it.key == b"b"]
        (line,) = selection.lines(messages[0])
        people.close()
    record = json.loads(line)
    assert record["entities"][0]["person"]["name"] == "Mara Lind"
    assert record["quotes"][0]["speaker"]["person"]["name"] == "Mara Lind"
    assert line.count(b'"person":') == 2
