"""Explain each quote: the candidates, the choice and the runner-up.

The decisions are repeated on the same parse by the same functions, with every reason kept.
This module makes no decision itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from onrecord.nlp.coreference.resolve import WeighedSpeaker
from onrecord.nlp.coreference.sureness import is_unsure
from onrecord.nlp.quotes.attribution import Reach
from onrecord.nlp.quotes.candidates import find_anchors
from onrecord.nlp.quotes.choices import Choice
from onrecord.nlp.quotes.choose import choose_among, near_passages
from onrecord.nlp.quotes.endings import with_ending
from onrecord.nlp.quotes.find import AROUND_A_FRAGMENT, REPORTED_AT_LEAST, FoundQuote, token_at
from onrecord.nlp.quotes.no_one import features_of_no_one
from onrecord.nlp.quotes.overlaps import CharSpan
from onrecord.nlp.quotes.reported import cases_of, source_of
from onrecord.nlp.quotes.ruleset import Ruleset
from onrecord.nlp.quotes.runs import Complement
from onrecord.nlp.quotes.sources import (
    Candidate,
    is_noun,
    is_verb,
    source_span,
    sources_of_noun,
    sources_of_verb,
)
from onrecord.nlp.quotes.standing_alone import PATH as INTRODUCED
from onrecord.nlp.quotes.syntax import Parse
from onrecord.nlp.quotes.weights import Features, Weights, score, shares
from onrecord.records import Decision, Option, PassedOver, Reason, Span

OTHERS = 3
REASONS = 6
NO_ONE = "no one"
LABELS = {
    "inner label": "begins with a name and a colon",
    "signature": "signed by a name after a dash",
    INTRODUCED: "the person whom the words before are about",
}
NOTHING = f"nothing at all (no quote from {1 - REPORTED_AT_LEAST:.0%} on)"


@dataclass(frozen=True, slots=True)
class Explained:
    """The decisions behind each quote, in order, and the rejected candidates for quotes."""

    decisions: list[tuple[Decision, ...]]
    passed_over: tuple[PassedOver, ...]


def explain(
    doc: Doc,
    text: str,
    rules: Ruleset,
    quotes: Sequence[FoundQuote],
    speakers: Sequence[WeighedSpeaker],
) -> Explained:
    """The reasons for which the rules found these quotes and their speakers."""
    parse = rules.read(doc, text)
    passages = list(_passages(parse, rules))
    decisions = [
        (
            *_of_words(parse, rules, quote, passages),
            *_of_speaker(quote, speaker, parse, rules),
        )
        for quote, speaker in zip(quotes, speakers, strict=True)
    ]
    passed = [*_passages_left(parse, quotes, passages), *_clauses_left(parse, rules, quotes)]
    return Explained(decisions, tuple(sorted(passed, key=lambda one: one.content[0].start)))


def unexplained(quotes: Sequence[FoundQuote]) -> Explained:
    """Empty explanations, for quotes found without decisions."""
    return Explained([()] * len(quotes), ())


# ── whose words a passage between marks is ───────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Passage:
    choice: Choice
    decision: Decision


def _passages(parse: Parse, rules: Ruleset) -> Iterator[_Passage]:
    """The decision on each passage, in order."""
    lexicon, weights = rules.lexicon, rules.attribution
    reach = Reach(parse, find_anchors(parse, lexicon, near_passages(parse)), lexicon)
    decided = rules.decide(parse) if rules.decide else {}
    for k, (choice, before) in enumerate(choose_among(parse, lexicon, weights, decided)):
        if k in decided:
            yield _Passage(choice, _decided(parse, k, choice))
            continue
        labelled = choice.candidate is not None and choice.candidate.path in LABELS
        made = _labelled if labelled else _weighed
        yield _Passage(choice, made(parse, reach, k, choice, before, weights))


def _decided(parse: Parse, k: int, choice: Choice) -> Decision:
    """A passage decided by the words around its marks."""
    because = (Reason(what="the words around its marks say so"),)
    chosen = _option(parse, choice.candidate, because, choice.probability)
    return Decision(about="source", of=_passage_span(parse, k), chosen=chosen)


def _labelled(
    parse: Parse, _: Reach, k: int, choice: Choice, __: Candidate | None, ___: Weights
) -> Decision:
    path = choice.candidate.path if choice.candidate else "inner label"
    chosen = _option(parse, choice.candidate, (Reason(what=LABELS[path]),))
    return Decision(about="source", of=_passage_span(parse, k), chosen=chosen)


def _weighed(
    parse: Parse,
    reach: Reach,
    k: int,
    choice: Choice,
    before: Candidate | None,
    weights: Weights,
) -> Decision:
    candidates: list[Candidate | None] = [*reach.candidates(k, before)]
    known = [candidate for candidate in candidates if candidate is not None]
    features = [
        *reach.features(k, known, before),
        features_of_no_one(parse, k, reach.best_evidence(k)),
    ]
    likely = shares([score(one, weights) for one in features])
    rows = list(zip([*candidates, None], features, likely, strict=True))
    rows.sort(key=lambda row: (row[0] != choice.candidate, -row[2]))
    (_, of_chosen, _), *rest = rows
    shown = rest[:OTHERS]
    shown += [row for row in rest[OTHERS:] if row[0] is None]
    options = [
        _option(parse, candidate, _reasons(found, weights), share)
        for candidate, found, share in (rows[0], *shown)
    ]
    return Decision(
        about="source",
        of=_passage_span(parse, k),
        chosen=options[0],
        others=tuple(options[1:]),
        over_second=_advantage(of_chosen, rest[0][1], weights) if rest else (),
    )


def _option(
    parse: Parse,
    candidate: Candidate | None,
    because: tuple[Reason, ...],
    probability: float | None = None,
) -> Option:
    share = None if probability is None else round(probability, 3)
    if candidate is None:
        return Option(what=NO_ONE, probability=share, because=because)
    source = _source(parse, candidate.source)
    cue = _span(parse, (parse.starts[candidate.cue], parse.ends[candidate.cue]))
    by = "" if candidate.path == INTRODUCED else f", by “{_flat(cue.text)}”"
    return Option(
        what=f"{_flat(source.text)}{by}",
        cue=cue if by else None,
        source=source,
        probability=share,
        because=because,
    )


def _reasons(features: Features, weights: Weights) -> tuple[Reason, ...]:
    """The heaviest reasons, for and against."""
    return _heaviest({name: weights.get(name, 0.0) * value for name, value in features.items()})


def _advantage(chosen: Features, second: Features, weights: Weights) -> tuple[Reason, ...]:
    """The features that favour the choice over the runner-up, the heaviest first."""
    gains = {
        name: weights.get(name, 0.0) * (chosen.get(name, 0.0) - second.get(name, 0.0))
        for name in (*chosen, *second)
    }
    return _heaviest({name: gain for name, gain in gains.items() if gain > 0})


def _heaviest(parts: dict[str, float]) -> tuple[Reason, ...]:
    names = sorted(parts, key=lambda name: (-abs(parts[name]), name))[:REASONS]
    found = (Reason(what=name.strip(), weight=round(parts[name], 2)) for name in names)
    return tuple(reason for reason in found if reason.weight)


# ── a quote ──────────────────────────────────────────────────────────────────────────────────


def _of_words(
    parse: Parse, rules: Ruleset, quote: FoundQuote, passages: Sequence[_Passage]
) -> Iterator[Decision]:
    mine = [
        k
        for k, passage in enumerate(parse.passages)
        if _overlap((passage.start, passage.end), quote.content)
    ]
    yield from (passages[k].decision for k in mine)
    cue = token_at(parse, quote.cue[0]) if quote.cue else None
    if mine and cue is not None:
        yield from _moved(parse, quote, cue, passages[mine[0]])
    if cue is not None and quote.type != "direct":
        yield from _of_clause(parse, rules, cue, quote)


def _moved(parse: Parse, quote: FoundQuote, cue: int, passage: _Passage) -> Iterator[Decision]:
    """The changes by rules after scoring: the cue, and the source quoted by an outlet."""
    weighed = passage.choice.candidate
    if weighed is None:
        return
    second = passage.decision.chosen
    if weighed.cue != cue:
        why = Reason(what="governs these words, and has the same source")
        chosen = _option(parse, Candidate(cue, weighed.source, ""), (why,))
        yield Decision(about="cue", chosen=chosen, others=(second,))
    if quote.source is not None and second.source is not None:
        source = _span(parse, quote.source)
        if source != second.source:
            why = Reason(what="quoted by the outlet that brings the words")
            chosen = Option(what=_flat(source.text), source=source, because=(why,))
            yield Decision(about="source", chosen=chosen, others=(second,))


def _of_clause(parse: Parse, rules: Ruleset, cue: int, quote: FoundQuote) -> Iterator[Decision]:
    """The content that a cue reports, and the construction that gives its source."""
    decision = _content(parse, rules, cue)
    if decision is None:
        return
    yield decision
    if quote.type != "indirect":
        return
    chosen = source_of(parse, cue)
    if chosen is not None:
        reached = _sources(parse, cue)
        others = [one for one in reached if one.source != chosen.source][:OTHERS]
        first, *rest = (
            _option(parse, one, (Reason(what=f"path {one.path}"),)) for one in (chosen, *others)
        )
        yield Decision(about="source", chosen=first, others=tuple(rest))


def _sources(parse: Parse, cue: int) -> Sequence[Candidate]:
    if is_noun(parse, cue):
        return sources_of_noun(parse, cue)
    return sources_of_verb(parse, cue) if is_verb(parse, cue) else []


def _content(parse: Parse, rules: Ruleset, cue: int) -> Decision | None:
    """The scored candidates for a cue's content; None if it has none."""
    cases = cases_of(parse, cue, rules.lexicon)
    if not cases:
        return None
    weights = rules.reported
    likely = shares([*(score(features, weights) for _, features in cases), 0.0])
    best = max(range(len(cases)), key=likely.__getitem__)
    order = [best, *sorted((k for k in range(len(likely)) if k != best), key=lambda k: -likely[k])]
    options = [
        Option(what=NOTHING, probability=round(likely[k], 3))
        if k == len(cases)
        else Option(
            what=cases[k][0].relation,
            cue=_span(parse, (parse.starts[cue], parse.ends[cue])),
            content=_pieces(parse, with_ending(parse, cases[k][0], rules.endings)[0]),
            probability=round(likely[k], 3),
            because=_reasons(cases[k][1], weights),
        )
        for k in order
    ]
    second = order[1]
    advantage = _advantage(cases[best][1], cases[second][1] if second < len(cases) else {}, weights)
    return Decision(
        about="content",
        chosen=options[0],
        others=tuple(options[1 : OTHERS + 1]),
        over_second=advantage,
    )


