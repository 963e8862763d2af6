"""Reported content: chooses the complement of each cue that is speech, belief or intention.

A linear model distributes the probability over the cue's complements and "none of them". Its
features are the cue's record in the lexicon, the kind of complement, and the subject. For each cue
the likeliest complement is kept; its end is decided separately (`endings.py`).
"""

from collections.abc import Iterator

import msgspec

from onrecord.nlp.quotes.candidates import label
from onrecord.nlp.quotes.cues import ADJECTIVE, ADVERB, NOUN, VERB, Cue, Lexicon
from onrecord.nlp.quotes.endings import with_ending
from onrecord.nlp.quotes.indirect import RAISING, says_something, shaped_complements
from onrecord.nlp.quotes.reach_features import bin_of
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
from onrecord.nlp.quotes.weights import (
    Features,
    Group,
    Groups,
    Weights,
    alone,
    features_of,
    shares,
)

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
VERBS = frozenset({"VB", "VBD", "VBG", "VBN", "VBP", "VBZ"})
# What is looked up as another word or part of speech than its own.
READ_OTHERWISE = LIKE_VERBS | VIEWS | {"heard"}

MODIFIERS = frozenset({"aux", "neg", "auxpass", "mark", "det"})
COURTS = frozenset(
    {"court", "inquest", "jury", "tribunal", "inquiry", "hearing", "trial", "panel", "committee"}
)

_CUE, _NOUN = alone("cue"), alone("source noun evidence")

Case = tuple[Complement, Features]


class Reported(msgspec.Struct, frozen=True):
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
    for i in _possible_cues(parse, lexicon):
        cue = _read_cue(parse, i, lexicon)
        if cue is None:
            continue
        shared = weights.of(cue.shared)
        scores = [shared + weights.of(own) for _, own in cue.complements]
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


def _possible_cues(parse: Parse, lexicon: Lexicon) -> list[int]:
    """Verbs, and the other words outside quoted passages that the lexicon knows."""
    columns = zip(parse.tags, parse.lower, parse.quoted, strict=True)
    return [
        i
        for i, (tag, word, quoted) in enumerate(columns)
        if quoted == OUTSIDE
        and (
            tag in VERBS
            or word in READ_OTHERWISE
            or (tag in PART_OF_TAG and lexicon.find(word, PART_OF_TAG[tag]) is not None)
        )
    ]


def cases_of(parse: Parse, i: int, lexicon: Lexicon) -> list[Case]:
    """The complements of token `i` with their features; none if it cannot be a cue."""
    cue = _read_cue(parse, i, lexicon)
    if cue is None:
        return []
    return [(c, features_of([*cue.shared, *own])) for c, own in cue.complements]


class _Cue(msgspec.Struct, frozen=True):
    """A possible cue: its source, the features common to its complements, and those of each."""

    source: Candidate | None
    shared: Groups
    complements: list[tuple[Complement, Groups]]
    has_manner: bool


def _read_cue(parse: Parse, i: int, lexicon: Lexicon) -> _Cue | None:
    part = part_of(parse, i)
    if part is None or not parse.is_prose(i):
        return None
    cue = lexicon.find(word_of_cue(parse, i), part)
    if cue is None and part != VERB:
        return None
    evidence = lexicon.cue_evidence(cue, part)
    shaped = [
        (c, lexicon.frame_evidence(cue, part, c.relation)) for c in shaped_complements(parse, i)
    ]
    # Most verbs report nothing: their complements are tested before their words are read.
    if not _has_hope(evidence, shaped):
        return None
    framed = [one for one in shaped if says_something(parse, one[0]) and _has_own(parse, one[0])]
    if len(framed) < len(shaped) and not _has_hope(evidence, framed):
        return None
    source = source_of(parse, i)
    manner = str(cue.manner) if cue else "unknown"
    shared = [(_CUE, evidence), *_of_cue(parse, i, part, manner, source, lexicon)]
    relations = frozenset([c.relation for c, _ in framed])
    own = [(c, _of_complement(parse, c, part, evidence, frame, relations)) for c, frame in framed]
    return _Cue(source, shared, own, cue is not None and cue.manner is not None)


