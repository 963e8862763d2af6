"""Mentions: the names in a text as spans, each with a type.

The small model's entities are only the starting point. Each span is trimmed to the name (no
article, title, possessive or line break), a span that joins two names is split, and names that
the model missed are added: known places and organisations, titled names ("Mr. Okafor"),
and names that it found elsewhere in the same text. The types then agree over the text: one wrong
label among many right ones is outvoted, and the gazetteer decides about Kiev.
"""

from collections.abc import Sequence
from functools import lru_cache

from msgspec.structs import replace
from spacy.lang.en.lex_attrs import like_num
from spacy.tokens import Token

from onrecord.nlp.entities import overlooked, overlooked_bodies, overlooked_people
from onrecord.nlp.entities.english import gazetteer, titles
from onrecord.nlp.entities.kinds import Kinds
from onrecord.nlp.entities.roles import RoleReader
from onrecord.nlp.entities.spans import Found, NamedSpan
from onrecord.nlp.entities.trimming import names_of_model, title_before
from onrecord.nlp.entities.whole_names import whole_names
from onrecord.nlp.entities.word_index import WordIndex
from onrecord.nlp.reading.quotation_marks import OPENING

# Remnants of "Secretary of State" and "Mr." after trimming.
_NO_NAMES = frozenset({"i", "mr", "mrs", "ms", "dr", "state", "department"})


def find_mentions(text: WordIndex, roles: RoleReader) -> list[NamedSpan]:
    """All names in the text, in text order, without overlaps."""
    doc, tokens = text.doc, text.tokens
    found = Found(doc)
    found.add(overlooked.datelines(doc))
    found.add(overlooked.nicknamed(text))
    found.add(overlooked_bodies.bodies_of_countries(text))
    found.add(overlooked_bodies.joint_bodies(text))
    found.add(overlooked_bodies.bodies_apposed(text))
    found.add(overlooked.named_before_nouns(text))
    found.add(overlooked_people.after_roles(text))
    for span in doc.ents:
        found.add(one for one in names_of_model(tokens, span) if _is_name(tokens, one))
    found.add(overlooked_people.after_first_roles(text, found))
    found.add(overlooked.known_names(text, found))
    found.add(overlooked.titled_names(text, found))
    found.add(overlooked_people.before_suffixes(text, found))
    found.add(overlooked.full_names(text, found))
    found.add(overlooked_people.of_countries(text, found))
    found.add(overlooked_people.after_kin(text, found))
    found.add(overlooked_bodies.bodies_by_ending(text, found))
    found.add(overlooked_bodies.bodies_of(text, found))
    found.add(overlooked_bodies.partnerships(text))
    found.add(overlooked.given_names(text))
    kinds = Kinds(text, roles)
    named = Found(doc)
    decided = kinds.decided([_with_title(tokens, one) for one in found.in_order()])
    named.add(whole_names(tokens, decided, text.small))
    named.add(_with_title(tokens, one) for one in overlooked.repeated_names(text, named))
    return kinds.decided(named.in_order())


def _is_name(tokens: Sequence[Token], span: NamedSpan) -> bool:
    words = tokens[span.start : span.end]
    if len(words) == 1 and span.start and titles.is_after_name(words[0].text):
        return tokens[span.start - 1].pos_ != "PROPN"
    if not any(token.text[:1].isupper() or _has_inner_capital(token) for token in words):
        return False
    if len(words) > 1 and all(titles.is_abbreviation(token.text) for token in words):
        # "Ch Insp" of "Det Ch Insp Joanne Weiss"
        return False
    if all(_is_number(token.text) for token in words):
        return False
    return span.certain or len(words) > 1 or (_is_rare(words[0]) and not _is_compounded(words[0]))


@lru_cache(maxsize=16384)
def _is_number(word: str) -> bool:
    # spaCy ships this module without types.
    return not word[:1].isalpha() or bool(like_num(word))  # type: ignore[no-untyped-call]


def _is_compounded(token: Token) -> bool:
    """Whether a word is half of an adjective: "Oscar" in "Oscar-winning"."""
    after = token.doc[token.i + 1 : token.i + 3]
    glued = len(after) == 2 and after[0].text == "-" and not token.whitespace_
    return glued and not after[0].whitespace_ and len(after[1].text) > 3 and after[1].text.islower()


def _has_inner_capital(token: Token) -> bool:
    return any(char.isupper() for char in token.text[1:])


def _is_rare(token: Token) -> bool:
    """Whether a capital is informative: not at the start of a sentence, not in all capitals."""
    text = token.text
    if text.lower() in _NO_NAMES or titles.is_abbreviation(text) or gazetteer.is_abbreviation(text):
        return False
    if token.is_stop and not text.isupper():
        return False
    if text.isupper() and len(text) > 2 and titles.role_noun(text):
        return False
    if _begins_sentence(token):
        named = token.pos_ in {"PROPN", "ADJ", "X"} and not _modifies(token)
        return named and not titles.role_noun(text)
    if titles.role_noun(text) or titles.is_honorific(text):
        # "Cook" and "Baker" are also surnames; "the Premier" is not one.
        before = token.doc[token.i - 1].lower_ if token.i else ""
        return token.ent_type_ == "PERSON" and before not in {"the", "a", "an"}
    return True


def _modifies(token: Token) -> bool:
    """Whether a first word describes the noun after it: "Urgent aid", not "Chechen troops"."""
    after = token.doc[token.i + 1 : token.i + 2].text
    return token.pos_ == "ADJ" and token.ent_type_ != "NORP" and after.islower()


def _begins_sentence(token: Token) -> bool:
    """Whether the word begins a sentence or a quoted passage, which explains its capital."""
    before = token.doc[token.i - 1] if token.i else None
    return bool(token.is_sent_start) or (before is not None and before.text in OPENING)


def _with_title(tokens: Sequence[Token], span: NamedSpan) -> NamedSpan:
    title = title_before(tokens, span.start) if span.type in {"person", "organisation"} else None
    if title is None:
        return span
    if span.type == "organisation" and not titles.announces_person(title):
        return span
    return replace(span, title=title, type="person", certain=True)
