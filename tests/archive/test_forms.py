"""The forms of words: those that readers mean, and none of another word."""

import pytest

from onrecord.archive.query.forms import english_forms, french_forms


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("dockers", "docker dockers"),
        ("tax", "tax taxes taxed taxing"),
        ("company", "company companies"),
        ("planning", "plan plans planned planning"),
        ("hoping", "hope hopes hoped hoping"),
        ("agreed", "agree agrees agreed agreeing"),
        ("strike", "strike strikes striking struck"),
        ("dying", "die dies died dying"),
        ("travelling", "travel travels travelled traveled travelling"),
        ("using", "use uses used using"),
        ("needs", "need needs needed needing"),
        ("children", "child children"),
        ("lives", "life live lives living"),
        ("meetings", "meeting meetings met"),
    ],
)
def test_english_words_are_found_in_their_forms(typed: str, found: str) -> None:
    assert english_forms(typed) >= set(found.split())


@pytest.mark.parametrize(
    ("typed", "others"),
    [
        ("hoping", "hop hops"),
        ("new", "news"),
        ("news", "new"),
        ("king", "k ks"),
        ("need", "ne nee"),
        ("process", "proces"),
        ("crisis", "crisi"),
        ("physics", "physic"),
    ],
)
def test_english_words_of_another_meaning_are_not_forms(typed: str, others: str) -> None:
    assert not english_forms(typed) & set(others.split())


@pytest.mark.parametrize("word", ["the", "will", "ok", "2026", "covid19", "йод", "日"])
def test_words_without_forms_stay_as_they_are(word: str) -> None:
    assert english_forms(word) == french_forms(word) == {word}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("grevistes", "greviste grevistes"),
        ("locaux", "local locale locaux"),
        ("nationale", "national nationaux nationales"),
        ("fermer", "ferme fermee fermees ferment fermait"),
        ("finissait", "finir finissent finiront"),
        ("serieuse", "serieux serieuses"),
        ("active", "actif actifs actives"),
        ("bureau", "bureaux"),
        ("gouvernements", "gouvernement"),
    ],
)
def test_french_words_are_found_in_their_forms(typed: str, found: str) -> None:
    assert french_forms(typed) >= set(found.split())
