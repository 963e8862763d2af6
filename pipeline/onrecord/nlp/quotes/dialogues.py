"""Dialogues: interviews and exchanges, where the turns show who speaks and no cue does.

    Ada Stone repairs clocks in Brack. We met her at work.       “Did it leak?” Stone asked.
                                                                 “I do not know,” Marsh replied.
    How did you begin?                                           “Was it before March?”
    “With a broken one.”                                         “It may have been.”

In an interview the answers are those of one person: the only one whom the text before the first
question introduces. In an exchange, a question without a cue is put by whoever asked before.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Self

from onrecord.nlp.quotes.choices import Choice
from onrecord.nlp.quotes.context import surroundings
from onrecord.nlp.quotes.sources import Candidate
from onrecord.nlp.quotes.standing_alone import LIKELY, PATH
from onrecord.nlp.quotes.syntax import OUTSIDE, Parse

# A text with fewer answers is no interview.
FEWEST_ANSWERS = 2
_TURNS_BACK = 3
# The person interviewed is introduced in this many sentences. By eye.
_INTRODUCTION = 12
_YOU = frozenset({"you", "your"})
_PRONOUNS = frozenset({"he", "she", "him", "her", "his", "hers"})


class Dialogues:
    """The dialogues of a text, as its passages are chosen one after the other."""

    def __init__(self, parse: Parse) -> None:
        self._parse = parse
        passages = range(len(parse.passages))
        marks = {k: mark for k in passages if (mark := _question_before(parse, k)) is not None}
        self._questions = marks if _asks_one_person(parse, marks.values()) else {}
        self._interviewee = _Interviewee.of(parse, min(self._questions.values(), default=0))
        self._last_answer: int | None = None

    def by_turn(
        self,
        choice: Choice,
        before: tuple[Candidate | None, ...],
        made: Sequence[tuple[Choice, object]],
    ) -> Choice:
        """The choice for the passage after those `made`: by its turn, if no cue attributes it.

        `before` holds the sources of the previous quote, with and without dialogues.
        """
        k, by = len(made), choice.candidate
        if by is not None and by not in before and by.path != PATH:
            return choice
        source = self._answer(k, by, made) or _exchanged(self._parse, k, made)
        if source is None:
            return choice
        likely = max(LIKELY, choice.of_someone)
        return Choice(Candidate(source.source, source.source, PATH), likely, likely)

    def _answer(
        self, k: int, by: Candidate | None, made: Sequence[tuple[Choice, object]]
    ) -> Candidate | None:
        """Whoever answers, if the passage is an answer in an interview or goes on with one."""
        who = self._interviewee
        if who is None or not _ends_paragraph(self._parse, k):
            return None
        goes_on = k > 0 and self._last_answer == k - 1 and _follows_passage(self._parse, k)
        if k not in self._questions and not goes_on:
            return None
        turns = [one.candidate for one, _ in made[min(self._questions) :]]
        if who.others_before(self._parse.bounds[k][0]) or not all(map(who.is_named, turns)):
            return None
        if not who.may_be(by):
            return None
        self._last_answer = k
        return Candidate(who.source, who.source, PATH)


@dataclass(frozen=True, slots=True)
class _Interviewee:
    """The one person whom the text before the first question is about.

    `others` are the tokens that name another person, outside quotation marks. Whoever is named
    by a relation to this one ("says his dealer, Ruth Okoro") is not among them.
    """

    parse: Parse
    source: int
    names: frozenset[str]
    others: list[int]

    @classmethod
    def of(cls, parse: Parse, mark: int) -> Self | None:
        """The subject of a sentence before the question that ends with `mark`."""
        sentences = parse.spans[: min(parse.sentences[mark], _INTRODUCTION)] if mark else []
        subjects = [subject for one in sentences if (subject := _subject(parse, *one)) is not None]
        people = [i for i in subjects if parse.entities[i] == "PERSON"]
        full_names = [i for i in subjects if parse.tags[i - 1 : i] == ["NNP"]]
        source = next(iter([*people, *full_names]), None)
        if source is None or not _ends_about(parse, sentences, source):
            return None
        named = sorted({*full_names, *(i for i in range(len(parse)) if _ends_name(parse, i))})
        names = frozenset(_name(parse, source))
        known = names.union(*(_name(parse, i) for i in named if _is_related(parse, i)))
        others = [i for i in named if parse.lower[i] not in known]
        return cls(parse, source, names, others)

    def others_before(self, token: int) -> bool:
        return any(i < token for i in self.others)

    def is_named(self, by: Candidate | None) -> bool:
        """Whether a source, if any, is this person by name."""
        return by is None or self.parse.lower[by.source] in self.names

    def may_be(self, by: Candidate | None) -> bool:
        """Whether a source, if any, is this person, or was quoted about them: "his dealer"."""
        if by is None or self.is_named(by) or self.parse.lower[by.source] in _PRONOUNS:
            return True
        return _is_relation(self.parse, by.source) or _is_related(self.parse, by.source)


def _asks_one_person(parse: Parse, marks: Collection[int]) -> bool:
    """Whether questions are those of an interview: each begins a paragraph, one says "you".

    None says "he" or "she": whoever answers "Who should replace him?" is somebody else.
    """
    asked = [range(parse.spans[parse.sentences[mark]][0], mark) for mark in marks]
    words = {parse.lower[i] for question in asked for i in question}
    alone = all(_begins_paragraph(parse, question.start) for question in asked)
    return len(marks) >= FEWEST_ANSWERS and alone and bool(words & _YOU) and not words & _PRONOUNS


def _begins_paragraph(parse: Parse, token: int) -> bool:
    before = range(parse.by_paragraph[parse.paragraphs[token]][0], token)
    return all(map(parse.is_space, before))


def _ends_about(parse: Parse, sentences: list[tuple[int, int]], person: int) -> bool:
    """Whether the last sentence outside quotation marks mentions the person."""
    for first, end in reversed(sentences):
        outside = [i for i in range(first, end + 1) if parse.quoted[i] == OUTSIDE]
        words = {parse.lower[i] for i in outside if parse.has_letters[i]}
        if words:
            return parse.lower[person] in words or bool(words & _PRONOUNS)
    return False


def _is_related(parse: Parse, i: int) -> bool:
    """Whether a name stands in apposition to a relation of somebody: "his dealer, Ruth Okoro"."""
    return parse.deps[i] == "appos" and _is_relation(parse, parse.heads[i])


def _is_relation(parse: Parse, i: int) -> bool:
    whose = parse.child(i, "poss")
    return whose is not None and parse.lower[whose] in _PRONOUNS


def _name(parse: Parse, last: int) -> list[str]:
    """The words of a name that ends with a token."""
    first = last
    while first > 0 and parse.tags[first - 1] == "NNP" and parse.heads[first - 1] == last:
        first -= 1
    return parse.lower[first : last + 1]


def _subject(parse: Parse, first: int, end: int) -> int | None:
    """The name that is the subject of a sentence's main clause."""
    root = next((i for i in range(first, end + 1) if parse.heads[i] == i), None)
    subject = None if root is None else parse.child(root, "nsubj", "nsubjpass")
    return subject if subject is not None and parse.tags[subject] == "NNP" else None


