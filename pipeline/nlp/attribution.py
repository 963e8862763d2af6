"""Whose words a passage between quotation marks is: one cue and source among all in reach.

Every verb, noun of speech, colon and "according to" near a passage is a candidate with each of
its possible sources, and so is whoever was quoted before. A linear model over position, syntax
and the cue lexicon chooses between them and "no one": a title, a nickname, scare quotes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.nlp.cues import NOUN, VERB, Lexicon
from pipeline.nlp.sources import (
    Candidate,
    is_noun,
    is_verb,
    source_according_to,
    sources_of_noun,
    sources_of_verb,
)
from pipeline.nlp.syntax import OUTSIDE, Parse, is_word
from pipeline.nlp.weights import Weights, score, shares

STRONG = -1.0  # log-odds from which a word counts as a cue of quoted words by itself
DASHES = frozenset({"-", "–", "—", "--", "―"})
NOUN_FLOOR = -3.5  # a noun less likely than this to be a cue is no candidate


@dataclass(frozen=True, slots=True)
class Anchor:
    """A token that may be a cue, with its evidence and its candidates for a source."""

    token: int
    evidence: float
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for one passage: None for no one, and how likely each is."""

    candidate: Candidate | None
    probability: float
    quoted_by_someone: float


def find_anchors(parse: Parse, lexicon: Lexicon) -> list[Anchor]:
    """Every token outside quotation marks that may be a cue and has a source in reach."""
    anchors = []
    for i, tag in enumerate(parse.tags):
        if parse.quoted[i] != OUTSIDE:
            continue
        anchor: Anchor | None = None
        if parse.lower[i] == "according":
            source = source_according_to(parse, i)
            anchor = Anchor(i, 0.5, (source,)) if source else None
        elif tag.startswith("VB"):
            if is_verb(parse, i):
                cue = lexicon.find(parse.lower[i], VERB)
                evidence = lexicon.quoted_evidence(cue, VERB)
                anchor = Anchor(i, evidence, tuple(sources_of_verb(parse, i)))
        elif is_noun(parse, i):
            cue = lexicon.find(parse.lower[i], NOUN)
            if cue and lexicon.cue_evidence(cue, NOUN) > NOUN_FLOOR:
                evidence = lexicon.quoted_evidence(cue, NOUN)
                anchor = Anchor(i, evidence, tuple(sources_of_noun(parse, i)))
        elif parse.lower[i] == ":":
            anchor = label(parse, i)
        elif parse.lower[i] in DASHES:
            anchor = _signature(parse, i)
        if anchor is not None and anchor.candidates:
            anchors.append(anchor)
    return anchors


def label(parse: Parse, colon: int) -> Anchor | None:
    """The name that a colon ends, where no verb stands before it: "STONE: “We will.”"."""
    source = None
    for j in range(colon - 1, max(colon - 12, -1), -1):
        if parse.paragraphs[j] != parse.paragraphs[colon] or "\n" in parse.words[j]:
            break
        if parse.tags[j].startswith("VB") or parse.quoted[j] != OUTSIDE:
            return None
        if source is None and parse.tags[j] in ("NNP", "NNPS", "NN", "NNS", "PRP"):
            source = j
    return Anchor(colon, -2.0, (Candidate(colon, source, "label"),)) if source is not None else None


def _signature(parse: Parse, dash: int) -> Anchor | None:
    """The name that a dash puts below a quotation: "— Hillary Clinton" as a whole paragraph."""
    first = dash == 0 or "\n" in parse.words[dash - 1]
    source = None
    for j in range(dash + 1, min(dash + 16, len(parse))):
        if "\n" in parse.words[j]:
            break
        if not first or parse.tags[j].startswith("VB") or parse.quoted[j] != OUTSIDE:
            return None
        if source is None and parse.tags[j] in ("NNP", "NN") and parse.tags[j + 1 : j + 2] not in (["NNP"], ["NN"]):
            source = j
    else:
        return None
    if source is None:
        return None
    return Anchor(dash, -2.0, (Candidate(dash, source, "signature"),))


def choose(parse: Parse, lexicon: Lexicon, weights: Weights) -> list[Choice]:
    """For each passage between quotation marks, whose it is; in text order."""
    choices: list[Choice] = []
    reach = Reach(parse, find_anchors(parse, lexicon))
    before: Candidate | None = None
    for k in range(len(parse.passages)):
        candidates = reach.candidates(k, before)
        scores = [score(f, weights) for f in reach.features(k, candidates, before, lexicon)]
        scores.append(score(reach.no_one(k), weights))
        likely = shares(scores)
        best = max(range(len(scores)), key=scores.__getitem__)
        chosen = candidates[best] if best < len(candidates) else None
        choices.append(Choice(chosen, likely[best], 1 - likely[-1]))
        if chosen is not None:
            before = chosen
    return choices


