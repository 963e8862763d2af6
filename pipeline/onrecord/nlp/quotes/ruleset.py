"""The rules for quotes in one language: how its parses are read, its cues, its weights.

Each language builds its own (`nlp/languages/`) and passes it to `find_quotes`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from spacy.tokens import Doc

from onrecord.nlp.lexicon import WordLists
from onrecord.nlp.quotes.choices import Choice
from onrecord.nlp.quotes.cues import Lexicon, parse_lexicon
from onrecord.nlp.quotes.outlets import Outlets
from onrecord.nlp.quotes.syntax import Parse
from onrecord.nlp.quotes.weights import Weights, parse_weights

ReadParse = Callable[[Doc, str], Parse]
Decide = Callable[[Parse], Mapping[int, Choice]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset:
    """The rules for finding the quotes of one language.

    `read` converts a `Doc` and its original text to a parse in the rules' scheme. `decide` returns
    the attribution of some passages, by number; the others go to the model. `leaves_unsure`
    leaves an unsure speaker of quoted words open: for a language on whose news `confidence` was
    fitted.
    """

    read: ReadParse
    lexicon: Lexicon
    attribution: Weights
    reported: Weights
    endings: Weights
    confidence: Weights
    outlets: Outlets
    decide: Decide | None = None
    leaves_unsure: bool = False


def read_ruleset(
    read: ReadParse,
    lists: WordLists,
    *,
    outlets: Outlets,
    decide: Decide | None = None,
    leaves_unsure: bool = False,
) -> Ruleset:
    """The rules with the cues and weights from the word lists of a language."""
    return Ruleset(
        read=read,
        lexicon=parse_lexicon(lists.text("cues")),
        attribution=parse_weights(lists.text("attribution")),
        reported=parse_weights(lists.text("reported")),
        endings=parse_weights(lists.text("endings")),
        confidence=parse_weights(lists.text("confidence")),
        outlets=outlets,
        decide=decide,
        leaves_unsure=leaves_unsure,
    )
