"""Attribution of quoted passages: chooses one cue and source among the candidates in reach.

Every verb, noun of speech, colon and "according to" near a passage is a candidate with each of
its possible sources; so is the source of the previous quote. A linear model over position, syntax
and the cue lexicon chooses between them and "no one" (a title, a nickname, scare quotes).
"""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from onrecord.nlp.quotes.candidates import DASHES, NO_RIVAL, NO_WORD, Anchor, best_two, nearest
from onrecord.nlp.quotes.context import Surroundings
from onrecord.nlp.quotes.cues import Lexicon
from onrecord.nlp.quotes.sources import Candidate, kind_of_source
from onrecord.nlp.quotes.syntax import OUTSIDE, Parse
from onrecord.nlp.quotes.weights import Weights, score

Features = dict[str, float]

STRONG = -1.0  # log-odds from which a word alone counts as a cue of quoted words
WEAK = -3.0  # log-odds below which a word is an ordinary verb
NEAR = 3  # words between a passage and the clause that belongs to it
FINISHED = frozenset(".…")
PARAGRAPHS_BACK = 2
ANCHORS_BACK = 8
ANCHORS_AHEAD = 4


class _Place(NamedTuple):
    """The position of a cue relative to a passage: its side, the adjacent edge and the distance.

    Distances are in words, sentences and paragraphs; `near` and `spot` name them.
    """

    side: str
    edge: int
    gap: int
    sentences: int
    paragraphs: int
    near: str
    spot: str


