"""Confidence of a quote: that the words are a statement, and that the speaker is right.

Two logistic models over the earlier decisions, fitted on modern news with human judgements of
the results (`tests/benchmarks/fit_confidence.py`). They set only the figures: a weak quote stays
in the records with a low confidence. The attribution's own probability does not serve here: it
was learned from political news alone, and compares candidates.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from onrecord.nlp.quotes.cues import NOUN, VERB, Cue, Lexicon
from onrecord.nlp.quotes.overlaps import Content
from onrecord.nlp.quotes.report_kinds import kind_of_reporter, kinds_of_cue
from onrecord.nlp.quotes.reported import Reported, part_of, word_of_cue
from onrecord.nlp.quotes.sources import kind_of_source
from onrecord.nlp.quotes.syntax import OUTSIDE, Parse, sentence_bounds
from onrecord.nlp.quotes.weights import Features, Weights, score

FINITE = frozenset({"VBD", "VBZ", "VBP", "MD"})
QUESTIONS = frozenset({"what", "who", "why", "how", "whether", "if", "when", "where", "which"})
MANNERS_OF_NO_WORD = "none"
SIZES = ((1, "1"), (2, "2"), (4, "4"), (7, "7"), (12, "12"))
FARTHEST_ODDS = 5.0
LONGEST_PARTICLE = 3
_OF_A_NAME = re.compile(r" (?:of|for) [A-Z].*")


def confidence_of(parse: Parse, content: Content, lexicon: Lexicon, weights: Weights) -> float:
    """The probability that the words are somebody's statement, with correct bounds and cue."""
    if not content.passages and content.clause is None:  # a transcript turn: decided by rule
        return content.confidence
    return _logistic(score(statement_features(parse, content, lexicon), weights))


@dataclass(frozen=True, slots=True)
class Attribution:
    """The evidence for the source of a quote.

    `probability` is that of the source among all in reach; `kind` is the kind of source (a name,
    a pronoun); `path` is the path from the cue of words without marks to the source; `cued` is
    whether the quote has a cue of its own. `names_someone` is False for a lone pronoun, number or
    adjective. `cue_evidence` and `noun_evidence` are the lexicon's log-odds that the cue introduces
    quoted words and that the noun names a speaker; 0 where there is none.
    """

    probability: float
    kind: str
    path: str
    cued: bool
    names_someone: bool = True
    cue_evidence: float = 0.0
    noun_evidence: float = 0.0


@dataclass(frozen=True, slots=True)
class SpeakerChoice:
    """The evidence for the speaker chosen for a source.

    `reason` says why the source refers to this speaker, `contested` whether it could refer to
    another, and `margin`, from 0 to 1, how clear the choice between the two was.
    """

    reason: str | None
    contested: bool = False
    margin: float = 1.0


def speaker_confidence_of(
    attribution: Attribution, choice: SpeakerChoice, weights: Weights
) -> float:
    """The probability that a speaker is the right one."""
    return _logistic(score(speaker_features(attribution, choice), weights))


def speaker_features(attribution: Attribution, choice: SpeakerChoice) -> Features:
    """Features of the choice of speaker, by name."""
    quoted = "reported" if attribution.path else "quoted"
    reason = _plain(choice.reason)
    names = (
        "speaker",
        f"speaker {quoted}",
        f"speaker of a {attribution.kind}",
        f"speaker cued {attribution.cued}",
        f"speaker by {reason}",
        f"speaker contested {choice.contested}",
    )
    found = dict.fromkeys(names, 1.0)
    found[f"speaker {quoted} odds"] = odds(attribution.probability)
    found["speaker unclear"] = 1.0 - choice.margin
    found[f"speaker {quoted} cue"] = attribution.cue_evidence
    if reason == "as the text puts it":
        found["speaker noun evidence"] = attribution.noun_evidence
    return found


def _plain(reason: str | None) -> str:
    """A reason without the names and words of this article."""
    plain = re.sub(r"“[^”]*”|\d+", "…", reason or "nothing").partition(":")[0].strip()
    return _OF_A_NAME.sub(" of …", plain)


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


def odds(probability: float) -> float:
    """The log-odds of a probability, clipped to the range that two digits can distinguish."""
    clipped = min(max(probability, 1e-9), 1 - 1e-9)
    return max(-FARTHEST_ODDS, min(FARTHEST_ODDS, math.log(clipped / (1 - clipped))))


def statement_features(parse: Parse, content: Content, lexicon: Lexicon) -> Features:
    """Features of the words as a statement, by name."""
    if content.passages:
        return dict(_of_passages(parse, content))
    return dict(_of_clause(parse, content.clause, lexicon)) if content.clause else {}


# ── quoted words ─────────────────────────────────────────────────────────────────────────────


def _of_passages(parse: Parse, content: Content) -> Iterator[tuple[str, float]]:
    words = sum(
        parse.has_letters[i]
        for k in content.passages
        for i in range(parse.bounds[k][0], parse.bounds[k][1] + 1)
    )
    sourced = "with a source" if content.source is not None else "without a source"
    single = any(parse.passages[k].single for k in content.passages)
    kind = "mixed" if content.is_mixed else "direct"
    yield "quoted", 1.0
    yield f"quoted {sourced}", 1.0
    yield f"quoted {sourced} odds", odds(content.of_someone)
    yield f"quoted {sourced} {_size(words)} words", 1.0
    yield f"quoted {kind}", 1.0
    if _is_in_capitals(parse, content):
        yield f"quoted {sourced} in capitals", 1.0
    if single:
        yield "quoted single marks", 1.0
        yield f"quoted single marks {_size(words)} words", 1.0


