"""Attribution of quoted passages: chooses one cue and source among the candidates in reach.

Every verb, noun of speech, colon and "according to" near a passage is a candidate with each of
its possible sources; so is the source of the previous quote. A linear model over position, syntax
and the cue lexicon chooses between them and "no one" (a title, a nickname, scare quotes).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from onrecord.nlp.quotes.candidates import DASHES, NO_RIVAL, NO_WORD, Anchor, best_two, nearest
from onrecord.nlp.quotes.context import Surroundings, surroundings
from onrecord.nlp.quotes.cues import Lexicon
from onrecord.nlp.quotes.reach_features import (
    NOUN,
    RIVALS,
    WEAK_CUE,
    CuePlace,
    CueSyntax,
    bin_of,
    both_here,
    name_of_spot,
    names_as_before,
    names_of_distance,
    names_of_evidence,
    names_of_marks,
    names_of_order,
    names_of_source,
    names_of_syntax,
    order,
)
from onrecord.nlp.quotes.sources import Candidate, kind_of_source
from onrecord.nlp.quotes.syntax import OUTSIDE, Parse
from onrecord.nlp.quotes.weights import Features, Group, Groups, Weights, features_of

STRONG = -1.0  # log-odds from which a word alone counts as a cue of quoted words
WEAK = -3.0  # log-odds below which a word is an ordinary verb
NEAR = 3  # words between a passage and the clause that belongs to it
FINISHED = frozenset(".…")
PARAGRAPHS_BACK = 2
ANCHORS_BACK = 8
ANCHORS_AHEAD = 4


class Reach:
    """The candidates in reach of each passage, with their features."""

    def __init__(self, parse: Parse, anchors: list[Anchor], lexicon: Lexicon) -> None:
        self._parse = parse
        self._lexicon = lexicon
        self._anchors = {anchor.token: anchor for anchor in anchors}
        self._by_paragraph: dict[int, list[Anchor]] = {}
        for anchor in anchors:
            self._by_paragraph.setdefault(parse.paragraphs[anchor.token], []).append(anchor)
        self._strong = [anchor.token for anchor in anchors if anchor.evidence > STRONG]
        self._able = [anchor.token for anchor in anchors if anchor.evidence > WEAK]
        self._begins = [first for first, _ in parse.bounds]
        self._ends = [last for _, last in parse.bounds]
        self._best_in = best_two(parse, anchors)
        self._of_cues: dict[int, CueSyntax] = {}
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
        """The score of each candidate: of its cue here, of its source anywhere, of both here.

        The cue's part is computed once for all its sources, the source's once for all passages.
        """
        around = surroundings(self._parse, k)
        places: dict[int, CuePlace] = {}
        by_cue: dict[int, float] = {}
        by_source = self._source_scores
        found = []
        for candidate in candidates:
            cue = candidate.cue
            if cue not in places:
                places[cue] = self._place(around, cue)
                by_cue[cue] = weights.of(self._of_cue(around, cue, places[cue]))
            if candidate not in by_source:
                by_source[candidate] = weights.of(self._of_source(candidate))
            of_both = weights.of(self._of_both(around, candidate, places[cue], before, k))
            found.append(by_cue[cue] + by_source[candidate] + of_both)
        return found

    def features(
        self, k: int, candidates: list[Candidate], before: Candidate | None
    ) -> Iterator[Features]:
        """The features of each candidate, by name."""
        around = surroundings(self._parse, k)
        for candidate in candidates:
            place = self._place(around, candidate.cue)
            of_cue = self._of_cue(around, candidate.cue, place)
            of_both = self._of_both(around, candidate, place, before, k)
            yield features_of([*of_cue, *self._of_source(candidate), *of_both])

    def _place(self, around: Surroundings, cue: int) -> CuePlace:
        parse = self._parse
        side = around.side(cue)
        edge = around.first if side == "left" else around.last
        gap = self._gap(around, cue)
        paragraphs = abs(parse.paragraphs[cue] - parse.paragraphs[around.first])
        sentences = abs(parse.sentences[cue] - parse.sentences[edge])
        near = "near" if gap <= NEAR and paragraphs == 0 else "far"
        touches = "0" if gap == 0 else near
        spot = name_of_spot(side, touches, min(sentences, 1), min(paragraphs, 1))
        return CuePlace(side, edge, gap, sentences, paragraphs, near, spot)

    def _of_cue(self, around: Surroundings, cue: int, place: CuePlace) -> Groups:
        """Features of the cue relative to the passage: typography, lexicon and parse."""
        low, high = (cue, place.edge) if cue < place.edge else (place.edge, cue)
        strong = count_between(self._strong, low, high)
        others, nearer = self._passages_between(low, high), self._nearer(cue, place)
        between = (min(strong, 3), min(others, 3), min(nearer, 3))
        far = (bin_of(place.gap), min(place.sentences, 3), min(place.paragraphs, 3))
        beside = (around.before, around.after, around.ends)
        return (
            ((names_of_distance, place.side, *far, *between), 1.0),
            ((names_of_marks, place.side, place.near, place.spot, *beside), 1.0),
            *self._evidence(cue, place),
            (self._syntax(around, cue), 1.0),
        )

    def _of_both(
        self,
        around: Surroundings,
        candidate: Candidate,
        place: CuePlace,
        before: Candidate | None,
        k: int,
    ) -> Groups:
        """Features of cue and source together, relative to the passage and to the previous one."""
        both = (both_here(around, candidate, place), 1.0)
        if before is None or candidate.source != before.source:
            return (both,)
        return (both, (self._carried(around, candidate.cue == before.cue, k), 1.0))

    def _passages_between(self, low: int, high: int) -> int:
        """The number of passages with a token between two others, both exclusive."""
        if low + 1 >= high:
            return 0
        return bisect_left(self._begins, high) - bisect_left(self._ends, low + 1)

    def _gap(self, around: Surroundings, cue: int) -> int:
        """The number of words outside quotation marks between the passage and a cue."""
        if cue < around.first:
            return self._parse.count_own_words(cue + 1, around.first - 1)
        return self._parse.count_own_words(around.last + 1, cue - 1)

    def _of_source(self, candidate: Candidate) -> Groups:
        """Features of the source: its relation to the cue, and its kind."""
        parse, cue, source = self._parse, candidate.cue, candidate.source
        low, high = min(cue, source), max(cue, source)
        kind = kind_of_source(parse, source)
        anchor = self._anchors.get(cue)
        # A cue decided beforehand, as by French marks, may have a source of its own.
        sources = [c.source for c in anchor.candidates] if anchor else []
        rank = sources.index(source) if source in sources else 0
        other = self._passages_between(low, high) > 0
        of_source = ((names_of_source, candidate.path, kind, min(rank, 3)), 1.0)
        of_order = ((names_of_order, order(candidate), bin_of(high - low), other), 1.0)
        if kind != "noun":
            return (of_source, of_order)
        return (of_source, of_order, (NOUN, self._lexicon.speaker_evidence(parse.lower[source])))

    def _evidence(self, cue: int, place: CuePlace) -> Groups:
        """The lexicon's evidence for the cue, compared with the other anchors nearby."""
        anchor = self._anchors.get(cue)  # None for a label inside an earlier passage
        evidence = anchor.evidence if anchor else NO_WORD
        best = self._best_rival(cue, evidence)
        return (
            ((names_of_evidence, place.side, place.near), evidence),
            (WEAK_CUE, min(0.0, evidence - WEAK)),
            (RIVALS, max(-3.0, min(3.0, evidence - best))),
        )

    def _best_rival(self, cue: int, evidence: float) -> float:
        """The best evidence of another anchor in the cue's sentence."""
        best, second = self._best_in.get(self._parse.sentences[cue], (NO_RIVAL, NO_RIVAL))
        return second if evidence >= best else best

    def _nearer(self, cue: int, place: CuePlace) -> int:
        """The number of other anchors of the cue's sentence between it and the passage."""
        first, last = self._parse.spans[self._parse.sentences[cue]]
        low, high = (cue, place.edge) if place.side == "left" else (place.edge, cue)
        return count_between(self._able, max(low, first - 1), min(high, last + 1))

    def _syntax(self, around: Surroundings, cue: int) -> Group:
        """The syntactic relations between cue and passage."""
        parse = self._parse
        own = self._of_cues.get(cue)
        if own is None:
            own = self._of_cues[cue] = CueSyntax.of(parse, cue)
        governs = ""
        if cue in around.governors:
            governs = f"governs as {around.governors[cue]}"
        elif cue in around.above:
            governs = f"governs from {around.above[cue]} above"
        is_governed = around.first <= parse.heads[cue] <= around.last
        has = own.dependents_outside(around.first, around.last)
        return (names_of_syntax, parse.deps[cue], parse.tags[cue], governs, is_governed, has)

    def _carried(self, around: Surroundings, same_cue: bool, k: int) -> Group:
        """The evidence that the previous quote continues; the candidate is its source."""
        parse = self._parse
        end = parse.bounds[k - 1][1]
        same = parse.paragraphs[end] == parse.paragraphs[around.first]
        left_open = not parse.passages[k - 1].closed and not same
        gap = parse.count_own_words(end + 1, around.first - 1)
        edges = (around.before, around.after)
        return (names_as_before, same_cue, same, edges, left_open, bin_of(gap))

    def best_evidence(self, k: int) -> float:
        """The evidence of the best cue in the sentence where the passage begins."""
        sentence = self._parse.sentences[self._parse.bounds[k][0]]
        return self._best_in.get(sentence, (NO_RIVAL, NO_RIVAL))[0]


def count_between(tokens: list[int], low: int, high: int) -> int:
    """The number of tokens of an ordered list between two others, both exclusive."""
    return max(0, bisect_left(tokens, high) - bisect_right(tokens, low))
