"""English: its parse as the model gives it, and the rules learned from English news."""

from functools import cache

from spacy.tokens import Doc

from onrecord.nlp.lexicon import word_lists
from onrecord.nlp.quotes.outlets import read_outlets
from onrecord.nlp.quotes.repairs import repair
from onrecord.nlp.quotes.ruleset import Ruleset, read_ruleset
from onrecord.nlp.quotes.syntax import Parse, read_parse


@cache
def ruleset() -> Ruleset:
    """The rules for English quotes."""
    lists = word_lists("en")
    return read_ruleset(_read, lists, outlets=read_outlets(lists))


def _read(doc: Doc, text: str) -> Parse:
    parse = read_parse(doc, text=text)
    repair(parse, ruleset().lexicon)
    return parse
