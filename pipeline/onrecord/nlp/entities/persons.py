"""Contexts of people, places and firms: before an age, after "in", before "executives".

The small model knows few names from outside the United States; the words around a name
still show its type.
"""

from collections.abc import Sequence

from spacy.tokens import Doc, Token

from onrecord.nlp.entities.english import gazetteer, lists, name_words, titles
from onrecord.nlp.entities.spans import NamedSpan

_AGES = range(5, 115)
_OPENS = frozenset({",", "("})
_CLOSES = frozenset({",", ")", ".", "and"})
_INSIDE = frozenset({"in", "near", "outside", "across", "around"})
_HOLDINGS = frozenset({"share", "shares", "stake", "stakes", "stock", "bonds"})
# Nouns followed by "in" and a person or a company: "shares in", "faith in".
_PUT_IN = frozenset(
    {
        "share", "shares", "stake", "stakes", "investment", "investor", "investors", "confidence",
        "faith", "trust", "belief", "believe", "believed", "interest", "interested", "invest",
        "invested", "hope", "disappointed", "disappointment",
    }
)  # fmt: skip


def age_after(tokens: Doc | Sequence[Token], end: int) -> int | None:
    """The age after a name: "Merce, 47," or "Merce (47)"."""
    if end + 2 >= len(tokens) or tokens[end].text not in _OPENS:
        return None
    age = end + 1 + (tokens[end + 1].lower_ == "aged")
    text = tokens[age].text
    if not (text.isdecimal() and int(text) in _AGES):
        return None
    closed = age + 1 < len(tokens) and tokens[age + 1].text in _CLOSES
    return int(text) if closed else None


def stands_as_place(tokens: Sequence[Token], span: NamedSpan) -> bool:
    """Whether a name is in a context of places: "in Tarn", "the mayor of Tarn"."""
    before = tokens[span.start - 1].lower_ if span.start else ""
    follows = tokens[span.end].lower_ if span.end < len(tokens) else ""
    if follows in {"'s", "’s", "'", "’"} or gazetteer.is_organisation_noun(
        tokens[span.start].lower_
    ):
        return False
    governor = tokens[span.start - 2].lower_ if span.start > 1 else ""
    if before == "of":
        return titles.is_of_place(governor)
    if span.end - span.start > 1 and name_words.is_given(tokens[span.start].text):
        return False
    return before in _INSIDE and governor not in _PUT_IN


def stands_as_firm(tokens: Sequence[Token], span: NamedSpan) -> bool:
    """Whether a name is in a context of firms: "shares in Corva", "Corva executives"."""
    if span.start > 1 and tokens[span.start - 2].text.lower() in _HOLDINGS:
        return tokens[span.start - 1].text.lower() in {"in", "of"}
    follows = tokens[span.end].text if span.end < len(tokens) else ""
    return follows in lists.words("organisations", "nouns after firms")
