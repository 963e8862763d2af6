"""Coreference by description: the referent of "the minister", "the 45-year-old", "the official".

First a person whose stated role fits, the more present one of two; then an unnamed person who was
introduced by the same noun; last, for elegant variation ("the mogul"), the most salient person.
"""

import math
from collections.abc import Collection, Mapping

from spacy.tokens import Token

from onrecord.nlp.coreference.descriptions import (
    CITIZEN,
    Description,
    read_age,
    read_demonym,
    read_description,
)
from onrecord.nlp.coreference.discourse import (
    Discourse,
    Resolution,
    SourcePhrase,
    Unnamed,
    as_written,
)
from onrecord.nlp.entities.english import titles
from onrecord.nlp.entities.role_phrases import end_of_phrase, noun_at

# Weights of `salience.py`, all chosen by eye on PolNeAR's training articles.
# A person who was the subject about two sentences before.
_PRESENT = 1.0
# A person mentioned in passing one sentence before; the share that others may have beside one who
# is alone.
_BARELY_PRESENT = 0.5
# A person named some sentences ago: enough for "the 56-year-old", who must be known already.
_KNOWN_PRESENT = 0.1
_FAR_LESS = 0.4
# A person who was the subject four sentences before.
_FADED = 0.25
# How many of the last unnamed speakers "the official" may refer to: bounds the work for each.
_UNNAMED = 12


def by_description(source: SourcePhrase, discourse: Discourse) -> Resolution | None:
    """The person a definite phrase refers to: the best fit, then the more salient."""
    head = source.head
    description = read_description(source.span, head)
    if description is None:
        little = read_demonym(source.span) or read_age(source.span)
        if little is None:
            return None
        return _of_there(little, discourse) or _present(source, little, discourse)
    again = _unnamed_again(description, discourse)
    introduced = discourse.introduced_at(head.lower_)
    called = _called_so(source, description, discourse, since=max(introduced, again[1]))
    if called is not None:
        return called
    if again[0] is not None:
        return Resolution(again[0], f"the {description.noun} without a name who spoke before")
    if introduced >= 0 and not description.possessive:
        return _introduced(introduced, description, discourse)
    return _present(source, description, discourse)


def recalled(head: Token, discourse: Discourse) -> Resolution | None:
    """The person that a phrase other than a source refers to, by a stated role."""
    if noun_at(head) is None:
        return None
    doc = discourse.document.doc
    phrase = doc[head.left_edge.i : end_of_phrase(doc, head.i)]
    description = read_description(phrase, head)
    if description is None or description.possessive:
        return None
    source = SourcePhrase(phrase, head)
    called = _called_so(source, description, discourse, since=discourse.introduced_at(head.lower_))
    varies = titles.is_variation(description.noun) and not description.complement
    if called is None and (description.is_known or varies):
        called = _present(source, description, discourse)
    return called


def _called_so(
    source: SourcePhrase, description: Description, discourse: Discourse, *, since: int
) -> Resolution | None:
    """The person whose stated role fits best and who was named after the token `since`.

    After "a senior official said", "the official" is not an official named before that.
    """
    sentence = discourse.document.sentences[description.at]
    roles = discourse.document.roles
    fits = {
        person: fit
        for person, fit in roles.fitting(description).items()
        if discourse.organisations.last_named.get(person, 0) > since
    }
    if fits and not any(roles.is_of(one, description) for one in fits):
        there = _present_there(description, discourse, sentence)
        fits = fits if there is None else {there: 1.0}
    if not fits:
        return None
    best, *others = sorted(
        fits,
        key=lambda one: fits[one] + min(3.0, discourse.salience.weight(one, sentence)) / 2,
        reverse=True,
    )
    if discourse.salience.weight(best, sentence) < _FADED and _varies_freely(description):
        # "Cruz is back. … the senator said", though a Senator Ortiz was named long before.
        nearer = _present(source, description, discourse)
        if nearer is not None:
            return nearer._replace(second=best)
    which = f"the likeliest of {len(fits)} called" if others else "the only"
    said = f"{which} {description.noun}" + " named" * (not others)
    if not others:
        return Resolution(best, said)
    return Resolution(best, said, others[0], fits[best] / (fits[best] + fits[others[0]]))


def _of_there(description: Description, discourse: Discourse) -> Resolution | None:
    """The person said to have the age or the country of a description: "the Pole"."""
    document = discourse.document
    weights = {
        person: weight
        for person, weight in discourse.salience.present(document.sentences[description.at])
        if person < len(document.entities)
        and document.roles.is_of(person, description)
        and not document.roles.contradicts(person, description)
    }
    if not weights:
        return None
    best = max(weights, key=lambda one: weights[one])
    return Resolution(best, f"who is said to be {min(description.words)}")


def _varies_freely(description: Description) -> bool:
    """Whether a text can use the noun for many people in turn: "the senator"."""
    noun = description.noun
    fixed = description.complement or description.possessive or titles.is_held_by_one(noun)
    return titles.is_variation(noun) and not fixed


