"""Whose words a French passage is, where the words around its marks say so.

In the order of trust: the clause that touches the closing mark or stands inside the marks, the
clause before the passage, "selon", and, for a passage that stands alone, who spoke before it.
What they leave open is weighed as in other languages.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from onrecord.nlp.entities.names import fold
from onrecord.nlp.languages.fr.before import clause_before
from onrecord.nlp.languages.fr.clauses import Clause, read_according, read_clause
from onrecord.nlp.languages.fr.noun_phrases import is_for_person
from onrecord.nlp.languages.fr.subjects import (
    LONGEST_SENTENCE,
    SUBJECTS,
    opening_subject,
    sentence_start,
)
from onrecord.nlp.languages.fr.words import ENDS_SENTENCE, Word, listed, lower_at, paragraphs
from onrecord.nlp.quotes.choices import Choice
from onrecord.nlp.quotes.sources import Candidate
from onrecord.nlp.quotes.syntax import Parse

PATH = "at the marks"
# How often each is right in articles written for it (tests/data/french, dev-*), rounded down.
TOUCHING = 0.97
BEFORE = 0.94
ALONE = 0.85
REPEATED = 0.8
NO_ONE = Choice(None, 0.9, 0.1)
_SOMEONE = 0.9
_LONGEST_TITLE = 8  # words
_SCARE_QUOTE = 2
_HEADINGS = 2  # paragraphs, counted by line feeds, in which the words of the body are announced
_SHORTEST_HEADING = 8
_REPEATED_AMONG = 400


@dataclass(frozen=True, slots=True)
class _Decision:
    clause: Clause
    likely: float


def decide(parse: Parse) -> dict[int, Choice]:
    """What the words around the marks decide, by the number of the passage."""
    reader = _Reader(parse)
    for words in paragraphs(parse.text, parse.passages):
        for at, word in enumerate(words):
            if word.passage is not None:
                reader.decide(words, at, word.passage)
    _repeat(parse, reader.decided)
    return {k: NO_ONE if one is None else _choice(parse, one) for k, one in reader.decided.items()}


def _choice(parse: Parse, decision: _Decision) -> Choice:
    clause = decision.clause
    first, last = _token_at(parse, clause.source[0]), _token_at(parse, clause.source[1] - 1)
    source = _head(parse, first, last)
    parse.phrases[source] = first, last + 1
    candidate = Candidate(_token_at(parse, clause.cue[0]), source, PATH)
    return Choice(candidate, decision.likely, max(decision.likely, _SOMEONE))


def _token_at(parse: Parse, char: int) -> int:
    return max(0, bisect_right(parse.starts, char) - 1)


def _head(parse: Parse, first: int, last: int) -> int:
    """The token of a phrase whose head stands outside it."""
    for i in range(first, last + 1):
        if not first <= parse.heads[i] <= last or parse.heads[i] == i:
            return i
    return first


def _repeat(parse: Parse, decided: dict[int, _Decision | None]) -> None:
    """Give a passage of the heading to whoever says the same words below."""
    texts = [
        fold(parse.text[one.start : one.end]).strip(" .,!?…\u00a0\u202f")
        for one in parse.passages[:_REPEATED_AMONG]
    ]
    for k, text in enumerate(texts[:_HEADINGS]):
        if parse.paragraphs[parse.bounds[k][0]] > _HEADINGS or len(text) < _SHORTEST_HEADING:
            continue
        below = (decided.get(n) for n in range(k + 1, len(texts)) if text in texts[n])
        found = next((one for one in below if one is not None), None)
        if found is not None and k not in decided:
            decided[k] = _Decision(found.clause, REPEATED)


class _Reader:
    """Decides the passages of a text in order; None for no one's words."""

    def __init__(self, parse: Parse) -> None:
        self._parse = parse
        self.decided: dict[int, _Decision | None] = {}

    def decide(self, words: Sequence[Word], at: int, k: int) -> None:
        """Decide the passage `k`, the word `at` of its paragraph, if its marks tell."""
        if self._goes_on(k):
            if k - 1 in self.decided:
                self.decided[k] = self.decided[k - 1]
            return
        if _is_named_so(words, at):
            self.decided[k] = None
            return
        found = self._brought(words, at, k)
        if found is not None:
            self.decided[k] = found
        elif self._is_no_ones(words, at, k):
            self.decided[k] = None

    def _brought(self, words: Sequence[Word], at: int, k: int) -> _Decision | None:
        clause = self._after(words, at, k)
        if clause is not None:
            return _Decision(clause, TOUCHING)
        if self._is_title(words, at, k):
            return None
        last = self._last_before(words, at)
        spoke = last.clause if last is not None else None
        clause = clause_before(words, at, self._parse.text, spoke)
        if clause is not None:
            return _Decision(clause, BEFORE)
        clause = self._spoke_before(words, at) if _stands_alone(words, at) else None
        return _Decision(clause, ALONE) if clause is not None else None

    def _goes_on(self, k: int) -> bool:
        """Whether a passage is the rest of the one before, which the reporter interrupts."""
        passage = self._parse.passages[k]
        before = self._parse.passages[k - 1] if k else None
        interrupted = before is not None and before.outer_end == before.end
        return interrupted and passage.outer_start == passage.start

    # ── the clause after a passage ──

    def _after(self, words: Sequence[Word], at: int, k: int) -> Clause | None:
        touches = lower_at(words, at + 1) in (",", "–", "—", "-")
        i = at + 2 if touches else at + 1
        found = read_according(words, i, opens=False)
        clause = found or read_clause(words, i)
        if clause is None or clause.is_known or clause.kind == "pronoun":
            return clause
        person = clause.is_person or self._is_verb(clause)
        return clause if person and (touches or self._text(k)[-1:] in "!?,…") else None

    def _text(self, k: int) -> str:
        passage = self._parse.passages[k]
        return self._parse.text[passage.start : passage.end].strip()

    def _is_verb(self, clause: Clause) -> bool:
        """Whether the model takes the cue for a verb, or at least for no noun."""
        tag = self._parse.tags[_token_at(self._parse, clause.cue[0])]
        return tag not in ("NN", "NNS", "NNP", "IN")

    # ── titles and terms ──

    def _is_no_ones(self, words: Sequence[Word], at: int, k: int) -> bool:
        """A title; or a word or two that nobody is said to say."""
        if sentence_start(words, at) == at:
            return False
        return self._is_title(words, at, k) or len(self._text(k).split()) <= _SCARE_QUOTE

    def _is_title(self, words: Sequence[Word], at: int, k: int) -> bool:
        """A few words that begin with a capital inside a sentence, and have no verb."""
        if lower_at(words, at - 1) in (":", "que", "qu'") or sentence_start(words, at) == at:
            return False
        text = self._text(k)
        return len(text.split()) <= _LONGEST_TITLE and text[:1].isupper() and not self._has_verb(k)

    def _has_verb(self, k: int) -> bool:
        first, last = self._parse.bounds[k]
        return any(self._parse.tags[i] in ("VBD", "VBZ") for i in range(first, last + 1))

    # ── a passage that stands alone ──

    def _spoke_before(self, words: Sequence[Word], at: int) -> Clause | None:
        """Who spoke, or is spoken of, in the sentence before."""
        if at == 0:
            return None
        end = at - 1 if words[at - 1].text in ENDS_SENTENCE else at
        start = sentence_start(words, end)
        here, earlier = self._last_before(words, at, start), self._last_before(words, at)
        if here is not None:
            return here.clause
        subject = opening_subject(words, start, end)
        if subject is not None:
            first = subject.end - 1
            while words[first].start > subject.span[0]:
                first -= 1
            if is_for_person(words, subject, first):
                return Clause(subject.span, subject.span, end, False, subject.kind)
        return earlier.clause if earlier else None

    def _last_before(self, words: Sequence[Word], at: int, start: int = 0) -> _Decision | None:
        """The decision of the last passage in these words that was somebody's."""
        for word in reversed(words[max(start, at - LONGEST_SENTENCE) : at]):
            found = self.decided.get(word.passage) if word.passage is not None else None
            if found is not None:
                return found
        return None


def _is_named_so(words: Sequence[Word], at: int) -> bool:
    """Whether the words before say that something is called so: "un roman intitulé"."""
    before = lower_at(words, at - 1)
    last = at - 2 if before in (",", "(") else at - 1
    if last < 0 or words[last].lower not in listed("titles before"):
        return False
    return not _says(words, last)


def _says(words: Sequence[Word], i: int) -> bool:
    """Whether "dit" is what somebody does, and not what something is called."""
    if words[i].lower not in ("dit", "dite", "dits", "dites") or i == 0:
        return False
    before = words[i - 1]
    return before.is_name or before.lower in SUBJECTS | {"se", "s'", "a", "ont"}


def _stands_alone(words: Sequence[Word], at: int) -> bool:
    """Whether nothing else stands in a passage's sentence."""
    after = words[at + 1] if at + 1 < len(words) else None
    ends = after is None or after.text in ENDS_SENTENCE or after.text[0].isupper()
    return ends and sentence_start(words, at) == at
