"""The clause that says who speaks: a verb with its subject after it, or "selon" and a name."""

from collections.abc import Sequence
from dataclasses import dataclass

from onrecord.nlp.languages.fr.noun_phrases import is_for_person, read_phrase
from onrecord.nlp.languages.fr.verb_phrases import read_verb
from onrecord.nlp.languages.fr.words import Span, Word, honorifics, listed, lower_at, skip, word_at

_LONGEST_ADJUNCT = 6
_LONGEST_ASIDE = 6
_ADJUNCTS = frozenset({"à", "au", "aux", "sur", "dans", "devant", "auprès", "avec", "en"})
# What says whose turn it is: "estime pour sa part le garde".
_TURNS = tuple(
    tuple(turn.split())
    for turn in (
        "pour sa part", "pour leur part", "de son côté", "de leur côté", "à son tour",
        "à leur tour", "quant à lui", "quant à elle", "quant à eux", "au passage", "dans la foulée",
    )
)  # fmt: skip
_PERSONS = frozenset(
    {"lui", "elle", "eux", "elles", "moi", "qui", "lequel", "laquelle", "lesquels"}
)
# By their first word, the words that attribute: "à en croire".
_ACCORDING = {
    "selon": ("selon",), "d'": ("d'", "après"), "à": ("à", "en", "croire"),
    "aux": ("aux", "yeux", "de"), "pour": ("pour",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clause:
    """Who says it, and by which word.

    `end` is the number of the word after it; `is_known` whether the cue is known to say, and
    `is_person` whether the source is known to be somebody.
    """

    cue: Span
    source: Span
    end: int
    is_known: bool
    kind: str
    is_person: bool = True


def read_clause(words: Sequence[Word], i: int) -> Clause | None:
    """A verb and its subject after it: "explique la directrice", "lance-t-il"."""
    verb = read_verb(words, i)
    if verb is None:
        return None
    if verb.pronoun is not None:
        return Clause(verb.cue, verb.pronoun, verb.end, is_known=True, kind="pronoun")
    at = _subject_after(words, verb.end)
    phrase = read_phrase(words, at) if at is not None else None
    if phrase is None or at is None:
        return None
    person = is_for_person(words, phrase, at)
    return Clause(verb.cue, phrase.span, phrase.end, verb.is_known, phrase.kind, person)


def _subject_after(words: Sequence[Word], i: int) -> int | None:
    """Where the subject begins after a verb, with an adverb or an adjunct between them."""
    i = _after_turn(words, skip(words, i, listed("adverbs") - {"quant"}))
    i = skip(words, i, listed("adverbs"))
    if lower_at(words, i) == ",":
        i = _after_aside(words, i)
    word = word_at(words, i)
    if word is None or word.lower not in _ADJUNCTS:
        return i
    for j in range(i + 2, min(i + _LONGEST_ADJUNCT, len(words))):
        after_name = words[j - 1].is_name
        if words[j].is_name and words[j].lower in honorifics():
            return j
        if after_name and words[j].lower in listed("determiners"):
            return j  # "a dit à Radio Vallée le maire"
        linked = words[j - 1].lower in listed("particles") | listed("determiners")
        acronym = after_name and len(words[j - 1].text) > 1 and words[j - 1].text.isupper()
        follows = not after_name or (acronym and not words[j].text.isupper())  # "à l'AFP Yves Roy"
        if words[j].is_name and follows and not linked:
            return j
    return None


def _after_turn(words: Sequence[Word], i: int) -> int:
    """The word after "pour sa part" and the like."""
    for turn in _TURNS:
        if tuple(word.lower for word in words[i : i + len(turn)]) == turn:
            return i + len(turn)
    return i


def _after_aside(words: Sequence[Word], comma: int) -> int:
    """The word after what two commas enclose: "ajoute, énigmatique, la conservatrice"."""
    for j in range(comma + 2, min(comma + _LONGEST_ASIDE, len(words))):
        if words[j].text == ",":
            return j + 1
    return comma


def read_according(words: Sequence[Word], i: int, *, opens: bool) -> Clause | None:
    """Whom "selon", "d'après" or "à en croire" names; "pour" only where it opens."""
    marker = _ACCORDING.get(lower_at(words, i))
    if marker is None or (marker == ("pour",) and not opens):
        return None
    j = i + len(marker)
    if tuple(lower_at(words, n) for n in range(i, j)) != marker or j >= len(words):
        return None
    cue, word = (words[i].start, words[j - 1].end), words[j]
    if word.lower in _PERSONS:
        return Clause(cue, (word.start, word.end), j + 1, is_known=True, kind="pronoun")
    phrase = read_phrase(words, j)
    if phrase is None or (marker == ("pour",) and not is_for_person(words, phrase, j)):
        return None
    return Clause(cue, phrase.span, phrase.end, is_known=True, kind=phrase.kind)
