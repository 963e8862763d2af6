"""Roles: what the text says a person is, and where it says so.

Four constructions are read: before the name ("Russian Foreign Minister Sergei Lavrov"), beside
it ("Kirill Budanov, head of the directorate,"; "the king's physician, Dr. Amara Diallo"), after a
copula ("Lena Ortiz is the mayor of Tarn"), and in a clause ("Lena Ortiz, who runs a bakery").
The words themselves decide, by the noun that heads the role: one that is known to be for people
or ends as those do. Beside a name the parse may decide alone; elsewhere it only bounds what
follows the noun.
"""

import re
from dataclasses import dataclass
from typing import Literal

from spacy.tokens import Doc, Token

from onrecord.nlp.entities.english import gazetteer, name_words, titles
from onrecord.nlp.entities.spans import NamedSpan
from onrecord.nlp.entities.titles import singular

Construction = Literal["before", "beside", "copula", "clause", "party"]

_LONGEST_ROLE = 16
_DETERMINERS = frozenset({"the", "a", "an", "this", "that"})
_LINKS = frozenset({"of", "to", "for", "in", "at", "and", "on", "with", "&"})
_COPULAS = frozenset({"is", "was", "'s", "’s", "are", "were", "remains", "remained", "became"})
_NAMINGS = frozenset(
    {"named", "appointed", "elected", "chosen", "made", "crowned", "sworn", "nominated", "hired"}
)
_INSIDE = frozenset({"ADJ", "NOUN", "PROPN", "NUM", "X"})
_CLAUSES = frozenset(
    {"relcl", "acl", "advcl", "cc", "conj", "punct", "appos", "ccomp", "parataxis"}
)


@dataclass(frozen=True, slots=True)
class Role:
    """Tokens `start` to `end` that say what a person is; `noun` is the head, in lower case.

    "Sen." has the noun "senator". Articles before the role are not part of it. `implies` are
    folded words that are true of the person beside those of the role. `is_brief` is True for
    what says little by itself: a title cut short ("Gen."), or one said of several.
    """

    start: int
    end: int
    noun: str
    construction: Construction
    implies: frozenset[str] = frozenset()
    is_brief: bool = False

    def text(self, doc: Doc) -> str:
        """The role as the text has it, blanks folded."""
        return " ".join(doc[self.start : self.end].text.split())


def find_roles(doc: Doc, name: NamedSpan) -> list[Role]:
    """What the text says the person named here is, at this place, the closest statement first."""
    readings = (
        _before(doc, name),
        _title_after_role(doc, name),
        _beside(doc, name),
        _copular(doc, name),
        _clause(doc, name),
        _party(doc, name),
        _country(doc, name),
    )
    return [role for role in readings if role is not None]


def noun_at(token: Token) -> str | None:
    """The noun of a role that ends at this token: "senator", "front-runner", "first lady"."""
    noun = _known_noun_at(token)
    if noun or token.tag_ not in {"NN", "NNP"} or gazetteer.is_organisation_noun(token.lower_):
        return noun
    # "Volcanologist Dewi Lestari" begins a sentence; "Carter" is a surname.
    plain = token.is_sent_start and token.text.istitle() and token.lower_.endswith("ist")
    return titles.agent_noun(token.lower_ if plain else token.text)


def _known_noun_at(token: Token) -> str | None:
    if token.i > 1 and token.nbor(-1).text == "-":
        joined = titles.role_noun(f"{token.nbor(-2).lower_}-{token.lower_}")
        if joined:
            return joined
    pair = f"{token.nbor(-1).lower_} {token.lower_}" if token.i else ""
    return titles.role_noun(pair) or titles.role_noun(token.text)


# ── before the name ──────────────────────────────────────────────────────────────────────────