class Reach:
    """The candidates in reach of each passage, with their features."""

    def __init__(self, parse: Parse, anchors: list[Anchor], lexicon: Lexicon) -> None:
        self._parse = parse
        self._lexicon = lexicon
        self._anchors = {anchor.token: anchor for anchor in anchors}
        self._by_paragraph: dict[int, list[Anchor]] = {}
        for anchor in anchors:
            self._by_paragraph.setdefault(parse.paragraphs[anchor.token], []).append(anchor)
        self._words_to = _running(
            word and q == OUTSIDE for word, q in zip(parse.has_letters, parse.quoted, strict=True)
        )
        strong = {anchor.token for anchor in anchors if anchor.evidence > STRONG}
        self._strong_to = _running(map(strong.__contains__, range(len(parse))))
        able = {anchor.token for anchor in anchors if anchor.evidence > WEAK}
        self._able_to = _running(map(able.__contains__, range(len(parse))))
        self._best_in = best_two(parse, anchors)
        self._of_sources: dict[Candidate, Features] = {}
        self._source_scores: dict[Candidate, float] = {}

    def candidates(self, k: int, before: Candidate | None) -> list[Candidate]:
        """All candidates of the passage's paragraph and its neighbours, and the previous source."""
        first, last = self._parse.bounds[k]
        here = self._parse.paragraphs[first]
        anchors = [
            *nearest(self._by_paragraph.get(here, []), first, last),
            *self._paragraph_before(here)[-ANCHORS_BACK:],
            *self._by_paragraph.get(self._parse.paragraphs[last] + 1, [])[:ANCHORS_AHEAD],
        ]
        found = [
            candidate
            for anchor in anchors
            if not self._brings_what_others_said(anchor.token, first, last)
            and not self._is_of_another_sentence(anchor.token, k)
            for candidate in anchor.candidates
        ]
        if (clause := self._own_clause(k, found)) is not None:
            return [candidate for candidate in found if candidate.cue >= clause]
        if before is not None and before not in found:
            found.append(before)
        return found

    def _own_clause(self, k: int, found: list[Candidate]) -> int | None:
        """The start of the clause whose subject and verb stand directly before the passage.

        "… called it “a gift”, while Dunne called it “a con”": after another passage of the
        sentence, the previous source does not continue. None if there is no such clause.
        """
        parse = self._parse
        first = parse.bounds[k][0]
        passed = parse.bounds[k - 1][1] if k else first
        if passed >= first or parse.sentences[passed] != parse.sentences[first]:
            return None
        for candidate in found:
            cue, source = candidate.cue, candidate.source
            is_near = passed < source < cue < first <= cue + NEAR + 1
            if is_near and (parse.deps[source], parse.heads[source]) == ("nsubj", cue):
                return passed
        return None

    def _brings_what_others_said(self, according: int, first: int, last: int) -> bool:
        """Whether "according to" only reports who spoke.

        "“…,” Lind said, according to Reuters"; "According to reports, Lind recalled: “…”".
        """
        parse = self._parse
        if parse.lower[according] != "according":
            return False
        between = range(last + 1, according)
        if according < first:
            between = range(self._anchors[according].candidates[0].source + 1, first)
            if not any(self._has_speaker(i, between) for i in between[-NEAR - 1 :]):
                return False
        return all(
            parse.quoted[i] == OUTSIDE and parse.sentences[i] == parse.sentences[according]
            for i in between
        ) and any(self._has_speaker(i, between) for i in between)

    def _is_of_another_sentence(self, cue: int, k: int) -> bool:
        """Whether a finished sentence separates the passage from a cue with content of its own.

        "According to" reports its own sentence. A sentence that follows "“It broke.”" and reports
        its own content does not attribute that passage.
        """
        parse = self._parse
        first, last = parse.bounds[k]
        edge = first if cue < first else last
        if parse.sentences[cue] == parse.sentences[edge]:
            return False
        if parse.lower[cue] == "according":
            return True
        finished = parse.text[parse.passages[k].end - 1] in FINISHED
        if cue < first or not finished or parse.words[cue] in DASHES:
            return False
        return self._has_own_words(cue)

    def _has_own_words(self, cue: int) -> bool:
        """Whether the cue reports a clause or a passage of its own sentence."""
        parse = self._parse
        after = cue + 1
        while after < len(parse) and parse.sentences[after] == parse.sentences[cue]:
            if parse.quoted[after] != OUTSIDE:
                return True
            after += 1
        return any(
            i > cue and parse.deps[i] in ("ccomp", "xcomp", "dobj") for i in parse.children[cue]
        )

    def _has_speaker(self, cue: int, between: range) -> bool:
        anchor = self._anchors.get(cue)
        return (
            anchor is not None
            and anchor.evidence > STRONG
            and any(one.source in between for one in anchor.candidates)
        )

    def _paragraph_before(self, paragraph: int) -> list[Anchor]:
        for number in range(paragraph - 1, max(paragraph - 1 - PARAGRAPHS_BACK, -1), -1):
            if number in self._by_paragraph:
                return self._by_paragraph[number]
        return []

    def scores(
        self, k: int, candidates: list[Candidate], before: Candidate | None, weights: Weights
    ) -> list[float]:
        """The score of each candidate; the cue's part is computed once for all its sources."""
        by_cue: dict[int, float] = {}
        found = []
        for candidate, (of_cue, of_source, of_both) in self._parts(k, candidates, before):
            if candidate.cue not in by_cue:
                by_cue[candidate.cue] = score(of_cue, weights)
            if candidate not in self._source_scores:
                self._source_scores[candidate] = score(of_source, weights)
            own = by_cue[candidate.cue] + self._source_scores[candidate]
            found.append(own + score(of_both, weights))
        return found

    def features(
        self, k: int, candidates: list[Candidate], before: Candidate | None
    ) -> Iterator[Features]:
        """The features of each candidate, by name."""
        for _, parts in self._parts(k, candidates, before):
            found: Features = {}
            for part in parts:
                found.update(part)
            yield found

    def _parts(
        self, k: int, candidates: list[Candidate], before: Candidate | None
    ) -> Iterator[tuple[Candidate, tuple[Features, Features, Features]]]:
        """Features of each candidate: of its cue here, of its source anywhere, and of both here."""
        around = Surroundings(self._parse, k)
        places: dict[int, _Place] = {}
        of_cues: dict[int, Features] = {}
        for candidate in candidates:
            cue = candidate.cue
            if cue not in places:
                places[cue] = self._place(around, cue)
                of_cues[cue] = self._of_cue(around, cue, places[cue])
            if candidate not in self._of_sources:
                self._of_sources[candidate] = self._of_source(candidate)
            both = self._of_both(around, candidate, places[cue])
            if before is not None and candidate.source == before.source:
                self._carried(both, around, cue == before.cue, k)
            yield candidate, (of_cues[cue], self._of_sources[candidate], both)

    def _place(self, around: Surroundings, cue: int) -> "_Place":
        parse = self._parse
        side = around.side(cue)
        edge = around.first if side == "left" else around.last
        gap = self._gap(around, cue)
        paragraphs = abs(parse.paragraphs[cue] - parse.paragraphs[around.first])
        sentences = abs(parse.sentences[cue] - parse.sentences[edge])
        near = "near" if gap <= NEAR and paragraphs == 0 else "far"
        spot = f"{side} {'0' if gap == 0 else near} s{min(sentences, 1)}p{min(paragraphs, 1)}"
        return _Place(side, edge, gap, sentences, paragraphs, near, spot)

    def _of_cue(self, around: Surroundings, cue: int, place: "_Place") -> Features:
        """Features of the cue relative to the passage: typography, lexicon and parse."""
        parse, side, near = self._parse, place.side, place.near
        low, high = sorted((cue, place.edge))
        strong = self._strong_to[high] - self._strong_to[low + 1]
        others = len({q for q in parse.quoted[low + 1 : high] if q != OUTSIDE})
        outer = around.before if side == "left" else around.after
        names = (
            "someone",
            f"{side} gap {bin_of(place.gap)}",
            f"{side} strong between {min(strong, 3)}",
            f"{side} sentences {min(place.sentences, 3)}",
            f"{side} paragraphs {min(place.paragraphs, 3)}",
            f"{side} passages between {min(others, 3)}",
            f"{side} before {around.before}",
            f"{side} after {around.after}",
            f"{side} {near} before {around.before}",
            f"{side} {near} ends {around.ends}",
            f"{place.spot} {outer} {around.ends}",
        )
        found = dict.fromkeys(names, 1.0)
        self._evidence(found, around, cue, place)
        self._syntax(found, around, cue)
        return found

    def _of_both(self, around: Surroundings, candidate: Candidate, place: "_Place") -> Features:
        """Features of cue and source together, relative to the passage."""
        found = {
            f"{place.side} {place.near} {_order(candidate)}": 1.0,
            f"{place.spot} {candidate.path}": 1.0,
        }
        low, high = sorted((candidate.cue, candidate.source))
        if low < around.first < high:
            found["passage between source and cue"] = 1.0
        return found

    def _gap(self, around: Surroundings, cue: int) -> int:
        """The number of words outside quotation marks between the passage and a cue."""
        if cue < around.first:
            return self._words_to[around.first] - self._words_to[cue + 1]
        return self._words_to[cue] - self._words_to[around.last + 1]

    def _of_source(self, candidate: Candidate) -> Features:
        """Features of the source: its relation to the cue, and its kind."""
        parse, cue, source = self._parse, candidate.cue, candidate.source
        low, high = sorted((cue, source))
        kind = kind_of_source(parse, source)
        anchor = self._anchors.get(cue)
        # A cue decided beforehand, as by French marks, may have a source of its own.
        sources = [c.source for c in anchor.candidates] if anchor else []
        rank = sources.index(source) if source in sources else 0
        names = (
            f"path {candidate.path}",
            f"source {kind}",
            f"{candidate.path} {kind}",
            f"{_order(candidate)} distance {bin_of(high - low)}",
            f"source number {min(rank, 3)} of its cue",
        )
        found = dict.fromkeys(names, 1.0)
        if kind == "noun":
            found["source noun evidence"] = self._lexicon.speaker_evidence(parse.lower[source])
        if any(q != OUTSIDE for q in parse.quoted[low + 1 : high]):
            found["other passage between source and cue"] = 1.0
        return found

    def _evidence(self, found: Features, around: Surroundings, cue: int, place: "_Place") -> None:
        """Add the lexicon's evidence for the cue, compared with the other anchors nearby."""
        parse, side = self._parse, place.side
        anchor = self._anchors.get(cue)  # None for a label inside an earlier passage
        evidence = anchor.evidence if anchor else NO_WORD
        same = parse.paragraphs[cue] == parse.paragraphs[around.first]
        best = self._best_rival(cue, evidence)
        nearer = self._nearer(cue, place)
        found["cue"] = evidence
        found[f"cue {side} {'near' if same and place.gap <= NEAR else 'far'}"] = evidence
        found["cue is weak"] = min(0.0, evidence - WEAK)
        found["cue over its rivals"] = max(-3.0, min(3.0, evidence - best))
        found[f"{side} rank in sentence {min(nearer, 3)}"] = 1.0

    def _best_rival(self, cue: int, evidence: float) -> float:
        """The best evidence of another anchor in the cue's sentence."""
        best, second = self._best_in.get(self._parse.sentences[cue], (NO_RIVAL, NO_RIVAL))
        return second if evidence >= best else best

    def _nearer(self, cue: int, place: "_Place") -> int:
        """The number of other anchors of the cue's sentence between it and the passage."""
        first, last = self._parse.spans[self._parse.sentences[cue]]
        low, high = (cue + 1, place.edge) if place.side == "left" else (place.edge + 1, cue)
        low, high = max(low, first), min(high, last + 1)
        return max(0, self._able_to[high] - self._able_to[low]) if low < high else 0

    def _syntax(self, found: Features, around: Surroundings, cue: int) -> None:
        """Add the syntactic relations between cue and passage."""
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
        """Add the evidence that the previous quote continues; the candidate is its source."""
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

    def best_evidence(self, k: int) -> float:
        """The evidence of the best cue in the sentence where the passage begins."""
        sentence = self._parse.sentences[self._parse.bounds[k][0]]
        return self._best_in.get(sentence, (NO_RIVAL, NO_RIVAL))[0]


def _order(candidate: Candidate) -> str:
    return "source-cue" if candidate.source < candidate.cue else "cue-source"


def bin_of(count: int) -> str:
    """The name of a range of counts."""
    for top in (0, 1, 2, 3, 5, 8, 12, 20):
        if count <= top:
            return str(top)
    return "more"


def _running(flags: Iterable[bool]) -> list[int]:
    """The number of true flags before each position."""
    return list(accumulate(flags, initial=0))
