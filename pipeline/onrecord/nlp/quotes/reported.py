"""Reported content: chooses the complement of each cue that is speech, belief or intention.

A linear model distributes the probability over the cue's complements and "none of them". Its
features are the cue's record in the lexicon, the kind of complement, and the subject. For each cue
the likeliest complement is kept; its end is decided separately (`endings.py`).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from onrecord.nlp.quotes.attribution import Features, bin_of
from onrecord.nlp.quotes.candidates import label
from onrecord.nlp.quotes.cues import ADJECTIVE, ADVERB, NOUN, VERB, Cue, Lexicon
from onrecord.nlp.quotes.endings import with_ending
from onrecord.nlp.quotes.indirect import RAISING, says_something, shaped_complements
from onrecord.nlp.quotes.runs import Complement
from onrecord.nlp.quotes.sources import (
    Candidate,
    is_noun,
    is_verb,
    kind_of_source,
    sources_of_noun,
    sources_of_verb,
)
from onrecord.nlp.quotes.syntax import OUTSIDE, Parse
from onrecord.nlp.quotes.views import VIEWS, source_of_sentence, source_of_view
from onrecord.nlp.quotes.weights import Weights, score, shares

# Combined evidence of cue and frame below which no other feature can make a complement content.
HOPELESS = -6.0

# At the start of a sentence the subject is the addressee: "Asked why …, she said".
ASKED = frozenset({"asked", "pressed", "questioned", "quizzed", "told"})
# Verbs whose object is a person, unless the subject is that person.
ADDRESSED = frozenset(
    {"urged", "told", "advised", "ordered", "warned", "encouraged", "instructed", "reminded"}
)

# Participles whose subject believes: "Doctors are convinced that …".
STATES = frozenset(
    {"convinced", "concerned", "worried", "persuaded", "determined", "troubled", "alarmed"}
)

# Looked up among the verbs of the lexicon, whatever their tag.
LIKE_VERBS = frozenset({"according", ":"})
PART_OF_TAG = {
    "NN": NOUN, "NNS": NOUN, "JJ": ADJECTIVE, "JJR": ADJECTIVE, "JJS": ADJECTIVE, "RB": ADVERB,
}  # fmt: skip

COURTS = frozenset(
    {"court", "inquest", "jury", "tribunal", "inquiry", "hearing", "trial", "panel", "committee"}
)

Case = tuple[Complement, Features]


@dataclass(frozen=True, slots=True)
class Reported:
    """A complement with its source (None if nobody is named).

    It is the likeliest complement of its cue. `reported` is the probability that the cue reports
    anything; `ending`, that the content ends here. `has_manner` says whether the cue's word
    alone signals speech, belief or intention.
    """

    complement: Complement
    source: Candidate | None
    reported: float
    ending: float = 1.0
    has_manner: bool = False

    @property
    def probability(self) -> float:
        """The probability that the cue reports something and the content ends here."""
        return self.reported * self.ending


def find_reported(
    parse: Parse,
    lexicon: Lexicon,
    weights: Weights,
    endings: Weights,
    *,
    at_least: float,
    ended_from: float,
) -> list[Reported]:
    """The likeliest complement of each cue, if likely enough; in order of the cues.

    A complement less likely than `ended_from` keeps the parser's end.
    """
    found = []
    for i in range(len(parse)):
        cue = _read_cue(parse, i, lexicon)
        if cue is None:
            continue
        shared = score(cue.features, weights)
        scores = [shared + score(features, weights) for _, features in cue.complements]
        *likely, nothing = shares([*scores, 0.0])
        probability = 1 - nothing
        if probability >= at_least:
            best = max(range(len(likely)), key=likely.__getitem__)
            complement = cue.complements[best][0]
            ending = 1.0
            if probability >= ended_from:
                complement, ending = with_ending(parse, complement, endings)
            found.append(Reported(complement, cue.source, probability, ending, cue.has_manner))
    return found


def cases_of(parse: Parse, i: int, lexicon: Lexicon) -> list[Case]:
    """The complements of token `i` with their features; none if it cannot be a cue."""
    cue = _read_cue(parse, i, lexicon)
    if cue is None:
        return []
    return [(c, {**cue.features, **own}) for c, own in cue.complements]


@dataclass(frozen=True, slots=True)
class _Cue:
    """A possible cue: its source, the features common to its complements, and the complements."""

    source: Candidate | None
    features: Features
    complements: list[Case]
    has_manner: bool


def _read_cue(parse: Parse, i: int, lexicon: Lexicon) -> _Cue | None:
    part = part_of(parse, i)
    if part is None or not parse.is_prose(i):
        return None
    cue = lexicon.find(word_of_cue(parse, i), part)
    if cue is None and part != VERB:
        return None
    evidence = lexicon.cue_evidence(cue, part)
    framed = [
        (c, lexicon.frame_evidence(cue, part, c.relation)) for c in shaped_complements(parse, i)
    ]
    # Most verbs report nothing: their complements are tested before their words are read.
    if not _has_hope(evidence, framed):
        return None
    framed = [
        (c, frame) for c, frame in framed if says_something(parse, c) and not _is_quoted(parse, c)
    ]
    if not _has_hope(evidence, framed):
        return None
    source = source_of(parse, i)
    shared = dict(_of_cue(parse, i, part, source, lexicon))
    shared["cue"] = evidence
    shared[f"manner {cue.manner if cue else 'unknown'}"] = 1.0
    relations = {c.relation for c, _ in framed}
    own = [
        (c, dict(_of_complement(parse, c, part, evidence, frame, relations))) for c, frame in framed
    ]
    return _Cue(source, shared, own, cue is not None and cue.manner is not None)


def _has_hope(evidence: float, framed: list[tuple[Complement, float]]) -> bool:
    """Whether the cue with the best frame of its complements can report anything at all."""
    return evidence + max((frame for _, frame in framed), default=-math.inf) >= HOPELESS


def word_of_cue(parse: Parse, i: int) -> str:
    """The word to look up: a court that "heard" says, "in the view of" counts as "according to"."""
    if source_of_view(parse, i) is not None:
        return "according"
    if parse.lower[i] == "heard":
        subject = parse.child(i, "nsubj")
        if subject is not None and parse.lower[subject] in COURTS:
            return "said"
    return parse.lower[i]


def part_of(parse: Parse, i: int) -> str | None:
    """The part of the lexicon in which to look the token up; None if it cannot be a cue."""
    if parse.quoted[i] != OUTSIDE:
        return None
    if is_verb(parse, i) or parse.lower[i] in LIKE_VERBS:
        return VERB
    if parse.lower[i] in VIEWS and source_of_view(parse, i) is not None:
        return VERB
    return PART_OF_TAG.get(parse.tags[i])


def known_cue(parse: Parse, token: int, lexicon: Lexicon) -> Cue | None:
    """The lexicon's entry for a token as the part of speech it is; None if it has none."""
    part = part_of(parse, token)
    return lexicon.find(word_of_cue(parse, token), part) if part else None


