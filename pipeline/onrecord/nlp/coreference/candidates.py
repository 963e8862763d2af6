"""Whom "the minister", "the 45-year-old" and "the official" mean, at their place in a text.

First whoever the text calls so, the more present one of two; then somebody without a name who was
brought up so; at last, for words that writers vary names with, who the text is about just here.
"""

import math
from collections.abc import Collection, Mapping

from spacy.tokens import Span, Token

from onrecord.nlp.coreference.descriptions import (
    CITIZEN,
    Description,
    read_age,
    read_demonym,
    read_description,
)
from onrecord.nlp.coreference.discourse import Account, Meaning, Unnamed, as_written
from onrecord.nlp.entities.english import titles
from onrecord.nlp.entities.roles import end_of_phrase

# The weight that a person still has three sentences after being its subject, about.
_PRESENT = 1.0
# The same of somebody only mentioned in passing a sentence ago; how much less others must weigh.
_BARELY_PRESENT = 0.5
_FAR_LESS = 0.4
# The weight of somebody who was the subject of a sentence four before.
_FADED = 0.25
# How many of the speakers without a name "the official" may mean again.
_UNNAMED = 12


def meant_by_description(source: Span, head: Token, account: Account) -> Meaning | None:
    """Whom a definite phrase means: who fits best, the more present one of two."""
    description = read_description(source, head)
    if description is None:
        little = read_demonym(source) or read_age(source)
        return _of_there(little, account) or _present(source, little, account) if little else None
    again = _unnamed_again(description, account)
    introduced = account.introduced.get(head.lower_, -1)
    called = _called_so(source, description, account, since=max(introduced, again[1]))
    if called is not None:
        return called
    if again[0] is not None:
        return Meaning(again[0], f"the {description.noun} without a name who spoke before")
    if introduced >= 0 and not description.possessive:
        return _introduced(introduced, description, account)
    return _present(source, description, account)


def recalled(phrase: Span, head: Token, account: Account) -> int | None:
    """Whom a phrase that is no source speaks of, if the text calls somebody so."""
    account.spoken_of = frozenset()
    description = read_description(phrase, head)
    if description is None or description.possessive:
        return None
    called = _called_so(phrase, description, account, since=account.introduced.get(head.lower_, -1))
    if called is None and description.is_known:
        called = _present(phrase, description, account)
    return called.who if called else None


def _called_so(
    source: Span, description: Description, account: Account, *, since: int
) -> Meaning | None:
    """Who is called so in the text.

    "A senior official said …": after that (`since`), "the official" is nobody whose name we know.
    """
    sentence = account.scene.sentences[description.at]
    descriptions = account.scene.descriptions
    fits = {
        person: fit
        for person, fit in descriptions.fitting(description).items()
        if account.bodies.last_named.get(person, 0) > since
    }
    if fits and not any(descriptions.is_of(one, description) for one in fits):
        there = _present_there(description, account, sentence)
        fits = fits if there is None else {there: 1.0}
    if not fits:
        return None
    best, *others = sorted(
        fits,
        key=lambda one: fits[one] + min(3.0, account.salience.weight(one, sentence)) / 2,
        reverse=True,
    )
    if account.salience.weight(best, sentence) < _FADED and _varies_freely(description):
        # "Cruz is back. … the senator said", though a Senator Ortiz was named long before.
        nearer = _present(source, description, account)
        if nearer is not None:
            return nearer._replace(second=best)
    which = f"the likeliest of {len(fits)} called" if others else "the only"
    said = f"{which} {description.noun}" + " named" * (not others)
    return Meaning(best, said, others[0] if others else None)


def _of_there(description: Description, account: Account) -> Meaning | None:
    """Who was said to be of the age or the country that a description says: "the Pole"."""
    scene = account.scene
    weights = {
        person: weight
        for person, weight in account.salience.present(scene.sentences[description.at])
        if person < len(scene.entities)
        and scene.descriptions.is_of(person, description)
        and not scene.descriptions.contradicts(person, description)
    }
    if not weights:
        return None
    best = max(weights, key=lambda one: weights[one])
    return Meaning(best, f"who is said to be {min(description.words)}")


def _varies_freely(description: Description) -> bool:
    """Whether many in a text may be called so, as they come up: "the senator"."""
    noun = description.noun
    fixed = description.complement or description.possessive or titles.is_held_by_one(noun)
    return titles.is_variation(noun) and not fixed


