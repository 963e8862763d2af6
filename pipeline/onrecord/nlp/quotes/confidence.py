"""Confidence of a quote: that the words are a statement, and that the speaker is right.

Two logistic models over the earlier decisions, fitted on modern news with human judgements of
the results (`tests/benchmarks/fit_confidence.py`). They set only the figures: a weak quote stays
in the records with a low confidence. The attribution's own probability does not serve here: it
was learned from political news alone, and compares candidates.
"""

import math
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from onrecord.nlp.quotes.cues import VERB, Cue, Lexicon
from onrecord.nlp.quotes.overlaps import Content
from onrecord.nlp.quotes.report_kinds import kind_of_reporter, kinds_of_cue
from onrecord.nlp.quotes.reported import Reported, part_of, word_of_cue
from onrecord.nlp.quotes.sources import kind_of_source
from onrecord.nlp.quotes.syntax import OUTSIDE, Parse, sentence_bounds
from onrecord.nlp.quotes.weights import Features, Group, Groups, Weights, alone, features_of, score

FINITE = frozenset({"VBD", "VBZ", "VBP", "MD"})
QUESTIONS = frozenset({"what", "who", "why", "how", "whether", "if", "when", "where", "which"})
MANNERS_OF_NO_WORD = "none"
SIZES = (1, 2, 4, 7, 12)
NAMES_OF_SIZES = (*map(str, SIZES), "more")
FARTHEST_ODDS = 5.0
ENDS_OF_SENTENCE = frozenset({".", "?", "!", "”", '"', "’", "'", ":", ";"})
LONGEST_PARTICLE = 3
_OF_A_NAME = re.compile(r" (?:of|for) [A-Z].*")


def confidence_of(parse: Parse, content: Content, lexicon: Lexicon, weights: Weights) -> float:
    """The probability that the words are somebody's statement, with correct bounds and cue."""
    if not content.passages and content.clause is None:  # a transcript turn: decided by rule
        return content.confidence
    return _logistic(weights.of(_of_statement(parse, content, lexicon)))


class Attribution(msgspec.Struct, frozen=True):
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
    return features_of(_of_statement(parse, content, lexicon))


def _of_statement(parse: Parse, content: Content, lexicon: Lexicon) -> Groups:
    if content.passages:
        return _of_passages(parse, content)
    return list(_of_clause(parse, content.clause, lexicon)) if content.clause else ()


# ── quoted words ─────────────────────────────────────────────────────────────────────────────


def _of_passages(parse: Parse, content: Content) -> Groups:
    words = sum(parse.count_words(*parse.bounds[k]) for k in content.passages)
    sourced = "with a source" if content.source is not None else "without a source"
    single = any(parse.passages[k].single for k in content.passages)
    kind = "mixed" if content.is_mixed else "direct"
    capitals = _is_in_capitals(parse, content)
    return (
        ((_names_of_quoted, sourced, kind, _size(words), single, capitals), 1.0),
        ((_name_of_quoted_odds, sourced), odds(content.of_someone)),
    )


def _names_of_quoted(
    sourced: str, kind: str, size: str, single: bool, capitals: bool
) -> Iterator[str]:
    yield from ("quoted", f"quoted {sourced}", f"quoted {sourced} {size} words", f"quoted {kind}")
    if capitals:
        yield f"quoted {sourced} in capitals"
    if single:
        yield from ("quoted single marks", f"quoted single marks {size} words")


def _name_of_quoted_odds(sourced: str) -> tuple[str]:
    return (f"quoted {sourced} odds",)


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


def _of_clause(parse: Parse, one: Reported, lexicon: Lexicon) -> Iterator[tuple[Group, float]]:
    complement = one.complement
    part = part_of(parse, complement.cue) or VERB
    cue = lexicon.find(word_of_cue(parse, complement.cue), part)
    manner = (cue.manner if cue else None) or MANNERS_OF_NO_WORD
    form = _form(parse, one)
    group = _group(complement.relation)
    kinds = kinds_of_cue(parse, complement.cue, lexicon)
    yield (_names_of_report, manner, form, group, part, _ratio(cue), kinds), 1.0
    yield (_names_of_odds, group), odds(one.reported)
    yield _ENDING, odds(one.ending)
    yield (_names_of_cue, form), lexicon.cue_evidence(cue, part)
    yield _FRAME, lexicon.frame_evidence(cue, part, complement.relation)
    yield from _of_source(parse, one, lexicon, form)
    yield _words(parse, one), 1.0
    yield _around_cue(parse, complement.cue), 1.0


