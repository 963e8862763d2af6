"""A phrase for somebody, read word by word: a name, a noun with what belongs to it, a pronoun.

Martine de La Rochère        la députée de Moselle Sandrine Muller        ce dernier
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from onrecord.nlp.languages.fr.words import (
    LISTS,
    Span,
    Word,
    honorifics,
    listed,
    lower_at,
    skip,
    verbs,
    word_at,
)

_LONGEST = 14
_ARTICLES = frozenset({"le", "la", "l'", "les", "un", "une", "s'", "se", "n'", "ne", "m'"})
_LINKS = frozenset({"de", "d'", "à", "et", "en", "pour", "par", "sur", "tous", "toutes", "-"})
_OF = frozenset({"du", "des"})
_ADJUNCTS = frozenset({"à", "au", "aux", "par", "dans", "sur", "en", "devant", "lors"})
_IRREGULAR = frozenset({"assis", "assise", "venu", "venue", "venus", "vêtu", "vêtue"})
_DEMONSTRATIVES = frozenset(
    {("l'", "intéressé"), ("l'", "intéressée"), ("ce", "dernier"), ("cette", "dernière")}
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase for somebody: its characters, and the number of the word after it.

    `kind` is "name", "noun", "pronoun" or "demonstrative" ("celui-ci").
    """

    span: Span
    end: int
    kind: str


@cache
def nouns_for_people() -> frozenset[str]:
    """The nouns that say what a person is."""
    return frozenset().union(
        *(LISTS.words("titles", section) for section in ("masculine", "feminine", "either"))
    )


def is_for_person(words: Sequence[Word], phrase: Phrase, i: int) -> bool:
    """Whether a phrase that begins at `i` is a name, or has a noun for people in it."""
    if phrase.kind != "noun":
        return True
    return any(word.lower in nouns_for_people() for word in words[i : phrase.end])


def read_phrase(words: Sequence[Word], i: int) -> Phrase | None:
    """The phrase for somebody that begins at a word, if one may."""
    word = word_at(words, i)
    if word is None or word.passage is not None:
        return None
    pointed = _demonstrative(words, i)
    if pointed is not None:
        return pointed
    if word.lower in honorifics() and word.text[0].isupper():
        name = read_name(words, i + 1)
        return Phrase((word.start, name.span[1]), name.end, "name") if name else None
    if word.lower in listed("determiners"):
        return _read_noun(words, i + (2 if word.lower == "d'" else 1), word.start)
    if word.is_name and word.lower in nouns_for_people() and not _is_in_name(words, i):
        return _read_noun(words, i, word.start)  # "Directrice du musée, …"
    return read_name(words, i) if word.is_name and word.lower not in listed("closed") else None


def _demonstrative(words: Sequence[Word], i: int) -> Phrase | None:
    word = words[i]
    if word.lower in listed("demonstratives"):
        return Phrase((word.start, word.end), i + 1, "demonstrative")
    if (word.lower, lower_at(words, i + 1)) in _DEMONSTRATIVES:
        return Phrase((word.start, words[i + 1].end), i + 2, "demonstrative")
    return None


def _is_in_name(words: Sequence[Word], i: int) -> bool:
    """Whether a noun in capitals is a part of a name: "Paul Berger", "Maire Lind"."""
    return (i > 0 and words[i - 1].is_name) or (i + 1 < len(words) and words[i + 1].is_name)


# ── names ────────────────────────────────────────────────────────────────────────────────────


def read_name(words: Sequence[Word], i: int) -> Phrase | None:
    """A name of one or more capitalised words, with particles between them."""
    last, j = None, i
    while j < len(words):
        word = words[j]
        if last is not None and word.is_name and word.lower in honorifics():
            break  # "à l'AFP Me Laure Henry"
        if word.is_name and word.lower not in listed("closed"):
            last = j
        elif word.lower == "." and last is not None and len(words[last].text) == 1:
            last = j  # an initial
        elif last is None or word.lower not in listed("particles") or not _goes_on(words, j):
            break
        j += 1
    if last is None:
        return None
    return Phrase((words[i].start, words[last].end), last + 1, "name")


