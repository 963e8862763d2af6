"""Anchors: tokens of an article that can be cues of a quoted passage, with possible sources."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

import msgspec

from onrecord.nlp.quotes.cues import NOUN, VERB, Lexicon
from onrecord.nlp.quotes.sources import (
    Candidate,
    is_age,
    is_noun,
    is_verb,
    source_according_to,
    sources_of_noun,
    sources_of_verb,
)
from onrecord.nlp.quotes.syntax import OUTSIDE, Parse, sentence_bounds

NOUN_FLOOR = -3.5  # nouns with lower log-odds of being a cue are not candidates
ACCORDING_TO = 0.5  # log-odds, equal to those of the best verbs
NO_WORD = -2.0  # a colon or a dash: only its position counts as evidence
LONGEST_LABEL = 12
LONGEST_APPOSITION = 20
LONGEST_SIGNATURE = 16
LONGEST_INNER_LABEL = 5
DASHES = frozenset({"-", "–", "—", "--", "―"})
NAMES = frozenset({"NNP", "NNPS"})
NOUNS = frozenset({"NN", "NNS", "NNP", "NNPS", "PRP"})
FINITE_TAGS = frozenset({"VBD", "VBZ", "VBP", "MD"})
BEGIN_APPOSITION = frozenset({"DT", "NN", "JJ", "PRP$", "CD"})
NO_RIVAL = -6.0  # log-odds where no other word can be a cue
ANCHORS_BESIDE = 16
# What can be an anchor: verbs, common nouns of the lexicon, "according", a colon, a dash.
_NOUNS = frozenset({"NN", "NNS"})
_VERBS = frozenset({"VB", "VBD", "VBG", "VBN", "VBP", "VBZ"})
_WORDS = DASHES | {"according", ":"}


class Anchor(msgspec.Struct, frozen=True):
    """A token that can be a cue, with its evidence and its candidate sources."""

    token: int
    evidence: float
    candidates: tuple[Candidate, ...]


def find_anchors(parse: Parse, lexicon: Lexicon, tokens: Iterable[range]) -> list[Anchor]:
    """The given tokens outside quotation marks that can be cues and have a source in reach."""
    tags, words, quoted = parse.tags, parse.lower, parse.quoted
    able = [
        i
        for run in tokens
        for i in run
        if quoted[i] == OUTSIDE
        and (
            tags[i] in _VERBS
            or words[i] in _WORDS
            or (tags[i] in _NOUNS and lexicon.find(words[i], NOUN) is not None)
        )
    ]
    anchors = [_anchor(parse, i, lexicon) for i in able]
    return [anchor for anchor in anchors if anchor is not None and anchor.candidates]


def _anchor(parse: Parse, i: int, lexicon: Lexicon) -> Anchor | None:
    if parse.words[i] in DASHES:  # whatever part of speech the model assigns
        return signature(parse, i)
    if parse.lower[i] == "according":
        source = source_according_to(parse, i)
        return Anchor(i, ACCORDING_TO, (source,)) if source else None
    if is_verb(parse, i):
        cue = lexicon.find(parse.lower[i], VERB)
        return Anchor(i, lexicon.quoted_evidence(cue, VERB), sources_of_verb(parse, i))
    if is_noun(parse, i):
        return _noun(parse, i, lexicon)
    if parse.words[i] == ":":
        return label(parse, i)
    return None


def _noun(parse: Parse, i: int, lexicon: Lexicon) -> Anchor | None:
    cue = lexicon.find(parse.lower[i], NOUN)
    if cue is None or lexicon.cue_evidence(cue, NOUN) < NOUN_FLOOR:
        return None
    return Anchor(i, lexicon.quoted_evidence(cue, NOUN), sources_of_noun(parse, i))


def label(parse: Parse, colon: int) -> Anchor | None:
    """The name before a colon where no verb precedes it: "STONE: “We will.”"."""
    source = None
    for j in range(colon - 1, max(colon - LONGEST_LABEL, -1), -1):
        if "\n" in parse.words[j]:
            break
        if parse.tags[j].startswith("VB") or parse.quoted[j] != OUTSIDE:
            return None
        if source is None and parse.tags[j] in NOUNS:
            source = j
    return _mark(colon, _before_apposition(parse, colon, source), "label")


def _before_apposition(parse: Parse, colon: int, source: int | None) -> int | None:
    """The name of a label that an apposition follows: "Ida Marsh, a member of the choir: “…”"."""
    first = sentence_bounds(parse, colon)[0]
    while first < colon and parse.is_space(first):
        first += 1
    label = range(first, colon)
    if source is None or not 0 < len(label) <= LONGEST_APPOSITION:
        return source
    comma = next((i for i in label if parse.words[i] == ","), colon)
    before = range(first, comma)
    if comma >= source or any(parse.tags[i].startswith(("VB", "IN", "MD")) for i in before):
        return source
    if any(parse.tags[i] in FINITE_TAGS or parse.quoted[i] != OUTSIDE for i in label):
        return source
    head = comma - 1
    is_someone = parse.tags[head] in NAMES or is_age(parse, head)
    return head if is_someone and parse.tags[comma + 1] in BEGIN_APPOSITION else source


def inner_label(parse: Parse, k: int) -> Candidate | None:
    """The name and colon at the start of a passage of a quoted transcript: "“STONE: We will.""."""
    first, last = parse.bounds[k]
    for j in range(first, min(first + LONGEST_INNER_LABEL, last)):
        if parse.words[j] == ":":
            speaks = j > first and _is_speech(parse, j, last)
            return Candidate(j, j - 1, "inner label") if speaks else None
        if parse.tags[j] not in ("NNP", "NNPS") and not parse.words[j].isupper():
            return None
    return None


