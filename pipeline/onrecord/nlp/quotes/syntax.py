"""The parse of one article as plain lists, read once, for the rules about quotes.

spaCy's `Token` builds an object at every step through the tree; the rules take hundreds of
thousands of steps. All lists are indexed by token number.
"""

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import wraps
from itertools import accumulate, pairwise
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt
from spacy.attrs import DEP, ENT_TYPE, HEAD, IDX, LENGTH, SENT_START, TAG
from spacy.strings import StringStore
from spacy.tokens import Doc

from onrecord.nlp.quotes.marks import find_quoted
from onrecord.nlp.quotes.quoted import Quoted

OUTSIDE = -1
LONGEST_SENTENCE = 400
COLUMNS = [IDX, LENGTH, TAG, DEP, ENT_TYPE, HEAD, SENT_START]

Rows = npt.NDArray[np.uint64]
Answer = TypeVar("Answer")


@dataclass(slots=True, eq=False)
class Parse:
    """A `Doc` by token number.

    `heads[i] == i` for the root of a sentence. `first` and `last` bound the subtree of a token,
    both inclusive. `sentences` and `paragraphs` give the number of each token's sentence and
    paragraph. `quoted` is the number of the quoted passage that holds the token, else OUTSIDE;
    the marks themselves are outside. `passages` are those passages; `bounds[k]` is the first and
    last token of passage `k`, `spans[s]` of sentence `s`, `last_words[s]` the sentence's last
    token that is not white space; `by_paragraph[p]` are the tokens of paragraph `p`. `has_letters`
    tells words, with a letter or a digit, from marks and white space; `words_to[i]` counts the
    words before token `i`, `own_words_to[i]` those outside quoted passages. `phrases` are noun
    phrases known from another source than the parse, by their heads: tokens, last exclusive.
    `answers` are those of `kept` functions.
    """

    text: str
    words: list[str]
    lower: list[str]
    tags: list[str]
    deps: list[str]
    heads: list[int]
    starts: list[int]
    ends: list[int]
    entities: list[str]
    sentences: list[int]
    paragraphs: list[int]
    passages: list[Quoted]
    quoted: list[int] = field(default_factory=list)
    bounds: list[tuple[int, int]] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    last_words: list[int] = field(default_factory=list)
    by_paragraph: list[range] = field(default_factory=list)
    children: list[list[int]] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    has_letters: list[bool] = field(default_factory=list)
    words_to: list[int] = field(default_factory=list)
    own_words_to: list[int] = field(default_factory=list)
    phrases: dict[int, tuple[int, int]] = field(default_factory=dict)
    answers: dict[Hashable, object] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.words)

    def child(self, token: int, *deps: str) -> int | None:
        """The first dependent of `token` under one of the relations."""
        relations = self.deps
        for i in self.children[token]:
            if relations[i] in deps:
                return i
        return None

    def is_prose(self, token: int) -> bool:
        """Whether the token is in a sentence of ordinary length.

        A longer one is a table, a list or noise. The rules compare every word of a sentence with
        every other, so this limit also keeps their time linear in the text.
        """
        first, last = self.spans[self.sentences[token]]
        return last - first < LONGEST_SENTENCE

    def is_space(self, token: int) -> bool:
        """Whether the token is nothing but white space."""
        return self.words[token].isspace()

    def count_words(self, first: int, last: int) -> int:
        """The number of words from one token to another, both inclusive."""
        return self.words_to[last + 1] - self.words_to[first]

    def count_own_words(self, first: int, last: int) -> int:
        """The number of words outside quoted passages, of two tokens and those between them."""
        return self.own_words_to[last + 1] - self.own_words_to[first]

    def holds_quoted(self, pieces: Iterable[tuple[int, int]]) -> bool:
        """Whether a token of the runs, first and last inclusive, is in a quoted passage."""
        inside = [max(self.quoted[first : last + 1]) for first, last in pieces]
        return max(inside, default=OUTSIDE) != OUTSIDE


def read_parse(
    doc: Doc,
    *,
    text: str | None = None,
    passages: list[Quoted] | None = None,
    told: Callable[["Parse"], None] | None = None,
) -> Parse:
    """The parse of `doc`. Without sentence bounds or heads, every token is its own sentence.

    `text` is the original text where `doc` has substitute characters that its model knows
    better. `passages` are the quoted passages, if they differ from those of the text's marks.
    `told` converts tags, relations and heads to the rules' scheme.
    """
    text = doc.text if text is None else text
    rows = doc.to_array(COLUMNS).astype(np.uint64, copy=False)
    starts = rows[:, 0].tolist()
    ends = (rows[:, 0] + rows[:, 1]).tolist()
    words = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    by_paragraph = _paragraphs(words)
    named = _Names(doc.vocab.strings)
    parse = Parse(
        text=text,
        words=words,
        lower=[word.lower() for word in words],
        tags=named.column(rows, 2),
        deps=named.column(rows, 3),
        heads=_heads(rows),
        starts=starts,
        ends=ends,
        entities=named.column(rows, 4),
        sentences=_sentences(rows),
        paragraphs=[number for number, run in enumerate(by_paragraph) for _ in run],
        passages=find_quoted(text) if passages is None else passages,
        by_paragraph=by_paragraph,
        has_letters=[word.isalnum() or is_word(word) for word in words],
    )
    _place_passages(parse)
    _count_words(parse)
    _span_sentences(parse)
    if told is not None:
        told(parse)
    relink(parse)
    return parse


