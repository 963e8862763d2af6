"""Dialogues: interviews and exchanges, where the turns show who speaks and no cue does.

    Ada Stone repairs clocks in Brack. We met her at work.       “Did it leak?” Stone asked.
                                                                 “I do not know,” Marsh replied.
    How did you begin?                                           “Was it before March?”
    “With a broken one.”                                         “It may have been.”

In an interview the answers are those of one person: whoever answered before, else whoever the
text introduces first. In an exchange, a question without a cue is put by whoever asked before.
"""

from collections.abc import Sequence

from onrecord.nlp.quotes.choices import Choice
from onrecord.nlp.quotes.context import Surroundings
from onrecord.nlp.quotes.sources import Candidate
from onrecord.nlp.quotes.standing_alone import LIKELY, PATH
from onrecord.nlp.quotes.syntax import OUTSIDE, Parse

# A text with fewer answers is no interview.
FEWEST_ANSWERS = 2
_TURNS_BACK = 3
# The person interviewed is introduced in this many sentences. By eye.
_INTRODUCTION = 12
_YOU = frozenset({"you", "your"})


class Dialogues:
    """The dialogues of a text, as its passages are chosen one after the other."""

    def __init__(self, parse: Parse) -> None:
        self._parse = parse
        passages = range(len(parse.passages))
        self._questions = {
            k: mark for k in passages if (mark := _question_before(parse, k)) is not None
        }
        self._answerer: Candidate | None = None
        self._last_answer = OUTSIDE

    def spoken(
        self, choice: Choice, before: Candidate | None, made: Sequence[tuple[Choice, object]]
    ) -> Choice:
        """The choice for the passage after those `made`: by its turn, if no cue attributes it.

        `before` is the source of the previous quote.
        """
        k, by = len(made), choice.candidate
        is_cued = by is not None and by != before and by.path != PATH
        if is_cued:
            return choice
        source = self._answer(k) or _exchanged(self._parse, k, made)
        if source is None:
            return choice
        likely = max(LIKELY, choice.of_someone)
        return Choice(Candidate(source.source, source.source, PATH), likely, likely)

    def _answer(self, k: int) -> Candidate | None:
        """Whoever answers, if the passage is an answer in an interview or goes on with one."""
        if len(self._questions) < FEWEST_ANSWERS or not _stands_alone(self._parse, k):
            return None
        goes_on = self._last_answer == k - 1 and _follows_passage(self._parse, k)
        if k not in self._questions and not goes_on:
            return None
        if self._answerer is None:
            self._answerer = self._interviewee(self._questions[k])
        if self._answerer is not None:
            self._last_answer = k
        return self._answerer

    def _interviewee(self, mark: int) -> Candidate | None:
        """The person who is introduced before a question that says "you" or is a paragraph."""
        parse = self._parse
        first = parse.spans[parse.sentences[mark]][0]
        asked = {parse.lower[i] for i in range(first, mark)}
        before = range(parse.by_paragraph[parse.paragraphs[mark]][0], first)
        is_paragraph = all(map(parse.is_space, before))
        if not (is_paragraph or asked & _YOU):
            return None
        sentences = parse.spans[: min(parse.sentences[mark], _INTRODUCTION)]
        subjects = [subject for one in sentences if (subject := _subject(parse, *one)) is not None]
        people = [i for i in subjects if parse.entities[i] == "PERSON"]
        full_names = [i for i in subjects if parse.tags[i - 1 : i] == ["NNP"]]
        ends = (i for i in range(first) if _ends_name(parse, i))
        source = next(iter([*people, *full_names]), next(ends, None))
        return None if source is None else Candidate(source, source, PATH)


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


def _stands_alone(parse: Parse, k: int) -> bool:
    around = Surroundings(parse, k)
    ends = around.after in {"end", "capital"} and around.ends in {"period", "stop"}
    return around.before in {"start", "stop"} and ends


def _ends_name(parse: Parse, i: int) -> bool:
    if parse.entities[i] != "PERSON" or parse.quoted[i] != OUTSIDE:
        return False
    return i + 1 == len(parse) or parse.entities[i + 1] != "PERSON"


def _exchanged(parse: Parse, k: int, made: Sequence[tuple[Choice, object]]) -> Candidate | None:
    """The speaker whose turn it is, after a question and its answer in paragraphs of their own."""
    if k < 2 or not Surroundings(parse, k).is_paragraph or not _is_next_turn(parse, k):
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
    begins = Surroundings(parse, k - 1).before == "start"
    return near and begins and parse.passages[k - 1].closed


def _asks(parse: Parse, k: int) -> bool:
    return parse.text[parse.passages[k].end - 1] == "?"
