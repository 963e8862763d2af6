"""One statement in several places: equal words, and longer and shorter cuts of them.

Words are compared without case, accents, quotation marks and punctuation. Equal words have an
equal `words_key`. Two cuts of one statement share most of the shorter one's runs of words;
`fingerprints` finds the candidates, because two cuts with six words in a row in common share at
least one (winnowing: Schleimer, Wilkerson and Aiken, SIGMOD 2003). All functions are pure: an
index keeps the fingerprints of a bounded window and compares a few candidates each time.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from zlib import crc32

from onrecord.records.extractions import Quote
from onrecord.records.ids import id_of
from onrecord.records.shown import shown_content

# Statements printed further apart are not tied: a motto is repeated for years.
WINDOW = timedelta(days=14)

_SYMBOL = "[%‰€£¥$₹]"
_WORD = re.compile(rf"\w+|{_SYMBOL}")
# Marks inside words: "don’t", "co-operate", "N.A.T.O.".
_INSIDE = re.compile(r"(?<=\w)['’‘`´.\-‐‑\u00ad](?=\w)")
_ACCENT = re.compile("[\u0300-\u036f]")
_MARKED_SCRIPT = re.compile("[\u0591-\u1fff]")  # Hebrew to the scripts of India and beyond
_RUN = 3
# Of this many runs in a row one is a fingerprint.
_STRIDE = 4
# A statement of a thousand words is found by its beginning.
_MOST_FINGERPRINTS = 128
# Fewer words are alike by chance, even from one mouth.
_FEWEST_WORDS = 4
# Fewer words are alike by chance in two mouths.
_FEWEST_WORDS_OF_ANYONE = 8
# A word changed or put in brackets breaks three runs.
_SHARED = 0.6


def words_of_quote(quote: Quote) -> tuple[str, ...]:
    """The folded words of a quote's content, without a joining "that"."""
    return folded_words(" ".join(span.text for span in shown_content(quote)))


def folded_words(text: str) -> tuple[str, ...]:
    """The words of a text, folded; a word with a mark inside is one: "co-operate", "don't"."""
    decomposed = unicodedata.normalize("NFKD", _INSIDE.sub("", text))
    plain = _ACCENT.sub("", decomposed).casefold()
    word = _word_with(plain) if _MARKED_SCRIPT.search(plain) else _WORD
    return tuple(word.findall(plain))


def _word_with(plain: str) -> re.Pattern[str]:
    """A word in a script whose vowels are marks, which Python takes for no letters."""
    marks = {char for char in plain if unicodedata.category(char) in {"Mc", "Mn"}}
    return re.compile(rf"[\w{''.join(marks)}]+|{_SYMBOL}")


def words_key(words: Sequence[str]) -> str | None:
    """A key that is equal for equal folded words, however they are parted; None for no words."""
    return id_of("words", "".join(words)) if words else None


def fingerprints(words: Sequence[str]) -> frozenset[int]:
    """Numbers below 2**32 of which two cuts with six words in a row in common share one.

    At most 128, about one for every two or three words; none for fewer than three words. An
    index should look at few statements for each, the latest: one shared by hundreds is a phrase.
    """
    hashes = [crc32(" ".join(run).encode("utf-8", "surrogatepass")) for run in _runs(words)]
    found: dict[int, None] = {}
    for start in range(max(1, len(hashes) - _STRIDE + 1)):
        window = hashes[start : start + _STRIDE]
        if window:
            found[min(window)] = None
        if len(found) == _MOST_FINGERPRINTS:
            break
    return frozenset(found)


def share_in_common(one: Sequence[str], other: Sequence[str]) -> float:
    """The share of the shorter cut's runs of three words that the longer one has too."""
    runs, others = set(_runs(one)), set(_runs(other))
    fewer = min(len(runs), len(others))
    return len(runs & others) / fewer if fewer else 0.0


def are_one_statement(one: Sequence[str], other: Sequence[str], *, same_speaker: bool) -> bool:
    """Whether two texts, as folded words, are cuts of one statement.

    Equal words of one speaker always are. Short cuts need the same speaker; eight words and more
    are taken for one statement whoever is said to have spoken, because outlets name the speaker
    differently, or not at all.
    """
    fewest = min(len(one), len(other))
    if not fewest:
        return False
    if same_speaker and "".join(one) == "".join(other):
        return True
    if fewest < (_FEWEST_WORDS if same_speaker else _FEWEST_WORDS_OF_ANYONE):
        return False
    return share_in_common(one, other) >= _SHARED


def _runs(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + _RUN]) for i in range(len(words) - _RUN + 1)]