def _present_there(description: Description, account: Account, sentence: int) -> int | None:
    """Who is present and from where the description says: Macron, "the French president"."""
    present = {
        person: weight
        for person, weight in _can_be(description, account, sentence).items()
        if account.scene.descriptions.is_of(person, description)
    }
    return max(present, key=lambda one: present[one], default=None)


def _unnamed_again(description: Description, account: Account) -> tuple[int | None, int]:
    """Who was brought up without a name by the same noun, if anyone, and where."""
    if description.possessive:
        return None, -1
    unnamed = account.unnamed
    for k in range(len(unnamed) - 1, max(-1, len(unnamed) - _UNNAMED), -1):
        one = unnamed[k].description
        if one is not None and one.noun == description.noun and description.words <= one.words:
            return len(account.scene.entities) + k, one.at
    return None, -1


def _introduced(at: int, description: Description, account: Account) -> Meaning:
    """Who was brought up without a name and has not spoken yet."""
    doc = account.scene.doc
    noun = doc[at]
    text = as_written(doc[noun.left_edge.i : end_of_phrase(doc, at)])
    brought_up = Description(
        description.noun, description.words, description.gender, at, description.possessive
    )
    who = account.add_unnamed(Unnamed(text, brought_up))
    return Meaning(who, f"the {description.noun} brought up before")


def _present(source: Span, description: Description, account: Account) -> Meaning | None:
    # "This Trump doppelganger" is not Trump, and who speaks says "I".
    inside = {account.scene.naming.person_at(token.i) for token in source}
    person = _by_presence(description, account, without=inside | account.spoken_of)
    if person is None:
        return None
    if description.noun != CITIZEN and not titles.is_kin(description.noun):
        account.roles.setdefault(person, _without_article(source))
    return Meaning(person, f"“{as_written(source)}”: who the text is about here")


def _by_presence(
    description: Description, account: Account, *, without: Collection[int | None]
) -> int | None:
    """Whom a writer calls "the mogul" for a change: who the text is about just here.

    For "the mogul" whoever is present will do; for "the baker" and "the head of the union"
    only somebody who is alone, and of whom the text says nothing else.
    """
    if description.possessive:
        return None
    can_be = _can_be(description, account, account.scene.sentences[description.at])
    present = {person: weight for person, weight in can_be.items() if person not in without}
    variation = description.is_known or titles.is_variation(description.noun)
    enough = {person: weight for person, weight in present.items() if weight >= _PRESENT}
    if variation and enough and not description.complement:
        return _favoured(enough, description, account)
    if titles.is_function(description.noun) and not variation:
        return None
    return _who_is_alone(present, account)


def _favoured(present: Mapping[int, float], description: Description, account: Account) -> int:
    """The most present; for an office, among those named often; for an origin, who is of there."""
    entities = account.scene.entities
    of_there = [one for one in present if account.scene.descriptions.is_of(one, description)]
    often = description.noun != CITIZEN

    def rank(one: int) -> float:
        return present[one] * (math.log1p(len(entities[one].spans)) if often else 1.0)

    return max(of_there or present, key=rank)


def _can_be(description: Description, account: Account, sentence: int) -> dict[int, float]:
    """Who is present, with how much, and may be meant by what the text says of them."""
    return {
        person: weight
        for person, weight in account.salience.present(sentence)
        if weight >= _BARELY_PRESENT
        and person < len(account.scene.entities)
        and not _is_something_else(person, description, account)
    }


def _who_is_alone(present: Mapping[int, float], account: Account) -> int | None:
    best = max(present, key=lambda one: present[one], default=None)
    if best is None or account.scene.entities[best].roles:
        return None
    most = present[best] * _FAR_LESS
    alone = all(weight < most for one, weight in present.items() if one != best)
    return best if alone else None


def _is_something_else(person: int, description: Description, account: Account) -> bool:
    """Whether the text says quite another thing of a person: no "campaign manager" is meant."""
    roles = () if description.is_known else account.scene.entities[person].roles
    other = bool(roles) and not any(titles.is_variation(role.noun) for role in roles)
    return other or account.scene.descriptions.contradicts(person, description)


def _without_article(source: Span) -> str:
    first = source[0].lower_ in {"the", "that", "this"}
    return as_written(source[1:] if first and len(source) > 1 else source)