def _question_before(parse: Parse, k: int) -> int | None:
    """The question mark that ends the text before a passage; None if no question does."""
    last = _before_mark(parse, k)
    asks = last >= 0 and parse.words[last] == "?" and parse.quoted[last] == OUTSIDE
    return last if asks else None


def _follows_passage(parse: Parse, k: int) -> bool:
    last = _before_mark(parse, k)
    return last > 0 and parse.quoted[last - 1] == k - 1


def _before_mark(parse: Parse, k: int) -> int:
    """The last token before a passage's opening mark that is not white space; else -1."""
    last = parse.bounds[k][0] - 2
    while last >= 0 and parse.is_space(last):
        last -= 1
    return last


def _ends_paragraph(parse: Parse, k: int) -> bool:
    """Whether a passage of whole sentences ends its paragraph."""
    around = surroundings(parse, k)
    ends = around.after == "end" and around.ends in {"period", "stop"}
    return around.before in {"start", "stop"} and ends


def _ends_name(parse: Parse, i: int) -> bool:
    if parse.entities[i] != "PERSON" or parse.quoted[i] != OUTSIDE:
        return False
    return i + 1 == len(parse) or parse.entities[i + 1] != "PERSON"


def _exchanged(parse: Parse, k: int, made: Sequence[tuple[Choice, object]]) -> Candidate | None:
    """The speaker whose turn it is, after a question and its answer in paragraphs of their own."""
    if k < 2 or not surroundings(parse, k).is_paragraph or not _is_next_turn(parse, k):
        return None
    asks = _asks(parse, k)
    if asks == _asks(parse, k - 1):
        return None
    last = made[k - 1][0].candidate
    for j in range(k - 2, max(k - 2 - _TURNS_BACK, -1), -1):
        by = made[j][0].candidate
        if _asks(parse, j) == asks and by is not None and last is not None:
            return by if by.source != last.source else None
    return None


def _is_next_turn(parse: Parse, k: int) -> bool:
    """Whether the paragraph before is a closed turn that begins with a mark."""
    end, start = parse.bounds[k - 1][1], parse.bounds[k][0]
    near = 0 < parse.paragraphs[start] - parse.paragraphs[end] <= 2
    begins = surroundings(parse, k - 1).before == "start"
    return near and begins and parse.passages[k - 1].closed


def _asks(parse: Parse, k: int) -> bool:
    return parse.text[parse.passages[k].end - 1] == "?"
