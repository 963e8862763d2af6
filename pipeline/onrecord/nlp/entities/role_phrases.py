"""Noun phrases that state a person's role: their head noun, their start and their end."""

from dataclasses import dataclass
from typing import Literal

from spacy.tokens import Doc, Token

from onrecord.nlp.entities.english import gazetteer, name_words, titles
from onrecord.nlp.entities.titles import singular

Construction = Literal["before", "beside", "copula", "clause", "party"]

LONGEST_ROLE = 16
DETERMINERS = frozenset({"the", "a", "an", "this", "that"})
_LINKS = frozenset({"of", "to", "for", "in", "at", "and", "on", "with", "&"})
INSIDE = frozenset({"ADJ", "NOUN", "PROPN", "NUM", "X"})


@dataclass(frozen=True, slots=True)
class Role:
    """A role: tokens `start` to `end`, with the lower-case head noun in `noun`.

    "Sen." has the noun "senator". Articles before the role are not part of it. `implies` are
    folded words that apply to the person in addition to those of the role. `is_brief` is True for
    a role that says little by itself: an abbreviated title ("Gen."), or a role of several people.
    """

    start: int
    end: int
    noun: str
    construction: Construction
    implies: frozenset[str] = frozenset()
    is_brief: bool = False

    def text(self, doc: Doc) -> str:
        """The role of one person as written, with runs of white space collapsed.

        A plural noun is put in the singular: "analyst" for "one of the firm's analysts".
        """
        start = self.start
        if doc[start].lower_ == "one" and doc[start + 1].lower_ == "of":
            start += 2 + (doc[start + 2].lower_ in DETERMINERS)
        words = " ".join(doc[start : self.end].text.split())
        last = doc[self.end - 1]
        several = last.tag_ in {"NNS", "NNPS"} and self.noun == titles.role_noun(
            singular(last.text)
        )
        return words.removesuffix(last.text) + singular(last.text) if several else words


def noun_at(token: Token) -> str | None:
    """The role noun that ends at this token: "senator", "front-runner", "first lady"; else None."""
    noun = known_noun_at(token)
    if noun or token.tag_ not in {"NN", "NNP"} or gazetteer.is_organisation_noun(token.lower_):
        return noun
    # "Volcanologist Dewi Lestari" begins a sentence; "Carter" is a surname.
    plain = token.is_sent_start and token.text.istitle() and token.lower_.endswith("ist")
    return titles.agent_noun(token.lower_ if plain else token.text)


def known_noun_at(token: Token) -> str | None:
    """Like `noun_at`, but only for nouns in the word lists, not for those with an agent suffix."""
    return _noun_of_two_words(token) or titles.role_noun(token.text)


def _noun_of_two_words(token: Token) -> str | None:
    """The role noun of which this token is the second word: "front-runner", "first lady"."""
    if not (token.i and titles.ends_pair(token.text)):
        return None
    before = token.nbor(-1)
    if before.text == "-" and before.i:
        joined = titles.role_noun(f"{before.nbor(-1).lower_}-{token.lower_}")
        if joined:
            return joined
    return titles.role_noun(f"{before.lower_} {token.lower_}")


def start_of_compound(doc: Doc, head: int) -> int:
    """The start of the noun phrase whose last word is `head`, without its article.

    A possessive inside is part of the phrase: "the king's physician" begins at "king".
    """
    start = head
    # Only a place or a modifier precedes an abbreviated title: "Texas Sen.", "former Ohio Gov.".
    short = titles.is_abbreviation(doc[head].text)
    longest = 8 if short else LONGEST_ROLE
    while start > 0 and head - start < longest and _goes_on_before(doc, start, head, short=short):
        start -= 1
    while start > 0 and doc[start].ent_iob_ == "I" and doc[start].text not in {"'s", "’s"}:
        # Include the whole of a name inside the phrase: "the University of Tarn's chancellor".
        start -= 1
    while start < head and (
        doc[start].text.lower() in DETERMINERS
        or doc[start].text in {"'s", "’s", "-"}
        or _is_possessive(doc, start, head)
    ):
        start += 1
    return start


def _goes_on_before(doc: Doc, start: int, head: int, *, short: bool) -> bool:
    """Whether the token before `start` is part of the role too."""
    token = doc[start - 1]
    if token.text in {"'s", "’s"}:
        return not short
    joined = doc[start].text == "and" and titles.role_noun(token.text)
    if joined or _is_glued(token) or (token.text == "-" and token.whitespace_ == ""):
        return True
    if token.text == "and":
        return _is_joined(doc, start - 1, head)
    # "the fact her old teacher …": another phrase ends before "her".
    ends = doc[start].tag_ == "PRP$" or token.text.lower() in DETERMINERS
    if ends or not is_inside(token):
        return False
    # "after unilateral action President Obama …": lower-case words belong to the phrase before.
    titled = doc[head].text[:1].isupper() and token.text.islower()
    return not titled or titles.is_modifier(token.text)


def _is_glued(token: Token) -> bool:
    """Whether a hyphen joins the token to the next: "co" of "co-CEO", "in" of "Editor-in-Chief"."""
    after = token.doc[token.i + 1] if token.i + 1 < len(token.doc) else None
    return after is not None and after.text == "-" and not token.whitespace_ + after.whitespace_


