"""A French paragraph as words, each quoted passage being one of them.

What a passage's marks touch shows who speaks by words alone, where a tagger that never saw
"assène" or "élude" goes wrong.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from onrecord.nlp.lexicon import word_lists
from onrecord.nlp.quotes.marks import lines_of
from onrecord.nlp.quotes.quoted import Quoted

LISTS = word_lists("fr")
# Of verbs like "affirmer", after their stem.
_ENDINGS = (
    "er", "e", "ent", "ait", "aient", "a", "èrent", "é", "ée", "és", "ées", "ant", "era", "eront",
    "erait", "ons",
)  # fmt: skip
Span = tuple[int, int]
_WORD = re.compile(
    r"(?:M{1,2}|Mmes?|Mlles?|Me|Drs?|Prs?)\.?(?![\w'’-])"  # forms of address keep their point
    r"|(?:[Aa]ujourd|[Pp]resqu)['’]\w+"
    r"|[^\W\d_]+['’](?=\w|\Z)"  # elided: "l'", "qu'"
    r"|\w+(?:[-‑]\w+)*"
    r"|\S"
)
_INVERTED = re.compile(r"(.+?)(?:-t)?-(il|elle|on|ils|elles|je|nous|vous)")
_PARTICIPLE = re.compile(r".+(?:ée?s?|ie?s?|ue?s?|is|ise|ite?s?|te?s?)")
ENDS_SENTENCE = frozenset(".!?…")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, a mark, or a whole passage between quotation marks (`passage` is its number)."""

    text: str
    lower: str
    start: int
    end: int
    passage: int | None = None

    @property
    def is_name(self) -> bool:
        """Whether it begins with a capital and is a word."""
        return self.passage is None and self.text[0].isupper() and self.text[0].isalpha()

    @property
    def is_mark(self) -> bool:
        """Whether it is punctuation."""
        return self.passage is None and not self.text[0].isalnum()


def words_in(text: str, start: int, end: int) -> list[Word]:
    """The words of a piece of the text."""
    return [
        Word(m[0], m[0].lower().replace("’", "'"), m.start(), m.end())
        for m in _WORD.finditer(text, start, end)
    ]


def paragraphs(text: str, passages: Sequence[Quoted]) -> Iterator[list[Word]]:
    """The words of each paragraph, with its passages in their places."""
    first = 0
    for start, end in lines_of(text):
        last = first
        while last < len(passages) and passages[last].outer_start < end:
            last += 1
        yield _paragraph(text, start, end, [(k, passages[k]) for k in range(first, last)])
        first = last


def _paragraph(text: str, start: int, end: int, here: Sequence[tuple[int, Quoted]]) -> list[Word]:
    found: list[Word] = []
    for k, passage in here:
        found += words_in(text, start, passage.outer_start)
        start = passage.outer_end
        found.append(Word("«»", "«»", passage.outer_start, start, k))
    return [*found, *words_in(text, start, end)]


@cache
def listed(section: str) -> frozenset[str]:
    """A list of small words."""
    return LISTS.words("grammar", section)


@cache
def honorifics() -> frozenset[str]:
    """What stands before a name: "Mme", "Dr"."""
    return listed("honorifics") | listed("honorifics masculine") | listed("honorifics feminine")


def inverted(word: str) -> tuple[str, str] | None:
    """The verb and the pronoun of "ajoute-t-elle"."""
    found = _INVERTED.fullmatch(word)
    return (found[1], found[2]) if found else None


def is_participle(word: str) -> bool:
    """Whether a word may be a past participle."""
    return _PARTICIPLE.fullmatch(word) is not None


@cache
def verbs() -> dict[str, str]:
    """The forms of verbs of speech and thought, each with its English counterpart."""
    regular = {
        form: english
        for english, many in LISTS.mapping("words", "er").items()
        for verb in many
        for form in _forms(verb)
    }
    return regular | by_french("verbs")


def by_french(section: str) -> dict[str, str]:
    """The words of a section of fr/words.txt, each with its English counterpart."""
    found = LISTS.mapping("words", section)
    return {word: english for english, many in found.items() for word in many}


def _forms(verb: str) -> list[str]:
    """The forms of a verb in -er; others, and those whose stem changes, stand in the lexicon."""
    stem = verb.removesuffix("er")
    if stem == verb:
        return [verb]
    soft = {"c": "ç", "g": "ge"}.get(stem[-1:], stem[-1:])
    return [(stem[:-1] + soft if end[0] == "a" or end == "ons" else stem) + end for end in _ENDINGS]


def word_at(words: Sequence[Word], i: int) -> Word | None:
    """The word of a number, if there is one."""
    return words[i] if 0 <= i < len(words) else None


def lower_at(words: Sequence[Word], i: int) -> str:
    """The word of a number in lower case, empty where there is none."""
    return words[i].lower if 0 <= i < len(words) else ""


def skip(words: Sequence[Word], i: int, skipped: frozenset[str]) -> int:
    """The number of the first word from here on that is none of these."""
    while i < len(words) and words[i].lower in skipped:
        i += 1
    return i