def _has_hope(evidence: float, framed: list[tuple[Complement, float]]) -> bool:
    """Whether the cue with the best frame of its complements can report anything at all."""
    frames = [frame for _, frame in framed]
    return bool(frames) and evidence + max(frames) >= HOPELESS


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
    possible = sources_of_noun(parse, i) if is_noun(parse, i) else sources_of_verb(parse, i)
    passive = is_passive(parse, i) and parse.lower[i] not in STATES
    raising = parse.lower[i] in RAISING
    found = [
        one
        for one in possible
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
    if parse.child(verb, "auxpass", "nsubjpass") is not None:
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


def _has_own(parse: Parse, complement: Complement) -> bool:
    """Whether a word of the complement is outside quotation marks."""
    return sum([parse.count_own_words(*piece) for piece in complement.pieces]) > 0


# ── features ─────────────────────────────────────────────────────────────────────────────────


def _of_cue(
    parse: Parse, i: int, part: str, manner: str, source: Candidate | None, lexicon: Lexicon
) -> Iterator[tuple[Group, float]]:
    """Features of the cue that are common to all its complements."""
    modifiers = tuple(
        [(parse.deps[j], parse.lower[j]) for j in parse.children[i] if parse.deps[j] in MODIFIERS]
    )
    yield (_names_of_cue, part, manner, parse.tags[i], parse.deps[i], modifiers), 1.0
    if source is None:
        yield (_names_of_source, part, None, ""), 1.0
        return
    kind = kind_of_source(parse, source.source)
    yield (_names_of_source, part, kind, source.path), 1.0
    if kind == "noun":
        yield _NOUN, lexicon.speaker_evidence(parse.lower[source.source])


def _names_of_cue(
    part: str, manner: str, tag: str, dep: str, modifiers: tuple[tuple[str, str], ...]
) -> Iterator[str]:
    yield from ("any", f"manner {manner}", f"tag {tag}", f"cue is {dep}")
    yield from (f"{part} has {relation} {word}" for relation, word in modifiers)


def _names_of_source(part: str, kind: str | None, path: str) -> tuple[str, ...]:
    if kind is None:
        return (f"{part} without a source",)
    return f"{part} source {kind}", f"path {path}"


def _of_complement(
    parse: Parse,
    c: Complement,
    part: str,
    evidence: float,
    frame: float,
    relations: frozenset[str],
) -> Groups:
    """Features of this complement, and of the cue with this complement among all of its own."""
    coarse = c.relation.partition("_")[0]
    words = sum([parse.count_words(*piece) for piece in c.pieces])
    quoted, person = parse.holds_quoted(c.pieces), parse.entities[c.head] == "PERSON"
    begins, head = parse.tags[c.pieces[0][0]], parse.tags[c.head]
    return (
        ((_names_of_frame, coarse), frame),
        ((_name_of_evidence, coarse), evidence),
        ((_names_of_relation, part, c.relation, relations, len(c.pieces), quoted, person), 1.0),
        ((_names_of_words, coarse, bin_of(words), begins, head), 1.0),
    )


def _names_of_frame(coarse: str) -> tuple[str, ...]:
    return "frame", f"frame of {coarse}"


def _name_of_evidence(coarse: str) -> tuple[str]:
    return (f"cue with {coarse}",)


def _names_of_relation(
    part: str, relation: str, relations: frozenset[str], pieces: int, quoted: bool, person: bool
) -> Iterator[str]:
    coarse = relation.partition("_")[0]
    yield from (f"{part} {relation}", f"pieces {pieces}")
    others = sorted(relations - {relation})
    yield from (f"{coarse} beside {other.partition('_')[0]}" for other in others)
    if quoted:
        yield f"{coarse} quoted in part"
    if person:
        yield f"{coarse} is a person"


def _names_of_words(coarse: str, size: str, begins: str, head: str) -> tuple[str, ...]:
    return f"{coarse} words {size}", f"{coarse} begins with {begins}", f"{coarse} head {head}"
