"""French: its words, its quotation marks, and its parse converted for the rules."""

import re
from collections.abc import Sequence
from functools import cache

from spacy.tokens import Doc

from onrecord.nlp.coreference.resolve import WeighedSpeaker
from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.languages.fr.attribution import decide
from onrecord.nlp.languages.fr.incises import dialogue, without_incises
from onrecord.nlp.languages.fr.people import find_people
from onrecord.nlp.languages.fr.speakers import find_speakers
from onrecord.nlp.languages.fr.words import LISTS, by_french, verbs
from onrecord.nlp.languages.universal_dependencies import Words, tell_as_english
from onrecord.nlp.lexicon import word_lists
from onrecord.nlp.quotes.choices import Choice
from onrecord.nlp.quotes.find import FoundQuote
from onrecord.nlp.quotes.marks import find_quoted
from onrecord.nlp.quotes.outlets import read_outlets
from onrecord.nlp.quotes.ruleset import Ruleset, read_ruleset
from onrecord.nlp.quotes.syntax import Parse, read_parse

# The model was trained on texts with straight marks and tags « as a verb. French marks have
# no-break spaces inside.
AS_THE_MODEL_KNOWS = str.maketrans({
    "«": '"', "»": '"', "“": '"', "”": '"', "’": "'", "\xa0": " ", "\u202f": " ", "\u2009": " ",
})  # fmt: skip


@cache
def ruleset() -> Ruleset:
    """The rules for French quotes.

    The parse is converted to the English scheme, so the weights learned from English news apply:
    cues and sources have much the same positions relative to a passage.
    """
    return read_ruleset(_read, word_lists("en"), outlets=read_outlets(LISTS), decide=_decide)


def find_entities(doc: Doc, text: str, *, article_id: str) -> list[FoundEntity]:
    """The names of a French article."""
    return find_people(doc, article_id=article_id, text=text)


def resolve(
    _: Doc, text: str, quotes: Sequence[FoundQuote], entities: Sequence[FoundEntity]
) -> list[WeighedSpeaker]:
    """The speaker of each quote of a French article."""
    return find_speakers(text, quotes, entities)


def _decide(parse: Parse) -> dict[int, Choice]:
    return decide(parse)


def _read(doc: Doc, text: str) -> Parse:
    """The parse of a French article; `doc` has the text with the model's marks."""
    return read_parse(
        doc,
        text=text,
        passages=sorted([*without_incises(text, find_quoted(text)), *dialogue(text)]),
        told=lambda parse: tell_as_english(parse, doc, words()),
    )


_MARKS = re.compile("[«»]")
_SET_APART = re.compile(r"«[ \xa0\u202f][^«»]*[ \xa0\u202f]»")  # only French puts blanks there
_LETTERS = re.compile("[àâçèéêëîïôùûœ]", re.IGNORECASE)
_FRENCH = re.compile(
    r"(?i)\b(?:le|la|les|des|une?|est|et|dans|que|qui|pour|sur|avec|nous|vous|il|elle|ce|cette|pas"
    r"|au|aux|du|son|sa|ses|a-t-(?:il|elle|on))\b|\b(?:l|d|qu|c|n|j|s|m)['’](?=\w)"
)
_ENGLISH = re.compile(r"(?i)\b(?:the|of|and|to|in|is|was|that|for|said|with|on|he|she|it|we)\b")
_ENOUGH = 2_000  # characters


def is_shown_by(text: str) -> bool:
    """Whether the marks or accents and the function words show a text to be French."""
    text = text[:_ENOUGH]
    if not (_MARKS.search(text) or _LETTERS.search(text)):
        return False
    french, english = len(_FRENCH.findall(text)), len(_ENGLISH.findall(text))
    set_apart = _SET_APART.search(text) is not None
    return french > 0 and french + set_apart > max(1, 2 * english)


@cache
def words() -> Words:
    """The French words used by the rules."""
    return Words(
        function=by_french("function"),
        verbs=verbs(),
        nouns=by_french("nouns"),
        opening=by_french("opening"),
        negations=frozenset(by_french("negations")),
        mute=frozenset(by_french("mute")),
    )
