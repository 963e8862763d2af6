"""Coreference by document: the author of "the letter", "the statement" or "it".

A letter, a statement or a post speaks for its author. The text names the author in a possessive
("President Weiss's letter"), after "by" and "from", as the subject of a verb ("Weiss issued a
statement") or of the clause around it ("Weiss said in a message").
"""

from collections.abc import Callable

from spacy.tokens import Doc, Token

from onrecord.nlp.coreference.discourse import Discourse, Resolution, SourcePhrase
from onrecord.nlp.quotes.sources import CAME_TO_LIGHT

# Documents with an author. Not reports and studies: those speak for themselves.
DOCUMENTS = frozenset(
    {
        "letter", "memo", "memorandum", "message", "email", "e-mail", "note", "statement",
        "post", "tweet", "thread", "op-ed", "essay", "column", "diary", "manifesto",
        "petition", "speech", "address", "sermon", "testimony", "affidavit", "judgment",
        "judgement",
        "ruling", "dissent", "memoir", "autobiography", "telegram", "caption", "communique",
    }
)  # fmt: skip
_WRITES = frozenset(
    {
        "sent", "send", "sends", "wrote", "writes", "issued", "issues", "released", "releases",
        "posted", "posts", "published", "publishes", "shared", "shares", "circulated", "penned",
        "gave", "delivered", "emailed", "tweeted", "signed", "put", "sending", "issuing", "posting",
    }
)  # fmt: skip
_BY = frozenset({"by", "from"})
_SUBJECTS = frozenset({"nsubj", "nsubjpass"})
# How far before "the letter" the document is looked for: about four sentences. By eye.
_FARTHEST_TOKENS = 90
# How many sentences after a report or a letter spoke "it" still refers to it. By eye.
_SAME_THING_SENTENCES = 2

AuthorAt = Callable[[int], int | None]


def by_document(source: SourcePhrase, discourse: Discourse) -> Resolution | None:
    """The author of "the letter", or of the document that "it" refers to, if the text names one."""
    head, doc = source.head, discourse.document.doc
    if head.lower_ in DOCUMENTS:
        owner = author(head, discourse)
        if owner is not None or source.span[0].lower_ not in {"the", "that", "this"}:
            return owner
        before = _document_before(doc, head.i, head.lower_)
        if before is not None:
            return author(before, discourse)
        wrote = _who_wrote(doc, head, discourse.document.naming.person_at)
        return None if wrote is None else Resolution(wrote, f"who wrote the {head.lower_}")
    if len(source.span) == 1 and head.lower_ == "it":
        before = _subject_of_sentence_before(head)
        return author(before, discourse) if before is not None else None
    return None


def by_thing(source: SourcePhrase, discourse: Discourse) -> Resolution | None:
    """The report or letter that "it" refers to: the source of the last quote."""
    head = source.head
    who, sentence = discourse.last_speaker
    near = discourse.document.sentences[head.i] - sentence <= _SAME_THING_SENTENCES
    if who is None or not near or len(source.span) > 1 or head.lower_ != "it":
        return None
    unnamed = discourse.unnamed_at(who)
    return Resolution(who, "what spoke before") if unnamed and unnamed.is_thing else None


def author(document: Token, discourse: Discourse) -> Resolution | None:
    """The author of a document, as the text around this noun for it says."""

    def author_at(i: int) -> int | None:
        entity = discourse.document.naming.entity_at(i)
        if entity is None:
            return discourse.referent_at(i)
        type_ = discourse.document.entities[entity].entity.type
        return entity if type_ in {"person", "organisation"} else None

    found = author_of(document, author_at)
    return None if found is None else Resolution(found, f"whose {document.lower_} it is")


def author_of(document: Token, author_at: AuthorAt) -> int | None:
    """The author that the text around a document names. `author_at` gives the entity at a token."""
    for child in document.children:
        if child.dep_ == "poss" or (child.dep_ in {"acl", "prep"} and child.lower_ in _BY):
            found = _first(child, author_at)
        elif child.dep_ == "acl" and child.tag_ == "VBN" and child.lower_ not in CAME_TO_LIGHT:
            found = _agent(child, author_at)
        else:
            continue
        return found  # the text names an author, even if it is not an entity
    return _subject_of_document(document, author_at)


def _document_before(doc: Doc, i: int, noun: str) -> Token | None:
    """The nearest document before that "the letter" can refer to."""
    near = range(i - 1, max(-1, i - _FARTHEST_TOKENS), -1)
    return next((doc[j] for j in near if doc[j].lower_ == noun), None)


def _subject_of_sentence_before(it: Token) -> Token | None:
    """The document that is the subject of the sentence before: "Weiss's letter was read. It …"."""
    start = it.sent.start
    for j in range(start - 1, max(-1, start - _FARTHEST_TOKENS), -1):
        if _is_subject(it.doc[j]):
            return it.doc[j]
        if it.doc[j].is_sent_start:
            return None
    return None


def _is_subject(token: Token) -> bool:
    """Whether a token is a document that is the subject of a clause."""
    return token.lower_ in DOCUMENTS and token.dep_ in _SUBJECTS


def _who_wrote(doc: Doc, letter: Token, author_at: AuthorAt) -> int | None:
    """The person who "wrote to" somebody before "the letter", which was not mentioned yet."""
    if letter.lower_ not in {"letter", "email", "e-mail", "message"}:
        return None
    for j in range(letter.i - 1, max(-1, letter.i - _FARTHEST_TOKENS), -1):
        to = doc[j].lower_ in {"wrote", "writing", "written"} and doc[j + 1].lower_ == "to"
        if to or doc[j].lower_ == "emailed":
            subjects = (child for child in doc[j].children if child.dep_ in _SUBJECTS)
            return next(
                (found for one in subjects if (found := author_at(one.i)) is not None), None
            )
    return None


def _first(token: Token, author_at: AuthorAt) -> int | None:
    """The entity named by a possessive, or after a preposition."""
    if token.dep_ == "poss":
        return author_at(token.i)
    objects = (child for child in token.children if child.dep_ == "pobj")
    return next((found for one in objects if (found := author_at(one.i)) is not None), None)


def _agent(verb: Token, author_at: AuthorAt) -> int | None:
    """The author after a participle: "the judgment, written by Helen Weiss"."""
    agents = (child for child in verb.children if child.dep_ in {"agent", "prep"})
    return next((found for one in agents if (found := _first(one, author_at)) is not None), None)


def _subject_of_document(document: Token, author_at: AuthorAt) -> int | None:
    """The person who sent it or speaks in it: "Weiss issued a statement", "… said in a message"."""
    verb = document.head
    if document.dep_ == "pobj" and verb.lower_ in {"in", "via", "through"}:
        verb = verb.head
    elif not (document.dep_ == "dobj" and verb.lower_ in _WRITES):
        return None
    if verb.pos_ != "VERB":
        return None
    subjects = (child for child in verb.children if child.dep_ in _SUBJECTS)
    return next((found for one in subjects if (found := author_at(one.i)) is not None), None)
