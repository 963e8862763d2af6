"""Names kept packed come back as they were, and searches find them by their spelling."""

from datetime import UTC, datetime

import pytest

from onrecord.people.name_table import NameTable
from onrecord.people.spelling import pattern_of, spelling_of
from onrecord.records import NameSeen, Tenure, WrittenForm
from tests.builders import NOON
from tests.people.hard_pairs import hard_pairs

EARLY = datetime(1, 1, 1, tzinfo=UTC)
ROLE = Tenure(role="mayor of Tarn", first=EARLY, last=NOON, articles=3)


def name(id: str, key: str, *roles: Tenure) -> NameSeen:
    forms = (WrittenForm(text=key.title(), articles=2), WrittenForm(text=key))
    return NameSeen(id=id, key=key, forms=forms, first=EARLY, last=NOON, roles=roles)


@pytest.mark.parametrize(
    "id", ["0123456789abcdef" * 2, "0123456789ABCDEF" * 2, "x" * 32, "15 signs in all", "né", ""]
)
def test_a_name_comes_back_as_it_was(id: str) -> None:
    table = NameTable()
    given = name(id, "сергей лавров", ROLE)
    table.put(given)
    table.put(name("another", "mara lind"))
    assert table.get(id) == given
    assert (len(table), list(table.ids())) == (2, [id, "another"])
    assert next(iter(table)) == given
    table.remove(id)
    assert table.get(id) is None


def test_a_search_passes_over_no_name_of_the_spelling() -> None:
    keys = {key for pair in hard_pairs() for key in (pair.left.lower(), pair.right.lower())}
    for key in keys:
        for word in spelling_of(key):
            assert pattern_of(word).search(key.encode()), (key, word)


def test_names_are_searched_by_their_keys_alone() -> None:
    table = NameTable()
    table.put(name("a", "mara lind", ROLE))
    assert [it.id for it in table.matching(pattern_of("lind"))] == ["a"]
    assert list(table.matching(pattern_of("mayor"))) == []
