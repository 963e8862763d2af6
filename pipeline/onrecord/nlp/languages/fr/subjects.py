"""The subject of a sentence that stands before a passage."""

from collections.abc import Sequence

from onrecord.nlp.languages.fr.noun_phrases import Phrase, is_for_person, read_name, read_phrase
from onrecord.nlp.languages.fr.words import ENDS_SENTENCE, Word, listed, lower_at

SUBJECTS = frozenset({"il", "elle", "on", "ils", "elles", "je", "nous", "qui"})
LONGEST_SENTENCE = 120  # words: what is longer is a list
_THIRD = frozenset({"il", "elle", "on", "ils", "elles"})
_OPENING = frozenset({"mais", "et", "or", "car", "puis", "que", "qu'"})
# By what somebody came to speak: "Sollicitée, la préfecture indique".
_MADE_TO_SPEAK = frozenset(
    base + ending
    for base in ("interrogé", "sollicité", "contacté", "questionné", "joint", "appelé", "invité",
                 "rencontré", "relancé", "interpellé", "ému", "agacé", "prévenu")
    for ending in ("", "e", "s", "es")
)  # fmt: skip
_OF = frozenset({"de", "du", "des", "d'", "à", "au", "aux"})


def sentence_start(words: Sequence[Word], at: int) -> int:
    """The number of the first word of the sentence that a word stands in."""
    first = max(0, at - LONGEST_SENTENCE)
    for i in range(at - 1, first - 1, -1):
        word = words[i]
        if word.passage is None and word.text in ENDS_SENTENCE:
            return i + 1
        # A passage before another, or before a word with a capital, ends a sentence too.
        if word.passage is not None and i + 1 < len(words):
            after = words[i + 1]
            if after.passage is not None or after.is_name:
                return i + 1
    return first


def pronoun_phrase(word: Word, end: int) -> Phrase:
    """A pronoun as a phrase for somebody."""
    return Phrase((word.start, word.end), end, "pronoun")


def subject_of(words: Sequence[Word], verb: int, start: int) -> Phrase | None:
    """The subject of a verb in the sentence that begins at `start`."""
    before = words[verb - 1] if verb > start else None
    if before is not None and before.lower in ("qui", "lequel", "laquelle"):
        return antecedent(words, start, verb - 1) or pronoun_phrase(before, verb)
    if before is not None and before.lower in SUBJECTS:
        return pronoun_phrase(before, verb)
    return opening_subject(words, start, verb) or _nearest_phrase(words, start, verb)


def opening_subject(words: Sequence[Word], start: int, end: int) -> Phrase | None:
    """The subject that a clause begins with, after what introduces it."""
    i = start
    while i < end:
        if words[i].lower in _THIRD:
            return pronoun_phrase(words[i], i + 1)
        phrase = read_phrase(words, i)
        if phrase is not None and phrase.end <= end and not _is_introduction(words, i, phrase):
            return _or_beside(words, i, phrase, end)
        if i == start and words[i].lower in _OPENING:
            i += 1
            continue
        comma = next((j for j in range(i, end) if words[j].text == ","), None)
        if comma is None:
            return None
        i = comma + 1
    return None


def _or_beside(words: Sequence[Word], i: int, phrase: Phrase, end: int) -> Phrase:
    """The name after a role that opens: "Directrice du musée, Solène Prigent explique"."""
    if phrase.kind == "noun" and words[i].lower not in listed("determiners"):
        beside = read_name(words, phrase.end + 1)
        if beside is not None and beside.end <= end:
            return beside
    return phrase


def _is_introduction(words: Sequence[Word], i: int, phrase: Phrase) -> bool:
    """Whether a phrase is of time or place and sets the scene: "Lundi matin, il …"."""
    if words[i].lower in listed("adverbs") | listed("ends") | _MADE_TO_SPEAK:
        return True
    if phrase.kind != "noun" or lower_at(words, phrase.end) != ",":
        return False
    return lower_at(words, phrase.end + 1) in SUBJECTS and not is_for_person(words, phrase, i)


def _nearest_phrase(words: Sequence[Word], start: int, end: int) -> Phrase | None:
    """The last phrase for somebody that ends before a word."""
    for i in range(end - 1, start - 1, -1):
        if lower_at(words, i - 1) in _OF or (i > start and words[i - 1].is_name):
            continue
        phrase = read_phrase(words, i)
        if phrase is not None and phrase.end <= end and is_for_person(words, phrase, i):
            return phrase
    return None


def antecedent(words: Sequence[Word], start: int, relative: int) -> Phrase | None:
    """Whom a relative clause is about, a name before others: "Josiane Perrot, qui habite …"."""
    found = None
    for i in range(start, relative):
        inside = i > start and words[i - 1].is_name
        phrase = None if inside or lower_at(words, i - 1) in _OF else read_phrase(words, i)
        if phrase is None or phrase.end > relative or phrase.kind == "demonstrative":
            continue
        if found is None or phrase.kind == "name" or found.kind != "name":
            found = phrase
    return found


def full_name(words: Sequence[Word], start: int, end: int) -> Phrase | None:
    """The last name of several words: "Rencontre avec Inès Caradec, romancière :"."""
    found = None
    for i in range(start, end):
        inside = i > start and words[i - 1].is_name
        phrase = read_name(words, i) if words[i].is_name and not inside else None
        if phrase is not None and phrase.end - i > 1 and lower_at(words, i - 1) != "de":
            found = phrase
    return found
