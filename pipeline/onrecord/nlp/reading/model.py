"""The spaCy pipeline: loaded once, with only the components whose output is read.

An article becomes a `Doc` whose text is the article's, character for character. Two
rules apply before spaCy's components run: a sentence never runs over a paragraph break, and a run
of characters without a space longer than any word is cut into tokens by length alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from spacy.attrs import IDX, IS_SPACE, SENT_START
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import get_model_meta, get_package_path
from thinc.api import Model as ThincModel
from thinc.api import NumpyOps

from onrecord.errors import ConfigError
from onrecord.nlp.reading.datelines import find_datelines
from onrecord.nlp.reading.steps import Step, steps_of
from onrecord.nlp.reading.word_cache import WordCache

# The cue lexicon lists inflected forms, and the lemmatizer would take a tenth of the time.
UNREAD = ("lemmatizer", "senter", "textcat", "textcat_multilabel", "entity_linker")

# spaCy's tokenizer strips punctuation from a word one mark at a time and copies the rest: a
# megabyte of quotation marks would take hours. No word of prose is this long.
LONGEST_WORD = 400
_OVERLONG = re.compile(rf"\S{{{LONGEST_WORD},}}")


@dataclass(frozen=True, slots=True)
class Model:
    """A loaded spaCy pipeline and its name."""

    nlp: Language
    name: str
    version: str

    steps: list[Step]
    words: WordCache

    def read(self, texts: Sequence[str]) -> list[Doc]:
        """A parsed `Doc` for each text, in order, with `doc.text == text`, made in one batch."""
        self.words.learn(texts)
        docs = [make_doc(self.nlp, text) for text in texts]
        with_words = [doc for doc in docs if len(doc)]
        if with_words:
            for step in self.steps:
                step(with_words)
        return docs


def load_model(name: str) -> Model:
    """Load the pipeline of an installed package or at a path; ConfigError if there is none."""
    try:
        nlp = spacy.load(name, exclude=UNREAD)
    except OSError as error:
        raise _no_model(name) from error
    _multiply_with_numpy(nlp)
    _part_marks_from_dashes(nlp)
    meta = nlp.meta
    name = f"{meta['lang']}_{meta['name']}"
    return Model(nlp, name, str(meta["version"]), steps_of(nlp), WordCache(nlp))


def language_of_model(name: str) -> str:
    """The language of an installed pipeline or one at a path, "fr", without loading it.

    Raises ConfigError if there is none.
    """
    try:
        path = Path(name) if Path(name).exists() else get_package_path(name)
        return str(get_model_meta(path)["lang"])
    except (OSError, ValueError, ImportError) as error:
        raise _no_model(name) from error


def _no_model(name: str) -> ConfigError:
    return ConfigError(
        f"no spaCy pipeline {name!r} is installed, nor is it a directory holding one",
        key="extract.model",
    )


def _multiply_with_numpy(nlp: Language) -> None:
    """Use numpy's matrix kernels instead of those of the bundled BLIS.

    BLIS selects its generic kernel on many processors. Measured on 40 articles: 6.3 s instead of
    8.9 s in total, with identical tags, heads and labels.
    """
    ops = NumpyOps(use_blis=False)
    for _, component in nlp.pipeline:
        model = getattr(component, "model", None)
        if isinstance(model, ThincModel):
            for layer in model.walk():
                layer.ops = ops


def _part_marks_from_dashes(nlp: Language) -> None:
    """Make the tokenizer split `.”—Ada Stone` and `,”Ada said`, by default one word."""
    tokenizer: Any = nlp.tokenizer
    known = tokenizer.infix_finditer.__self__.pattern
    marks = '[”"»’]'
    glued = '(?<=[\\w,.!?…])[”"»](?=[A-Za-z])'  # no apostrophe: O’Neill
    parted = rf"{known}|{marks}(?=--|[—–])|(?<={marks})(?:--|[—–])|{glued}"
    tokenizer.infix_finditer = re.compile(parted).finditer


def make_doc(nlp: Language, text: str) -> Doc:
    """The tokenized text, with a sentence start after each paragraph break and dateline."""
    doc = _tokenize(nlp, text)
    # All at once: each assignment to `Token.is_sent_start` reads the whole document.
    columns: Any = doc.to_array([IDX, IS_SPACE])
    places, is_space = columns.T
    breaks = [found.start() for found in re.finditer("\n", text)]
    begins_here = np.isin(places, [dateline.text_start for dateline in find_datelines(text)])
    # The token after that of a break; beyond the text after the last.
    after_break = np.isin(np.arange(len(doc)), np.searchsorted(places, breaks, side="right"))
    starts: Any = (begins_here | after_break) & (is_space == 0)
    starts[:1] = False
    doc.from_array([SENT_START], starts.astype(np.uint64))
    return doc


def _tokenize(nlp: Language, text: str) -> Doc:
    if not _OVERLONG.search(text):
        return nlp.tokenizer(text)
    words: list[str] = []
    spaces: list[bool] = []
    at = 0
    for run in _OVERLONG.finditer(text):
        _add(nlp.tokenizer(text[at : run.start()]), words, spaces)
        for start in range(run.start(), run.end(), LONGEST_WORD):
            words.append(text[start : min(start + LONGEST_WORD, run.end())])
            spaces.append(False)
        at = run.end()
    _add(nlp.tokenizer(text[at:]), words, spaces)
    return Doc(nlp.vocab, words=words, spaces=spaces)


def _add(piece: Doc, words: list[str], spaces: list[bool]) -> None:
    words.extend(token.text for token in piece)
    spaces.extend(bool(token.whitespace_) for token in piece)
