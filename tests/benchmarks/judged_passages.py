"""Whose the passages of modern news are, as choices to learn from beside PolNeAR's.

The gold of modern news names speakers, not sources. A candidate is right where its resolved name is
one that the scorer accepts: the chosen one, else the nearest. Titles and terms are no one's.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.languages.table import language_of
from onrecord.nlp.quotes.attribution import Reach
from onrecord.nlp.quotes.candidates import find_anchors, inner_label
from onrecord.nlp.quotes.choose import choose_among, near_passages
from onrecord.nlp.quotes.find import find_quotes
from onrecord.nlp.quotes.no_one import features_of_no_one
from onrecord.nlp.quotes.signatures import signed
from onrecord.nlp.quotes.sources import Candidate, source_span
from onrecord.nlp.quotes.syntax import Parse
from onrecord.nlp.reading.model import Model
from onrecord.nlp.reading.text import as_read
from tests.benchmarks.fit_confidence import load_scorer

HALF = 0.5


class Judged(NamedTuple):
    """Options by their features, and which are right; the last is that no one said it."""

    options: list[dict[str, float]]
    right: list[bool]


def judged_choices(folder: Path, model: Model) -> Iterator[Judged]:
    """The choices of every passage of which the gold tells something."""
    scorer = load_scorer(folder / "score_wild.py")
    gold = {row["id"]: row for row in scorer.load(folder / "gold-dev.jsonl")}
    for row in scorer.load(folder / "dev.jsonl"):
        yield from _of_article(row["text"], gold[row["id"]], scorer, model)


def _of_article(text: str, gold: Any, scorer: Any, model: Model) -> Iterator[Judged]:
    rules = ruleset()
    (doc,) = model.read([as_read(text)])
    parse = rules.read(doc, text)
    names = _names_of_sources(doc, text)
    reach = Reach(parse, find_anchors(parse, rules.lexicon, near_passages(parse)), rules.lexicon)
    made = list(choose_among(parse, rules.lexicon, rules.attribution))
    for k, (choice, before) in enumerate(made):
        if inner_label(parse, k) or signed(parse, k):
            continue
        candidates = reach.candidates(k, before)
        options = [
            *reach.features(k, candidates, before),
            features_of_no_one(parse, k, reach.best_evidence(k)),
        ]
        if _covers(parse, k, gold["not_quotes"]):
            yield Judged(options, [*[False] * len(candidates), True])
            continue
        items = (item for item in gold["quoted"] if _covers(parse, k, item["spans"]))
        item = next(items, None)
        if item is None or not item["speakers"]:
            continue
        good = [_is_right(parse, one, names, item, gold, scorer) for one in candidates]
        if any(good):
            right = _nearest(parse, k, candidates, good, choice.candidate)
            yield Judged(options, [*right, False])


def _names_of_sources(doc: Any, text: str) -> dict[tuple[int, int], str]:
    """The speakers' names that the sources chosen today resolve to."""
    language, quotes = language_of("en"), find_quotes(doc, ruleset(), text=text)
    entities = language.find_entities(doc, text, article_id="a")
    speakers = language.resolve(doc, text, quotes, entities)
    return {
        quote.source: weighed.speaker.name
        for quote, weighed in zip(quotes, speakers, strict=True)
        if quote.source is not None and weighed.speaker is not None
    }


def _covers(parse: Parse, k: int, spans: list[list[int]]) -> bool:
    passage = parse.passages[k]
    both = sum(max(0, min(passage.end, b) - max(passage.start, a)) for a, b in spans)
    return both >= HALF * (passage.end - passage.start)


def _is_right(
    parse: Parse,
    candidate: Candidate,
    names: dict[tuple[int, int], str],
    item: Any,
    gold: Any,
    scorer: Any,
) -> bool:
    first, end = source_span(parse, candidate.source)
    span = parse.starts[first], parse.ends[end - 1]
    if span not in names and parse.tags[candidate.source] == "PRP":
        return False
    name = names.get(span, parse.text[slice(*span)])
    return scorer.judge(name, item, gold) in ("right", "partly")


def _nearest(
    parse: Parse, k: int, candidates: list[Candidate], good: list[bool], chosen: Candidate | None
) -> list[bool]:
    """Of the good candidates the chosen one, else those whose cue stands nearest."""
    if any(ok and one == chosen for one, ok in zip(candidates, good, strict=True)):
        return [ok and one == chosen for one, ok in zip(candidates, good, strict=True)]
    first, last = parse.bounds[k]

    def distance(one: Candidate) -> tuple[int, int]:
        edge = first if one.cue < first else last
        return abs(parse.paragraphs[one.cue] - parse.paragraphs[first]), abs(one.cue - edge)

    best = min(distance(one) for one, ok in zip(candidates, good, strict=True) if ok)
    return [ok and distance(one) == best for one, ok in zip(candidates, good, strict=True)]