def _present_there(description: Description, discourse: Discourse, sentence: int) -> int | None:
    """The most present person of the description's place: Macron, "the French president"."""
    present = {
        person: weight
        for person, weight in _can_be(description, discourse, sentence).items()
        if discourse.document.roles.is_of(person, description)
    }
    return max(present, key=lambda one: present[one], default=None)


def _unnamed_again(description: Description, discourse: Discourse) -> tuple[int | None, int]:
    """The unnamed person introduced by the same noun and the place of introduction, or None."""
    if description.possessive:
        return None, -1
    unnamed = discourse.unnamed
    for k in range(len(unnamed) - 1, max(-1, len(unnamed) - _UNNAMED), -1):
        one = unnamed[k].description
        if one is not None and one.noun == description.noun and description.words <= one.words:
            return len(discourse.document.entities) + k, one.at
    return None, -1


def _introduced(at: int, description: Description, discourse: Discourse) -> Resolution:
    """An unnamed person who was introduced and speaks here for the first time."""
    doc = discourse.document.doc
    noun = doc[at]
    text = as_written(doc[noun.left_edge.i : end_of_phrase(doc, at)])
    introduced = Description(
        description.noun, description.words, description.gender, at, description.possessive
    )
    who = discourse.add_unnamed(Unnamed(text, introduced))
    return Resolution(who, f"the {description.noun} brought up before")


def _present(
    source: SourcePhrase, description: Description, discourse: Discourse
) -> Resolution | None:
    """The most salient person."""
    # "This Trump doppelganger" is not Trump, and a speaker says "I".
    inside = {discourse.document.naming.person_at(token.i) for token in source.span}
    person = _by_presence(description, discourse, without=inside | source.spoken_of)
    if person is None:
        return None
    return Resolution(person, f"“{as_written(source.span)}”: who the text is about here")


def _by_presence(
    description: Description, discourse: Discourse, *, without: Collection[int | None]
) -> int | None:
    """The person the text is about here, whom elegant variation calls "the mogul".

    For "the mogul" the most present person will do; for "the baker" and "the head of the union"
    only somebody who is present alone and has no stated role.
    """
    if description.possessive:
        return None
    can_be = _can_be(description, discourse, discourse.document.sentences[description.at])
    present = {person: weight for person, weight in can_be.items() if person not in without}
    variation = description.is_known or titles.is_variation(description.noun)
    least = _KNOWN_PRESENT if description.is_known else _PRESENT
    enough = {person: weight for person, weight in present.items() if weight >= least}
    if variation and enough and not description.complement:
        return _favoured(enough, description, discourse)
    if titles.is_function(description.noun) and not variation:
        return None
    alone = _who_is_alone(present, discourse)
    if alone is not None or not titles.is_variation(description.noun) or description.complement:
        return alone
    return _only_person(description, discourse, without=without)


def _favoured(present: Mapping[int, float], description: Description, discourse: Discourse) -> int:
    """The most present person, by how often they are named unless only an origin is said."""
    entities = discourse.document.entities
    of_there = [one for one in present if discourse.document.roles.is_of(one, description)]
    often = description.noun != CITIZEN

    def rank(one: int) -> float:
        return present[one] * (math.log1p(len(entities[one].spans)) if often else 1.0)

    return max(of_there or present, key=rank)


def _can_be(description: Description, discourse: Discourse, sentence: int) -> dict[int, float]:
    """The weights of the people present whom the text says nothing against."""
    return {
        person: weight
        for person, weight in discourse.salience.present(sentence)
        if weight >= (_KNOWN_PRESENT if description.is_known else _BARELY_PRESENT)
        and person < len(discourse.document.entities)
        and not _is_something_else(person, description, discourse)
        and not discourse.document.roles.holds_another(person, description)
    }


def _who_is_alone(present: Mapping[int, float], discourse: Discourse) -> int | None:
    best = max(present, key=lambda one: present[one], default=None)
    if best is None or discourse.document.entities[best].roles:
        return None
    most = present[best] * _FAR_LESS
    alone = all(weight < most for one, weight in present.items() if one != best)
    return best if alone else None


def _only_person(
    description: Description, discourse: Discourse, *, without: Collection[int | None]
) -> int | None:
    """The only person the text is about here, unless a stated role is of another body."""
    roles, sentence = discourse.document.roles, discourse.document.sentences[description.at]
    present = dict(discourse.salience.present(sentence))
    best = max(present, key=lambda one: present[one], default=None)
    if best is None or best in without or best >= len(discourse.document.entities):
        return None
    if present[best] < _PRESENT or roles.contradicts(best, description):
        return None
    if roles.holds_another(best, description):
        return None
    others = [weight for one, weight in present.items() if one != best]
    return best if all(weight < present[best] * _FAR_LESS for weight in others) else None


def _is_something_else(person: int, description: Description, discourse: Discourse) -> bool:
    """Whether the text states something else of a person: not of a "campaign manager"."""
    roles = () if description.is_known else discourse.document.entities[person].roles
    other = bool(roles) and not any(titles.is_variation(role.noun) for role in roles)
    return other or discourse.document.roles.contradicts(person, description)