def _is_joined(doc: Doc, joint: int, head: int) -> bool:
    """Whether "and" joins two halves of one role: "founder and co-CEO", "Police and Crime …"."""
    before = doc[joint - 1] if joint else None
    if before is None:
        return False
    if titles.role_noun(before.text):
        # Not "the mayor and President Weiss".
        return before.text.islower() or not titles.announces_person(doc[head].text)
    return head - joint > 1 and _joins_fields(doc, joint)


def _joins_fields(doc: Doc, i: int) -> bool:
    """Whether "and" joins two fields of one office: "Police and Crime Commissioner"."""
    if doc[i].text != "and" or not i:
        return False
    before = doc[i - 1]
    return before.text.istitle() and before.lower_ in titles.portfolios() | {"police"}


def _is_possessive(doc: Doc, i: int, head: int) -> bool:
    """Whether a role begins with an uninformative possessive: "her manager", not "his wife"."""
    noun = doc[head].text
    return doc[i].tag_ == "PRP$" and not (titles.is_kin(noun) or titles.is_somebodys(noun))


def is_inside(token: Token) -> bool:
    """Whether a token can be part of a role before or after its noun."""
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
        # A number belongs only where it is part of a word: "the 55-year-old salesman". In
        # "harbour master" the tagger takes the first noun for a verb, and the parser does not.
        glued = token.tag_ == "CD" and token.whitespace_ == ""
        return glued or (token.tag_ in {"VB", "VBP"} and token.dep_ == "compound")
    return token.pos_ in INSIDE or token.dep_ in {"compound", "amod"} or token.tag_ == "PRP$"


def end_of_phrase(doc: Doc, head: int) -> int:
    """The end of the role: after "of …", "for …" and the names in them, before any clause."""
    end = head + 1
    last = end
    while end < min(len(doc), head + LONGEST_ROLE):
        token = doc[end]
        text = token.text.lower()
        if text == "and" and _begins_another(doc, end + 1):
            # "a professor and a former minister": the first role suffices.
            break
        if text == "on" and doc[end - 1].ent_type_ == "PERSON":
            # "the aide to Governor Penn on Kern’s call"
            break
        if text == "at" and doc[end + 1 : end + 3].text.lower() in {"the time", "that time"}:
            break
        from_somewhere = text == "from" and doc[end + 1 : end + 2].text[:1].isupper()
        if (
            from_somewhere
            or text in _LINKS
            or text in DETERMINERS
            or token.text in {"'s", "’s", "-"}
            or _is_plural_possessive(token)
        ):
            end += 1
        elif is_inside(token) and not token.is_sent_start:
            end += 1
            last = end
        else:
            break
    return last


def _begins_another(doc: Doc, i: int) -> bool:
    if i >= len(doc) or doc[i].lower_ in DETERMINERS:
        return True
    return doc[i].ent_type_ == "PERSON" or (
        doc[i].text.istitle() and name_words.is_given(doc[i].text)
    )


def _is_plural_possessive(token: Token) -> bool:
    """Whether a mark is a possessive, not the end of a quote: "the Dockworkers’ Union"."""
    if token.text not in {"'", "’"} or not token.i or token.i + 1 >= len(token.doc):
        return False
    before, after = token.nbor(-1), token.nbor()
    if before.whitespace_ or not token.whitespace_ or not before.text.endswith("s"):
        return False
    return after.text[:1].isupper() or gazetteer.is_organisation_noun(after.text)


def phrase_from(doc: Doc, start: int, construction: Construction) -> Role | None:
    """The role at `start`, if a noun phrase headed by a role noun begins there; else None."""
    if doc[start].text.lower() in DETERMINERS:
        start += 1
    head = None
    for i in range(start, min(len(doc), start + LONGEST_ROLE)):
        token = doc[i]
        if (token.text == "," and _is_between_adjectives(doc, i)) or _joins_fields(doc, i):
            continue
        if token.text in {"'s", "’s", "-"} or is_inside(token):
            last_noun = noun_at(token)
            ends = i + 1 >= len(doc) or not (
                is_inside(doc[i + 1]) or doc[i + 1].text in {"'s", "’s", "-"}
            )
            if last_noun and ends:
                head = i
                break
        else:
            break
    if head is None or names_another(doc, head):
        return None
    noun = noun_at(doc[head])
    return Role(start, end_of_phrase(doc, head), noun or "", construction)


def _is_between_adjectives(doc: Doc, comma: int) -> bool:
    """Whether a comma stands between two adjectives before a noun: "a blind, Native poet"."""
    sides = doc[comma - 1 : comma + 2 : 1]
    return len(sides) == 3 and sides[0].pos_ == "ADJ" and sides[2].pos_ in {"ADJ", "PROPN"}


def names_another(doc: Doc, head: int) -> bool:
    """Whether a name follows: in "Ana, President Weiss said" Ana is not the president."""
    follows = doc[head + 1] if head + 1 < len(doc) else None
    return follows is not None and follows.ent_type_ == "PERSON" and follows.text[:1].isupper()


def is_finite(token: Token) -> bool:
    """Whether a token is a finite verb."""
    return token.tag_ in {"VBZ", "VBD", "VBP", "MD"}
