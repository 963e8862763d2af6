"""What shows that a name is a person's, or a place's, whatever the model calls it.

The small model knows few names from outside the United States; the text around a name says what
it is all the same. "Merce, 47, said" and "Ana Weiss, a lawyer," are people, and whoever stands
after "the mayor of" is a place.
"""

from collections.abc import Sequence

from spacy.tokens import Doc

from onrecord.nlp.entities.english import gazetteer, known_people, name_words, titles
from onrecord.nlp.entities.names import fold
from onrecord.nlp.entities.roles import find_roles
from onrecord.nlp.entities.spans import NamedSpan

_AGES = range(5, 115)
_OPENS = frozenset({",", "("})
_CLOSES = frozenset({",", ")", ".", "and"})
_WHO = frozenset({"who", "whose"})
_INSIDE = frozenset({"in", "near", "outside", "across", "around"})
# What is put into people and companies: "shares in", "faith in".
_PUT_IN = frozenset(
    {
        "share", "shares", "stake", "stakes", "investment", "investor", "investors", "confidence",
        "faith", "trust", "belief", "believe", "believed", "interest", "interested", "invest",
        "invested", "hope", "disappointed", "disappointment",
    }
)  # fmt: skip
_LONGEST = 4


def is_shown_person(doc: Doc, span: NamedSpan, surnames: frozenset[str]) -> bool:
    """Whether the text shows a name that the model gave another type to be somebody's.

    `surnames` are the words, folded, that stand alone in this text as a name that may be a
    person's: nobody writes "Stanley" for Morgan Stanley.
    """
    words = doc[span.start : span.end].text.split()
    if not _reads_as_person(words):
        return False
    if age_after(doc, span.end) is not None:
        return True
    if len(words) == 1 and known_people.is_known_by_surname(words[0]):
        return True
    full = len(words) > 1
    if full and name_words.is_given(words[0]) and _is_called_so(doc, span, words, surnames):
        return True
    return any(
        (full and role.construction == "beside" and titles.is_for_people(role.noun))
        or titles.is_kin(role.noun)
        for role in find_roles(doc, span)
    )


def _reads_as_person(words: Sequence[str]) -> bool:
    if not words or len(words) > _LONGEST or not all(word[:1].isupper() for word in words):
        return False
    if gazetteer.type_by_words(words) or gazetteer.ends_as_firm(words[-1]):
        return False
    return gazetteer.known(words) is None and not any(gazetteer.known([word]) for word in words)


def _is_called_so(
    doc: Doc, span: NamedSpan, words: Sequence[str], surnames: frozenset[str]
) -> bool:
    """Whether a name that begins with a given name is used as people's names are."""
    if fold(words[-1]) in surnames:
        return True
    after = doc[span.end : span.end + 2].text.lower().split()
    if len(after) == 2 and after[0] == "," and after[1] in _WHO:
        return True
    return span.type == "organisation" and all(word.isalpha() or "." in word for word in words)


def age_after(doc: Doc, end: int) -> int | None:
    """The age that stands after a name: "Merce, 47," or "Merce (47)"."""
    if end + 2 >= len(doc) or doc[end].text not in _OPENS:
        return None
    age = end + 1 + (doc[end + 1].lower_ == "aged")
    text = doc[age].text
    if not (text.isdecimal() and int(text) in _AGES):
        return None
    closed = age + 1 < len(doc) and doc[age + 1].text in _CLOSES
    return int(text) if closed else None


def stands_as_place(doc: Doc, span: NamedSpan) -> bool:
    """Whether a name stands where places do: "in Tarn", "the mayor of Tarn"."""
    before = doc[span.start - 1].lower_ if span.start else ""
    follows = doc[span.end].lower_ if span.end < len(doc) else ""
    if follows in {"'s", "’s", "'", "’"} or gazetteer.is_organisation_noun(doc[span.start].lower_):
        return False
    governor = doc[span.start - 2].lower_ if span.start > 1 else ""
    if before == "of":
        return titles.is_of_place(governor)
    if span.end - span.start > 1 and name_words.is_given(doc[span.start].text):
        return False
    return before in _INSIDE and governor not in _PUT_IN
