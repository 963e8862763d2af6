"""Evidence for the type of a name, from the words of a mention and the words around it.

No single mention decides. `kinds.py` adds up the evidence of all mentions of a name over the
article. Everything here looks at a few tokens on either side, so that the work stays linear.
"""

from collections.abc import Container, Iterator, Sequence
from functools import lru_cache
from typing import Literal

from spacy.tokens import Token

from onrecord.nlp.entities.english import gazetteer, known_people, lists, name_words, titles
from onrecord.nlp.entities.persons import age_after
from onrecord.nlp.entities.role_phrases import Role
from onrecord.nlp.entities.spans import NamedSpan
from onrecord.nlp.entities.word_index import WordIndex

Evidence = Literal[
    "model: person",
    "model: other",
    "age",
    "title",
    "capital title",
    "given name",
    "initials",
    "shape of a surname",
    "known surname",
    "not a name's word",
    "word in small letters",
    "two words",
    "surname alone",
    "role beside",
    "kin",
    "who",
    "he or she",
    "he or she next",
    "it",
    "article",
    "said",
    "did as people do",
    "organisation beside",
    "of a country",
    "firm's word",
    "firm's plural",
    "in it",
    "modifies",
    "acronym",
    "digits",
]

_SURNAME_ENDINGS = (
    "ski", "sky", "skyy", "skiy", "ska", "wicz", "vich", "vić", "vic", "ić", "ović", "enko",
    "chuk", "uk", "ov", "ova", "ev", "eva", "yev", "ian", "yan", "shvili", "dze", "son", "sen",
    "sson", "dottir", "dóttir", "berg", "stein", "mann", "ez", "escu", "oğlu", "oglu", "opoulos",
    "akis", "idis", "nen", "ius", "elli", "etti", "ini", "ucci", "zadeh", "pour", "nejad", "wala",
    "kar", "swamy", "singh", "bhai", "inho", "eira", "quist", "strom", "ström", "gaard", "huis",
    "stra", "sma", "ema", "ard", "eau", "oux",
)  # fmt: skip
_SURNAME_BEGINNINGS = ("mc", "mac", "o'", "fitz", "al-", "el-", "ben-", "bin-", "abu-", "ould-")
_PRONOUNS = frozenset({"he", "she", "his", "her", "him", "himself", "herself"})
_THINGS = frozenset({"it", "its", "itself"})
_POSSESSIVES = frozenset({"'s", "’s", "'", "’"})
_STATED = frozenset({"before", "beside", "copula"})
_ARTICLES = frozenset({"the", "a", "an"})
_SUBJECTS = frozenset({"nsubj", "nsubjpass"})
# The number of words after a name that are searched for a pronoun.
_NEAR = 30


def evidence_of(text: WordIndex, span: NamedSpan, roles: Sequence[Role]) -> Iterator[Evidence]:
    """The evidence of one mention, of which the text states `roles`."""
    tokens = text.tokens
    root = text.doc[span.start : span.end].root
    yield from _of_words(text.written(span))
    yield from _of_tokens(tokens[span.start : span.end], text.small)
    yield from _before(tokens, span)
    yield from _after(tokens, span, root)
    yield from _of_roles(root, roles)
    pronoun = _pronoun_after(tokens, span.end, is_subject=root.dep_ in _SUBJECTS)
    if pronoun is not None:
        yield pronoun


def _of_tokens(name: Sequence[Token], small: Container[str]) -> Iterator[Evidence]:
    """Evidence from the model's label and from the words elsewhere in the text."""
    labels = {token.ent_type_ for token in name}
    if "PERSON" in labels:
        yield "model: person"
    elif labels - {""}:
        yield "model: other"
    if any(token.text.istitle() and token.lower_ in small for token in name):
        yield "word in small letters"


@lru_cache(maxsize=8192)
def _of_words(name: str) -> tuple[Evidence, ...]:
    """Evidence from the words of the name alone."""
    return tuple(_read_words(name.split()))


def _read_words(words: Sequence[str]) -> Iterator[Evidence]:
    yield from _of_first_words(words)
    if _has_shape_of_surname(words):
        yield "shape of a surname"
    if known_people.is_known_by_surname(words[-1]) or known_people.find(" ".join(words)):
        yield "known surname"
    if len(words) > 1 and words[-1].endswith("s") and gazetteer.ends_as_firm(words[-1]):
        yield "firm's plural"
    if gazetteer.ends_as_firm(words[-1]) or gazetteer.type_by_words(["", words[-1]]) is not None:
        yield "firm's word"
    if any(char.isdigit() for char in "".join(words)):
        yield "digits"
    if any(_is_common(word) for word in words):
        yield "not a name's word"


def _of_first_words(words: Sequence[str]) -> Iterator[Evidence]:
    if name_words.is_given(words[0]) or (len(words) > 1 and name_words.is_family_first(words[0])):
        yield "given name"
    elif len(words) == 1 and len(words[0]) > 1 and words[0].isupper():
        yield "acronym"
    if len(words) > 1 and words[0].endswith(".") and len(words[0].replace(".", "")) < 3:
        yield "initials"
    if len(words) in {2, 3} and all(word[:1].isupper() for word in words):
        yield "two words"


def _has_shape_of_surname(words: Sequence[str]) -> bool:
    """Whether a name has a surname's suffix or a particle: "Okonjenko", "Al-Hadi", "de Witt"."""
    plain = [word.lower().replace("’", "'") for word in words]
    if plain[-1].endswith(_SURNAME_ENDINGS) or any(map(name_words.is_particle, plain[1:-1])):
        return True
    return any(word.startswith(_SURNAME_BEGINNINGS) for word in plain)


