"""French: its words, its marks, and its parse as the rules read it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

from spacy.tokens import Doc

from onrecord.nlp.languages.address_forms import AddressForms
from onrecord.nlp.languages.universal_dependencies import Words, tell_as_english
from onrecord.nlp.lexicon import word_lists
from onrecord.nlp.quotes.marks import Quoted, find_quoted
from onrecord.nlp.quotes.outlets import read_outlets
from onrecord.nlp.quotes.ruleset import Ruleset, read_ruleset
from onrecord.nlp.quotes.syntax import Parse, read_parse

_LISTS = word_lists("fr")
# Of verbs like "affirmer", after their stem.
_ENDINGS = (
    "er", "e", "ent", "ait", "aient", "a", "èrent", "é", "ée", "és", "ées", "ant", "era", "eront",
    "erait", "ons",
)  # fmt: skip
# The model learned from texts with straight marks, and takes « for a verb. Blanks that do not
# break stand inside French marks.
AS_THE_MODEL_KNOWS = str.maketrans({
    "«": '"', "»": '"', "“": '"', "”": '"', "’": "'", "\xa0": " ", "\u202f": " ", "\u2009": " ",
})  # fmt: skip

NAMING = AddressForms(
    pronouns={"il": "masculine", "elle": "feminine", "lui": "masculine"},
    titles={
        "m.": "masculine", "mm.": None, "monsieur": "masculine", "mme": "feminine",
        "madame": "feminine", "mlle": "feminine", "me": None, "dr": None, "pr": None,
        "docteur": None, "maître": None,
    },
)  # fmt: skip


@cache
def ruleset() -> Ruleset:
    """The rules for French quotes.

    The parse is converted to the English scheme, so what was learned from English news serves:
    where cues and sources stand to a passage is much the same.
    """
    return read_ruleset(_read, word_lists("en"), outlets=read_outlets(_LISTS))


def _read(doc: Doc, text: str) -> Parse:
    """The parse of a French article, of which `doc` holds the text with the model's marks."""
    return read_parse(
        doc,
        text=text,
        passages=list(_without_incises(text, find_quoted(text))),
        told=lambda parse: tell_as_english(parse, doc, words()),
    )


# "« Cette loi, poursuit-elle, va changer la vie »": who speaks, inside the marks.
_INCISE = re.compile(
    r",\s(?P<aux>a|ont|avait)?(?P<verb>(?(aux)|[\w'’]+?))(?P<who>(?:-t)?-(?:il|elle|on|ils|elles))"
    r"(?P<participle>\s\w+)?(?P<more>\s[^,»”\"]{1,40})?,\s"
    r"|,\s(?P<named>\w+)\s(?:[A-ZÀ-Ý][\w'’.-]+\s?){1,4},\s"
)


def _without_incises(text: str, passages: Iterable[Quoted]) -> Iterator[Quoted]:
    """The passages, cut where the reporter speaks inside the marks."""
    for passage in passages:
        rest = passage
        for found in _INCISE.finditer(text, passage.start, passage.end):
            if _says(found):
                yield replace(rest, end=found.start() + 1, outer_end=found.start() + 1)
                rest = replace(rest, start=found.end(), outer_start=found.end())
        yield rest


def _says(incise: re.Match[str]) -> bool:
    said = incise["participle"] if incise["aux"] else incise["verb"] or incise["named"]
    return bool(said) and said.strip().lower() in words().verbs


@cache
def words() -> Words:
    """The French words that the rules ask for."""
    regular = {
        form: english
        for english, verbs in _LISTS.mapping("words", "er").items()
        for verb in verbs
        for form in _forms(verb)
    }
    return Words(
        function=_by_french("function"),
        verbs=regular | _by_french("verbs"),
        nouns=_by_french("nouns"),
        opening=_by_french("opening"),
        negations=frozenset(_by_french("negations")),
        mute=frozenset(_by_french("mute")),
    )


def _by_french(section: str) -> dict[str, str]:
    found = _LISTS.mapping("words", section)
    return {word: english for english, many in found.items() for word in many}


def _forms(verb: str) -> list[str]:
    """The forms of a verb in -er; others, and those whose stem changes, stand in the lexicon."""
    stem = verb.removesuffix("er")
    if stem == verb:
        return [verb]
    soft = {"c": "ç", "g": "ge"}.get(stem[-1:], stem[-1:])
    return [(stem[:-1] + soft if end[0] == "a" or end == "ons" else stem) + end for end in _ENDINGS]
