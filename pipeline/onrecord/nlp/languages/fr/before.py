"""The clause before a passage that says whose it is.

La maire a dénoncé « … »        Yann Kerbrat se veut mesuré : « … »        Selon lui, « … »
"""

from collections.abc import Sequence

from onrecord.nlp.languages.fr.clauses import Clause, read_according
from onrecord.nlp.languages.fr.noun_phrases import Phrase, is_for_person
from onrecord.nlp.languages.fr.subjects import (
    antecedent,
    full_name,
    opening_subject,
    pronoun_phrase,
    sentence_start,
    subject_of,
)
from onrecord.nlp.languages.fr.words import Word, listed, lower_at, verbs

_JOINS = frozenset({",", "et", "mais", "que", "qu'"})
_BEFORE_VERBS = frozenset({"de", "d'", "à", "-"})


def clause_before(words: Sequence[Word], at: int, text: str, last: Clause | None) -> Clause | None:
    """The clause of the sentence in which the passage at `at` stands, if one brings it.

    `last` is that of the passage before: whoever spoke there goes on in "Et d'ajouter :".
    """
    start = sentence_start(words, at)
    start = max([start, *(i + 1 for i in range(start, at - 1) if words[i].text == ":")])
    if start >= at:
        return None
    found = _opening(words, start, at) or _of_verb(words, start, at)
    if found is None and lower_at(words, at - 1) == ":":
        return _label(words, start, at - 1, text, last)
    return found


def _opening(words: Sequence[Word], start: int, at: int) -> Clause | None:
    """Whom "selon", "pour" and the like name in the sentence: "Cécile Arnal, pour qui « … »"."""
    for i in range(start, at):
        relative = lower_at(words, i + 1) in ("qui", "lequel", "laquelle")
        if i > start and lower_at(words, i - 1) not in _JOINS:
            continue
        found = read_according(words, i, opens=i == start or relative)
        if found is None or found.end > at:
            continue
        who = antecedent(words, start, i) if relative else None
        if who is not None:
            return Clause(found.cue, who.span, found.end, is_known=True, kind=who.kind)
        return found
    return None


def _of_verb(words: Sequence[Word], start: int, at: int) -> Clause | None:
    """The clause of the nearest verb of speech that has a subject."""
    for i in range(at - 1, start - 1, -1):
        word = words[i]
        if word.passage is not None or word.lower not in verbs() or not word.text.islower():
            continue
        if lower_at(words, i - 1) in listed("determiners") - listed("clitics"):
            continue
        subject = subject_of(words, _first_of_verb(words, i, start), start)
        if subject is not None:
            return Clause((word.start, word.end), subject.span, i + 1, True, subject.kind)
    return None


def _first_of_verb(words: Sequence[Word], i: int, start: int) -> int:
    """The first word of a verb's phrase: "s'" of "s'est voulu rassurant"."""
    own = listed("clitics") | listed("auxiliaries") | listed("adverbs") | listed("chains")
    while i > start and words[i - 1].lower in own | _BEFORE_VERBS:
        i -= 1
    return i


def _label(
    words: Sequence[Word], start: int, colon: int, text: str, last: Clause | None
) -> Clause | None:
    """Who is named before a colon, whatever the verb: "Son fils est moins indulgent :"."""
    subject = opening_subject(words, start, colon)
    if subject is None:
        pronoun = next((w for w in words[start:colon] if w.lower in ("il", "elle")), None)
        if pronoun is None:
            return _going_on(words, start, colon, last)
        subject = pronoun_phrase(pronoun, colon)
    elif not _speaks(words, subject, text):
        subject = full_name(words, start, colon)
    if subject is None:
        return None
    mark = words[colon]
    return Clause((mark.start, mark.end), subject.span, colon, False, subject.kind)


def _speaks(words: Sequence[Word], subject: Phrase, text: str) -> bool:
    """Whether a phrase before a colon is for somebody, and not what the words are about."""
    first = subject.end - 1
    while words[first].start > subject.span[0]:
        first -= 1
    if subject.kind == "noun":
        return is_for_person(words, subject, first)
    name = text[slice(*subject.span)]
    return " " in name or subject.kind == "pronoun" or f" {name}" in text


def _going_on(words: Sequence[Word], start: int, colon: int, last: Clause | None) -> Clause | None:
    """Whoever spoke before, where the sentence names nobody: "Et d'ajouter :"."""
    if last is None:
        return None
    verb = next((w for w in words[start:colon] if w.lower in verbs()), words[colon])
    return Clause((verb.start, verb.end), last.source, colon, True, last.kind)