_ENDING, _FRAME, _NOUN = alone("odds of the ending"), alone("frame"), alone("noun evidence")


def _names_of_report(
    manner: str, form: str, group: str, part: str, ratio: str, kinds: tuple[str, ...]
) -> Iterator[str]:
    yield from ("reported", f"form {form}", f"{part} {group}")
    yield from (f"manner {manner}", f"manner {manner} {form}", f"manner {manner} {group}")
    yield f"says more than it is said {ratio}"
    yield from (name for kind in kinds for name in (f"verb {kind}", f"verb {kind} {form}"))


def _names_of_odds(group: str) -> tuple[str, ...]:
    return "odds", f"odds {group}"


def _names_of_cue(form: str) -> tuple[str, ...]:
    return "cue", f"cue {form}"


def _of_source(
    parse: Parse, one: Reported, lexicon: Lexicon, form: str
) -> Iterator[tuple[Group, float]]:
    if one.source is None:
        yield (_names_of_no_source, kind_of_reporter(parse, None, lexicon), form), 1.0
        return
    source, path = one.source.source, one.source.path.partition(">")[0]
    reporter, kind = kind_of_reporter(parse, source, lexicon), kind_of_source(parse, source)
    narrates = parse.lower[source] in ("i", "we")
    yield (_names_of_source, reporter, kind, path, form, narrates), 1.0
    if kind == "noun":
        yield _NOUN, lexicon.speaker_evidence(parse.lower[source])


def _names_of_no_source(reporter: str, form: str) -> tuple[str, ...]:
    return f"by {reporter}", "no source", f"no source {form}"


def _names_of_source(
    reporter: str, kind: str, path: str, form: str, narrates: bool
) -> Iterator[str]:
    yield from (f"by {reporter}", f"source {kind}", f"source {kind} {form}", f"path {path}")
    if narrates:
        yield "the narrator"


def _words(parse: Parse, one: Reported) -> Group:
    """Features of the words by their number and the first."""
    pieces = one.complement.pieces
    words = (i for first, last in pieces for i in range(first, last + 1) if parse.has_letters[i])
    opening = next(words, None)
    tag = parse.tags[opening] if opening is not None else None
    size = _size(sum([parse.count_words(*piece) for piece in pieces]))
    return _names_of_words, size, tag, len(pieces) > 1, parse.holds_quoted(pieces)


def _names_of_words(size: str, tag: str | None, in_pieces: bool, quoted: bool) -> Iterator[str]:
    if tag is None:
        return
    yield from (f"{size} words", f"begins with {tag}")
    if in_pieces:
        yield "in pieces"
    if quoted:
        yield "quoted in part"


def _around_cue(parse: Parse, cue: int) -> Group:
    """Features of the cue by its dependents and its place in the sentence."""
    children = parse.children[cue]
    negated = any(parse.deps[i] == "neg" for i in children)
    future = any(
        parse.deps[i] != "neg" and (parse.tags[i] == "MD" or parse.lower[i] == "to")
        for i in children
    )
    first, last = sentence_bounds(parse, cue)
    heading = parse.words[last] not in ENDS_OF_SENTENCE
    return _names_around_cue, parse.tags[cue], negated, future, heading, first == cue


def _names_around_cue(
    tag: str, negated: bool, future: bool, heading: bool, is_first: bool
) -> Iterator[str]:
    yield f"cue tag {tag}"
    if negated:
        yield "cue negated"
    if future:
        yield "cue not yet"
    if tag.startswith("NN"):
        yield "cue is a noun"
    if heading:
        yield "in a heading"
    if is_first:
        yield "cue first"


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
    return NAMES_OF_SIZES[bisect_left(SIZES, count)]