def _of_speaker(
    quote: FoundQuote, found: WeighedSpeaker, parse: Parse, rules: Ruleset
) -> Iterator[Decision]:
    speaker = found.speaker
    if speaker is None or quote.source is None:
        return
    because = (Reason(what=speaker.reason),) if speaker.reason else ()
    chosen = Option(what=speaker.name, source=_span(parse, quote.source), because=because)
    others = (Option(what=found.second),) if found.second else ()
    if is_unsure(quote, found, rules):
        unsure = Reason(what="too unsure to be named")
        chosen, others = Option(what=NO_ONE, because=(unsure,)), (chosen, *others)
    yield Decision(about="speaker", chosen=chosen, others=others)


# ── what is no quote ─────────────────────────────────────────────────────────────────────────


def _passages_left(
    parse: Parse, quotes: Sequence[FoundQuote], passages: Sequence[_Passage]
) -> Iterator[PassedOver]:
    taken = [span for quote in quotes for span in quote.content]
    for k, passage in enumerate(parse.passages):
        if not _overlap((passage.start, passage.end), taken):
            choice = passages[k].choice
            marks = "between single marks, " if passage.single else ""
            why = f"{marks}{choice.of_someone:.0%} likely to be anyone's words"
            content = (_passage_span(parse, k),)
            yield PassedOver(content=content, why=why, decision=passages[k].decision)


