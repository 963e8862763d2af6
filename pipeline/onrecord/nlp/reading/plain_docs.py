"""A parsed document as plain Python objects, read from spaCy once, for rules that walk over tokens.

spaCy builds an object for each token and each slice asked for, and looks a string up for each of
its attributes; the rules ask some hundred thousand times for every thousand words. A `PlainDoc`
stands in for a `Doc`: its tokens hold the attributes that the rules read. What they rarely read
comes from spaCy's own objects. Tokens and spans equal nothing but themselves: compare numbers.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, pairwise, repeat
from typing import Literal, cast, overload

import msgspec
import numpy as np
from spacy.attrs import (
    DEP,
    ENT_TYPE,
    HEAD,
    IDX,
    IS_PUNCT,
    IS_SPACE,
    ORTH,
    POS,
    SENT_START,
    SPACY,
    TAG,
)
from spacy.strings import StringStore
from spacy.tokens import Doc, Span

# Numbers first, then those that stand for strings.
_COLUMNS = (
    IDX, HEAD, SENT_START, SPACY, IS_PUNCT, IS_SPACE, ORTH, POS, TAG, DEP, ENT_TYPE,
)  # fmt: skip
_NAMED = _COLUMNS.index(ORTH)
_BEGINS = {1: True, 0: None, -1: False}
Alignment = Literal["strict", "contract", "expand"]


@contextmanager
def plain(doc: Doc) -> Iterator[Doc]:
    """The document with its attributes read, for the rules on names and speakers.

    To the rules it is a `Doc`. Its tokens are freed at the end of the block, not by the collector.
    """
    read = PlainDoc(doc)
    try:
        yield cast("Doc", read)
    finally:
        read.free()


# A struct is made four times as fast as an object with an `__init__`. There is no `__getattr__`:
# with one, each look-up of an attribute takes five times as long.
class PlainToken(msgspec.Struct, eq=False, gc=False):
    """A token, as spaCy's `Token`. `governor` is the number of its head."""

    doc: "PlainDoc"
    i: int
    text: str
    lower_: str
    idx: int
    governor: int
    is_sent_start: bool | None
    whitespace_: str
    is_punct: bool
    is_space: bool
    pos_: str
    tag_: str
    dep_: str
    ent_type_: str

    def __len__(self) -> int:
        return len(self.text)

    @property
    def head(self) -> "PlainToken":
        """The governor; the token itself if it is the root of its sentence."""
        return self.doc.tokens[self.governor]

    @property
    def children(self) -> Iterator["PlainToken"]:
        """The dependents, in text order."""
        return iter(self.doc.dependents.get(self.i, ()))

    @property
    def ancestors(self) -> Iterator["PlainToken"]:
        """The governors, nearest first."""
        token = self
        while token.governor != token.i:
            token = token.head
            yield token

    @property
    def left_edge(self) -> "PlainToken":
        """The first token of the subtree."""
        return self.doc.tokens[self.doc.source[self.i].left_edge.i]

    @property
    def right_edge(self) -> "PlainToken":
        """The last token of the subtree."""
        return self.doc.tokens[self.doc.source[self.i].right_edge.i]

    @property
    def sent(self) -> "PlainSpan":
        """The sentence."""
        sentence = self.doc.source[self.i].sent
        return PlainSpan(self.doc, sentence.start, sentence.end)

    @property
    def ent_iob_(self) -> str:
        """The place in a name that the model found: "B", "I", or "O" outside."""
        return self.doc.source[self.i].ent_iob_

    @property
    def is_stop(self) -> bool:
        """Whether the word is one of spaCy's stop words."""
        return self.doc.source[self.i].is_stop

    @property
    def is_alpha(self) -> bool:
        """Whether the word consists of letters."""
        return self.text.isalpha()

    @property
    def is_upper(self) -> bool:
        """Whether the word is in capitals."""
        return self.text.isupper()

    @property
    def like_num(self) -> bool:
        """Whether the word is a number, in digits or letters."""
        return self.doc.source[self.i].like_num

    def nbor(self, steps: int = 1) -> "PlainToken":
        """The token some steps further. Raises IndexError beyond the text."""
        if self.i + steps < 0:
            raise IndexError(steps)
        return self.doc.tokens[self.i + steps]


