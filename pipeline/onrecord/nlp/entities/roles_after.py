"""Roles after the name: in apposition, after a copula, in a clause, as a party or a country."""

import re
from collections.abc import Iterator

from spacy.tokens import Doc, Token

from onrecord.nlp.entities.english import gazetteer, titles
from onrecord.nlp.entities.role_phrases import (
    DETERMINERS,
    LONGEST_ROLE,
    Role,
    end_of_phrase,
    is_finite,
    names_another,
    phrase_from,
    start_of_compound,
)
from onrecord.nlp.entities.spans import NamedSpan

# The marks between a name and a role beside it.
_OPENINGS = frozenset({",", "(", "–", "—"})
_OBJECTS = frozenset({"dobj", "pobj"})
_COPULAS = frozenset({"is", "was", "'s", "’s", "are", "were", "remains", "remained", "became"})
_NAMINGS = frozenset(
    {"named", "appointed", "elected", "chosen", "made", "crowned", "sworn", "nominated", "hired"}
)


def roles_after(doc: Doc, name: NamedSpan) -> Iterator[Role]:
    """The roles stated by the words after a name, the closest first."""
    follows = doc[name.end].text if name.end + 1 < len(doc) else ""
    beside = _beside(doc, name) if follows in _OPENINGS else None
    if beside is not None:
        yield beside
    copular = _copular(doc, name) if follows.lower() in _COPULAS else None
    if copular is not None:
        yield copular
    end = beside.end if beside else name.end
    for role in (_clause(doc, end), _party(doc, name), _country(doc, name)):
        if role is not None:
            yield role


def _beside(doc: Doc, name: NamedSpan) -> Role | None:
    """A role after the name and a comma: "Kirill Budanov, head of the directorate,"."""
    comma = name.end
    role = phrase_from(doc, comma + 1, "beside") or _apposed(doc, name, comma + 1)
    two_people = doc[comma + 1].lower_ in DETERMINERS or doc[comma + 1].text.islower()
    if role is not None and role.end < len(doc) and is_finite(doc[role.end]) and two_people:
        # "In a talk with Ana Weiss, the mayor said"
        return None
    return role


def _apposed(doc: Doc, name: NamedSpan, start: int) -> Role | None:
    """A role with an unknown noun that the parse marks as an apposition: "the vote-counter"."""
    for token in doc[start : start + LONGEST_ROLE]:
        if token.dep_ == "appos" and name.start <= token.head.i < name.end:
            if token.tag_ != "NN" or not token.text.islower() or names_another(doc, token.i):
                return None
            if titles.is_no_role(token.text) or gazetteer.is_organisation_noun(token.text):
                return None
            if doc[name.start : name.end].root.dep_ in _OBJECTS and not titles.agent_noun(
                token.text
            ):
                # "The path to beating Weiss, the pathway to a prize, is long."
                return None
            begins = start_of_compound(doc, token.i)
            said = doc[begins - 1].lower_ in DETERMINERS or doc[begins].tag_ == "PRP$"
            beside = said and start <= begins <= start + 1
            end = end_of_phrase(doc, token.i)
            return Role(begins, end, token.lower_, "beside") if beside else None
        if token.is_punct or token.is_space:
            return None
    return None


def _copular(doc: Doc, name: NamedSpan) -> Role | None:
    """A role after a copula: "is the mayor", "was named director", "was sworn in as"."""
    verb = name.end
    if doc[verb].tag_ == "POS":
        return None
    start = verb + 1
    if doc[start].lower_ in _NAMINGS:
        start += 1
        while start + 1 < len(doc) and doc[start].lower_ in {"in", "as", "to", "be"}:
            start += 1
    return phrase_from(doc, start, "copula") if start < len(doc) else None


def _clause(doc: Doc, end: int) -> Role | None:
    """An occupation in a relative clause: "who studies ice at the University of Tarn".

    `end` is that of the name and the role beside it.
    """
    verb = end + 1 + (end < len(doc) and doc[end].text == ",")
    if verb + 1 >= len(doc) or doc[verb - 1].lower_ != "who":
        return None
    noun = titles.occupation(doc[verb].lower_)
    if noun is None:
        return None
    end = verb + 1
    while end < min(len(doc), verb + LONGEST_ROLE) and _goes_on(doc[end]):
        end += 1
    return Role(verb - 1, end, noun, "clause") if end - verb > 1 else None


def _goes_on(token: Token) -> bool:
    if token.is_punct:
        return token.text == "-"
    if token.is_space or token.lower_ in {"who", "which", "that", "when", "because", "while"}:
        return False
    return not (token.lower_ == "and" and token.i + 1 < len(token.doc) and is_finite(token.nbor()))


# The notation of American news for a politician's party and state: "(D-Mass.)", ", R-Texas,".
_PARTY = re.compile(r"\s?[(,]\s?(R|D|I)[-–]([A-Z][A-Za-z. ]{1,14}?)[,)]")
_PARTIES = {
    "R": ("republican", "republican"),
    "D": ("democrat", "democratic"),
    "I": ("independent", "independent"),
}


def _party(doc: Doc, name: NamedSpan) -> Role | None:
    """The party in brackets after the name, as the role "republican" of a state."""
    if name.end >= len(doc) or doc[name.end].text not in {"(", ","}:
        return None
    match = _PARTY.match(doc[name.end : name.end + 8].text)
    if match is None:
        return None
    noun, party = _PARTIES[match.group(1)]
    state = match.group(2)
    known = gazetteer.known([state]) or gazetteer.known([f"{state.rstrip('.')}."])
    place = known.name if known else state.lower()
    return Role(name.end + 1, name.end + 2, noun, "party", frozenset({party, place}))


def _country(doc: Doc, name: NamedSpan) -> Role | None:
    """The place before a possessive, as the role "citizen": "France's Emmanuel Macron"."""
    if name.start < 2 or doc[name.start - 1].text not in {"'s", "’s"}:
        return None
    words = [token.text for token in doc[max(0, name.start - 4) : name.start - 1]]
    for start in range(len(words)):
        known = gazetteer.known(words[start:])
        if known is not None and known.type == "place":
            end = name.start - 1
            begin = end - len(words) + start
            return Role(begin, end, "citizen", "party", frozenset({known.name}))
    return None
