"""What finding the quotes of a language needs: how its parses are read, its lexicon, its weights.

An article in a language without rules still gets its passages between quotation marks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Doc

from onrecord.nlp.languages.french import read_french
from onrecord.nlp.quotes.cues import Lexicon, load_lexicon
from onrecord.nlp.quotes.outlets import Outlets, load_outlets
from onrecord.nlp.quotes.syntax import Parse, read_parse
from onrecord.nlp.quotes.weights import Weights, load_weights


@dataclass(frozen=True, slots=True)
class Rules:
    """How the quotes of one language are found.

    `read` makes a parse, as the rules know it, of a `Doc` and of the text that it was made of.
    """

    read: Callable[[Doc, str], Parse]
    lexicon: Lexicon
    attribution: Weights
    reported: Weights
    endings: Weights
    outlets: Outlets


def rules_of(language: str | None) -> Rules | None:
    """The rules for a language ("en-GB"), if there are any. None is taken for English."""
    name = base_of(language)
    return _load(name) if name in READ else None


def base_of(language: str | None) -> str:
    """The language of a tag without its region: "en" of "en-GB"."""
    return (language or "en").lower().replace("_", "-").partition("-")[0]


def _read_english(doc: Doc, text: str) -> Parse:
    return read_parse(doc, text=text)


READ = {"en": _read_english, "fr": read_french}


@cache
def _load(name: str) -> Rules:
    # Other parses are read into the English scheme, so what was learned in English serves them:
    # where cues and sources stand to a passage is much the same.
    return Rules(
        READ[name],
        load_lexicon("en"),
        load_weights("en/attribution"),
        load_weights("en/reported"),
        load_weights("en/endings"),
        load_outlets(name),
    )
