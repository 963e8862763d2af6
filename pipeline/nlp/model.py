"""The spaCy pipeline: loaded once, with only the components whose output is read.

An article becomes a `Doc` whose text is the article's, character for character. Two things are
decided before spaCy's components see it: a sentence never runs over a paragraph break, and a run
of characters without a space longer than any word is one token however it is punctuated.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from pipeline.errors import ConfigError

# The lemmatizer costs more than all our rules and the cue lexicon holds its own forms.
UNREAD = ("lemmatizer", "senter", "textcat", "textcat_multilabel", "entity_linker")

# spaCy's tokenizer peels punctuation off a word one mark at a time, copying the rest: a megabyte
# of quotation marks would take it hours. No word of prose is this long.
LONGEST_WORD = 400
_OVERLONG = re.compile(rf"\S{{{LONGEST_WORD},}}")


@dataclass(frozen=True, slots=True)
class Model:
    """A loaded spaCy pipeline, and what it calls itself."""

    nlp: Language
    name: str
    version: str

    def read(self, texts: Iterable[str], *, batch_size: int) -> Iterator[Doc]:
        """A `Doc` for each text, in order, parsed, with `doc.text == text`."""
        docs = (make_doc(self.nlp, text) for text in texts)
        return self.nlp.pipe(docs, batch_size=batch_size)


def load_model(name: str) -> Model:
    """The pipeline of an installed package, or at a path. Raises ConfigError if there is none."""
    try:
        nlp = spacy.load(name, exclude=UNREAD)
    except OSError as error:
        raise ConfigError(
            f"no spaCy pipeline {name!r} is installed, nor is it a directory holding one",
            key="nlp.model",
        ) from error
    meta = nlp.meta
    return Model(nlp, f"{meta['lang']}_{meta['name']}", str(meta["version"]))


def make_doc(nlp: Language, text: str) -> Doc:
    """The text in tokens, a sentence beginning after each paragraph break."""
    doc = _tokenize(nlp, text)
    for token in doc[1:]:
        before = doc[token.i - 1]
        if before.is_space and "\n" in before.text and not token.is_space:
            token.is_sent_start = True
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
