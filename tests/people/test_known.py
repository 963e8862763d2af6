"""The list of known people: a user's table, checked line by line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from onrecord.errors import ConfigError
from onrecord.people.known import KnownList, built_in, parse_known, read_known
from onrecord.people.offices import Office


def test_only_a_name_is_needed() -> None:
    (person,) = parse_known("name\nMara Lind\n", "p.csv")
    assert (person.name, person.keys, person.offices) == ("Mara Lind", ("mara lind",), ())


def test_a_line_has_aliases_offices_and_their_dates() -> None:
    text = "name,aliases,office,country,from,until,wikidata\n"
    text += '"Lind, Mara",Lindy; M. Lind,mayor of Tarn;president,Russia,2021-05,2024,Q1\n'
    (person,) = parse_known(text, "p.csv")
    assert person.keys == ("mara lind", "lindy", "m lind")
    assert [held.office for held in person.offices] == [
        Office(("mayor", "tarn"), "ru"),
        Office(("president",), "ru"),
    ]
    held = person.offices[0]
    assert (held.since, held.until) == (
        datetime(2021, 5, 1, tzinfo=UTC),
        datetime(2024, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the first line names the columns"),
        ("aliases\nx\n", "the first line names the columns"),
        ("name,offise\nx,y\n", "no column 'offise'"),
        ("name\n,\n", "line 2: more values than columns"),
        ("name,office\n,minister\n", "line 2: a person has a name"),
        (f"name\n{'x' * 200_000}\n", "line 2: field larger than field limit"),
        ("name,from\nMara Lind,soon\n", "line 2: 'soon' is not a date"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=r"people\.list = 'p\.csv'") as error:
        parse_known(text, "p.csv")
    assert said in str(error.value)


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read_known(str(tmp_path / "people.csv"))
    assert read_known("") == ()


def test_the_built_in_list_has_full_names() -> None:
    known = KnownList(built_in())
    assert known.main_key("george w bush") == "george w bush"
    assert len(known.people) > 150
