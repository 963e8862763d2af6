"""A parsed document as plain Python objects, read from spaCy once, for rules that walk over tokens.

spaCy builds an object for each token and each slice asked for, and looks a string up for each of
its attributes; the rules ask some hundred thousand times for every thousand words. A `PlainDoc`
stands in for a `Doc`: its tokens hold the attributes that the rules read. What they rarely read
comes from spaCy's own objects. Tokens and spans equal nothing but themselves: compare numbers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, pairwise
from typing import Any, cast, overload

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
from spacy.tokens import Doc

# Numbers first, then those that stand for strings.
_COLUMNS = (
    IDX, HEAD, SENT_START, SPACY, IS_PUNCT, IS_SPACE, ORTH, POS, TAG, DEP, ENT_TYPE,
)  # fmt: skip
_NAMED = _COLUMNS.index(ORTH)
_BEGINS = {1: True, 0: None, -1: False}


@contextmanager
def plain(doc: Doc) -> Iterator[Doc]:
    """The document with its attributes read, for the rules on names and speakers.

    To the rules it is a `Doc`. Its tokens are freed at the end of the block, not by the collector.
    """
    read = PlainDoc(doc)
    try:
        yield cast("Doc", read)
    finally:
        read.tokens.clear()


class PlainToken:
    """A token, as spaCy's `Token`. `governor` is the number of its head."""

    __slots__ = (
        "dep_", "dependents", "doc", "ent_type_", "governor", "i", "idx", "is_punct",
        "is_sent_start", "is_space", "lower_", "pos_", "tag_", "text", "whitespace_",
    )  # fmt: skip

    def __init__(  # noqa: PLR0917 - the columns of a table, in their order
        self,
        doc: "PlainDoc",
        i: int,
        text: str,
        idx: int,
        governor: int,
        is_sent_start: bool | None,
        whitespace: str,
        is_punct: bool,
        is_space: bool,
        pos: str,
        tag: str,
        dep: str,
        ent_type: str,
    ) -> None:
        self.doc = doc
        self.i = i
        self.text = text
        self.lower_ = text.lower()
        self.idx = idx
        self.governor = governor
        self.dependents: list[PlainToken] | tuple[()] = ()
        self.is_sent_start = is_sent_start
        self.whitespace_ = whitespace
        self.is_punct = is_punct
        self.is_space = is_space
        self.pos_ = pos
        self.tag_ = tag
        self.dep_ = dep
        self.ent_type_ = ent_type

    def __len__(self) -> int:
        return len(self.text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.doc.source[self.i], name)

    @property
    def head(self) -> "PlainToken":
        """The governor; the token itself if it is the root of its sentence."""
        return self.doc.tokens[self.governor]

    @property
    def children(self) -> Iterator["PlainToken"]:
        """The dependents, in text order."""
        return iter(self.dependents)

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

    def nbor(self, steps: int = 1) -> "PlainToken":
        """The token some steps further. Raises IndexError beyond the text."""
        if self.i + steps < 0:
            raise IndexError(steps)
        return self.doc.tokens[self.i + steps]


class PlainSpan:
    """A run of tokens, `end` exclusive, as spaCy's `Span`."""

    __slots__ = ("doc", "end", "start")

    def __init__(self, doc: "PlainDoc", start: int, end: int) -> None:
        self.doc = doc
        self.start = start
        self.end = end

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

    def __getattr__(self, name: str) -> Any:
        return getattr(self.doc.source[self.start : self.end], name)

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
    """A document, as spaCy's `Doc`; `source` is that."""

    def __init__(self, source: Doc) -> None:
        self.source = source
        self.text = ""
        self.tokens: list[PlainToken] = []
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

    def __getattr__(self, name: str) -> Any:
        return getattr(self.source, name)

    @property
    def sents(self) -> Iterator[PlainSpan]:
        """The sentences, in text order."""
        starts = [token.i for token in self.tokens if token.i == 0 or token.is_sent_start]
        return (PlainSpan(self, *bounds) for bounds in pairwise([*starts, len(self)]))

    def char_span(self, start: int, end: int, **options: Any) -> PlainSpan | None:
        """The tokens between two characters."""
        span = self.source.char_span(start, end, **options)
        return None if span is None else PlainSpan(self, span.start, span.end)

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
        self.text = "".join(chain.from_iterable(zip(words, blanks, strict=True)))
        flags = (
            [_BEGINS[one] for one in begins],
            blanks,
            map(bool, punct),
            map(bool, space),
        )
        columns = zip(words, starts, governors, *flags, *named, strict=True)
        self.tokens = [PlainToken(self, i, *row) for i, row in enumerate(columns)]
        for token in self.tokens:
            if token.governor != token.i:
                head = self.tokens[token.governor]
                if head.dependents:
                    head.dependents.append(token)
                else:
                    head.dependents = [token]


def _names(ids: list[int], strings: StringStore) -> list[str]:
    """The strings of a column of spaCy's numbers, of which few are different."""
    named = {one: strings[one] for one in set(ids)}
    return [named[one] for one in ids]


def _depth(token: PlainToken) -> int:
    """The steps to the root of the sentence; as spaCy has it, marks and blanks are far away."""
    if (token.is_space or token.is_punct) and not token.dependents:
        return len(token.doc) - 1
    return sum(1 for _ in token.ancestors)
