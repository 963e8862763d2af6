"""Names of people that the model missed, each shown by the words beside it."""

from collections.abc import Iterator, Sequence

from spacy.tokens import Doc, Token

from onrecord.nlp.entities.english import gazetteer, name_words, titles
from onrecord.nlp.entities.overlooked_bodies import is_title_case
from onrecord.nlp.entities.spans import Found, NamedSpan

# What shows that more of a name follows, or that it owns something.
_GOES_ON = frozenset({"'s", "’s", "-"})

# Owners that can be bodies, whose partner may be a firm: "its partner Ørsted".
_OF_BODIES = frozenset({"its", "our"})
_CALENDAR = frozenset(
    {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
     "january", "february", "march", "april", "may", "june", "july", "august", "september",
     "october", "november", "december"}
)  # fmt: skip


def after_roles(doc: Doc, words: Sequence[str]) -> Iterator[NamedSpan]:
    """People named directly after their role: "candidate Magnus Thorvald".

    Only where the model found no person and did not give both words the same other type.
    """
    for i in range(len(words) - 2):
        role = words[i].islower() and doc[i].tag_ == "NN" and titles.role_noun(words[i])
        if not role or gazetteer.is_organisation_noun(words[i]):
            continue
        name = doc[i + 1 : i + 3]
        seen = [token.ent_type_ for token in name]
        if "PERSON" in seen or len(set(seen)) == 1 or doc[i].head.i not in {i + 1, i + 2}:
            continue
        plain = all(token.tag_ == "NNP" and token.text.istitle() for token in name)
        ends = i + 3 >= len(words) or not words[i + 3][:1].isupper()
        if plain and ends and not any(is_common_in_names(token) for token in name):
            yield NamedSpan(start=i + 1, end=i + 3, type="person", certain=True)


def after_first_roles(doc: Doc, words: Sequence[str], found: Found) -> Iterator[NamedSpan]:
    """People whom a sentence names after what they are: "Presenter Olu Fashanu has quit"."""
    for i in range(len(words) - 3):
        if not (doc[i].is_sent_start and words[i].istitle() and found.is_free(i, i + 3)):
            continue
        name = doc[i + 1 : i + 3]
        plain = all(one.tag_ == "NNP" and one.text.istitle() for one in name)
        if not plain or words[i + 3][:1].isupper() or doc[i].head.i not in {i + 1, i + 2}:
            continue
        role = words[i].lower()
        is_role = titles.is_for_people(role) and not gazetteer.is_organisation_noun(role)
        common = titles.role_noun(name[0].text) is not None or is_common_in_names(name[1])
        if is_title_case(doc, i, i + 3) or name_words.is_given(words[i]):
            continue
        if is_role and not common:
            yield NamedSpan(start=i + 1, end=i + 3, type="person", certain=True)


def after_kin(doc: Doc, words: Sequence[str], found: Found) -> Iterator[NamedSpan]:
    """People called by one name after whose relative they are: "his neighbour Anahit nods"."""
    for i in range(len(words) - 4):
        if doc[i].tag_ != "PRP$" or doc[i].lower_ in _OF_BODIES:
            continue
        if not (titles.is_kin(words[i + 1]) or titles.is_somebodys(words[i + 1])):
            continue
        apposed = words[i + 2] == ","  # "her son, Anders, remembers"
        at = i + 2 + apposed
        name, follows = doc[at], words[at + 1]
        plain = name.tag_ == "NNP" and name.text.istitle() and not is_common_in_names(name)
        plain = plain and name.lower_ not in _CALENDAR
        ends = follows == "," if apposed else not (follows[:1].isupper() or follows in _GOES_ON)
        if plain and ends and found.is_free(at, at + 1):
            yield NamedSpan(start=at, end=at + 1, type="person", certain=True)


def of_countries(doc: Doc, words: Sequence[str], found: Found) -> Iterator[NamedSpan]:
    """People named after their country, which the model missed: "Kenya's Josphat Kiptoo won"."""
    for i in range(2, len(words) - 2):
        if words[i - 1] not in {"'s", "’s"} or not found.is_free(i, i + 2):
            continue
        owner = gazetteer.known([words[i - 2]])
        if owner is None or owner.section != "countries":
            continue
        name = doc[i : i + 2]
        plain = all(token.pos_ == "PROPN" and token.text.istitle() for token in name)
        acts = doc[i + 2].tag_ in {"VBD", "VBZ"} or words[i + 2] == ","
        if plain and acts and not any(is_common_in_names(token) for token in name):
            yield NamedSpan(start=i, end=i + 2, type="person")


def before_suffixes(doc: Doc, words: Sequence[str], found: Found) -> Iterator[NamedSpan]:
    """People named with letters after their name: "Nadeem Rashid KC, prosecuting"."""
    for i in range(2, len(words)):
        if not (is_suffix(words[i]) and found.is_free(i - 2, i)):
            continue
        name = doc[i - 2 : i]
        plain = all(one.tag_ == "NNP" and one.text.istitle() for one in name)
        if plain and not any(map(is_common_in_names, name)):
            yield NamedSpan(start=i - 2, end=i, type="person", certain=True)


def is_suffix(word: str) -> bool:
    """Whether a word in capitals follows people's names: "KC", "FRS"."""
    return len(word) > 1 and word.isupper() and titles.is_after_name(word)


def is_common_in_names(token: Token) -> bool:
    """Whether a word belongs to names of offices, bodies and places rather than people."""
    word = token.lower_
    if titles.role_noun(token.text) or titles.is_modifier(word) or gazetteer.known([word]):
        return True
    return gazetteer.is_organisation_noun(word) or gazetteer.type_by_words(["", word]) is not None