def _is_speech(parse: Parse, colon: int, last: int) -> bool:
    """Whether a label in capitals precedes the colon or a sentence follows it: not a title."""
    if parse.words[colon - 1].isupper() and len(parse.words[colon - 1]) > 1:
        return True
    return any(parse.tags[i] in ("VBD", "VBZ", "VBP", "MD") for i in range(colon + 1, last + 1))


def signature(parse: Parse, dash: int) -> Anchor | None:
    """The name after a dash below or beside a quotation: "— Ada Stone" ends a paragraph."""
    begins = not dash or "\n" in parse.words[dash - 1]
    if not begins and not _ends_quoted_paragraph(parse, dash - 1):
        return None
    source = None
    for j in range(dash + 1, len(parse)):
        if "\n" in parse.words[j]:
            break
        if (
            j > dash + LONGEST_SIGNATURE
            or (parse.tags[j].startswith("VB") and parse.words[j].islower())
            or parse.quoted[j] != OUTSIDE
        ):
            return None
        if (
            source is None
            and parse.tags[j] in (NOUNS if begins else NAMES)
            and parse.tags[j + 1 : j + 2] != [parse.tags[j]]
        ):
            source = j
    return _mark(dash, source, "signature")


def _ends_quoted_paragraph(parse: Parse, token: int) -> bool:
    """Whether a closing mark ends a quotation that began its paragraph."""
    passage = parse.quoted[token - 1] if token else OUTSIDE
    if passage == OUTSIDE or parse.quoted[token] != OUTSIDE:
        return False
    mark = parse.bounds[passage][0] - 1
    return mark <= 0 or "\n" in parse.words[mark - 1]


def _mark(token: int, source: int | None, path: str) -> Anchor | None:
    return None if source is None else Anchor(token, NO_WORD, (Candidate(token, source, path),))


def best_two(parse: Parse, anchors: Iterable[Anchor]) -> dict[int, tuple[float, float]]:
    """The best and second-best evidence among the anchors of each sentence."""
    found: dict[int, tuple[float, float]] = {}
    for anchor in anchors:
        sentence = parse.sentences[anchor.token]
        best, second = found.get(sentence, (NO_RIVAL, NO_RIVAL))
        if anchor.evidence > best:
            found[sentence] = (anchor.evidence, best)
        else:
            found[sentence] = (best, max(second, anchor.evidence))
    return found


def nearest(anchors: list[Anchor], first: int, last: int) -> list[Anchor]:
    """The anchors next to a run of tokens on both sides: all, in a paragraph of ordinary length."""
    low = bisect_left(anchors, first, key=lambda anchor: anchor.token)
    high = bisect_right(anchors, last, key=lambda anchor: anchor.token)
    return anchors[max(0, low - ANCHORS_BESIDE) : high + ANCHORS_BESIDE]
