"""The ways to resolve a source, in the order in which they are tried.

A source that no resolver can place stays as the text puts it: nothing is invented.
"""

from spacy.tokens import Span, Token

from onrecord.nlp.coreference.candidates import by_description
from onrecord.nlp.coreference.descriptions import read_age, read_description
from onrecord.nlp.coreference.discourse import (
    Discourse,
    Resolution,
    Resolver,
    SourcePhrase,
    Unnamed,
    as_written,
)
from onrecord.nlp.coreference.documents import DOCUMENTS, author, by_document, by_thing
from onrecord.nlp.coreference.kinship import by_kinship
from onrecord.nlp.coreference.organisations import is_noun_for_organisations
from onrecord.nlp.coreference.pronouns import by_pronoun
from onrecord.nlp.coreference.salience import RELATIVE, antecedent_of_relative
from onrecord.nlp.coreference.subjects import by_last_speaker, by_subject
from onrecord.nlp.entities.english import titles
from onrecord.nlp.entities.role_phrases import end_of_phrase

# The longest noun phrase before "who" that is read, in words before its noun. By eye: no phrase
# of PolNeAR's training articles is longer that is not a parsing error.
LONGEST_PHRASE = 8


def resolve(source: SourcePhrase, discourse: Discourse) -> Resolution | None:
    """The referent of a source, by the first resolver that finds one.

    Its margin is multiplied by how often that resolver is right.
    """
    for resolver, reliability in RESOLVERS:
        found = resolver(source, discourse)
        if found is not None:
            return found._replace(margin=found.margin * reliability)
    return None


def by_relative(source: SourcePhrase, discourse: Discourse) -> Resolution | None:
    """The antecedent of "who" and "which"."""
    pronoun = source.head
    if len(source.span) > 1 or pronoun.lower_ not in RELATIVE:
        return None
    noun = antecedent_of_relative(pronoun)
    if noun is None:
        return None
    naming = discourse.document.naming
    named = naming.named_by(noun)
    if named is None and noun.dep_ == "appos":
        # "Weiss, a graduate of Tarn who …"
        named = naming.named_by(noun.head)
    if named is not None:
        return Resolution(named, f"named before “{pronoun.text}”")
    if noun.lower_ in DOCUMENTS and (by := author(noun, discourse)) is not None:
        return by
    phrase = _phrase_of(noun, source)
    return None if phrase is None else resolve(phrase, discourse)


def _phrase_of(noun: Token, source: SourcePhrase) -> SourcePhrase | None:
    """The phrase before "who" as a source of its own: "the minister, who said"."""
    start = noun.left_edge.i
    if noun.pos_ not in {"NOUN", "PROPN"} or noun.i - start > LONGEST_PHRASE:
        return None
    end = max(noun.i + 1, end_of_phrase(noun.doc, noun.i))
    return SourcePhrase(noun.doc[start:end], noun, source.spoken_of)


def by_name(source: SourcePhrase, discourse: Discourse) -> Resolution | None:
    """The person, organisation or thing that the source names."""
    naming = discourse.document.naming
    named = naming.named(source.span, source.head)
    if named is None or discourse.document.entities[named].entity.type == "group":
        return None
    return Resolution(named, naming.reason_of_name(source.span, named))


def by_group(source: SourcePhrase, discourse: Discourse) -> Resolution | None:
    """The group that the source names: "the Ohio Democrat" is a party only if it is nobody."""
    named = discourse.document.naming.named(source.span, source.head)
    return None if named is None else Resolution(named, "named here")


def by_organisation(source: SourcePhrase, discourse: Discourse) -> Resolution | None:
    """The organisation that "the ministry" or "it" refers to."""
    found = discourse.document.organisations.meant(
        source.span, source.head, discourse.organisations
    )
    return None if found is None else Resolution(*found)


def by_noun_of_organisation(source: SourcePhrase, discourse: Discourse) -> Resolution | None:
    """The same for nouns of organisations, before a person is tried: "the supplier"."""
    if not is_noun_for_organisations(source.head):
        return None
    return by_organisation(source, discourse)


def new_speaker(source: SourcePhrase, discourse: Discourse) -> Resolution | None:
    """An unnamed person who speaks for the first time here: "a senior official"."""
    description = read_description(source.span, source.head, new=True) or read_age(source.span)
    if description is None or _is_named(source, discourse):
        return None
    variation = titles.is_variation(description.noun) and not description.of
    if source.span[0].lower_ == "the" and variation:
        # "The mogul" was named before, though the text does not show who it is.
        return None
    called = as_written(_without_clause(source.span, description.at))
    who = discourse.add_unnamed(Unnamed(called, description))
    return Resolution(who, "as the text puts it: without a name")


def _without_clause(span: Span, noun: int) -> Span:
    """The phrase up to the comma before "who": "a nurse at the clinic, who asked for a union"."""
    for i in range(max(noun, span.start) + 1, span.end - 1):
        if span.doc[i].text == "," and span.doc[i + 1].lower_ in RELATIVE | {"whose"}:
            return span.doc[span.start : i]
    return span


def new_thing(source: SourcePhrase, discourse: Discourse) -> Resolution | None:
    """A document or a group of people that speaks, so that "it" can refer to it: "the report"."""
    if source.head.tag_ not in {"NN", "NNP", "NNS"} or _is_named(source, discourse):
        return None
    thing = Unnamed(as_written(source.span), None, is_thing=source.head.tag_ == "NN")
    return Resolution(discourse.add_unnamed(thing), "as the text puts it")


def _is_named(source: SourcePhrase, discourse: Discourse) -> bool:
    return discourse.document.naming.entity_at(source.head.i) is not None


# How often each is right where it decides, on the 28 modern articles: those that decide rarely are
# taken together by kind.
RESOLVERS: tuple[tuple[Resolver, float], ...] = (
    (by_pronoun, 0.95),
    (by_relative, 0.9),
    (by_name, 0.97),
    (by_noun_of_organisation, 0.9),
    (by_kinship, 0.9),
    (by_description, 0.8),
    (by_group, 0.9),
    (by_organisation, 0.9),
    (by_document, 0.8),
    (by_thing, 0.8),
    (by_last_speaker, 0.8),
    (by_subject, 0.7),
    (new_speaker, 0.85),
    (new_thing, 0.75),
)
