"""What is particular to a language, in one place: its lexicon and its weights.

Tags and relations are those of the spaCy pipelines trained for it. An article in a language
without rules still gets its passages between quotation marks.
"""

from dataclasses import dataclass
from functools import cache

from pipeline.nlp.cues import Lexicon, load_lexicon
from pipeline.nlp.outlets import Outlets, load_outlets
from pipeline.nlp.weights import Weights, load_weights

WITH_RULES = frozenset({"en"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What finding the quotes of one language needs to know."""

    lexicon: Lexicon
    attribution: Weights
    reported: Weights
    outlets: Outlets


def rules_of(language: str | None) -> Rules | None:
    """The rules for a language ("en-GB"), if there are any. None is taken for English."""
    name = (language or "en").lower().replace("_", "-").partition("-")[0]
    return _load(name) if name in WITH_RULES else None


@cache
def _load(name: str) -> Rules:
    return Rules(
        load_lexicon(name),
        load_weights(f"attribution.{name}"),
        load_weights(f"reported.{name}"),
        load_outlets(name),
    )
