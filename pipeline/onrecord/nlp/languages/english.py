"""English: the model's parse unchanged, and the rules learned from English news."""

from collections.abc import Sequence
from functools import cache

from spacy.tokens import Doc

from onrecord.nlp.coreference.resolve import WeighedSpeaker, weigh_speakers
from onrecord.nlp.entities.merging import FoundEntity, find_entities
from onrecord.nlp.lexicon import word_lists
from onrecord.nlp.quotes.find import FoundQuote
from onrecord.nlp.quotes.outlets import read_outlets
from onrecord.nlp.quotes.repairs import repair
from onrecord.nlp.quotes.ruleset import Ruleset, read_ruleset
from onrecord.nlp.quotes.syntax import Parse, read_parse


@cache
def ruleset() -> Ruleset:
    """The rules for English quotes."""
    lists = word_lists("en")
    return read_ruleset(_read, lists, outlets=read_outlets(lists), leaves_unsure=True)


def _read(doc: Doc, text: str) -> Parse:
    parse = read_parse(doc, text=text)
    repair(parse, ruleset().lexicon)
    return parse


def find_names(doc: Doc, _: str, *, article_id: str) -> list[FoundEntity]:
    """The names of an English article."""
    return find_entities(doc, article_id=article_id)


def find_speakers(
    doc: Doc, _: str, quotes: Sequence[FoundQuote], entities: Sequence[FoundEntity]
) -> list[WeighedSpeaker]:
    """The speaker of each quote of an English article."""
    return weigh_speakers(doc, quotes, entities)