class Reach:
    """The candidates in reach of each passage, and what speaks for them."""

    def __init__(self, parse: Parse, anchors: list[Anchor]) -> None:
        self.parse = parse
        self.anchors = anchors
        self.evidence = {anchor.token: anchor.evidence for anchor in anchors}
        self.of_token = {anchor.token: anchor.candidates for anchor in anchors}
        self.by_paragraph: dict[int, list[Anchor]] = {}
        for anchor in anchors:
            self.by_paragraph.setdefault(parse.paragraphs[anchor.token], []).append(anchor)
        self.word_count = _running(
            is_word(word) and q == OUTSIDE
            for word, q in zip(parse.words, parse.quoted, strict=True)
        )
        strong = {anchor.token for anchor in anchors if anchor.evidence > STRONG}
        self.strong_count = _running(i in strong for i in range(len(parse)))

    def candidates(self, k: int, before: Candidate | None) -> list[Candidate]:
        """All in the passage's paragraph, else the nearest paragraphs; and who spoke before."""
        first, last = self.parse.bounds[k]
        here = self.parse.paragraphs[first]
        anchors = list(self.by_paragraph.get(here, ()))
        anchors += self._paragraph_before(here)[-8:]
        anchors += self._paragraph_after(self.parse.paragraphs[last])[:4]
        found = [candidate for anchor in anchors for candidate in anchor.candidates]
        if before is not None and before not in found:
            found.append(before)
        return found

    def _paragraph_before(self, paragraph: int) -> list[Anchor]:
        for number in range(paragraph - 1, max(paragraph - 3, -1), -1):
            if number in self.by_paragraph:
                return self.by_paragraph[number]
        return []

    def _paragraph_after(self, paragraph: int) -> list[Anchor]:
        return self.by_paragraph.get(paragraph + 1, [])

    def features(
        self, k: int, candidates: list[Candidate], before: Candidate | None, lexicon: Lexicon
    ) -> Iterator[dict[str, float]]:
        """What speaks for each candidate, by name."""
        parse = self.parse
        passage = _Surroundings(parse, k)
        for candidate in candidates:
            found = {"someone": 1.0}
            self._position(found, passage, candidate)
            self._syntax(found, passage, candidate)
            _words(found, parse, candidate, lexicon)
            self._compare(found, passage, candidate, k)
            if before is not None:
                self._carried(found, passage, candidate, before, k)
            yield found

    def _position(
        self, found: dict[str, float], passage: "_Surroundings", candidate: Candidate
    ) -> None:
        parse = self.parse
        cue, source = candidate.cue, candidate.source
        side = found_side(passage, candidate)
        low, high = (cue + 1, passage.first) if side == "left" else (passage.last + 1, cue)
        low, high = min(low, high), max(low, high)
        gap = self.word_count[high] - self.word_count[low]
        strong = self.strong_count[high] - self.strong_count[low]
        sentences = abs(
            parse.sentences[cue]
            - parse.sentences[passage.first if side == "left" else passage.last]
        )
        paragraphs = abs(parse.paragraphs[cue] - parse.paragraphs[passage.first])
        between = parse.quoted[cue + 1 : passage.first] if side == "left" else parse.quoted[passage.last + 1 : cue]
        others = len({q for q in between if q != OUTSIDE})
        found[f"{side} gap {bin_of(gap)}"] = 1.0
        found[f"{side} strong between {min(strong, 3)}"] = 1.0
        found[f"{side} sentences {min(sentences, 3)}"] = 1.0
        found[f"{side} paragraphs {min(paragraphs, 3)}"] = 1.0
        found[f"{side} passages between {min(others, 3)}"] = 1.0
        found[f"{side} before {passage.before}"] = 1.0
        found[f"{side} after {passage.after}"] = 1.0
        near = "near" if gap <= 3 and paragraphs == 0 else "far"
        place = f"{side} {'0' if gap == 0 else near} s{min(sentences, 1)}p{min(paragraphs, 1)}"
        outer = passage.before if side == "left" else passage.after
        found[f"{place} {outer} {passage.ends}"] = 1.0
        found[f"{place} {candidate.path}"] = 1.0
        found[f"{side} {near} before {passage.before}"] = 1.0
        found[f"{side} {near} ends {passage.ends}"] = 1.0
        order = "source-cue" if source < cue else "cue-source"
        found[f"{side} {near} {order}"] = 1.0
        reach = abs(source - cue)
        found[f"{order} distance {bin_of(reach)}"] = 1.0
        if min(cue, source) < passage.first < max(cue, source):
            found["passage between source and cue"] = 1.0
        inside = parse.quoted[min(cue, source) + 1 : max(cue, source)]
        if any(q != OUTSIDE for q in inside):
            found["other passage between source and cue"] = 1.0

    def _compare(
        self, found: dict[str, float], passage: "_Surroundings", candidate: Candidate, k: int
    ) -> None:
        """How the cue stands beside the other words that may be one."""
        parse = self.parse
        cue = candidate.cue
        evidence = self.evidence[cue]
        side = found_side(passage, candidate)
        same = parse.paragraphs[cue] == parse.paragraphs[passage.first]
        near = "near" if same and self._gap(passage, cue) <= 3 else "far"
        found["cue"] = evidence
        found[f"cue {side} {near}"] = evidence
        found["cue is weak"] = min(0.0, evidence + 3.0)
        here = self.by_paragraph.get(parse.paragraphs[cue], [])
        rivals = [a for a in here if parse.sentences[a.token] == parse.sentences[cue]]
        best = max((a.evidence for a in rivals if a.token != cue), default=-6.0)
        found["cue over its rivals"] = max(-3.0, min(3.0, evidence - best))
        rank = sum(
            a.evidence > -3.0 and self._gap(passage, a.token) < self._gap(passage, cue)
            for a in rivals
            if (a.token < passage.first) == (side == "left")
        )
        found[f"{side} rank in sentence {min(rank, 3)}"] = 1.0
        nth = [c.source for c in self.of_token[cue]].index(candidate.source)
        found[f"source number {min(nth, 3)} of its cue"] = 1.0

    def _gap(self, passage: "_Surroundings", cue: int) -> int:
        """Words outside quotation marks between the passage and a cue."""
        if cue < passage.first:
            return self.word_count[passage.first] - self.word_count[cue + 1]
        return self.word_count[cue] - self.word_count[passage.last + 1]

    def _syntax(
        self, found: dict[str, float], passage: "_Surroundings", candidate: Candidate
    ) -> None:
        parse = self.parse
        cue = candidate.cue
        found[f"path {candidate.path}"] = 1.0
        found[f"cue is {parse.deps[cue]}"] = 1.0
        found[f"cue tag {parse.tags[cue]}"] = 1.0
        if cue in passage.governors:
            found[f"governs as {passage.governors[cue]}"] = 1.0
        elif cue in passage.above:
            found[f"governs from {passage.above[cue]} above"] = 1.0
        head = parse.heads[cue]
        if passage.first <= head <= passage.last:
            found[f"governed as {parse.deps[cue]}"] = 1.0
        for i in parse.children[cue]:
            if parse.deps[i] in ("neg", "aux", "dobj", "ccomp", "xcomp", "mark"):
                if not passage.first <= i <= passage.last:
                    label = parse.lower[i] if parse.deps[i] in ("aux", "mark") else ""
                    found[f"cue has {parse.deps[i]} {label}"] = 1.0

    def _carried(
        self,
        found: dict[str, float],
        passage: "_Surroundings",
        candidate: Candidate,
        before: Candidate,
        k: int,
    ) -> None:
        if candidate.source != before.source:
            return
        parse = self.parse
        same_cue = "and cue" if candidate.cue == before.cue else ""
        previous = parse.bounds[k - 1]
        same = parse.paragraphs[previous[1]] == parse.paragraphs[passage.first]
        where = "same paragraph" if same else "other paragraph"
        found[f"as before {same_cue} {where}"] = 1.0
        found[f"as before {where} before {passage.before}"] = 1.0
        found[f"as before {where} after {passage.after}"] = 1.0
        if passage.whole:
            found[f"as before {where} whole"] = 1.0
        if not parse.passages[k - 1].closed and not same:
            found["as before, which was left open"] = 1.0
        gap = self.word_count[passage.first] - self.word_count[previous[1] + 1]
        found[f"as before gap {bin_of(gap)}"] = 1.0

    def no_one(self, k: int) -> dict[str, float]:
        """What speaks for nobody having said these words."""
        passage = _Surroundings(self.parse, k)
        parse = self.parse
        tags = [parse.tags[i] for i in range(passage.first, passage.last + 1)]
        words = [w for w in parse.words[passage.first : passage.last + 1] if is_word(w)]
        titled = sum(w[0].isupper() for w in words)
        found = {
            "no one": 1.0,
            f"no one, words {bin_of(len(words))}": 1.0,
            f"no one, before {passage.before}": 1.0,
            f"no one, after {passage.after}": 1.0,
            f"no one, ends {passage.ends}": 1.0,
            f"no one, in capitals {len(words) > 0 and titled >= 0.6 * len(words)}": 1.0,
            f"no one, verb {any(t in ('VBD', 'VBZ', 'VBP', 'MD') for t in tags)}": 1.0,
            f"no one, single marks {parse.passages[k].single}": 1.0,
        }
        style = "a title" if words and titled >= 0.6 * len(words) else "prose"
        for dep in set(passage.governors.values()):
            found[f"no one, {style} governed as {dep}"] = 1.0
        tag = parse.tags[passage.first - 2] if passage.first > 1 else ""
        word = parse.lower[passage.first - 2] if passage.first > 1 else ""
        found[f"no one, {style} after a {tag}"] = 1.0
        if tag in ("IN", "VBN", "POS", "DT"):
            found[f"no one, {style} after {word}"] = 1.0
        found[f"no one, {style} of {bin_of(len(words))}"] = 1.0
        found[f"no one, {style} {passage.before} {passage.after} {passage.ends}"] = 1.0
        return found