def _before(doc: Doc, name: NamedSpan) -> Role | None:
    head = _previous(doc, name.start)
    if head is None:
        return None
    if head.text == ",":
        return _apposed_before(doc, name, head.i) or _of_several(doc, head, name)
    noun = noun_at(head)
    titled = head.text[:1].isupper() and (noun is not None or titles.is_honorific(head.text))
    if titled and head.i > 1 and doc[head.i - 1].text == ",":
        # "the king's physician, Dr. Amara Diallo": the form of address says less.
        apposed = _apposed_before(doc, name, head.i - 1)
        if apposed:
            return apposed
    if noun and (_known_noun_at(head) or _hangs_on(doc, head, name)):
        start = _start_of_compound(doc, head.i)
        short = titles.is_abbreviation(head.text)
        return Role(start, head.i + 1, noun, "before", is_brief=short)
    if head.tag_ == "NN" and _is_owned(doc, head) and _hangs_on(doc, head, name):
        # "his apprentice Nadja Orlo", whatever an apprentice is.
        return Role(_start_of_compound(doc, head.i), head.i + 1, head.lower_, "before")
    return _of_something(doc, name, head) or _of_several(doc, head, name)


def _title_after_role(doc: Doc, name: NamedSpan) -> Role | None:
    """The title that stands between a role and the name: "her colleague, Rep. Tim Holt"."""
    head = _previous(doc, name.start)
    if head is None or head.i < 2 or doc[head.i - 1].text != ",":
        return None
    if not titles.is_abbreviation(head.text) or _apposed_before(doc, name, head.i - 1) is None:
        return None
    noun = titles.role_noun(head.text)
    return Role(head.i, head.i + 1, noun, "before", is_brief=True) if noun else None


def _hangs_on(doc: Doc, noun: Token, name: NamedSpan) -> bool:
    """Whether the parse joins a noun and the name after it."""
    root = doc[name.start : name.end].root
    return noun.head == root or root.head == noun


def _is_owned(doc: Doc, noun: Token) -> bool:
    if gazetteer.is_organisation_noun(noun.lower_):
        return False
    return any(token.tag_ in {"PRP$", "POS"} for token in doc[max(0, noun.i - 3) : noun.i])


def _of_several(doc: Doc, before: Token, name: NamedSpan) -> Role | None:
    """A role said of several at once: "senior partners, Cornelius Wray and Agatha Ostler"."""
    for i in range(before.i, max(-1, before.i - _LONGEST_ROLE), -1):
        token = doc[i]
        if token.tag_ in {"NNS", "NNPS"}:
            noun = titles.role_noun(singular(token.text))
            start = _start_of_compound(doc, i)
            if noun is None or (
                before.i == i + 1 and before.text == "," and not _begins_list(doc, name)
            ):
                return None
            counted = start > 0 and (doc[start - 1].lower_ == "both" or doc[start - 1].tag_ == "CD")
            joined = counted or _governs(token, name)
            return Role(start, i + 1, noun, "before", is_brief=True) if joined else None
        if not (token.text in {",", "and"} or (token.pos_ == "PROPN" and token.text.istitle())):
            return None
    return None


def _begins_list(doc: Doc, name: NamedSpan) -> bool:
    """Whether another name follows: "…, Cornelius Wray and Agatha Ostler"."""
    after = doc[name.end : name.end + 2]
    return len(after) == 2 and after[0].lower_ in {"and", ","} and after[1].pos_ == "PROPN"


def _governs(noun: Token, name: NamedSpan) -> bool:
    """Whether the parse joins a plural to a name among several: not in "nurses and Ana Weiss"."""
    token = noun.doc[name.start : name.end].root
    for _ in range(4):
        if token.head == noun:
            return token.dep_ in {"appos", "nmod"} or noun.dep_ == "compound"
        if noun.head == token:
            return noun.dep_ in {"compound", "nmod"}
        if token.dep_ not in {"conj", "appos", "compound", "nmod"}:
            return False
        token = token.head
    return False


def _previous(doc: Doc, i: int) -> Token | None:
    """The token before `i` in the same line, forms of address that are no role left out."""
    i -= 1
    while i >= 0 and "\n" not in doc[i].text:
        text = doc[i].text
        honorific = titles.is_honorific(text) and titles.role_noun(text) is None
        if not doc[i].is_space and not (honorific and text[:1].isupper()):
            return doc[i]
        i -= 1
    return None


