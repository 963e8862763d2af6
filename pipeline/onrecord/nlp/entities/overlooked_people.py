"""Names of people that the model missed, each shown by the words beside it."""

from collections.abc import Iterator

from spacy.tokens import Token

from onrecord.nlp.entities.english import gazetteer, titles
from onrecord.nlp.entities.overlooked_bodies import is_title_case
from onrecord.nlp.entities.spans import Found, NamedSpan
from onrecord.nlp.entities.word_index import WordIndex

# What shows that more of a name follows, or that it owns something.
_GOES_ON = frozenset({"'s", "’s", "-"})

# Owners that can be bodies, whose partner may be a firm: "its partner Ørsted".
_OF_BODIES = frozenset({"its", "our"})
_CALENDAR = frozenset(
    {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
     "january", "february", "march", "april", "may", "june", "july", "august", "september",
     "october", "november", "december"}
)  # fmt: skip


def after_roles(text: WordIndex) -> Iterator[NamedSpan]:
    """People named directly after their role: "candidate Magnus Thorvald".

    Only where the model found no person and did not give both words the same other type.
    """
    tokens, words = text.tokens, text.words
    for i in text.places("role noun", before_end=2):
        if tokens[i].tag_ != "NN":
            continue
        name = tokens[i + 1 : i + 3]
        seen = [token.ent_type_ for token in name]
        if "PERSON" in seen or len(set(seen)) == 1 or tokens[i].head.i not in {i + 1, i + 2}:
            continue
        plain = all(token.tag_ == "NNP" and token.text.istitle() for token in name)
        ends = i + 3 >= len(words) or not words[i + 3][:1].isupper()
        if plain and ends and not any(is_common_in_names(token) for token in name):
            yield NamedSpan(start=i + 1, end=i + 3, type="person", certain=True)


def after_first_roles(text: WordIndex, found: Found) -> Iterator[NamedSpan]:
    """People whom a sentence names after what they are: "Presenter Olu Fashanu has quit"."""
    tokens, words = text.tokens, text.words
    for i in text.places("noun for a person", before_end=3):
        if not (tokens[i].is_sent_start and found.is_free(i, i + 3)):
            continue
        name = tokens[i + 1 : i + 3]
        plain = all(one.tag_ == "NNP" and one.text.istitle() for one in name)
        if not plain or words[i + 3][:1].isupper() or tokens[i].head.i not in {i + 1, i + 2}:
            continue
        common = titles.role_noun(name[0].text) is not None or is_common_in_names(name[1])
        if not (common or is_title_case(tokens, i, i + 3)):
            yield NamedSpan(start=i + 1, end=i + 3, type="person", certain=True)


def after_kin(text: WordIndex, found: Found) -> Iterator[NamedSpan]:
    """People called by one name after whose relative they are: "his neighbour Anahit nods"."""
    tokens, words = text.tokens, text.words
    for i in text.places("relative", start=1, before_end=3):
        if tokens[i - 1].tag_ != "PRP$" or tokens[i - 1].lower_ in _OF_BODIES:
            continue
        apposed = words[i + 1] == ","  # "her son, Anders, remembers"
        at = i + 1 + apposed
        name, follows = tokens[at], words[at + 1]
        plain = name.tag_ == "NNP" and name.text.istitle() and not is_common_in_names(name)
        plain = plain and name.lower_ not in _CALENDAR
        ends = follows == "," if apposed else not (follows[:1].isupper() or follows in _GOES_ON)
        if plain and ends and found.is_free(at, at + 1):
            yield NamedSpan(start=at, end=at + 1, type="person", certain=True)


def of_countries(text: WordIndex, found: Found) -> Iterator[NamedSpan]:
    """People named after their country, which the model missed: "Kenya's Josphat Kiptoo won"."""
    tokens, words = text.tokens, text.words
    for mark in text.places("possessive", start=1, before_end=3):
        i = mark + 1
        if not found.is_free(i, i + 2):
            continue
        owner = gazetteer.known([words[mark - 1]])
        if owner is None or owner.section != "countries":
            continue
        name = tokens[i : i + 2]
        plain = all(token.pos_ == "PROPN" and token.text.istitle() for token in name)
        acts = tokens[i + 2].tag_ in {"VBD", "VBZ"} or words[i + 2] == ","
        if plain and acts and not any(is_common_in_names(token) for token in name):
            yield NamedSpan(start=i, end=i + 2, type="person")


def before_suffixes(text: WordIndex, found: Found) -> Iterator[NamedSpan]:
    """People named with letters after their name: "Nadeem Rashid KC, prosecuting"."""
    for i in text.places("suffix", start=2):
        if not found.is_free(i - 2, i):
            continue
        name = text.tokens[i - 2 : i]
        plain = all(one.tag_ == "NNP" and one.text.istitle() for one in name)
        if plain and not any(map(is_common_in_names, name)):
            yield NamedSpan(start=i - 2, end=i, type="person", certain=True)


def is_common_in_names(token: Token) -> bool:
    """Whether a word belongs to names of offices, bodies and places rather than people."""
    word = token.lower_
    if titles.role_noun(token.text) or titles.is_modifier(word) or gazetteer.known([word]):
        return True
    return gazetteer.is_organisation_noun(word) or gazetteer.type_by_words(["", word]) is not None
