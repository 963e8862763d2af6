"""Coreference by pronoun: the referent of "he" and "she"."""

from collections.abc import Collection, Sequence

from spacy.tokens import Token

from onrecord.nlp.coreference.discourse import Discourse, Resolution, SourcePhrase
from onrecord.nlp.coreference.salience import GENDER_OF

# The share of the salience of the person named by the quoted words that another must have to be
# preferred. By eye, on PolNeAR's training articles.
_NEARLY_AS_PRESENT = 0.4
# How far "Before he spoke, Okafor …" is searched for the name. By eye: about two sentences.
_LATER_TOKENS = 40


def by_pronoun(source: SourcePhrase, discourse: Discourse) -> Resolution | None:
    """The most salient person that a singular pronoun allows, else a person named after it."""
    pronoun = source.head
    if len(source.span) > 1 or pronoun.lower_ not in GENDER_OF:
        return None
    person = likeliest(pronoun, discourse, source.spoken_of)
    if person is None:
        person = _named_later(pronoun, discourse)
        return None if person is None else Resolution(person, "pronoun: named later")
    second = likeliest(pronoun, discourse, source.spoken_of, without=(person,))
    margin = discourse.salience.share(person, second, discourse.document.sentences[pronoun.i])
    return Resolution(person, _reason(pronoun, person, discourse), second, margin)


def _reason(pronoun: Token, person: int, discourse: Discourse) -> str:
    kind = "man" if GENDER_OF[pronoun.lower_] == "masculine" else "woman"
    last = person == discourse.last_speaker[0]
    said = f"pronoun: the {'last speaker' if last else 'likeliest person before'}"
    return f"{said} who is a {kind}" if discourse.gender_of(person) else said


def likeliest(
    pronoun: Token,
    discourse: Discourse,
    spoken_of: Collection[int] = (),
    *,
    without: Sequence[int] = (),
) -> int | None:
    """The most salient person that a pronoun can refer to."""
    gender = GENDER_OF[pronoun.lower_]
    sentence = discourse.document.sentences[pronoun.i]
    excluded = [*_subject_of(pronoun, discourse), *without]
    found = discourse.salience.likeliest(gender, sentence, without=excluded)
    # A speaker says "I": the person named by the quoted words is another, if there is another.
    others = {*spoken_of, *excluded}
    if found is None or found not in others:
        return found
    enough = _NEARLY_AS_PRESENT * discourse.salience.weight(found, sentence)
    other = discourse.salience.likeliest(gender, sentence, without=others, at_least=enough)
    return found if other is None else other


def _subject_of(pronoun: Token, discourse: Discourse) -> list[int]:
    """The people an object pronoun cannot refer to: in "Ana told her", she is another woman."""
    if pronoun.dep_ not in {"dobj", "dative", "iobj"} or pronoun.lower_.endswith("self"):
        return []
    person_at = discourse.document.naming.person_at
    subjects = (child.i for child in pronoun.head.children if child.dep_ == "nsubj")
    return [person for i in subjects if (person := person_at(i)) is not None]


def _named_later(pronoun: Token, discourse: Discourse) -> int | None:
    """The person named after the pronoun in its sentence: "Before he spoke, Okafor …".

    The next sentence is searched too if nobody was named before.
    """
    doc, gender = pronoun.doc, GENDER_OF[pronoun.lower_]
    ends = 1 if discourse.salience.is_empty else 0
    for i in range(pronoun.i + 1, min(len(doc), pronoun.i + _LATER_TOKENS)):
        if doc[i].is_sent_start:
            ends -= 1
        if ends < 0:
            return None
        person = discourse.document.naming.person_at(i)
        if person is not None and discourse.can_be(person, gender):
            return person
    return None