def _start_of_compound(doc: Doc, head: int) -> int:
    """Where the noun phrase begins whose last word is `head`, without its article.

    A possessive inside is part of it: "the king's physician" begins at "king".
    """
    start = head
    # An abbreviated title stands at most after a place: "Texas Sen.", "former Ohio Gov.".
    short = titles.is_abbreviation(doc[head].text)
    titled = doc[head].text[:1].isupper()
    while start > 0 and head - start < (4 if short else _LONGEST_ROLE):
        token = doc[start - 1]
        if token.text in {"'s", "’s"}:
            if short:
                break
        elif token.text == "-" and token.whitespace_ == "":
            pass
        elif token.text.lower() in _DETERMINERS or not _is_inside(token):
            break
        elif titled and token.text.islower() and not titles.is_modifier(token.text):
            # "after unilateral action President Obama …": small words belong to what is before.
            break
        start -= 1
    while start > 0 and doc[start].ent_iob_ == "I" and doc[start].text not in {"'s", "’s"}:
        # The whole of a name that stands inside: "the University of Tarn's chancellor".
        start -= 1
    while start < head and (
        doc[start].text.lower() in _DETERMINERS
        or doc[start].text in {"'s", "’s", "-"}
        or _is_possessive(doc, start, head)
    ):
        start += 1
    return start


def _is_possessive(doc: Doc, i: int, head: int) -> bool:
    """Whether a role begins with a "her" that says nothing: a campaign manager, but "his wife"."""
    return doc[i].tag_ == "PRP$" and not titles.is_kin(doc[head].text)


def _is_inside(token: Token) -> bool:
    if token.is_punct or token.is_space or token.text.lower() in _LINKS:
        return False
    if token.ent_type_ in {"DATE", "TIME"} and token.text[:1].isupper():
        # "On Monday Secretary of State …"
        return False
    if token.ent_type_ in {"PERSON", "ORG", "GPE", "NORP"} and token.text[:1].isupper():
        return True
    if titles.role_noun(token.text):
        return True
    if token.tag_ in {"VBD", "VBZ", "VBP", "VB", "MD", "CD"}:
        # A number belongs only where it is part of a word: "the 55-year-old salesman".
        return token.tag_ == "CD" and token.whitespace_ == ""
    return token.pos_ in _INSIDE or token.dep_ in {"compound", "amod"} or token.tag_ == "PRP$"


def _of_something(doc: Doc, name: NamedSpan, before: Token) -> Role | None:
    """A role that ends in something else's name: "the envoy of Ruritania to the UN Ana Weiss"."""
    if not name_words.is_given(doc[name.start].text):
        return None
    if before.text.islower():
        return _of_field(doc, before)
    if not (before.pos_ == "PROPN" and before.text[:1].isupper()):
        return None
    linked = False
    for i in range(before.i, max(-1, before.i - _LONGEST_ROLE), -1):
        token = doc[i]
        noun = noun_at(token)
        if noun and linked:
            return Role(_start_of_compound(doc, i), before.i + 1, noun, "before")
        if token.text.lower() in {"of", "to", "for", "at"}:
            linked = True
        elif not (_is_inside(token) or token.text.lower() in _DETERMINERS):
            return None
    return None


def _of_field(doc: Doc, before: Token) -> Role | None:
    """A role "of" something in small letters: "secretary of state", "head of research"."""
    for i in range(before.i - 1, max(-1, before.i - 4), -1):
        if doc[i].lower_ in {"of", "for"} and i:
            noun = noun_at(doc[i - 1])
            if noun is None:
                return None
            return Role(_start_of_compound(doc, i - 1), before.i + 1, noun, "before")
        if doc[i].pos_ not in _INSIDE:
            return None
    return None


def _apposed_before(doc: Doc, name: NamedSpan, comma: int) -> Role | None:
    """A role set before the name by a comma: "the king's physician, Amara Diallo"."""
    head = _head_before_comma(doc, comma)
    if head is None:
        return _one_of_several(doc, comma)
    noun = noun_at(head)
    if noun is None or not _is_apposition(doc, head, name):
        return None
    return Role(_start_of_compound(doc, head.i), comma, noun, "beside")


def _one_of_several(doc: Doc, comma: int) -> Role | None:
    """A role said by "one of the firm's analysts, Zadie Hume"."""
    noun = titles.role_noun(singular(doc[comma - 1].text)) if comma else None
    if noun is None or doc[comma - 1].tag_ != "NNS":
        return None
    for i in range(comma - 2, max(0, comma - _LONGEST_ROLE), -1):
        if doc[i].lower_ == "of" and doc[i - 1].lower_ == "one":
            return Role(i - 1, comma, noun, "beside")
        if doc[i].is_punct or doc[i].pos_ in {"VERB", "AUX"}:
            return None
    return None


