"""Sentences parsed by hand: `word/TAG/relation/head` for each token, heads counted from 1.

parse("She/PRP/nsubj/2 said/VBD/ROOT/2 that/IN/mark/5 taxes/NNS/nsubj/5 fall/VBP/ccomp/2")
"""

from spacy.tokens import Doc
from spacy.vocab import Vocab

from onrecord.nlp.quotes.syntax import Parse, read_parse

TIGHT_BEFORE = frozenset({",", ".", ":", "”", "'s", "’s"})
TIGHT_AFTER = frozenset({"“"})


def tree(tokens: str) -> Doc:
    """One sentence as a Doc, spaced as it would be printed."""
    rows = [token.rsplit("/", 3) for token in tokens.split()]
    words = [row[0] for row in rows]
    following = [*words[1:], ""]
    return Doc(
        Vocab(),
        words=words,
        spaces=[
            bool(after) and after not in TIGHT_BEFORE and word not in TIGHT_AFTER
            for word, after in zip(words, following, strict=True)
        ],
        tags=[row[1] for row in rows],
        deps=[row[2] for row in rows],
        heads=[int(row[3]) - 1 for row in rows],
    )


def parse(tokens: str) -> Parse:
    return read_parse(tree(tokens))


def at(parse: Parse, word: str) -> int:
    """The token that is this word."""
    return parse.words.index(word)


def words(parse: Parse, first: int, last: int) -> str:
    """The text from one token to another, the last inclusive."""
    return parse.text[parse.starts[first] : parse.ends[last]]