def _is_in_capitals(parse: Parse, content: Content) -> bool:
    """Whether every longer word is capitalised, as in a title."""
    words = [
        parse.words[i]
        for k in content.passages
        for i in range(parse.bounds[k][0], parse.bounds[k][1] + 1)
        if len(parse.words[i]) > LONGEST_PARTICLE
    ]
    finished = parse.text[content.spans[-1][1] - 1] in ".?!,"
    return bool(words) and not finished and all(word[0].isupper() for word in words)


# ── words without marks ──────────────────────────────────────────────────────────────────────


def _of_clause(parse: Parse, one: Reported, lexicon: Lexicon) -> Iterator[tuple[str, float]]:
    complement = one.complement
    part = part_of(parse, complement.cue) or VERB
    cue = lexicon.find(word_of_cue(parse, complement.cue), part)
    manner = (cue.manner if cue else None) or MANNERS_OF_NO_WORD
    form = _form(parse, one)
    group = _group(complement.relation)
    yield "reported", 1.0
    yield "odds", odds(one.reported)
    yield "odds of the ending", odds(one.ending)
    yield f"odds {group}", odds(one.reported)
    yield "cue", lexicon.cue_evidence(cue, part)
    yield f"cue {form}", lexicon.cue_evidence(cue, part)
    yield "frame", lexicon.frame_evidence(cue, part, complement.relation)
    yield f"manner {manner}", 1.0
    yield f"manner {manner} {form}", 1.0
    yield f"manner {manner} {group}", 1.0
    yield f"{part} {group}", 1.0
    yield f"form {form}", 1.0
    yield f"says more than it is said {_ratio(cue)}", 1.0
    for kind in kinds_of_cue(parse, complement.cue, lexicon):
        yield f"verb {kind}", 1.0
        yield f"verb {kind} {form}", 1.0
    yield from _of_source(parse, one, lexicon, form)
    yield from _of_words(parse, one)
    yield from _around_cue(parse, complement.cue)


def _of_source(
    parse: Parse, one: Reported, lexicon: Lexicon, form: str
) -> Iterator[tuple[str, float]]:
    yield f"by {kind_of_reporter(parse, one.source.source if one.source else None, lexicon)}", 1.0
    if one.source is None:
        yield "no source", 1.0
        yield f"no source {form}", 1.0
        return
    kind = kind_of_source(parse, one.source.source)
    yield f"source {kind}", 1.0
    yield f"source {kind} {form}", 1.0
    yield f"path {one.source.path.partition('>')[0]}", 1.0
    if kind == "noun":
        yield "noun evidence", lexicon.speaker_evidence(parse.lower[one.source.source])
    if parse.lower[one.source.source] in ("i", "we"):
        yield "the narrator", 1.0


def _of_words(parse: Parse, one: Reported) -> Iterator[tuple[str, float]]:
    tokens = [i for first, last in one.complement.pieces for i in range(first, last + 1)]
    words = [i for i in tokens if parse.has_letters[i]]
    if not words:
        return
    yield f"{_size(len(words))} words", 1.0
    yield f"begins with {parse.tags[words[0]]}", 1.0
    if len(one.complement.pieces) > 1:
        yield "in pieces", 1.0
    if any(parse.quoted[i] != OUTSIDE for i in tokens):
        yield "quoted in part", 1.0


def _around_cue(parse: Parse, cue: int) -> Iterator[tuple[str, float]]:
    yield f"cue tag {parse.tags[cue]}", 1.0
    for i in parse.children[cue]:
        if parse.deps[i] == "neg":
            yield "cue negated", 1.0
        elif parse.tags[i] == "MD" or parse.lower[i] == "to":
            yield "cue not yet", 1.0
    if parse.tags[cue] == NOUN or parse.tags[cue].startswith("NN"):
        yield "cue is a noun", 1.0
    first, last = sentence_bounds(parse, cue)
    if parse.words[last] not in (".", "?", "!", "”", '"', "’", "'", ":", ";"):
        yield "in a heading", 1.0
    if first == cue:
        yield "cue first", 1.0


def _form(parse: Parse, one: Reported) -> str:
    """The form of the words: "that", "question", "clause", "infinitive", "phrase"."""
    tokens = [i for first, last in one.complement.pieces for i in range(first, last + 1)]
    opening = parse.lower[tokens[0]]
    finite = any(parse.tags[i] in FINITE and parse.quoted[i] == OUTSIDE for i in tokens)
    if finite and opening == "that":
        return "that"
    if opening in QUESTIONS:
        return "question"
    if opening == "to" and parse.tags[tokens[0]] == "TO":
        return "infinitive"
    if finite and parse.tags[one.complement.head].startswith(("VB", "MD")):
        return "clause"
    return "phrase with a verb" if finite else "phrase"


def _group(relation: str) -> str:
    """A coarse name for the relation of the words to their cue."""
    kind, _, rest = relation.partition("_")
    kind = "parenthetical" if kind == "aside" else kind
    if kind in ("parenthetical", "according", "label", "raised"):
        return f"{kind} {rest}" if kind == "parenthetical" else kind
    return kind


def _ratio(cue: Cue | None) -> str:
    """How often the word is a cue when it occurs: "never" to "always"."""
    if cue is None or cue.seen < MIN_SEEN:
        return "unknown"
    share = cue.cued / cue.seen
    names = ((0.1, "never"), (0.3, "seldom"), (0.6, "often"), (0.85, "mostly"))
    return next((name for most, name in names if share < most), "always")


MIN_SEEN = 5


def _size(count: int) -> str:
    return next((name for most, name in SIZES if count <= most), "more")
