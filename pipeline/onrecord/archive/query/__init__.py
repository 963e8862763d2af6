"""The query language of the archive: words, operators and fields, the same on both engines."""

from onrecord.archive.query.filing import Filed, filed_under
from onrecord.archive.query.floors import above
from onrecord.archive.query.nodes import (
    EVERYTHING,
    After,
    And,
    AnyWord,
    Before,
    Everything,
    MinConfidence,
    Named,
    NameField,
    Node,
    Not,
    Or,
    WordPhrase,
    phrases_of,
)
from onrecord.archive.query.parse import parse_query, quoted
from onrecord.archive.query.words import FoldedWord, fold, folded_words, words_of

__all__ = [
    "EVERYTHING",
    "After",
    "And",
    "AnyWord",
    "Before",
    "Everything",
    "Filed",
    "FoldedWord",
    "MinConfidence",
    "NameField",
    "Named",
    "Node",
    "Not",
    "Or",
    "WordPhrase",
    "above",
    "filed_under",
    "fold",
    "folded_words",
    "parse_query",
    "phrases_of",
    "quoted",
    "words_of",
]
