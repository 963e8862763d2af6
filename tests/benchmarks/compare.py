"""Speed and quality beside textacy and beside spaCy alone: same texts, one run, one process.

    .venv/bin/python tests/benchmarks/compare.py              # on the bundled sample
    .venv/bin/python tests/benchmarks/compare.py GOLD.jsonl   # on annotated articles

GOLD has an article a line: {"id", "text", "gold": [{"content", "source"}]}, each a list of
[start, end] character spans. textacy is no dependency; where it is not installed it is left out.
To have it, in an environment of its own:

    python3 -m venv /tmp/compare
    /tmp/compare/bin/pip install -r requirements.txt textacy==0.13.0
    PYTHONPATH=. /tmp/compare/bin/python tests/benchmarks/compare.py

What is counted: passages of at least three words between quotation marks. One is found when three
of four of its words and no more than as many others are (Jaccard 0.8), and attributed when its
source is the annotated one, too (they overlap). A passage cut by marks counts once a piece.
"""

import json
import os
import platform
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from onrecord.feeds.articles.claims import EVERYTHING
from onrecord.nlp.extract import load_extractor
from onrecord.nlp.policy import ExtractPolicy
from onrecord.records import Article

ROOT = Path(__file__).parent.parent.parent
TURNS = 3
JACCARD = 0.8
FEWEST_WORDS = 3
LONGEST_SOURCE = 40

Span = tuple[int, int]


@dataclass(frozen=True)
class Quote:
    """What was said, and who the text says said it; spans of characters."""

    content: tuple[Span, ...]
    source: Span | None


@dataclass(frozen=True)
class Annotated:
    text: str
    quotes: tuple[Quote, ...]


System = Callable[[Sequence[str]], list[list[Quote]]]


# ── what is compared ─────────────────────────────────────────────────────────────────────────


def onrecord() -> System:
    """Everything that `onrecord annotate` does but JSON."""
    extract = load_extractor(ExtractPolicy())
    now = datetime.now(UTC)

    def run(texts: Sequence[str]) -> list[list[Quote]]:
        articles = [
            Article(id=str(n), text=text, content_hash="", fetched_at=now)
            for n, text in enumerate(texts)
        ]
        return [
            [
                Quote(
                    tuple((span.start, span.end) for span in quote.content),
                    (quote.source.start, quote.source.end) if quote.source else None,
                )
                for quote in extraction.quotes
            ]
            for extraction in extract(articles)
        ]

    return run


def bare(nlp: Language) -> System:
    """spaCy's own pipe, and of it what anyone would write in ten lines: the nearest name."""

    def run(texts: Sequence[str]) -> list[list[Quote]]:
        return [list(_nearest_names(doc)) for doc in nlp.pipe(texts)]

    return run


def _nearest_names(doc: Doc) -> Iterator[Quote]:
    regions = list(between_marks(doc.text))
    people = [(e.start_char, e.end_char) for e in doc.ents if e.label_ in ("PERSON", "ORG")]
    people += [(t.idx, t.idx + len(t)) for t in doc if t.lower_ in ("he", "she", "they", "who")]
    people = [one for one in people if not any(a <= one[0] < b for a, b in regions)]
    for start, end in regions:
        near = min(people, key=lambda one: max(start - one[1], one[0] - end), default=None)
        yield Quote(((start, end),), near)


def textacy(nlp: Language, *, by_paragraph: bool) -> System:
    """textacy's direct quotations, of whole texts as it is called or a paragraph at a time."""
    from textacy.extract.triples import direct_quotations

    def quotes_of(doc: Doc, offset: int) -> Iterator[Quote]:
        try:
            for found in direct_quotations(doc):
                content, speaker = found.content, found.speaker
                start = offset + content.start_char + 1
                source = speaker[0].idx + offset, speaker[-1].idx + len(speaker[-1]) + offset
                yield Quote(((start, offset + content.end_char - 1),), source)
        except ValueError:  # an odd number of marks: it gives up
            return

    def whole(texts: Sequence[str]) -> list[list[Quote]]:
        return [list(quotes_of(doc, 0)) for doc in nlp.pipe(texts)]

    def paragraphs(texts: Sequence[str]) -> list[list[Quote]]:
        parts = [
            (match.group(), (n, match.start()))
            for n, text in enumerate(texts)
            for match in re.finditer(r"[^\n]+", text)
        ]
        found: list[list[Quote]] = [[] for _ in texts]
        for doc, (n, start) in nlp.pipe(parts, as_tuples=True):
            found[n] += quotes_of(doc, start)
        return found

    return paragraphs if by_paragraph else whole


# ── how it is scored ─────────────────────────────────────────────────────────────────────────

_PAIRS = re.compile(r"“([^“”\n]+)[”\n]?|\"([^\"\n]+)\"?|''([^\n]+?)(?:''|$)", re.MULTILINE)


def between_marks(text: str) -> Iterator[Span]:
    """What stands between double marks, paragraph by paragraph; the same for every system."""
    for match in _PAIRS.finditer(text):
        group = next(n for n in (1, 2, 3) if match[n] is not None)
        yield match.span(group)


