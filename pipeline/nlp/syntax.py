"""One article's parse as plain lists, read once: what the rules about quotes look at.

spaCy's `Token` builds an object at every step through the tree; the rules take hundreds of
thousands of steps. Everything here is indexed by token number.
"""

from dataclasses import dataclass, field

from spacy.tokens import Doc

from pipeline.nlp.marks import Quoted, find_quoted

OUTSIDE = -1
LONGEST_SENTENCE = 400


@dataclass(slots=True, eq=False)
class Parse:
    """A `Doc` by token number.

    `heads[i] == i` for the root of a sentence. `first` and `last` bound the subtree of a token,
    both inclusive. `sentences` and `paragraphs` number what a token stands in. `quoted` is the
    number of the passage between quotation marks that holds the token, else OUTSIDE; the marks
    themselves are outside. `passages` are those passages; `bounds[k]` is the first and last
    token of passage `k`, `spans[s]` of sentence `s`.
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
    children: list[list[int]] = field(default_factory=list)
    first: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.words)

    def child(self, token: int, *deps: str) -> int | None:
        """The first dependent of `token` under one of the relations."""
        for i in self.children[token]:
            if self.deps[i] in deps:
                return i
        return None

    def is_prose(self, token: int) -> bool:
        """Whether the token stands in a sentence of a length that people write.

        What is longer is a table, a list or noise. The rules look from every word of a sentence
        at every other, so this also keeps the time they take linear in the text.
        """
        first, last = self.spans[self.sentences[token]]
        return last - first < LONGEST_SENTENCE

    def is_space(self, token: int) -> bool:
        """Whether the token is nothing but white space."""
        return self.words[token].isspace()


def read_parse(doc: Doc) -> Parse:
    """The parse of `doc`. Without sentence bounds or heads, every token stands alone."""
    words = [token.text for token in doc]
    starts = [token.idx for token in doc]
    parse = Parse(
        text=doc.text,
        words=words,
        lower=[word.lower() for word in words],
        tags=[token.tag_ for token in doc],
        deps=[token.dep_ for token in doc],
        heads=[token.head.i for token in doc],
        starts=starts,
        ends=[start + len(word) for start, word in zip(starts, words, strict=True)],
        entities=[token.ent_type_ for token in doc],
        sentences=_sentences(doc),
        paragraphs=_paragraphs(words),
        passages=find_quoted(doc.text),
    )
    _place_passages(parse)
    _span_sentences(parse)
    _link(parse)
    return parse


def _sentences(doc: Doc) -> list[int]:
    numbers: list[int] = []
    number = -1
    for token in doc:
        number += bool(token.is_sent_start) or token.i == 0
        numbers.append(number)
    return numbers


def _paragraphs(words: list[str]) -> list[int]:
    numbers: list[int] = []
    number = 0
    for word in words:
        number += "\n" in word
        numbers.append(number)
    return numbers


def _place_passages(parse: Parse) -> None:
    """Find each passage's tokens. A token cut by a mark belongs where it begins."""
    parse.quoted = [OUTSIDE] * len(parse)
    token = 0
    kept: list[Quoted] = []
    for passage in parse.passages:
        while token < len(parse) and parse.starts[token] < passage.start:
            token += 1
        first = token
        while token < len(parse) and parse.starts[token] < passage.end:
            token += 1
        if first == token:
            continue
        parse.quoted[first:token] = [len(kept)] * (token - first)
        parse.bounds.append((first, token - 1))
        kept.append(passage)
    parse.passages = kept


def _span_sentences(parse: Parse) -> None:
    for i, number in enumerate(parse.sentences):
        if number == len(parse.spans):
            parse.spans.append((i, i))
        else:
            parse.spans[number] = (parse.spans[number][0], i)


def _link(parse: Parse) -> None:
    """Children of each token, and the ends of its subtree."""
    count = len(parse)
    parse.children = [[] for _ in range(count)]
    for i, head in enumerate(parse.heads):
        if head != i:
            parse.children[head].append(i)
    parse.first, parse.last = list(range(count)), list(range(count))
    for i in _leaves_first(parse):
        head = parse.heads[i]
        parse.first[head] = min(parse.first[head], parse.first[i])
        parse.last[head] = max(parse.last[head], parse.last[i])


def _leaves_first(parse: Parse) -> list[int]:
    order = [i for i, head in enumerate(parse.heads) if head == i]
    for i in order:  # grows while it is read: breadth first from the roots
        order.extend(parse.children[i])
    order.reverse()
    return order


def is_word(word: str) -> bool:
    """Whether a token has a letter or a digit."""
    return any(char.isalnum() for char in word)


def sentence_bounds(parse: Parse, i: int) -> tuple[int, int]:
    """First and last token of the sentence of token `i`, without white space after it."""
    first, last = parse.spans[parse.sentences[i]]
    while last > i and parse.is_space(last):
        last -= 1
    return first, last
