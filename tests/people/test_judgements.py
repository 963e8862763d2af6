"""People made of names and judgements: transitive, blocked, undone, and always the same."""

import itertools
import random
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from onrecord.errors import Mistake
from onrecord.people.editing import Editor
from onrecord.people.names_seen import id_of_name
from onrecord.people.registry import Registry
from onrecord.records import Judgement, NameSeen, WrittenForm
from tests.builders import NOON

A, B, C, D = (id_of_name(key) for key in ("ana a", "ana b", "ana c", "ana d"))


def registry(*names: str) -> Registry:
    found = Registry()
    for n, key in enumerate(names):
        at = NOON + timedelta(days=n)
        forms = (WrittenForm(text=key.title()),)
        found.see(NameSeen(id=id_of_name(key), key=key, forms=forms, first=at, last=at))
    return found


def judgement(
    kind: str, left: str = "", right: str = "", *, by: str = "ana", **fields: Any
) -> Judgement:
    number = next(_numbers)
    return Judgement(
        id=f"j{number:06}",
        kind=kind,
        left=left or None,
        right=right or None,
        by=by,
        at=NOON,
        **fields,
    )


_numbers = itertools.count()


@pytest.fixture
def four() -> Registry:
    return registry("ana a", "ana b", "ana c", "ana d")


def test_a_name_of_whom_nothing_is_said_is_a_person_with_its_id(four: Registry) -> None:
    assert four.person_id(B) == B
    assert four.person_of_key("nobody yet") == id_of_name("nobody yet")


def test_same_is_transitive_and_the_oldest_name_gives_the_id(four: Registry) -> None:
    four.confirm([judgement("same", D, C), judgement("same", B, C)])
    assert [four.person_id(name) for name in (A, B, C, D)] == [A, B, B, B]
    person = four.person(D)
    assert person is not None
    assert [name.id for name in person.names] == [B, C, D]


def test_different_blocks_a_chain_of_sames(four: Registry) -> None:
    four.confirm([judgement("different", A, D), judgement("same", A, B), judgement("same", B, D)])
    assert four.person_id(B) == A
    assert four.person_id(D) == D
    assert len(four.clusters.refused) == 1


def test_a_person_overrules_a_rule_that_spoke_before(four: Registry) -> None:
    four.confirm([judgement("same", A, B, by="rule spelling"), judgement("different", A, B)])
    assert four.person_id(B) == B


def test_a_rule_does_not_overrule_a_person(four: Registry) -> None:
    four.confirm([judgement("different", A, B), judgement("same", A, B, by="rule spelling")])
    assert four.person_id(B) == B


def test_undo_restores_and_undoing_the_undo_merges_again(four: Registry) -> None:
    same = judgement("same", A, B)
    undo = judgement("undo", undoes=same.id)
    four.confirm([same])
    assert four.person_id(B) == A
    four.confirm([undo])
    assert four.person_id(B) == B
    four.confirm([judgement("undo", undoes=undo.id)])
    assert four.person_id(B) == A


def test_a_judgement_written_twice_counts_once(four: Registry) -> None:
    same = judgement("same", A, B)
    four.confirm([same, same, judgement("undo", undoes=same.id), same])
    assert four.person_id(B) == B


def test_the_name_given_by_hand_is_shown(four: Registry) -> None:
    four.confirm([judgement("same", A, B), judgement("rename", B, name="Ana of Tarn")])
    assert four.shown_name(A) == "Ana of Tarn"


def test_somebody_forgotten_is_nobody(four: Registry) -> None:
    four.confirm([judgement("forget", A)])
    assert four.person(A) is None
    assert [name.id for name in four.names()] == [B, C, D]


def test_a_kind_that_nobody_knows_yet_is_passed_over(four: Registry) -> None:
    four.confirm([judgement("twin", A, B)])
    assert four.person_id(B) == B


def test_judgements_one_by_one_give_what_they_give_together() -> None:
    chance = random.Random(13)
    for _ in range(60):
        given: list[Judgement] = []
        for _ in range(chance.randrange(1, 14)):
            kind = chance.choice(["same"] * 4 + ["different", "unsure", "undo"])
            by = chance.choice(["ana", "rule x"])
            left, right = chance.sample([A, B, C, D], 2)
            if kind == "undo" and given:
                given.append(judgement("undo", undoes=chance.choice(given).id))
            elif kind != "undo":
                given.append(judgement(kind, left, right, by=by))
        step_by_step, together = (registry("ana a", "ana b", "ana c", "ana d") for _ in range(2))
        for one in given:
            step_by_step.judge(one)
            step_by_step.person_id(A)
        together.confirm(given)
        step_by_step.confirm(given)
        for name in (A, B, C, D):
            assert step_by_step.person_id(name) == together.person_id(name)


def test_what_a_process_judged_comes_after_what_the_topic_has_before_it(four: Registry) -> None:
    own = judgement("same", A, B)
    four.judge(own)
    others = judgement("different", A, C)
    four.confirm([others, own])
    assert four.judgements == [others, own]


# ── by hand ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def editor(four: Registry) -> Editor:
    return Editor(registry=four, by="ana", now=lambda: NOON)


def test_merge_and_undo_by_hand(four: Registry, editor: Editor) -> None:
    merged = editor.merge(A, B[:8])
    four.confirm(merged)
    assert four.person_id(B) == A
    with pytest.raises(Mistake, match="one person already"):
        editor.merge(A, B)
    four.confirm(editor.undo(merged[0].id[:8]))
    assert four.person_id(B) == B
    with pytest.raises(Mistake, match="undone already"):
        editor.undo(merged[0].id)


def test_merging_those_of_whom_somebody_said_they_differ_names_the_judgement(
    four: Registry, editor: Editor
) -> None:
    apart = editor.keep_apart(A, B)
    four.confirm(apart)
    with pytest.raises(Mistake, match=f"undo {apart[0].id}"):
        editor.merge(A, B)


def test_split_takes_one_name_out_and_no_rule_puts_it_back(four: Registry, editor: Editor) -> None:
    four.confirm([judgement("same", A, B, by="rule x"), judgement("same", B, C, by="rule x")])
    four.confirm(editor.split(C))
    four.confirm([judgement("same", A, C, by="rule y")])
    assert [four.person_id(name) for name in (A, B, C)] == [A, A, C]


def test_an_id_of_nobody_is_a_mistake(editor: Editor) -> None:
    with pytest.raises(Mistake, match="no person"):
        editor.merge(A, "abcdef")


def test_digits_that_begin_two_judgements_undo_neither(four: Registry, editor: Editor) -> None:
    one, other = judgement("same", A, B), judgement("same", C, D)
    four.confirm(
        [
            structs.replace(one, id="abcdef01"),
            structs.replace(other, id="abcdef02"),
        ]
    )
    with pytest.raises(Mistake, match="several judgements"):
        editor.undo("abcdef")
    assert editor.undo("abcdef02")[0].undoes == "abcdef02"
