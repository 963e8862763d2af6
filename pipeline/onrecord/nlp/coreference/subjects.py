"""Coreference by subject: the referent of "it" and "they" that nothing else has found.

"It" refers to the organisation or country that was the subject of a clause shortly before, "they"
to one too, or to several people: "The lawmakers asked for answers. “We must know,” they wrote."
"""

from collections.abc import Iterator

from spacy.tokens import Token

from onrecord.nlp.coreference.discourse import (
    Discourse,
    Resolution,
    SourcePhrase,
    Unnamed,
    as_written,
)
from onrecord.nlp.entities.english import gazetteer
from onrecord.nlp.entities.role_phrases import end_of_phrase

_SUBJECTS = frozenset({"nsubj", "nsubjpass"})
_THEY = frozenset({"they", "them"})
_PLURALS = frozenset({"NNS", "NNPS"})
_LONGEST = 4
# How far back a subject is looked for: about three sentences. By eye.
_FARTHEST_TOKENS = 80
# How many sentences after its subject "it" still refers to it. By eye.
_SENTENCES = 2


def by_last_speaker(source: SourcePhrase, discourse: Discourse) -> Resolution | None:
    """The people or organisation that have just spoken, for "they"."""
    who, sentence = discourse.last_speaker
    near = discourse.document.sentences[source.head.i] - sentence <= _SENTENCES
    if who is None or not near or not _is_they(source):
        return None
    unnamed = discourse.unnamed_at(who)
    if unnamed is not None:
        several = unnamed.description is None and not unnamed.is_thing
    else:
        several = discourse.document.entities[who].entity.type in {"organisation", "group"}
    return Resolution(who, "who spoke before") if several else None


def by_subject(source: SourcePhrase, discourse: Discourse) -> Resolution | None:
    """The last subject that "it" or "they" can refer to."""
    if not (_is_they(source) or _is_it(source)):
        return None
    for subject in _subjects_before(source.head, discourse):
        who = _referent(subject, discourse)
        if who is not None:
            return Resolution(who, "the subject before")
        if _is_they(source) and _is_several(subject):
            phrase = subject.doc[subject.left_edge.i : end_of_phrase(subject.doc, subject.i)]
            several = Unnamed(as_written(phrase), None)
            return Resolution(discourse.add_unnamed(several), "the subject before")
        if _is_it(source) and subject.tag_ == "NN":
            return None
    return None


def _is_several(subject: Token) -> bool:
    """Whether a subject is a short plural noun phrase, not a clause that parses as one."""
    return subject.tag_ in _PLURALS and subject.i - subject.left_edge.i <= _LONGEST


def _is_they(source: SourcePhrase) -> bool:
    return len(source.span) == 1 and source.head.lower_ in _THEY


def _is_it(source: SourcePhrase) -> bool:
    return len(source.span) == 1 and source.head.lower_ == "it"


def _subjects_before(pronoun: Token, discourse: Discourse) -> Iterator[Token]:
    """The subjects of clauses before a pronoun and outside of quotes, the nearest first."""
    document, doc = discourse.document, pronoun.doc
    sentence = document.sentences[pronoun.i]
    for i in range(pronoun.i - 1, max(-1, pronoun.i - _FARTHEST_TOKENS), -1):
        if sentence - document.sentences[i] > _SENTENCES:
            return
        if doc[i].dep_ in _SUBJECTS and not document.quoted[i]:
            yield doc[i]


def _referent(subject: Token, discourse: Discourse) -> int | None:
    """The organisation or country that a subject names or refers to."""
    named = discourse.document.naming.named_by(subject)
    who = discourse.referent_at(subject.i) if named is None else named
    if who is None or discourse.unnamed_at(who) is not None:
        return None
    entity = discourse.document.entities[who].entity
    if entity.type == "organisation":
        return who
    known = gazetteer.known(entity.name.split())
    return who if known is not None and known.section == "countries" else None