def _goes_on(words: Sequence[Word], j: int) -> bool:
    """Whether a particle is followed by more of the name."""
    j = skip(words, j, listed("particles"))
    return j < len(words) and words[j].is_name


# ── nouns ────────────────────────────────────────────────────────────────────────────────────


def _read_noun(words: Sequence[Word], i: int, start: int) -> Phrase | None:
    """A phrase whose first noun is this word or near: "la députée de Moselle Sandrine Muller"."""
    j = i
    while j < len(words) and j - i <= _LONGEST:
        after = _after_aside(words, j)
        if after is not None:
            j = after
        elif _ends_before(words, i, j):
            break
        elif _ends_after(words, i, j):
            j += 1
            break
        else:
            j += 1
    if _is_participle_of_clause(words, i, j):
        j -= 1
    while j > i and words[j - 1].lower in listed("links of chains") | {"des", "du", "la", "le"}:
        j -= 1
    return Phrase((start, words[j - 1].end), j, "noun") if j > i else None


def _is_participle_of_clause(words: Sequence[Word], i: int, j: int) -> bool:
    """Whether a phrase ends in a participle with an adjunct: "une mère croisée au marché"."""
    if j - i < 2 or lower_at(words, j) not in _ADJUNCTS:
        return False
    last = words[j - 1].lower
    ends = last in _IRREGULAR or last.endswith(("é", "ée", "és", "ées"))
    return ends and last not in nouns_for_people()


def _ends_before(words: Sequence[Word], i: int, j: int) -> bool:
    """Whether a phrase that begins at `i` is over before the word `j`."""
    word, before = words[j], lower_at(words, j - 1)
    if word.passage is not None or (word.is_mark and word.text not in "-&"):
        return True
    if word.lower in listed("ends") and not _is_office(words, i, j):
        return True
    if word.lower in ("de", "d'") and _is_infinitive(lower_at(words, j + 1)):
        return True  # "l'avocat de poursuivre"
    if j == i:
        return False
    # "l'experte l'assure": the object of what follows.
    is_object = word.lower in _ARTICLES and before not in _LINKS
    return is_object or _is_verb_after(word.lower, before)


def _ends_after(words: Sequence[Word], i: int, j: int) -> bool:
    """Whether a name ends a phrase for a person: "le ministre Hugo Delattre" and no more."""
    if j == i or not words[j].is_name or words[i].lower not in nouns_for_people():
        return False
    if j + 1 < len(words) and words[j + 1].is_name:
        return False
    return not _goes_on(words, j + 1) and lower_at(words, j + 1) not in _LINKS | _OF


def _is_verb_after(word: str, before: str) -> bool:
    """Whether a word is the verb that follows a phrase: "la ministre explique"."""
    if word in listed("auxiliaries"):
        return True
    if word not in verbs():
        return False
    linked = before in listed("determiners") | _LINKS | _OF | {"au", "aux"}
    return before in nouns_for_people() or not (linked or word in nouns_for_people())


def _is_office(words: Sequence[Word], i: int, j: int) -> bool:
    """Whether "à", "aux" or "en" goes on with an office: "l'adjointe au logement"."""
    if words[j].lower not in ("à", "au", "aux", "en", "chez"):
        return False
    if j + 1 < len(words) and words[j + 1].is_mark:
        return False
    return any(word.lower in listed("offices with à") for word in words[i:j])


def _is_infinitive(word: str) -> bool:
    return word.endswith(("er", "ir", "re")) and word in verbs()


def _after_aside(words: Sequence[Word], j: int) -> int | None:
    """The number of the name after a party in brackets: "le député (centriste) Alban Roche"."""
    if words[j].text != "(":
        return None
    close = next((n for n in range(j, min(j + 5, len(words))) if words[n].text == ")"), None)
    if close is None or close + 1 >= len(words) or not words[close + 1].is_name:
        return None
    return close + 1
