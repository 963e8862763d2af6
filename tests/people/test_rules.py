"""The rules on several names: what contradicts takes back what was joined."""

import itertools

import pytest

from onrecord.log.interface import Message
from onrecord.people.deriving import Deriver
from onrecord.people.editing import Editor
from onrecord.people.suggesting import suggest_pairs
from onrecord.records import Extraction, to_json
from tests.builders import NOON
from tests.people.seeing import deriver, names_of, naming


def derived(*extractions: Extraction) -> Deriver:
    found = deriver()
    found.take(
        Message("t", 0, n, NOON, b"", to_json(extraction))
        for n, extraction in enumerate(extractions)
    )
    return found


def test_a_bare_name_is_nobodys_where_its_bearers_have_other_initials() -> None:
    names = ["George Marlow", "George W. Marlow", "George H. Marlow"]
    for order in itertools.permutations(names):
        found = derived(*(naming(f"a{n}", name) for n, name in enumerate(order)))
        assert names_of(found.resolver.registry) == [
            ["george h marlow"],
            ["george marlow"],
            ["george w marlow"],
        ]


def test_a_frequent_name_with_an_initial_is_joined_by_one_office() -> None:
    office = "US Labor Secretary"
    one = derived(naming("a1", ("John Smith", office)), naming("a2", ("John A. Smith", office)))
    assert names_of(one.resolver.registry) == [["john a smith", "john smith"]]
    two = derived(naming("a1", ("John Smith", office)), naming("a2", "John A. Smith"))
    assert len(names_of(two.resolver.registry)) == 2


def test_a_short_form_is_joined_by_one_office_seen_later() -> None:
    found = derived(
        naming("a1", "Joe Marlow"),
        naming("a2", ("Joseph Marlow", "mayor of Tarn")),
        naming("a3", ("Joe Marlow", "Mayor of Tarn")),
    )
    assert names_of(found.resolver.registry) == [["joe marlow", "joseph marlow"]]


def test_senators_are_many() -> None:
    found = derived(
        naming("a1", ("Joe Marlow", "senator")), naming("a2", ("Joseph Marlow", "Sen."))
    )
    assert len(names_of(found.resolver.registry)) == 2


@pytest.mark.parametrize("names", [["Sergei Gromov", "Sergey Gromov", "Sergej Gromov"]])
def test_the_judgements_of_rules_join_alike_in_any_order(names: list[str]) -> None:
    for order in itertools.permutations(names):
        found = derived(*(naming(f"a{n}", name) for n, name in enumerate(order)))
        assert len(names_of(found.resolver.registry)) == 1
        assert all(it.by == "rule spelling" for it in found.resolver.registry.judgements)


def test_what_was_undone_is_not_joined_again() -> None:
    found = derived(naming("a1", "Sergei Gromov"), naming("a2", "Sergey Gromov"))
    registry = found.resolver.registry
    (judgement,) = registry.judgements
    undo = Editor(registry=registry, by="ana", now=lambda: NOON).undo(judgement.id)
    found.judge([judgement, *undo])
    again = naming("a3", ("Sergey Gromov", "minister"))
    found.take([Message("t", 0, 2, NOON, b"", to_json(again))])
    assert len(names_of(registry)) == 2


def test_family_names_that_begin_with_a_particle_are_nobody_by_themselves() -> None:
    names = ["De Marlow", "von der Marlow", "Van de Marlow", "De La Marlow", "zu Marlow"]
    found = derived(*(naming(f"a{n}", name) for n, name in enumerate(names)))
    assert names_of(found.resolver.registry) == []


def test_given_names_that_sound_like_particles_begin_full_names() -> None:
    names = ["Do Marlow", "Du Marlow", "Bin Marlow", "Ben Marlow", "Van Marlow"]
    found = derived(*(naming(f"a{n}", name) for n, name in enumerate(names)))
    assert len(names_of(found.resolver.registry)) == len(names)


def test_family_names_that_stand_alone_are_suggested_and_not_joined() -> None:
    found = derived(naming("a1", "Ana Marlow Brant"), naming("a2", "Marlow Brant"))
    registry = found.resolver.registry
    assert names_of(registry) == [["ana marlow brant"], ["marlow brant"]]
    (pair,) = suggest_pairs(registry)
    assert (pair.score, pair.why) == (0.65, "one may be the family names of the other")