def _head_before_comma(doc: Doc, comma: int) -> Token | None:
    """The role noun of the noun phrase that ends at a comma, looking past "of …" and "for …"."""
    for i in range(comma - 1, max(-1, comma - _LONGEST_ROLE), -1):
        token = doc[i]
        if token.pos_ in {"NOUN", "PROPN"} and noun_at(token):
            after = doc[i + 1].text.lower()
            if after in {"of", "for", "to", "at", "in", "with", ","} and not _is_nested(doc, i):
                return token
        if token.is_punct or token.is_space or token.pos_ in {"VERB", "AUX"}:
            return None
    return None


def _is_nested(doc: Doc, i: int) -> bool:
    """Whether a noun stands in an "of …" of another role: "president" of "the aide of the …"."""
    for j in range(i - 1, max(-1, i - 6), -1):
        text = doc[j].text.lower()
        if text in {"of", "for", "to"}:
            return j > 0 and titles.role_noun(doc[j - 1].text) is not None
        if not (_is_inside(doc[j]) or text in _DETERMINERS):
            return False
    return False


def _is_apposition(doc: Doc, head: Token, name: NamedSpan) -> bool:
    """Whether role and name are one person, not items of a list: the role is definite."""
    start = _start_of_compound(doc, head.i)
    article = doc[start - 1].text.lower() if start else ""
    definite = article in _DETERMINERS or any(
        token.tag_ in {"PRP$", "POS"} for token in doc[start : head.i]
    )
    parsed = any(name.start <= t.i < name.end and t.dep_ == "appos" for t in head.children)
    if not (definite or parsed or doc[start].text[:1].isupper()):
        return False
    follows = doc[name.end] if name.end < len(doc) else None
    if head.dep_ == "pobj" and follows is not None and not follows.is_punct:
        # "In a letter to the minister, Weiss said": two people.
        return False
    return follows is None or follows.text.lower() not in {"and", "or", "'s", "’s"}


# ── beside it, and after a copula ────────────────────────────────────────────────────────────


def _beside(doc: Doc, name: NamedSpan) -> Role | None:
    """A role that a comma sets after the name: "Kirill Budanov, head of the directorate,"."""
    comma = name.end
    if comma + 1 >= len(doc) or doc[comma].text not in {",", "(", "–", "—"}:
        return None
    role = _phrase_from(doc, comma + 1, "beside") or _apposed(doc, name, comma + 1)
    if role is not None and role.end < len(doc) and _is_finite(doc[role.end]):
        # "In a talk with Ana Weiss, the mayor said": two people.
        return None
    return role


def _apposed(doc: Doc, name: NamedSpan, start: int) -> Role | None:
    """A role whose noun is unknown, where the parse sees an apposition: "the vote-counter"."""
    for token in doc[start : start + _LONGEST_ROLE]:
        if token.dep_ == "appos" and name.start <= token.head.i < name.end:
            if token.tag_ != "NN" or not token.text.islower() or _names_another(doc, token.i):
                return None
            if titles.is_no_role(token.text) or gazetteer.is_organisation_noun(token.text):
                return None
            begins = _start_of_compound(doc, token.i)
            said = doc[begins - 1].lower_ in _DETERMINERS or doc[begins].tag_ == "PRP$"
            beside = said and start <= begins <= start + 1
            end = end_of_phrase(doc, token.i)
            return Role(begins, end, token.lower_, "beside") if beside else None
        if token.is_punct or token.is_space:
            return None
    return None


def _copular(doc: Doc, name: NamedSpan) -> Role | None:
    """A role that is, was or became: "is the mayor", "was named director", "was sworn in as"."""
    verb = name.end
    if verb + 1 >= len(doc) or doc[verb].text.lower() not in _COPULAS:
        return None
    if doc[verb].tag_ == "POS":
        return None
    start = verb + 1
    if doc[start].lower_ in _NAMINGS:
        start += 1
        while start + 1 < len(doc) and doc[start].lower_ in {"in", "as", "to", "be"}:
            start += 1
    return _phrase_from(doc, start, "copula") if start < len(doc) else None