def _is_common(word: str) -> bool:
    """Whether a word belongs to names of offices, places or organisations."""
    known = gazetteer.known([word])
    return known is not None or gazetteer.is_organisation_noun(word.lower())


def _before(tokens: Sequence[Token], span: NamedSpan) -> Iterator[Evidence]:
    if span.title is not None:
        if titles.announces_person(span.title) or titles.is_honorific(span.title):
            yield "title"
        else:
            yield "capital title"
    before = tokens[span.start - 1].lower_ if span.start else ""
    if before in _ARTICLES:
        yield "article"
    if before in {"in", "near", "across", "outside", "into"}:
        yield "in it"


def _after(tokens: Sequence[Token], span: NamedSpan, root: Token) -> Iterator[Evidence]:
    if age_after(tokens, span.end) is not None:
        yield "age"
    texts = [token.lower_ for token in tokens[span.end : span.end + 3]]
    if any(word in {"who", "whose"} for word in texts[:2]) and texts[0] in {",", "who", "whose"}:
        yield "who"
    verb = _verb_of(tokens, span.end, root)
    does = verb.text.lower() if verb is not None else ""
    if does in lists.words("titles", "said by people"):
        yield "said"
    if does in lists.words("titles", "done by people"):
        yield "did as people do"
    if _is_organisation_beside(tokens, span):
        yield "organisation beside"
    if _owns_kin(tokens, span):
        yield "kin"
    elif _is_modifier(tokens, span.end, root):
        yield "modifies"


def _owns_kin(tokens: Sequence[Token], span: NamedSpan) -> bool:
    """Whether the name possesses a kinship noun: "Solace's mother"."""
    if span.end >= len(tokens) or tokens[span.end].text not in _POSSESSIVES:
        return False
    nouns = (token for token in tokens[span.end + 1 : span.end + 4] if token.pos_ == "NOUN")
    owned = next(nouns, None)
    return owned is not None and titles.is_kin(owned.text)


def _verb_of(tokens: Sequence[Token], end: int, root: Token) -> Token | None:
    """The verb whose subject is the name."""
    if root.dep_ in _SUBJECTS:
        return root.head
    after = tokens[end] if end < len(tokens) else None
    finite = after is not None and (
        after.tag_ in {"VBD", "VBZ"} or name_words.is_headline_verb(after.text)
    )
    return after if finite else None


def _is_organisation_beside(tokens: Sequence[Token], span: NamedSpan) -> bool:
    """Whether a noun for organisations is in apposition: "Corva, a software firm,".

    Also before the name: "The company that runs the awards, Okafor Shows, denies it".
    """
    if _is_between_noun_and_verb(tokens, span):
        return True
    texts = [token.lower_ for token in tokens[span.end : span.end + 2]]
    if len(texts) < 2 or texts[0] != "," or texts[1] not in _ARTICLES:
        return False
    for token in tokens[span.end + 2 : span.end + 6]:
        if token.tag_ == "NN" and gazetteer.is_organisation_noun(token.lower_):
            after = tokens[token.i + 1].lower_ if token.i + 1 < len(tokens) else "."
            return after in {",", ".", "of", "for", "in", "that", "which", "based"}
        if token.is_punct or titles.role_noun(token.text):
            return False
    return False


def _is_between_noun_and_verb(tokens: Sequence[Token], span: NamedSpan) -> bool:
    """Whether the name stands in commas between a noun for organisations and its verb."""
    if span.start < 2 or span.end + 1 >= len(tokens):
        return False
    if tokens[span.start - 1].text != "," or tokens[span.end].text != ",":
        return False
    subjects = (one for one in tokens[span.end + 1].children if one.dep_ == "nsubj")
    return any(
        one.i < span.start and gazetteer.is_organisation_noun(one.lower_) for one in subjects
    )


def _is_modifier(tokens: Sequence[Token], end: int, root: Token) -> bool:
    """Whether the name modifies the noun after it: "Spurs fans", "Bitcoin prices"."""
    if end >= len(tokens) or root.dep_ != "compound" or root.head.i < end:
        return False
    follows = tokens[end]
    return follows.text.islower() and follows.tag_ in {"NN", "NNS"}


def _of_roles(root: Token, roles: Sequence[Role]) -> Iterator[Evidence]:
    """Evidence from the roles that the text states for the name."""
    if root.dep_ == "appos" and titles.is_for_people(root.head.text):
        # "Her father and caddie, Olle, disagreed."
        yield "role beside"
    for role in roles:
        if titles.is_kin(role.noun):
            yield "kin"
        elif role.noun == "citizen":
            yield "of a country"
        elif role.construction in _STATED and titles.is_for_people(role.noun):
            yield "role beside"


def _pronoun_after(tokens: Sequence[Token], end: int, *, is_subject: bool) -> Evidence | None:
    """The first pronoun after a name, if no other name stands in between."""
    for token in tokens[end : end + _NEAR]:
        if token.lower_ in _PRONOUNS:
            next_subject = is_subject and token.dep_ in {"nsubj", "nsubjpass", "poss"}
            return "he or she next" if next_subject else "he or she"
        if token.lower_ in _THINGS:
            return "it"
        if token.pos_ == "PROPN" or token.ent_type_ in {"PERSON", "ORG", "GPE"}:
            return None
    return None
