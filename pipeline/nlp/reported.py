"""Which of the things a cue governs somebody said, believed or intended.

A linear model over the cue's record in the lexicon, the kind of complement, and who the subject
is gives each complement the probability that a careful reader would mark it. For each cue the
likeliest is kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.nlp.attribution import bin_of, kind_of_source, label
from pipeline.nlp.cues import ADJECTIVE, ADVERB, NOUN, VERB, Lexicon
from pipeline.nlp.indirect import ADJECTIVES, Complement, complements, with_other_ends
from pipeline.nlp.sources import (
    Candidate,
    is_noun,
    is_verb,
    source_according_to,
    sources_of_noun,
    sources_of_verb,
)
from pipeline.nlp.syntax import OUTSIDE, Parse, is_word
from pipeline.nlp.weights import Weights, score, shares


# Evidence of cue and frame together below which nothing else makes a complement content.
HOPELESS = -8.0


@dataclass(frozen=True, slots=True)
class Reported:
    """A complement with its source (None where no one is named) and how likely it is content."""

    complement: Complement
    source: Candidate | None
    probability: float


def find_reported(
    parse: Parse, lexicon: Lexicon, weights: Weights, *, at_least: float
) -> list[Reported]:
    """The likeliest complement of each cue, where likely enough; in order of the cues."""
    found = []
    for i in range(len(parse)):
        cases = list(cases_of(parse, i, lexicon))
        if not cases:
            continue
        scores = [score(features, weights) for _, features in cases]
        *likely, nothing = shares([*scores, 0.0])
        if 1 - nothing >= at_least:
            best = max(range(len(cases)), key=likely.__getitem__)
            complement, source = cases[best][0]
            found.append(Reported(complement, source, 1 - nothing))
    return found


def cases_of(
    parse: Parse, i: int, lexicon: Lexicon
) -> Iterator[tuple[tuple[Complement, Candidate | None], dict[str, float]]]:
    """The complements of token `i` with their features, if it may be a cue."""
    part = part_of(parse, i)
    if part is None:
        return
    cue = lexicon.find(parse.lower[i], part)
    if cue is None and part != VERB:
        return
    found = [c for c in complements(parse, i) if c.pieces and not _is_quoted(parse, c)]
    if not found:
        return
    evidence = lexicon.cue_evidence(cue, part)
    frames = [lexicon.frame_evidence(cue, part, c.relation) for c in found]
    if evidence + max(frames) < HOPELESS:
        return
    source = source_of(parse, i)
    shared = _shared(parse, i, part, source, lexicon)
    shared["cue"] = evidence
    for c, frame in zip(found, frames, strict=True):
        features = dict(shared)
        coarse = c.relation.partition("_")[0]
        features["frame"] = frame
        features[f"{part} {c.relation}"] = 1.0
        features[f"frame of {coarse}"] = frame
        features[f"cue with {coarse}"] = evidence
        for other in found:
            if other.relation != c.relation:
                features[f"{coarse} beside {other.relation.partition('_')[0]}"] = 1.0
        if source is None:
            features[f"{coarse} without a source"] = 1.0
        if evidence + frame < HOPELESS:
            yield (c, source), _with_content(features, parse, c, coarse)
            continue
        for variant in with_other_ends(parse, c):
            yield (variant, source), _with_content(features, parse, variant, coarse)


def part_of(parse: Parse, i: int) -> str | None:
    """Which part of the lexicon the token is looked up in; None if it cannot be a cue."""
    if parse.quoted[i] != OUTSIDE:
        return None
    if is_verb(parse, i) or parse.lower[i] == "according" or parse.words[i] == ":":
        return VERB
    if is_noun(parse, i):
        return NOUN
    if parse.tags[i] in ADJECTIVES:
        return ADJECTIVE
    return ADVERB if parse.tags[i] == "RB" else None


def source_of(parse: Parse, i: int) -> Candidate | None:
    """The first candidate the syntax gives: neighbours alone are not enough here."""
    if parse.lower[i] == "according":
        return source_according_to(parse, i)
    if parse.words[i] == ":":
        anchor = label(parse, i)
        return anchor.candidates[0] if anchor else None
    if parse.tags[i] == "RB":
        return None
    found: Sequence[Candidate]
    found = sources_of_noun(parse, i) if is_noun(parse, i) else sources_of_verb(parse, i)
    passive = any(parse.deps[j] in ("auxpass", "nsubjpass") for j in parse.children[i])
    for candidate in found:
        if passive and candidate.path == "passive":
            continue
        if candidate.path not in ("next", "before"):
            return candidate
    return found[0] if found else None


def _is_quoted(parse: Parse, complement: Complement) -> bool:
    """Does all of it stand between quotation marks?"""
    return all(
        parse.quoted[i] != OUTSIDE or not is_word(parse.words[i])
        for first, last in complement.pieces
        for i in range(first, last + 1)
    )


def _shared(
    parse: Parse, i: int, part: str, source: Candidate | None, lexicon: Lexicon
) -> dict[str, float]:
    """What holds for the cue whatever it governs."""
    found = {"any": 1.0, f"tag {parse.tags[i]}": 1.0, f"cue is {parse.deps[i]}": 1.0}
    if source is not None:
        kind = kind_of_source(parse, source.source)
        found[f"{part} source {kind}"] = 1.0
        found[f"path {source.path}"] = 1.0
        if kind == "noun":
            found["source noun evidence"] = lexicon.speaker_evidence(parse.lower[source.source])
    for j in parse.children[i]:
        if parse.deps[j] in ("aux", "neg", "auxpass", "mark", "det"):
            found[f"{part} has {parse.deps[j]} {parse.lower[j]}"] = 1.0
    return found


def _with_content(
    shared: dict[str, float], parse: Parse, c: Complement, coarse: str
) -> dict[str, float]:
    """The features with what the content itself shows, and where it ends."""
    features = dict(shared)
    tokens = [i for first, last in c.pieces for i in range(first, last + 1)]
    words = sum(is_word(parse.words[i]) for i in tokens)
    features[f"{coarse} words {bin_of(words)}"] = 1.0
    features[f"pieces {len(c.pieces)}"] = 1.0
    if any(parse.quoted[i] != OUTSIDE for i in tokens):
        features[f"{coarse} quoted in part"] = 1.0
    features[f"{coarse} begins with {parse.tags[tokens[0]]}"] = 1.0
    features[f"{coarse} head {parse.tags[c.head]}"] = 1.0
    if coarse in ("dobj", "pobj", "passive") and parse.entities[c.head] == "PERSON":
        features[f"{coarse} is a person"] = 1.0
    if c.end != "whole":
        kind, _, how = c.end.partition(" ")
        features[f"ends {kind}"] = 1.0
        features[f"{coarse} ends {kind}"] = 1.0
        features[f"ends {c.end}"] = 1.0
        words_of_end = how.split(" ")
        features[f"ends {kind} {words_of_end[0]}"] = 1.0
        features[f"ends {kind} {' '.join(words_of_end[:-1])}"] = 1.0
        features[f"ends {kind} word {words_of_end[-1]}"] = 1.0
    return features
