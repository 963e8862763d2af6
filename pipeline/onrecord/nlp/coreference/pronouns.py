"""Whom "he" and "she" mean at their place in a text."""

from collections.abc import Collection, Sequence

from spacy.tokens import Token

from onrecord.nlp.coreference.discourse import Account, Meaning
from onrecord.nlp.coreference.salience import GENDER_OF
from onrecord.nlp.entities.names import Gender

# How much of the weight of whom the words themselves name somebody else must have.
_NEARLY_AS_PRESENT = 0.4
# How far "Before he spoke, Okafor …" is searched for the name.
_LATER_TOKENS = 40


def meant_by_pronoun(pronoun: Token, account: Account) -> Meaning | None:
    """Who a pronoun of one person means that is the source of a quote."""
    spoken_of = account.spoken_of
    kind = "man" if GENDER_OF[pronoun.lower_] == "masculine" else "woman"
    person = likeliest(pronoun, account, spoken_of)
    if person is not None:
        last = "last speaker" if person == account.source[0] else "likeliest person before"
        gender = account.salience.genders[person]
        said = f"pronoun: the {last}" + (f" who is a {kind}" if gender else "")
        second = likeliest(pronoun, account, spoken_of, without=(person,))
        return Meaning(person, said, second)
    person = _named_later(pronoun, account)
    return None if person is None else Meaning(person, "pronoun: named later")


def likeliest(
    pronoun: Token,
    account: Account,
    spoken_of: Collection[int] = (),
    *,
    without: Sequence[int] = (),
) -> int | None:
    """The most present person whom a pronoun can mean."""
    gender = GENDER_OF[pronoun.lower_]
    sentence = account.scene.sentences[pronoun.i]
    excluded = [*_subject_of(pronoun, account), *without]
    found = account.salience.likeliest(gender, sentence, without=excluded)
    # Who speaks says "I": whom the words name is somebody else, if there is anybody else.
    others = {*spoken_of, *excluded}
    if found is None or found not in others:
        return found
    enough = _NEARLY_AS_PRESENT * account.salience.weight(found, sentence)
    other = account.salience.likeliest(gender, sentence, without=others, at_least=enough)
    return found if other is None else other


def _subject_of(pronoun: Token, account: Account) -> list[int]:
    """Who an object pronoun cannot be: in "Ana told her", she is another woman."""
    if pronoun.dep_ not in {"dobj", "dative", "iobj"} or pronoun.lower_.endswith("self"):
        return []
    person_at = account.scene.naming.person_at
    subjects = (child.i for child in pronoun.head.children if child.dep_ == "nsubj")
    return [person for i in subjects if (person := person_at(i)) is not None]


def _named_later(pronoun: Token, account: Account) -> int | None:
    """Who is named after the pronoun: in the same sentence, as in "Before he spoke, Okafor …".

    In the next one too, where nobody was named before at all.
    """
    doc, gender = pronoun.doc, GENDER_OF[pronoun.lower_]
    ends = 1 if account.salience.is_empty else 0
    for i in range(pronoun.i + 1, min(len(doc), pronoun.i + _LATER_TOKENS)):
        if doc[i].is_sent_start:
            ends -= 1
        if ends < 0:
            return None
        person = account.scene.naming.person_at(i)
        if person is not None and _can_be(person, gender, account):
            return person
    return None


def _can_be(person: int, gender: Gender, account: Account) -> bool:
    return account.salience.genders[person] in {gender, None}