class _Surroundings:
    """What stands around a passage, and what governs it."""

    def __init__(self, parse: Parse, k: int) -> None:
        self.first, self.last = parse.bounds[k]
        quoted = parse.passages[k]
        self.governors: dict[int, str] = {}
        self.above: dict[int, int] = {}
        for i in range(self.first, self.last + 1):
            head = parse.heads[i]
            if not self.first <= head <= self.last:
                self.governors.setdefault(head, parse.deps[i])
        for governor in list(self.governors):
            here = governor
            for step in (1, 2, 3):
                if parse.heads[here] == here:
                    break
                here = parse.heads[here]
                self.above.setdefault(here, step)
        text = parse.text
        self.ends = _ending(text[quoted.start : quoted.end])
        self.before = _before(text, quoted.outer_start)
        self.after = _after(text, quoted.outer_end)
        self.whole = self.before == "start" and self.after == "end"


def _ending(content: str) -> str:
    last = content.rstrip()[-1:]
    if last == ",":
        return "comma"
    return "stop" if last in ".?!…—-" else "open"


def _before(text: str, at: int) -> str:
    i = at - 1
    while i >= 0 and text[i] in " \t\xa0":
        i -= 1
    if i < 0 or text[i] == "\n":
        return "start"
    return {",": "comma", ":": "colon", ".": "stop", "?": "stop", "!": "stop"}.get(
        text[i], "mark" if not text[i].isalnum() else "word"
    )


