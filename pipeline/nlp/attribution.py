"""Whose words a passage between quotation marks is: one cue and source among all in reach.

Every verb, noun of speech, colon and "according to" near a passage is a candidate with each of
its possible sources, and so is whoever was quoted before. A linear model over position, syntax
and the cue lexicon chooses between them and "no one": a title, a nickname, scare quotes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipeline.nlp.anchors import NO_WORD, Anchor, find_anchors, inner_label
from pipeline.nlp.cues import Lexicon
from pipeline.nlp.sources import Candidate, kind_of_source
from pipeline.nlp.surroundings import Surroundings
from pipeline.nlp.syntax import OUTSIDE, Parse, is_word
from pipeline.nlp.weights import Weights, score, shares

Features = dict[str, float]

STRONG = -1.0  # log-odds from which a word counts as a cue of quoted words by itself
WEAK = -3.0  # … and below which it is one among many verbs
NEAR = 3  # words between a passage and the clause that belongs to it
LABELLED = 0.95  # a transcript in marks is hardly ever anything else
PARAGRAPHS_BACK = 2
ANCHORS_BESIDE = 40
ANCHORS_BACK = 8
ANCHORS_AHEAD = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """Whose a passage is: `candidate` is None for no one's.

    `probability` is how likely the chosen source is, whatever the cue; `of_someone`, how likely
    it is that the words are anyone's.
    """

    candidate: Candidate | None
    probability: float
    of_someone: float


def choose(parse: Parse, lexicon: Lexicon, weights: Weights) -> list[Choice]:
    """For each passage between quotation marks, whose it is; in text order."""
    choices: list[Choice] = []
    reach = Reach(parse, find_anchors(parse, lexicon), lexicon)
    before: Candidate | None = None
    for k in range(len(parse.passages)):
        label = inner_label(parse, k)
        choice = Choice(label, LABELLED, LABELLED) if label else _choose(reach, k, before, weights)
        choices.append(choice)
        before = choice.candidate or before
    return choices


def _choose(reach: "Reach", k: int, before: Candidate | None, weights: Weights) -> Choice:
    candidates = reach.candidates(k, before)
    scores = [score(features, weights) for features in reach.features(k, candidates, before)]
    *likely, no_one = shares([*scores, score(reach.no_one(k), weights)])
    return _choice(candidates, likely, no_one)


def _choice(candidates: list[Candidate], likely: list[float], no_one: float) -> Choice:
    best = max(range(len(candidates)), key=likely.__getitem__, default=None)
    if best is None or likely[best] <= no_one:
        return Choice(None, no_one, 1 - no_one)
    chosen = candidates[best]
    same = sum(p for c, p in zip(candidates, likely, strict=True) if c.source == chosen.source)
    return Choice(chosen, min(1.0, same), 1 - no_one)


class Reach:
    """The candidates in reach of each passage, and what speaks for them."""

    def __init__(self, parse: Parse, anchors: list[Anchor], lexicon: Lexicon) -> None:
        self._parse = parse
        self._lexicon = lexicon
        self._anchors = {anchor.token: anchor for anchor in anchors}
        self._by_paragraph: dict[int, list[Anchor]] = {}
        for anchor in anchors:
            self._by_paragraph.setdefault(parse.paragraphs[anchor.token], []).append(anchor)
        self._words_to = _running(
            is_word(word) and q == OUTSIDE
            for word, q in zip(parse.words, parse.quoted, strict=True)
        )
        strong = {anchor.token for anchor in anchors if anchor.evidence > STRONG}
        self._strong_to = _running(i in strong for i in range(len(parse)))

    def candidates(self, k: int, before: Candidate | None) -> list[Candidate]:
        """All of the passage's paragraph and of its neighbours, and who was quoted before."""
        first, last = self._parse.bounds[k]
        here = self._parse.paragraphs[first]
        anchors = [
            *_nearest(self._by_paragraph.get(here, []), first, last),
            *self._paragraph_before(here)[-ANCHORS_BACK:],
            *self._by_paragraph.get(self._parse.paragraphs[last] + 1, [])[:ANCHORS_AHEAD],
        ]
        found = [candidate for anchor in anchors for candidate in anchor.candidates]
        if before is not None and before not in found:
            found.append(before)
        return found

    def _paragraph_before(self, paragraph: int) -> list[Anchor]:
        for number in range(paragraph - 1, max(paragraph - 1 - PARAGRAPHS_BACK, -1), -1):
            if number in self._by_paragraph:
                return self._by_paragraph[number]
        return []

    def features(
        self, k: int, candidates: list[Candidate], before: Candidate | None
    ) -> Iterator[Features]:
        """What speaks for each candidate, by name."""
        around = Surroundings(self._parse, k)
        for candidate in candidates:
            found = {"someone": 1.0}
            self._place(found, around, candidate)
            self._source(found, around, candidate)
            self._evidence(found, around, candidate)
            self._syntax(found, around, candidate.cue)
            if before is not None and candidate.source == before.source:
                self._carried(found, around, candidate.cue == before.cue, k)
            yield found

    def _place(self, found: Features, around: Surroundings, candidate: Candidate) -> None:
        """How the cue stands to the passage."""
        parse, cue = self._parse, candidate.cue
        side = around.side(cue)
        edge = around.first if side == "left" else around.last
        low, high = sorted((cue, edge))
        strong = self._strong_to[high] - self._strong_to[low + 1]
        sentences = abs(parse.sentences[cue] - parse.sentences[edge])
        paragraphs = abs(parse.paragraphs[cue] - parse.paragraphs[around.first])
        others = len({q for q in parse.quoted[low + 1 : high] if q != OUTSIDE})
        gap = self._gap(around, cue)
        near = "near" if gap <= NEAR and paragraphs == 0 else "far"
        spot = f"{side} {'0' if gap == 0 else near} s{min(sentences, 1)}p{min(paragraphs, 1)}"
        outer = around.before if side == "left" else around.after
        for name in (
            f"{side} gap {bin_of(gap)}",
            f"{side} strong between {min(strong, 3)}",
            f"{side} sentences {min(sentences, 3)}",
            f"{side} paragraphs {min(paragraphs, 3)}",
            f"{side} passages between {min(others, 3)}",
            f"{side} before {around.before}",
            f"{side} after {around.after}",
            f"{side} {near} before {around.before}",
            f"{side} {near} ends {around.ends}",
            f"{side} {near} {_order(candidate)}",
            f"{spot} {outer} {around.ends}",
            f"{spot} {candidate.path}",
        ):
            found[name] = 1.0

    def _gap(self, around: Surroundings, cue: int) -> int:
        """Words outside quotation marks between the passage and a cue."""
        if cue < around.first:
            return self._words_to[around.first] - self._words_to[cue + 1]
        return self._words_to[cue] - self._words_to[around.last + 1]

    def _source(self, found: Features, around: Surroundings, candidate: Candidate) -> None:
        """How the source stands to cue and passage, and what it is."""
        parse, cue, source = self._parse, candidate.cue, candidate.source
        low, high = sorted((cue, source))
        kind = kind_of_source(parse, source)
        found[f"path {candidate.path}"] = 1.0
        found[f"source {kind}"] = 1.0
        found[f"{candidate.path} {kind}"] = 1.0
        found[f"{_order(candidate)} distance {bin_of(high - low)}"] = 1.0
        if kind == "noun":
            found["source noun evidence"] = self._lexicon.speaker_evidence(parse.lower[source])
        if low < around.first < high:
            found["passage between source and cue"] = 1.0
        if any(q != OUTSIDE for q in parse.quoted[low + 1 : high]):
            found["other passage between source and cue"] = 1.0
        anchor = self._anchors.get(cue)
        rank = [c.source for c in anchor.candidates].index(source) if anchor else 0
        found[f"source number {min(rank, 3)} of its cue"] = 1.0

    def _evidence(self, found: Features, around: Surroundings, candidate: Candidate) -> None:
        """What the lexicon says of the cue, beside the other words that may be one."""
        parse, cue = self._parse, candidate.cue
        side = around.side(cue)
        gap = self._gap(around, cue)
        anchor = self._anchors.get(cue)  # none for a label inside a passage before
        evidence = anchor.evidence if anchor else NO_WORD
        same = parse.paragraphs[cue] == parse.paragraphs[around.first]
        rivals = [
            anchor
            for anchor in _nearest(self._by_paragraph.get(parse.paragraphs[cue], []), cue, cue)
            if anchor.token != cue and parse.sentences[anchor.token] == parse.sentences[cue]
        ]
        best = max((anchor.evidence for anchor in rivals), default=-6.0)
        nearer = sum(
            anchor.evidence > WEAK
            and around.side(anchor.token) == side
            and self._gap(around, anchor.token) < gap
            for anchor in rivals
        )
        found["cue"] = evidence
        found[f"cue {side} {'near' if same and gap <= NEAR else 'far'}"] = evidence
        found["cue is weak"] = min(0.0, evidence - WEAK)
        found["cue over its rivals"] = max(-3.0, min(3.0, evidence - best))
        found[f"{side} rank in sentence {min(nearer, 3)}"] = 1.0

    def _syntax(self, found: Features, around: Surroundings, cue: int) -> None:
        """What the parse says of cue and passage."""
        parse = self._parse
        found[f"cue is {parse.deps[cue]}"] = 1.0
        found[f"cue tag {parse.tags[cue]}"] = 1.0
        if cue in around.governors:
            found[f"governs as {around.governors[cue]}"] = 1.0
        elif cue in around.above:
            found[f"governs from {around.above[cue]} above"] = 1.0
        if around.first <= parse.heads[cue] <= around.last:
            found[f"governed as {parse.deps[cue]}"] = 1.0
        for i in parse.children[cue]:
            dep = parse.deps[i]
            if around.first <= i <= around.last:
                continue
            if dep in ("aux", "mark"):
                found[f"cue has {dep} {parse.lower[i]}"] = 1.0
            elif dep in ("neg", "dobj", "ccomp", "xcomp"):
                found[f"cue has {dep} "] = 1.0

    def _carried(self, found: Features, around: Surroundings, same_cue: bool, k: int) -> None:
        """The candidate is whoever was quoted before: what says that the quote goes on."""
        parse = self._parse
        end = parse.bounds[k - 1][1]
        same = parse.paragraphs[end] == parse.paragraphs[around.first]
        where = "same paragraph" if same else "other paragraph"
        found[f"as before {'and cue' if same_cue else ''} {where}"] = 1.0
        found[f"as before {where} before {around.before}"] = 1.0
        found[f"as before {where} after {around.after}"] = 1.0
        if around.is_paragraph:
            found[f"as before {where} whole"] = 1.0
        if not parse.passages[k - 1].closed and not same:
            found["as before, which was left open"] = 1.0
        gap = self._words_to[around.first] - self._words_to[end + 1]
        found[f"as before gap {bin_of(gap)}"] = 1.0

    def no_one(self, k: int) -> Features:
        """What speaks for nobody having said these words."""
        parse = self._parse
        around = Surroundings(parse, k)
        inside = range(around.first, around.last + 1)
        words = [parse.words[i] for i in inside if is_word(parse.words[i])]
        titled = bool(words) and sum(w[0].isupper() for w in words) >= 0.6 * len(words)
        style = "a title" if titled else "prose"
        size = bin_of(len(words))
        finite = any(parse.tags[i] in ("VBD", "VBZ", "VBP", "MD") for i in inside)
        tag, word = ("", "")
        if around.first > 1:  # the token before the mark
            tag, word = parse.tags[around.first - 2], parse.lower[around.first - 2]
        names = [
            "no one",
            f"no one, words {size}",
            f"no one, before {around.before}",
            f"no one, after {around.after}",
            f"no one, ends {around.ends}",
            f"no one, in capitals {titled}",
            f"no one, verb {finite}",
            f"no one, single marks {parse.passages[k].single}",
            f"no one, {style} after a {tag}",
            f"no one, {style} of {size}",
            f"no one, {style} {around.before} {around.after} {around.ends}",
            *(f"no one, {style} governed as {dep}" for dep in around.governors.values()),
        ]
        if tag in ("IN", "VBN", "POS", "DT"):
            names.append(f"no one, {style} after {word}")
        return dict.fromkeys(names, 1.0)


def _nearest(anchors: list[Anchor], first: int, last: int) -> list[Anchor]:
    """Those next to a run of tokens, on both sides: all, in any paragraph that people write."""
    low = bisect_left(anchors, first, key=lambda anchor: anchor.token)
    high = bisect_right(anchors, last, key=lambda anchor: anchor.token)
    return anchors[max(0, low - ANCHORS_BESIDE) : high + ANCHORS_BESIDE]


def _order(candidate: Candidate) -> str:
    return "source-cue" if candidate.source < candidate.cue else "cue-source"


def bin_of(count: int) -> str:
    """The name of a range of counts."""
    for top in (0, 1, 2, 3, 5, 8, 12, 20):
        if count <= top:
            return str(top)
    return "more"


def _running(flags: Iterable[bool]) -> list[int]:
    """How many are true before each position."""
    total = [0]
    for flag in flags:
        total.append(total[-1] + flag)
    return total