def source_of(parse: Parse, i: int) -> Candidate | None:
    """The first candidate given by the syntax; an adjacent noun only if there is none.

    The subject of "is expected" or "seems" is not the source.
    """
    if parse.lower[i] == "according" or source_of_view(parse, i) is not None:
        return source_of_sentence(parse, i)
    if parse.words[i] == ":":
        anchor = label(parse, i)
        return anchor.candidates[0] if anchor else None
    if parse.tags[i] == "RB":
        return None
    found = sources_of_noun(parse, i) if is_noun(parse, i) else sources_of_verb(parse, i)
    passive = is_passive(parse, i) and parse.lower[i] not in STATES
    raising = parse.lower[i] in RAISING
    found = [
        one
        for one in found
        if not (passive and (one.path in ("passive", "before", "subject") or ">" in one.path))
        and not (raising and (one.path in ("subject", "before") or ">" in one.path))
    ]
    for candidate in found:
        if candidate.path not in ("next", "before"):
            return candidate
    return found[0] if found else None


def is_passive(parse: Parse, verb: int) -> bool:
    """Whether the verb's subject is not its source: "was told", "Asked why …", "Crews urged to".

    A participle without an auxiliary is passive if the verb needs an object and has none.
    """
    if any(parse.deps[j] in ("auxpass", "nsubjpass") for j in parse.children[verb]):
        return True
    if parse.tags[verb] not in ("VBN", "VBD") or parse.child(verb, "aux") is not None:
        return False
    if parse.child(verb, "agent") is not None:
        return True
    alone = parse.deps[verb] in ("advcl", "acl", "ccomp", "csubj")
    if parse.lower[verb] in ASKED and alone:
        return not _has_own_subject(parse, verb)
    addressed = parse.lower[verb] in ADDRESSED and parse.child(verb, "dobj", "dative") is None
    return addressed and _has_own_infinitive(parse, verb)


def _has_own_subject(parse: Parse, verb: int) -> bool:
    return parse.child(verb, "nsubj", "csubj", "expl") is not None


def _has_own_infinitive(parse: Parse, verb: int) -> bool:
    clause = parse.child(verb, "xcomp")
    return clause is not None and clause > verb and parse.lower[parse.first[clause]] == "to"


def _is_quoted(parse: Parse, complement: Complement) -> bool:
    """Whether the whole complement is between quotation marks."""
    return all(
        parse.quoted[i] != OUTSIDE or not parse.has_letters[i]
        for first, last in complement.pieces
        for i in range(first, last + 1)
    )


def _of_cue(
    parse: Parse, i: int, part: str, source: Candidate | None, lexicon: Lexicon
) -> Iterator[tuple[str, float]]:
    """Features of the cue that are common to all its complements."""
    yield "any", 1.0
    yield f"tag {parse.tags[i]}", 1.0
    yield f"cue is {parse.deps[i]}", 1.0
    if source is not None:
        kind = kind_of_source(parse, source.source)
        yield f"{part} source {kind}", 1.0
        yield f"path {source.path}", 1.0
        if kind == "noun":
            yield "source noun evidence", lexicon.speaker_evidence(parse.lower[source.source])
    else:
        yield f"{part} without a source", 1.0
    for j in parse.children[i]:
        if parse.deps[j] in ("aux", "neg", "auxpass", "mark", "det"):
            yield f"{part} has {parse.deps[j]} {parse.lower[j]}", 1.0


def _of_complement(
    parse: Parse, c: Complement, part: str, evidence: float, frame: float, relations: set[str]
) -> Iterator[tuple[str, float]]:
    """Features of this complement, and of the cue with this complement."""
    coarse = c.relation.partition("_")[0]
    words = sum(parse.count_words(first, last) for first, last in c.pieces)
    yield "frame", frame
    yield f"frame of {coarse}", frame
    yield f"cue with {coarse}", evidence
    yield f"{part} {c.relation}", 1.0
    for other in relations - {c.relation}:
        yield f"{coarse} beside {other.partition('_')[0]}", 1.0
    yield f"{coarse} words {bin_of(words)}", 1.0
    yield f"{coarse} begins with {parse.tags[c.pieces[0][0]]}", 1.0
    yield f"{coarse} head {parse.tags[c.head]}", 1.0
    yield f"pieces {len(c.pieces)}", 1.0
    if parse.holds_quoted(c.pieces):
        yield f"{coarse} quoted in part", 1.0
    if parse.entities[c.head] == "PERSON":
        yield f"{coarse} is a person", 1.0
