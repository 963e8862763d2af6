"""Convert a Universal Dependencies parse to the ClearNLP and Penn scheme that the rules use.

spaCy's English pipelines use ClearNLP relations and Penn Treebank tags; those of most other
languages use Universal Dependencies. The rules and their learned weights are for the English
scheme. After conversion, prepositions and copulas govern, auxiliaries and subjects have their
English labels, and closed-class words, cues and nouns for speakers have their English
counterparts in `parse.lower`. The text itself is unchanged.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from spacy.tokens import Doc, Token

from onrecord.nlp.quotes.syntax import OUTSIDE, Parse
from onrecord.nlp.reading.quotation_marks import MARKS

# Relations by the part before the colon, or in full if that part is ambiguous.
_RELATIONS = {
    "nsubj": "nsubj", "nsubj:pass": "nsubjpass", "csubj": "csubj", "csubj:pass": "csubj",
    "expl:subj": "nsubj", "obj": "dobj", "iobj": "dative", "aux": "aux", "aux:pass": "auxpass",
    "aux:tense": "aux", "acl:relcl": "relcl", "obl": "npadvmod", "obl:agent": "agent",
    "flat": "flat", "discourse": "intj", "vocative": "npadvmod", "expl": "dep", "nmod": "nmod",
}  # fmt: skip
_TAGS = {
    "PROPN": "NNP", "ADJ": "JJ", "ADV": "RB", "ADP": "IN", "SCONJ": "IN", "CCONJ": "CC",
    "NUM": "CD", "INTJ": "UH", "PART": "RP", "SPACE": "_SP", "SYM": "SYM", "X": "FW",
}  # fmt: skip
_ENTITIES = {"PER": "PERSON", "LOC": "GPE", "ORG": "ORG"}
_NOMINAL = frozenset({"npadvmod", "agent", "nmod", "dative", "dobj", "acl", "advcl", "advmod"})
_BESIDE_A_COPULA = frozenset(
    {"nsubj", "csubj", "aux", "advmod", "neg", "mark", "punct", "cc", "advcl", "ccomp", "parataxis"}
)
# Marks between the quoted words and the reporting clause.
_SEAMS = MARKS | frozenset(",—–-")
_INCISED = frozenset({"parataxis", "advcl", "conj", "ccomp", "dep", "acl", "appos"})
_MISTAKEN = frozenset({"PROPN", "NOUN", "ADJ", "X"})
_OBJECTS = frozenset({"dobj", "attr", "xcomp", "npadvmod", "nmod"})
_NOUNS = frozenset({"NN", "NNS", "NNP", "PRP"})
_NEAR = 4
_HIGHEST = 100


@dataclass(frozen=True, slots=True)
class Words:
    """English counterparts of a language's words, by their lower case.

    `verbs` are cues, in all their forms; `opening` are words with another meaning at the
    beginning of a sentence; `mute` are tokens without a meaning ("-t-").
    """

    function: Mapping[str, str]
    verbs: Mapping[str, str]
    nouns: Mapping[str, str]
    opening: Mapping[str, str]
    negations: frozenset[str] = frozenset()
    mute: frozenset[str] = frozenset()


def tell_as_english(parse: Parse, doc: Doc, words: Words) -> None:
    """Relabel and reattach a parse in place, before the children of its tokens are collected."""
    _name(parse, doc, words)
    _last_name_first(parse)
    _subjects_after_hyphens(parse)
    _raise_copulas(parse)
    _raise_prepositions(parse)
    for i in range(len(parse)):
        if _is_cue(parse, i, words):
            _govern_the_words(parse, i)
            _subject_after(parse, i)


def _name(parse: Parse, doc: Doc, words: Words) -> None:
    for token in doc:
        i = token.i
        fixed = [child.lower_ for child in token.children if child.dep_ == "fixed"]
        lower = "".join((parse.lower[i].replace("’", "'"), *fixed))
        relation = _relation(token)
        if lower in words.negations:
            relation = "neg"
        if token.dep_ == "mark" and "Inf" in token.head.morph.get("VerbForm", []):
            relation, lower = "aux", "de"
        parse.deps[i] = relation
        parse.tags[i] = "XX" if lower in words.mute else _tag(token)
        parse.lower[i] = _counterpart(token, lower, words)
        if token.pos_ in _MISTAKEN and lower in words.verbs and _brings_a_name(doc, token):
            parse.tags[i], parse.lower[i] = "VBZ", words.verbs[lower]
            if not _is_below(parse, i, i + 1):
                parse.heads[i + 1], parse.deps[i + 1] = i, "nsubj"
        parse.entities[i] = _ENTITIES.get(parse.entities[i], parse.entities[i])


def _brings_a_name(doc: Doc, token: Token) -> bool:
    """Whether a token is a verb that the parser mislabels: "», regrette Jean Dupont"."""
    if not 0 < token.i < len(doc) - 1 or token.text[0].isupper():
        return False
    before, after = doc[token.i - 1], doc[token.i + 1]
    return before.text in _SEAMS and after.text[0].isupper()


def _relation(token: Token) -> str:
    dep = token.dep_
    return _RELATIONS.get(dep, _RELATIONS.get(dep.partition(":")[0], dep.partition(":")[0]))


def _tag(token: Token) -> str:
    pos, morph = token.pos_, token.morph
    if pos in ("VERB", "AUX"):
        return _tag_of_verb(token)
    if pos == "NOUN":
        return "NNS" if "Plur" in morph.get("Number", []) else "NN"
    if pos == "PRON":
        return "WP" if "Rel" in morph.get("PronType", []) else "PRP"
    if pos == "DET":
        return "PRP$" if "Yes" in morph.get("Poss", []) else "DT"
    return token.text if pos == "PUNCT" else _TAGS.get(pos, "FW")


def _tag_of_verb(token: Token) -> str:
    form, tense = token.morph.get("VerbForm", []), token.morph.get("Tense", [])
    if "Inf" in form:
        return "VB"
    if "Part" in form:
        if "Past" not in tense:
            return "VBG"
        # "a dit" corresponds to English "said".
        active = any(child.dep_ in ("aux", "aux:tense") for child in token.children)
        return "VBD" if active else "VBN"
    return "VBD" if {"Past", "Imp"} & set(tense) else "VBZ"


def _counterpart(token: Token, lower: str, words: Words) -> str:
    if token.pos_ in ("VERB", "AUX") and lower in words.verbs:
        return words.verbs[lower]
    if token.pos_ in ("NOUN", "PROPN", "ADJ") and lower in words.nouns:
        return words.nouns[lower]
    if token.is_sent_start and token.pos_ == "ADP" and lower in words.opening:
        return words.opening[lower]
    return words.function.get(lower, lower)


def _last_name_first(parse: Parse) -> None:
    """Make the last word of a name its head, as in English: "Lind" in "Mara Lind"."""
    lasts: dict[int, int] = {}
    for i in range(len(parse)):
        if parse.deps[i] == "flat" and parse.heads[i] < i:
            lasts[parse.heads[i]] = i
    for first, last in lasts.items():
        for i in _children(parse, first) if parse.is_prose(first) else ():
            parse.heads[i] = last if i != last else first
            if parse.deps[i] == "flat" and i != last:
                parse.deps[i] = "compound"
        _swap(parse, last)
        parse.deps[first] = "compound"


def _subjects_after_hyphens(parse: Parse) -> None:
    """Make the pronoun in "ajoute-t-elle" and "a-t-il dit" the subject of its verb."""
    for i in range(1, len(parse)):
        if parse.tags[i] != "PRP" or not parse.words[i].startswith("-"):
            continue
        near = range(i - 1, max(i - _NEAR, -1), -1)
        verb = next((j for j in near if parse.tags[j].startswith("VB")), None)
        if verb is None:
            continue
        if parse.deps[verb] in ("aux", "auxpass"):
            verb = parse.heads[verb]
        if parse.heads[verb] == i:
            _swap(parse, verb)
        if not _is_below(parse, verb, i):
            parse.heads[i], parse.deps[i] = verb, "nsubj"


def _raise_copulas(parse: Parse) -> None:
    """Make the copula the head: "est" in "le quai est sûr"."""
    for i in range(len(parse)):
        if parse.deps[i] != "cop" or not parse.is_prose(i):
            continue
        said = parse.heads[i]
        children = _children(parse, said)
        _swap(parse, i)
        parse.deps[said] = "attr"
        for j in children:
            if j != i and parse.deps[j] in _BESIDE_A_COPULA:
                parse.heads[j] = i


def _raise_prepositions(parse: Parse) -> None:
    """Make each preposition the head of its noun: "selon la maire"."""
    for i in range(len(parse)):
        noun = parse.heads[i]
        if parse.deps[i] != "case" or parse.deps[noun] not in _NOMINAL:
            continue
        relation = "agent" if parse.deps[noun] == "agent" else "prep"
        parse.heads[i], parse.deps[i] = parse.heads[noun], relation
        parse.heads[noun], parse.deps[noun] = i, "pobj"


def _is_cue(parse: Parse, i: int, words: Words) -> bool:
    finite = parse.tags[i] in ("VBD", "VBZ") and parse.deps[i] not in ("aux", "auxpass")
    return (
        finite
        and parse.is_prose(i)
        and parse.quoted[i] == OUTSIDE
        and parse.words[i].lower() in words.verbs
    )


def _govern_the_words(parse: Parse, cue: int) -> None:
    """Make the cue the head of the reported words: "le quai ouvrira, a dit la maire"."""
    head = parse.heads[cue]
    if parse.deps[cue] not in _INCISED or head > cue or not _is_set_off(parse, cue):
        return
    if parse.tags[head].startswith("VB") or parse.quoted[head] != OUTSIDE:
        _swap(parse, cue)
        parse.deps[head] = "ccomp"


def _subject_after(parse: Parse, cue: int) -> None:
    """Relabel the object after a cue as its subject: "…, a dit la maire"."""
    children = _children(parse, cue)
    if any(parse.deps[i] in ("nsubj", "nsubjpass") for i in children):
        return
    if not _is_set_off(parse, cue):
        return
    for i in children:
        outside = i > cue and parse.quoted[i] == OUTSIDE
        if outside and parse.deps[i] in _OBJECTS and parse.tags[i] in _NOUNS:
            parse.deps[i] = "nsubj"
            return


def _is_set_off(parse: Parse, cue: int) -> bool:
    """Whether a comma, a mark or a paragraph start precedes the cue's own words."""
    i = cue - 1
    while i >= 0 and (parse.deps[i] in ("aux", "auxpass", "neg") or parse.tags[i] in ("XX", "PRP")):
        i -= 1
    while i >= 0 and parse.is_space(i) and "\n" not in parse.words[i]:
        i -= 1
    return i < 0 or "\n" in parse.words[i] or parse.words[i] in _SEAMS or parse.words[i] in "?!…"


def _children(parse: Parse, head: int) -> list[int]:
    first, last = parse.spans[parse.sentences[head]]
    return [i for i in range(first, last + 1) if parse.heads[i] == head and i != head]


def _is_below(parse: Parse, token: int, other: int) -> bool:
    """Whether `other` is an ancestor of a token."""
    for _ in range(_HIGHEST):
        if token == other:
            return True
        if parse.heads[token] == token:
            return False
        token = parse.heads[token]
    return True  # so deep that nobody wrote it


def _swap(parse: Parse, child: int) -> None:
    """Exchange a token and its head: the head becomes a dependent of the token."""
    head = parse.heads[child]
    parse.heads[child] = child if parse.heads[head] == head else parse.heads[head]
    parse.deps[child] = parse.deps[head]
    parse.heads[head] = child
