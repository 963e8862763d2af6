"""Whose words "the letter" and "it" are, at their place in a text."""

from spacy.tokens import Span, Token

from onrecord.nlp.coreference.discourse import Account, Meaning
from onrecord.nlp.coreference.documents import (
    WRITINGS,
    author_of,
    who_wrote,
    writing_before,
    writing_meant_by_it,
)

# How many sentences after what spoke, a report or a letter, "it" still means that.
_SAME_THING_SENTENCES = 2


def meant_by_writing(source: Span, head: Token, account: Account) -> Meaning | None:
    """Whose words "the letter" or "it" are, where the text says who wrote it."""
    doc = account.scene.doc
    if head.lower_ in WRITINGS:
        owner = author(head, account)
        if owner is not None or source[0].lower_ not in {"the", "that", "this"}:
            return owner
        before = writing_before(doc, head.i, head.lower_)
        if before is not None:
            return author(before, account)
        wrote = who_wrote(doc, head, account.scene.naming.person_at)
        return None if wrote is None else Meaning(wrote, f"who wrote the {head.lower_}")
    if len(source) == 1 and head.lower_ == "it":
        before = writing_meant_by_it(head)
        return author(before, account) if before is not None else None
    return None


def author(writing: Token, account: Account) -> Meaning | None:
    """Whoever the text around a writing says it is by."""
    scene = account.scene

    def author_at(i: int) -> int | None:
        entity = scene.naming.entity_at(i)
        if entity is None:
            return account.at.get(i)
        named = scene.entities[entity].entity.type in {"person", "organisation"}
        return entity if named else None

    found = author_of(writing, author_at)
    return None if found is None else Meaning(found, f"whose {writing.lower_} it is")


def same_thing(source: Span, head: Token, account: Account) -> Meaning | None:
    """The report or letter that "it" means: whose words were just read."""
    who, sentence = account.source
    near = account.scene.sentences[head.i] - sentence <= _SAME_THING_SENTENCES
    if who is None or not near or len(source) > 1 or head.lower_ != "it":
        return None
    unnamed = account.unnamed_at(who)
    return Meaning(who, "what spoke before") if unnamed and unnamed.is_thing else None