def pieces(text: str, quotes: Iterable[Quote]) -> list[tuple[frozenset[int], Span | None]]:
    """The quoted passages of quotes: which words of the text, and the source."""
    words = [match.span() for match in re.finditer(r"\w+(?:['’-]\w+)*", text)]
    found = []
    for start, end in between_marks(text):
        inside = [n for n, (a, b) in enumerate(words) if start <= a and b <= end]
        for quote in quotes:
            held = frozenset(
                n for n in inside if any(a <= words[n][0] < b for a, b in quote.content)
            )
            if len(held) >= FEWEST_WORDS:
                found.append((held, quote.source))
    return found


def score(articles: Sequence[Annotated], found: Sequence[Sequence[Quote]]) -> tuple[float, float]:
    """F1 of passages found, and of passages found with the right source."""
    gold_count = predicted_count = hits = right = 0
    for article, quotes in zip(articles, found, strict=True):
        gold, predicted = pieces(article.text, article.quotes), pieces(article.text, quotes)
        gold_count, predicted_count = gold_count + len(gold), predicted_count + len(predicted)
        free = list(predicted)
        for words, source in gold:
            match = max(free, key=lambda one: _jaccard(one[0], words), default=None)
            if match is None or _jaccard(match[0], words) < JACCARD:
                continue
            free.remove(match)
            hits += 1
            right += _same(article.text, source, match[1])
    total = gold_count + predicted_count
    return 200 * hits / total, 200 * right / total


def _jaccard(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other)


def _same(text: str, gold: Span | None, found: Span | None) -> bool:
    if gold is None or found is None:
        return gold is found
    short = len(text[slice(*found)].split()) <= LONGEST_SOURCE
    return short and gold[0] < found[1] and found[0] < gold[1]


# ── what it is run on ────────────────────────────────────────────────────────────────────────


def annotated(file: Path) -> list[Annotated]:
    """The articles of a gold file."""
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [
        Annotated(
            row["text"],
            tuple(
                Quote(
                    tuple(map(tuple, one["content"])),
                    (one["source"][0][0], one["source"][-1][1]) if one["source"] else None,
                )
                for one in row["gold"]
            ),
        )
        for row in rows
    ]


def sample() -> list[Annotated]:
    """The bundled sample with its truth, which was written with it: an easy text for everyone."""
    from onrecord.feeds.articles.draft import to_drafts
    from onrecord.feeds.parsing.parse import parse_feed
    from onrecord.records import Feed

    truth = json.loads((ROOT / "tests/data/demo/expected.json").read_text("utf-8"))["articles"]
    texts: dict[str, str] = {}
    for file in sorted((ROOT / "pipeline/onrecord/cli/sample/round-1").iterdir()):
        url = f"https://sample.example/{file.name}"
        parsed = parse_feed(file.read_bytes(), url=url)
        for draft in to_drafts(Feed(url=url), parsed, datetime.now(UTC), EVERYTHING):
            texts.setdefault(draft.article.canonical_url or "", draft.article.text)
    return [
        Annotated(texts[url], tuple(_sample_quote(texts[url], one) for one in row["quotes"]))
        for url, row in truth.items()
        if url in texts
    ]


def _sample_quote(text: str, expected: dict[str, Any]) -> Quote:
    content = []
    at = 0
    for part in expected["content"]:
        at = text.index(part, at)
        content.append((at, at + len(part)))
    source = expected["source"]
    if source is None:
        return Quote(tuple(content), None)
    places = [match.start() for match in re.finditer(re.escape(source), text)]
    nearest = min(places, key=lambda place: abs(place - content[0][1]))
    return Quote(tuple(content), (nearest, nearest + len(source)))


def main() -> None:
    articles = annotated(Path(sys.argv[1])) if sys.argv[1:] else sample()
    texts = [article.text for article in articles]
    nlp = spacy.load(ExtractPolicy().model)
    systems: dict[str, System] = {
        "onrecord: all of it": onrecord(),
        "spaCy's pipe, nearest name": bare(nlp),
    }
    try:
        names = [f"textacy {version('textacy')}"]
        systems[f"{names[0]}, as it is called"] = textacy(nlp, by_paragraph=False)
        systems[f"{names[0]}, by paragraph"] = textacy(nlp, by_paragraph=True)
    except PackageNotFoundError:
        print("textacy is not installed: left out (see the top of this file)", file=sys.stderr)
    took: dict[str, list[float]] = {name: [] for name in systems}
    results: dict[str, list[list[Quote]]] = {}
    for name, run in systems.items():
        results[name] = run(texts)  # also warms up
    for _ in range(TURNS):
        for name, run in systems.items():
            began = time.process_time()
            run(texts)
            took[name].append(time.process_time() - began)
    words = sum(len(text.split()) for text in texts)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"spaCy {version('spacy')}, {nlp.meta['lang']}_{nlp.meta['name']}")  # fmt: skip
    print(
        f"{len(texts)} articles, {words:,} words; processor time, median of {TURNS} turns, "
        "taken alternately"
    )
    print(f"{'':36}{'found F1':>10}{'attributed F1':>15}{'words/s':>10}{'to spaCy':>10}")
    base = median(took["spaCy's pipe, nearest name"])
    for name in systems:
        found, right = score(articles, results[name])
        seconds = median(took[name])
        print(f"{name:36}{found:10.1f}{right:15.1f}{words / seconds:10,.0f}"
              f"{base / seconds:10.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
