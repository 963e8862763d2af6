"""Turns of a transcript: a name and a colon at the beginning of a line, then the words.

    TAPPER: Governor, you are supporting the senator.
    FALLIN: Well, I think she will win.

The label is the only evidence that such a line is speech. A single label is a caption or a heading:
a transcript has at least two, and one of them recurs or names a person. Names that are not in
capitals head tables and lists as often; "Q" and "A" do not name anybody.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from onrecord.nlp.quotes.runs import Pieces
from onrecord.nlp.quotes.syntax import Parse

LIKELY = 0.85  # probability that annotators mark a turn, on the training data
LONGEST_TURN = 3  # paragraphs of one turn, if another turn follows
# Labels in capitals that live blogs, recipes and fact checks print before a colon.
HEADINGS = frozenset(
    {
        "alert", "analysis", "answer", "breaking", "caption", "claim", "correction", "credit",
        "date", "developing", "editor", "exclusive", "fact", "facts", "image", "ingredients",
        "just", "latest", "live", "location", "method", "more", "new", "note", "opinion",
        "photo", "place", "price", "published", "ps", "question", "rating", "read", "related",
        "ruling", "score", "source", "summary", "time", "tip", "topic", "update", "updated",
        "updates", "urgent", "verdict", "video", "warning", "watch", "what", "when", "where",
        "who", "why",
    }
)  # fmt: skip
_TIME = r"(?:\[?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s?[ap]\.?m\.?)?\]?[\s,-]+)?"
_CAPITALS = r"[A-Z][A-Z.'’-]*(?:\s[A-Z(][A-Z.,'’()-]*){0,5}"
_LABEL = re.compile(rf"\s*{_TIME}(?P<name>{_CAPITALS}):(?=[ \t]\S)")


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of one speaker: the colon, the last token of the name, and runs of tokens.

    The runs' last tokens are inclusive; there is one run for each paragraph.
    """

    colon: int
    source: int
    pieces: Pieces


@dataclass(frozen=True, slots=True)
class _Label:
    name: str
    paragraph: int
    last: int
    colon: int
    is_person: bool


def find_turns(parse: Parse) -> list[Turn]:
    """Every turn, in text order; none if the article is not a transcript."""
    labels = [one for number in range(len(parse.by_paragraph)) for one in _label(parse, number)]
    if not _is_transcript(labels):
        return []
    following = [*(one.paragraph for one in labels[1:]), None]
    turns = (_turn(parse, one, after) for one, after in zip(labels, following, strict=True))
    return [turn for turn in turns if turn.pieces]


def _label(parse: Parse, number: int) -> Iterator[_Label]:
    """The label at the start of a paragraph."""
    opening = parse.by_paragraph[number][:16]
    start = next((parse.starts[i] for i in opening if not parse.is_space(i)), None)
    found = _LABEL.match(parse.text, start, start + 80) if start is not None else None
    if found is None:
        return
    tokens = [i for i in opening if not parse.is_space(i)]
    colon = next((i for i in tokens if parse.ends[i] == found.end()), None)
    if colon is None or colon == tokens[0]:
        return
    inside = [i for i in tokens if found.start("name") <= parse.starts[i] < found.end() - 1]
    words = found["name"].lower().split()
    if len(found["name"]) > 1 and not HEADINGS.intersection(words) and inside:
        is_person = any(parse.entities[i] == "PERSON" for i in inside)
        yield _Label(" ".join(words), number, _name(parse, inside), colon, is_person)


def _name(parse: Parse, tokens: list[int]) -> int:
    """The last token of the name, before a party or a state in brackets."""
    bracket = next((i for i in tokens if parse.words[i] == "("), len(parse))
    return max((i for i in tokens if i < bracket and parse.has_letters[i]), default=tokens[0])


def _is_transcript(labels: list[_Label]) -> bool:
    counts = Counter(one.name for one in labels)
    certain = any(one.is_person for one in labels) or max(counts.values(), default=0) > 1
    return len(counts) > 1 and certain


def _turn(parse: Parse, label: _Label, following: int | None) -> Turn:
    """The rest of the label's paragraph, and a few more if another turn follows."""
    end = label.paragraph + 1
    if following is not None:
        end = following if _text_paragraphs(parse, end, following) < LONGEST_TURN else end
    whole = parse.by_paragraph[label.paragraph]
    rest = (parse.by_paragraph[number] for number in range(label.paragraph + 1, end))
    pieces = (_words(parse, run) for run in (range(label.colon + 1, whole.stop), *rest))
    return Turn(label.colon, label.last, tuple(piece for piece in pieces if piece is not None))


def _text_paragraphs(parse: Parse, first: int, end: int) -> int:
    return sum(
        _words(parse, parse.by_paragraph[number]) is not None for number in range(first, end)
    )


def _words(parse: Parse, tokens: range) -> tuple[int, int] | None:
    """The run of tokens from the first word to the last; None if there are no words."""
    words = [i for i in tokens if parse.has_letters[i]]
    return (words[0], words[-1]) if words else None