def _after(text: str, at: int) -> str:
    i = at
    while i < len(text) and text[i] in " \t\xa0":
        i += 1
    if i >= len(text) or text[i] == "\n":
        return "end"
    if text[i] in ".?!":
        return "stop"
    if text[i].isalnum():
        return "capital" if text[i].isupper() else "word"
    return "mark"


def found_side(passage: _Surroundings, candidate: Candidate) -> str:
    """On which side of the passage the cue stands."""
    return "left" if candidate.cue < passage.first else "right"


def _words(
    found: dict[str, float], parse: Parse, candidate: Candidate, lexicon: Lexicon
) -> None:
    source = candidate.source
    kind = kind_of_source(parse, source)
    found[f"source {kind}"] = 1.0
    found[f"{candidate.path} {kind}"] = 1.0
    if kind == "noun":
        found["source noun evidence"] = lexicon.speaker_evidence(parse.lower[source])


PRONOUNS = {
    "he": "he", "she": "he", "they": "they", "who": "who", "it": "it", "we": "we", "i": "we",
    "you": "we",
}  # fmt: skip
ENTITIES = {"PERSON": "person", "ORG": "organisation", "NORP": "group", "GPE": "place"}


def kind_of_source(parse: Parse, i: int) -> str:
    """What kind of thing the source is, by its part of speech and the model's entity label."""
    tag = parse.tags[i]
    if tag in ("PRP", "WP"):
        return PRONOUNS.get(parse.lower[i], "other pronoun")
    if parse.entities[i]:
        return ENTITIES.get(parse.entities[i], "other entity")
    if tag in ("NNP", "NNPS"):
        return "name"
    if tag in ("NN", "NNS"):
        return "noun"
    return tag


def bin_of(count: int) -> str:
    for top in (0, 1, 2, 3, 5, 8, 12, 20):
        if count <= top:
            return str(top)
    return "more"


def _running(flags: Iterator[bool] | object) -> list[int]:
    total = [0]
    for flag in flags:  # type: ignore[attr-defined]
        total.append(total[-1] + bool(flag))
    return total