class _Names(dict[int, str]):
    """The strings of spaCy's numeric ids; an article has few different ones."""

    def __init__(self, strings: StringStore) -> None:
        self._strings = strings

    def __missing__(self, one: int) -> str:
        name = self[one] = self._strings[one]
        return name

    def column(self, rows: Rows, number: int) -> list[str]:
        return [self[one] for one in rows[:, number].tolist()]


def _heads(rows: Rows) -> list[int]:
    """The heads, which spaCy stores as distances."""
    heads: list[int] = (np.arange(len(rows)) + rows[:, 5].astype(np.int64)).tolist()
    return heads


def _sentences(rows: Rows) -> list[int]:
    begins = rows[:, 6].astype(np.int64) == 1
    begins[:1] = True
    numbers: list[int] = (np.cumsum(begins) - 1).tolist()
    return numbers


def _paragraphs(words: list[str]) -> list[range]:
    """The tokens of each paragraph; a line end begins one, so that the first can be empty."""
    ends = [i for i, word in enumerate(words) if "\n" in word]
    return [range(start, end) for start, end in pairwise([0, *ends, len(words)])]


def _place_passages(parse: Parse) -> None:
    """Find each passage's tokens. A token split by a mark belongs to the place where it begins."""
    parse.quoted = [OUTSIDE] * len(parse)
    token = 0
    kept: list[Quoted] = []
    for passage in parse.passages:
        first = bisect_left(parse.starts, passage.start, lo=token)
        token = bisect_left(parse.starts, passage.end, lo=first)
        if first == token:
            continue
        parse.quoted[first:token] = [len(kept)] * (token - first)
        parse.bounds.append((first, token - 1))
        kept.append(passage)
    parse.passages = kept


def _count_words(parse: Parse) -> None:
    parse.words_to = list(accumulate(parse.has_letters, initial=0))
    parse.own_words_to = parse.words_to.copy()
    if parse.bounds:
        own = [
            word and passage == OUTSIDE
            for word, passage in zip(parse.has_letters, parse.quoted, strict=True)
        ]
        parse.own_words_to = list(accumulate(own, initial=0))


def _span_sentences(parse: Parse) -> None:
    begins = [i for i, (a, b) in enumerate(pairwise([-1, *parse.sentences])) if a != b]
    for first, end in pairwise([*begins, len(parse)]):
        last = end - 1
        parse.spans.append((first, last))
        while last > first and parse.is_space(last):
            last -= 1
        parse.last_words.append(last)


def relink(parse: Parse) -> None:
    """Set the children of each token and the bounds of its subtree, from the heads."""
    heads, count = parse.heads, len(parse)
    children: list[list[int]] = [[] for _ in range(count)]
    first, last = list(range(count)), list(range(count))
    # The first token to reach a governor is the farthest; a later one stops there.
    for i, head in enumerate(heads):
        if head != i:
            children[head].append(i)
        above = head
        while first[above] > i:
            first[above] = i
            above = heads[above]
    for i in range(count - 1, -1, -1):
        above = heads[i]
        while last[above] < i:
            last[above] = i
            above = heads[above]
    parse.children, parse.first, parse.last = children, first, last
    parse.answers.clear()


def kept(compute: Callable[[Parse, int], Answer]) -> Callable[[Parse, int], Answer]:
    """A function of a token or passage that is computed once, for all rules that ask.

    The parse holds the answers until it is relinked.
    """

    @wraps(compute)
    def answer(parse: Parse, number: int) -> Answer:
        key = (compute, number)
        try:
            return cast("Answer", parse.answers[key])
        except KeyError:
            found = parse.answers[key] = compute(parse, number)
            return found

    return answer


def is_word(word: str) -> bool:
    """Whether a token has a letter or a digit."""
    return any(map(str.isalnum, word))


def sentence_bounds(parse: Parse, i: int) -> tuple[int, int]:
    """First and last token of the sentence of token `i`, without white space after it."""
    sentence = parse.sentences[i]
    return parse.spans[sentence][0], max(i, parse.last_words[sentence])
