"""Names kept packed come back as they were, and searches find them by their spelling."""

from datetime import UTC, datetime

import pytest

from onrecord.naming import name_key
from onrecord.people.name_table import NameTable
from onrecord.people.spelling import is_regular, spelling_of, written_as
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
    keys = {name_key(name) for pair in hard_pairs() for name in (pair.left, pair.right)}
    for key in keys:
        for word in spelling_of(key):
            written = written_as(word)
            assert not is_regular(key) or any(one in key for one in written), (key, word)


def test_a_search_looks_at_few_names() -> None:
    table = NameTable()
    for key in ("mara lind", "sergej lavrov", "ana belcourt", "иван лавров", "ivan lavrovskiy"):
        table.put(name(key, key))
    assert [it.id for it in table.perhaps_with("lind")] == [
        "mara lind",
        "иван лавров",
        "ivan lavrovskiy",
    ]