def _clause(doc: Doc, name: NamedSpan) -> Role | None:
    """What a relative clause says somebody does: "who studies ice at the University of Tarn"."""
    beside = _beside(doc, name)
    end = beside.end if beside else name.end
    verb = end + 1 + (doc[end : end + 1].text == ",")
    if verb + 1 >= len(doc) or doc[verb - 1].lower_ != "who":
        return None
    noun = titles.occupation(doc[verb].lower_)
    if noun is None:
        return None
    end = verb + 1
    while end < min(len(doc), verb + _LONGEST_ROLE) and _goes_on(doc[end]):
        end += 1
    return Role(verb - 1, end, noun, "clause") if end - verb > 1 else None


def _goes_on(token: Token) -> bool:
    if token.is_punct:
        return token.text == "-"
    if token.is_space or token.lower_ in {"who", "which", "that", "when", "because", "while"}:
        return False
    return not (token.lower_ == "and" and token.i + 1 < len(token.doc) and _is_finite(token.nbor()))


def _is_finite(token: Token) -> bool:
    return token.tag_ in {"VBZ", "VBD", "VBP", "MD"}


# How American news gives a politician's party and state: "(D-Mass.)", ", R-Texas,".
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
    """Whose somebody is, as the role "citizen" of a place: "France's Emmanuel Macron"."""
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


def _phrase_from(doc: Doc, start: int, construction: Construction) -> Role | None:
    """The role that begins here, if the noun phrase that does is headed by a role noun."""
    if doc[start].text.lower() in _DETERMINERS:
        start += 1
    head = None
    for i in range(start, min(len(doc), start + _LONGEST_ROLE)):
        token = doc[i]
        if token.text in {"'s", "’s", "-"} or _is_inside(token):
            last_noun = noun_at(token)
            ends = i + 1 >= len(doc) or not (
                _is_inside(doc[i + 1]) or doc[i + 1].text in {"'s", "’s", "-"}
            )
            if last_noun and ends:
                head = i
                break
        else:
            break
    if head is None or _names_another(doc, head):
        return None
    noun = noun_at(doc[head])
    return Role(start, end_of_phrase(doc, head), noun or "", construction)


def _names_another(doc: Doc, head: int) -> bool:
    """Whether the phrase goes on to a name: in "Ana, President Weiss said" Ana is no president."""
    follows = doc[head + 1] if head + 1 < len(doc) else None
    return follows is not None and follows.ent_type_ == "PERSON" and follows.text[:1].isupper()


def _begins_another(doc: Doc, i: int) -> bool:
    if i >= len(doc) or doc[i].lower_ in _DETERMINERS:
        return True
    return doc[i].ent_type_ == "PERSON" or (
        doc[i].text.istitle() and name_words.is_given(doc[i].text)
    )


def end_of_phrase(doc: Doc, head: int) -> int:
    """Where the role ends: after "of …", "for …" and the names in them, before any clause."""
    end = head + 1
    last = end
    while end < min(len(doc), head + _LONGEST_ROLE):
        token = doc[end]
        text = token.text.lower()
        if text == "and" and _begins_another(doc, end + 1):
            # "a professor and a former minister": the first is role enough.
            break
        from_somewhere = text == "from" and doc[end + 1 : end + 2].text[:1].isupper()
        if (
            from_somewhere
            or text in _LINKS
            or text in _DETERMINERS
            or token.text in {"'s", "’s", "-"}
            or _is_plural_possessive(token)
        ):
            end += 1
        elif _is_inside(token) and not token.is_sent_start:
            end += 1
            last = end
        else:
            break
    return last


def _is_plural_possessive(token: Token) -> bool:
    """Whether a mark closes no quote but "the Dockworkers’" of "the Dockworkers’ Union"."""
    if token.text not in {"'", "’"} or not token.i or token.i + 1 >= len(token.doc):
        return False
    glued = not token.nbor(-1).whitespace_ and token.nbor(-1).text.endswith("s")
    return glued and bool(token.whitespace_) and token.nbor().text[:1].isupper()