def _clauses_left(
    parse: Parse, rules: Ruleset, quotes: Sequence[FoundQuote]
) -> Iterator[PassedOver]:
    """The candidate contents of cues that narrowly missed the threshold."""
    taken = [span for quote in quotes for span in quote.content]
    cues = {quote.cue[0] for quote in quotes if quote.cue}
    for i in range(len(parse)):
        decision = _content(parse, rules, i) if parse.starts[i] not in cues else None
        if decision is None:
            continue
        likely = 1 - (decision.others[-1].probability or 0.0)
        content = decision.chosen.content
        if likely >= AROUND_A_FRAGMENT and not any(
            _overlap((span.start, span.end), taken) for span in content
        ):
            why = f"{likely:.0%} likely that “{_flat(parse.words[i])}” reports anything here"
            yield PassedOver(content=content, why=why, decision=decision)


# ── spans ────────────────────────────────────────────────────────────────────────────────────


def _pieces(parse: Parse, complement: Complement) -> tuple[Span, ...]:
    return tuple(
        _span(parse, (parse.starts[first], parse.ends[last])) for first, last in complement.pieces
    )


def _passage_span(parse: Parse, k: int) -> Span:
    return _span(parse, (parse.passages[k].start, parse.passages[k].end))


def _source(parse: Parse, head: int) -> Span:
    first, end = source_span(parse, head)
    return _span(parse, (parse.starts[first], parse.ends[end - 1]))


def _span(parse: Parse, at: CharSpan) -> Span:
    return Span(start=at[0], end=at[1], text=parse.text[slice(*at)])


def _overlap(one: CharSpan, others: Iterable[CharSpan]) -> bool:
    return any(start < one[1] and one[0] < end for start, end in others)


def _flat(text: str) -> str:
    return " ".join(text.split())