class PlainSpan(msgspec.Struct, eq=False, gc=False):
    """A run of tokens, `end` exclusive, as spaCy's `Span`."""

    doc: "PlainDoc"
    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def __iter__(self) -> Iterator[PlainToken]:
        return iter(self.doc.tokens[self.start : self.end])

    @overload
    def __getitem__(self, at: int) -> PlainToken: ...
    @overload
    def __getitem__(self, at: slice) -> "PlainSpan": ...
    def __getitem__(self, at: int | slice) -> "PlainToken | PlainSpan":
        if isinstance(at, slice):
            start, end, _ = at.indices(self.end - self.start)
            return PlainSpan(self.doc, self.start + start, self.start + max(start, end))
        if 0 <= at < self.end - self.start:
            return self.doc.tokens[self.start + at]
        return self.doc.tokens[self.start : self.end][at]

    @property
    def start_char(self) -> int:
        """The first character."""
        return self.doc.tokens[self.start].idx

    @property
    def end_char(self) -> int:
        """The character after the last."""
        last = self.doc.tokens[self.end - 1]
        return last.idx + len(last.text)

    @property
    def text(self) -> str:
        """The words as they stand in the text, without white space after them."""
        return self.doc.text[self.start_char : self.end_char] if self.start < self.end else ""

    @property
    def root(self) -> PlainToken:
        """The token nearest to the root of its sentence, the first of several."""
        tokens = self.doc.tokens
        inside = tokens[self.start : self.end]
        if len(inside) == 1:
            return inside[0]
        for token in inside:
            if token.governor == token.i:
                return token
        outward = [one for one in inside if not self.start <= one.governor < self.end]
        return min(outward, key=_depth, default=tokens[self.start])


class PlainDoc:
    """A document, as spaCy's `Doc`; `source` is that. `dependents` are in text order."""

    def __init__(self, source: Doc) -> None:
        self.source = source
        self.text = ""
        self.tokens: list[PlainToken] = []
        self.dependents: dict[int, list[PlainToken]] = defaultdict(list)
        self._starts: list[int] = []
        self._read()

    def __len__(self) -> int:
        return len(self.tokens)

    def __iter__(self) -> Iterator[PlainToken]:
        return iter(self.tokens)

    @overload
    def __getitem__(self, at: int) -> PlainToken: ...
    @overload
    def __getitem__(self, at: slice) -> PlainSpan: ...
    def __getitem__(self, at: int | slice) -> PlainToken | PlainSpan:
        if isinstance(at, slice):
            start, end, _ = at.indices(len(self.tokens))
            return PlainSpan(self, start, max(start, end))
        return self.tokens[at]

    @property
    def ents(self) -> Sequence[Span]:
        """The names that the model found, as spaCy's own spans."""
        return self.source.ents

    def free(self) -> None:
        """Give the tokens up, which refer to the document and it to them."""
        self.tokens.clear()
        self.dependents.clear()

    @property
    def sents(self) -> Iterator[PlainSpan]:
        """The sentences, in text order."""
        starts = [token.i for token in self.tokens if token.i == 0 or token.is_sent_start]
        return (PlainSpan(self, *bounds) for bounds in pairwise([*starts, len(self)]))

    def char_span(
        self, start: int, end: int, *, alignment_mode: Alignment = "strict"
    ) -> PlainSpan | None:
        """The tokens between two characters; None beyond the text, or if none lies between them.

        Where a token lies there in part, "strict" gives None, "contract" omits and "expand"
        includes it.
        """
        if not (0 <= start <= end <= len(self.text) and end):
            return None
        first, last = bisect_right(self._starts, start) - 1, bisect_right(self._starts, end - 1) - 1
        cuts_first, cuts_last = self._starts[first] < start, end < self._end_of(last)
        if alignment_mode == "strict" and (cuts_first or end != self._end_of(last)):
            return None
        if alignment_mode == "contract":
            first, last = first + cuts_first, last - cuts_last
            if last < first:
                return None
        # A blank is no part of the token before it.
        if alignment_mode == "expand" and start == self._end_of(first):
            first += 1
        return PlainSpan(self, first, last + 1)

    def _end_of(self, i: int) -> int:
        return self._starts[i] + len(self.tokens[i].text)

    def _read(self) -> None:
        """Make the text and the tokens, from one table of all attributes."""
        strings = self.source.vocab.strings
        rows = self.source.to_array(list(_COLUMNS)).astype(np.int64)
        starts, distances, begins, spaces, punct, space = rows[:, :_NAMED].T.tolist()
        words, *named = [
            _names(column, strings) for column in rows[:, _NAMED:].view(np.uint64).T.tolist()
        ]
        governors = [i + distance for i, distance in enumerate(distances)]
        blanks = [" " if one else "" for one in spaces]
        self._starts = starts
        self.text = "".join(chain.from_iterable(zip(words, blanks, strict=True)))
        numbered = (repeat(self), range(len(words)))
        forms = (words, map(str.lower, words), starts, governors)
        flags = (map(_BEGINS.__getitem__, begins), blanks, map(bool, punct), map(bool, space))
        self.tokens = list(map(PlainToken, *numbered, *forms, *flags, *named))
        for token, governor in zip(self.tokens, governors, strict=True):
            if governor != token.i:
                self.dependents[governor].append(token)


def _names(ids: list[int], strings: StringStore) -> list[str]:
    """The strings of a column of spaCy's numbers, of which few are different."""
    named = {one: strings[one] for one in set(ids)}
    return [named[one] for one in ids]


def _depth(token: PlainToken) -> int:
    """The steps to the root of the sentence; as spaCy has it, marks and blanks are far away."""
    if (token.is_space or token.is_punct) and token.i not in token.doc.dependents:
        return len(token.doc) - 1
    return sum(1 for _ in token.ancestors)
