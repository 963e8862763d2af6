"""Writings: whose words "the letter" and "it" are, where the text says whose letter it is.

A letter, a statement or a post speaks for whoever wrote it. The text says who in a possessive
("President Weiss's letter"), after "by" and "from", by a verb ("Weiss issued a statement") or by
a clause that says where somebody speaks ("Weiss said in a message").
"""

from collections.abc import Callable

from spacy.tokens import Doc, Token

# Words with an author. Not reports and studies: those speak for themselves.
WRITINGS = frozenset(
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
_FARTHEST_TOKENS = 90

AuthorAt = Callable[[int], int | None]


def author_of(writing: Token, author_at: AuthorAt) -> int | None:
    """Whoever the text around a writing says it is by. `author_at` gives who stands at a token."""
    for child in writing.children:
        if child.dep_ == "poss" or (child.dep_ in {"acl", "prep"} and child.lower_ in _BY):
            found = _first(child, author_at)
        elif child.dep_ == "acl" and child.tag_ == "VBN":
            found = _agent(child, author_at)
        else:
            continue
        return found  # it says whose, even if nobody we know
    return _subject_of_writing(writing, author_at)


def writing_before(doc: Doc, i: int, noun: str) -> Token | None:
    """The writing that a later "the letter" means: the nearest one before."""
    near = range(i - 1, max(-1, i - _FARTHEST_TOKENS), -1)
    return next((doc[j] for j in near if doc[j].lower_ == noun), None)


def writing_meant_by_it(it: Token) -> Token | None:
    """The writing that was the subject of the sentence before: "Weiss's letter was read. It …"."""
    start = it.sent.start
    for j in range(start - 1, max(-1, start - _FARTHEST_TOKENS), -1):
        if _is_subject(it.doc[j]):
            return it.doc[j]
        if it.doc[j].is_sent_start:
            return None
    return None


def _is_subject(token: Token) -> bool:
    """Whether a token is a writing of which something is said."""
    return token.lower_ in WRITINGS and token.dep_ in _SUBJECTS


def who_wrote(doc: Doc, letter: Token, author_at: AuthorAt) -> int | None:
    """Who "wrote to" somebody before "the letter": no word for it was said yet."""
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
    """Who is named by a possessive, or after a preposition."""
    if token.dep_ == "poss":
        return author_at(token.i)
    objects = (child for child in token.children if child.dep_ == "pobj")
    return next((found for one in objects if (found := author_at(one.i)) is not None), None)


def _agent(verb: Token, author_at: AuthorAt) -> int | None:
    """Who wrote it: "the judgment, written by Helen Weiss"."""
    agents = (child for child in verb.children if child.dep_ in {"agent", "prep"})
    return next((found for one in agents if (found := _first(one, author_at)) is not None), None)


def _subject_of_writing(writing: Token, author_at: AuthorAt) -> int | None:
    """Who sent it or speaks in it: "Weiss issued a statement", "Weiss said in a message"."""
    verb = writing.head
    if writing.dep_ == "pobj" and verb.lower_ in {"in", "via", "through"}:
        verb = verb.head
    elif not (writing.dep_ == "dobj" and verb.lower_ in _WRITES):
        return None
    if verb.pos_ != "VERB":
        return None
    subjects = (child for child in verb.children if child.dep_ in _SUBJECTS)
    return next((found for one in subjects if (found := author_at(one.i)) is not None), None)
