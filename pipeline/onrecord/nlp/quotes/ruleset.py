"""What finding the quotes of a language needs: how its parses are read, its cues, its weights.

Each language makes its own (`nlp/languages/`) and `find_quotes` is given it.
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
    """How the quotes of one language are found.

    `read` makes a parse, as the rules know it, of a `Doc` and of the text that it was made of.
    `decide` says of some passages, by number, whose they are; the others are weighed.
    `leaves_unsure` leaves the speaker of quoted words open where it is unsure: for a language on
    whose news `confidence` was fitted.
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
    """The rules with the cues and weights kept among the word lists of a language."""
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
