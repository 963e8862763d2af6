"""From Python: typed records, the command's filters, and positions of what was processed only."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from onrecord import subscribe
from onrecord.errors import Mistake, UnknownTopic
from onrecord.log.opening import open_log
from onrecord.records import Article, Extraction, QuoteOnRecord, to_json
from tests.builders import article, extraction, quote
from tests.filling import publish


@pytest.fixture(autouse=True)
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A log of three articles, named in the environment as the command would find it."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("ONRECORD_")]:
        monkeypatch.delenv(name)
    made = f"sqlite:///{tmp_path}/log.db"
    monkeypatch.setenv("ONRECORD_LOG__URL", made)
    found = (extraction(f"a{n}", quotes=(quote(), quote(type="mixed"))) for n in range(3))
    with open_log(made) as log:
        publish(log, "onrecord.articles", *(article(f"a{n}") for n in range(3)))
        publish(log, "onrecord.extractions", *found)
    return made


def test_each_kind_comes_as_its_own_type() -> None:
    articles = list(subscribe("articles", since="earliest", until="end"))
    assert sorted(articles, key=lambda a: a.id) == [article(f"a{n}") for n in range(3)]
    assert [type(one) for one in articles] == [Article] * 3
    extractions = list(subscribe("extractions", since="earliest", until="end"))
    assert [type(one) for one in extractions] == [Extraction] * 3
    quotes = list(subscribe(since="earliest", until="end"))
    assert [type(one) for one in quotes] == [QuoteOnRecord] * 6
    assert quotes[0].quote.speaker is not None
    assert quotes[0].quote.speaker.name == "Mara Lind"


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"speaker": "LIND, mara"}, 6),
        ({"speaker": "lind", "exact": True}, 0),
        ({"type": "mixed"}, 3),
        ({"match": "open in may"}, 6),
        ({"match": "open in june"}, 0),
        ({"publisher": "harbour post", "entity": "lind", "language": "en"}, 6),
        ({"since": timedelta(hours=1)}, 6),
        ({"since": datetime(2026, 1, 1, tzinfo=UTC)}, 6),
        ({"since": "-1h"}, 6),
        ({"since": "latest"}, 0),
        ({"until": timedelta(hours=1)}, 0),
    ],
)
def test_the_filters_and_times_are_those_of_the_command(asked: dict[str, Any], count: int) -> None:
    options: dict[str, Any] = {"since": "earliest", "until": "end"}
    assert len(list(subscribe("quotes", **(options | asked)))) == count


def test_a_filter_of_ones_own_is_asked_last() -> None:
    asked: list[str] = []

    def is_wanted(found: QuoteOnRecord) -> bool:
        asked.append(found.quote.type)
        return found.article.id == "a1"

    found = list(subscribe(type="mixed", since="earliest", until="end", where=is_wanted))
    assert [one.article.id for one in found] == ["a1"]
    assert asked == ["mixed"] * 3


def test_a_filter_of_ones_own_must_be_a_function() -> None:
    with pytest.raises(Mistake, match="where: a function from a record"):
        subscribe(where="speaker")  # type: ignore[call-overload]


def test_a_replay_is_read_by_its_name(url: str) -> None:
    with open_log(url) as log:
        publish(log, "onrecord.replay.try", extraction("b", quotes=(quote(),)))
    for name in ("try", "onrecord.replay.try"):
        found = subscribe(topic=name, since="earliest", until="end")
        assert [one.article.id for one in found] == ["b"]
    assert len(list(subscribe(topic="extractions", since="earliest", until="end"))) == 6


def processed(limit: int, *, fails: bool = False) -> list[str]:
    """What a member of the group processes until it has enough, or until it fails."""
    done: list[str] = []
    with subscribe("articles", since="earliest", until="end", group="g") as articles:
        for found in articles:
            if fails and len(done) == limit:
                raise RuntimeError(*done)
            done.append(found.id)
            if not fails and len(done) == limit:
                break
    return done


def test_leaving_in_good_order_says_that_the_last_record_was_processed() -> None:
    first = processed(2)
    assert sorted(first + processed(99)) == ["a0", "a1", "a2"]
    assert processed(99) == []


def test_a_record_whose_processing_failed_is_given_again() -> None:
    with pytest.raises(RuntimeError) as failed:
        processed(1, fails=True)
    assert sorted([*failed.value.args, *processed(99)]) == ["a0", "a1", "a2"]


def test_an_extraction_of_which_a_quote_is_left_is_given_again() -> None:
    with subscribe("quotes", since="earliest", until="end", group="g") as quotes:
        next(quotes)
    with subscribe("quotes", since="earliest", until="end", group="g") as quotes:
        assert len(list(quotes)) == 6


def test_closed_it_gives_nothing_more() -> None:
    subscription = subscribe("articles", since="earliest")
    next(subscription)
    subscription.close()
    assert list(subscription) == []


def test_built_for_version_1_it_reads_what_version_2_adds(url: str) -> None:
    newer: dict[str, object] = {"schema_version": 2, "mood": "sunny"}
    with open_log(url) as log, log.writer("t") as writer, writer.transaction() as tx:
        for topic, record in (("articles", article("a9")), ("extractions", extraction("a9"))):
            value = json.dumps(json.loads(to_json(record)) | newer).encode()
            tx.publish(f"onrecord.{topic}", key=b"a9", value=value)
    articles = {one.id: one for one in subscribe("articles", since="earliest", until="end")}
    assert articles["a9"] == article("a9", schema_version=2)
    assert articles.keys() == {"a0", "a1", "a2", "a9"}
    extractions = subscribe("extractions", since="earliest", until="end")
    (found,) = (one for one in extractions if one.article.id == "a9")
    assert found.schema_version == 2
    assert [quote.id for quote in found.quotes] == [quote.id for quote in extraction("a9").quotes]
    quotes = subscribe("quotes", speaker="lind", since="earliest", until="end")
    assert len(list(quotes)) == 7


def test_another_log_and_another_topic_can_be_named(tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path}/other.db"
    with open_log(other) as log:
        publish(log, "mine", article("b1"))
    found = list(subscribe("articles", since="earliest", until="end", log=other, topic="mine"))
    assert found == [article("b1")]


def test_what_cannot_be_asked_for_is_said_at_once() -> None:
    with pytest.raises(Mistake, match="since yesterday: not a time"):
        subscribe("quotes", since="yesterday")
    with pytest.raises(Mistake, match="before the calendar begins"):
        subscribe("quotes", since=timedelta.max)
    with pytest.raises(Mistake, match="that is still to come"):
        subscribe("quotes", since=timedelta(hours=-1))
    with pytest.raises(Mistake, match="that is before since 2026-11-02"):
        subscribe("quotes", since="2026-11-02", until="2026-11-01")
    with pytest.raises(Mistake, match="group '': a name has characters"):
        list(subscribe("quotes", group=""))
    with pytest.raises(Mistake, match="a time without a zone"):
        subscribe("quotes", since=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(Mistake, match="type 'loud': there are direct, mixed, indirect"):
        subscribe("quotes", type="loud")  # type: ignore[call-overload]
    with pytest.raises(Mistake, match="there are articles, extractions and quotes"):
        subscribe("tweets")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="no option 'speker'"):
        subscribe("quotes", speker="lavrov")  # type: ignore[call-overload]
    with pytest.raises(UnknownTopic), subscribe("quotes", topic="nowhere"):
        pass
