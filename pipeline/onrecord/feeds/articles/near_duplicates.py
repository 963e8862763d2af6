"""Near-duplicates: the same story under many URLs, marked and never dropped.

A text has a MinHash signature over its word 3-grams: the similarity of two signatures is, within
0.06, the share of 3-grams that the texts have in common. Signatures of recent articles are kept in
bands, so that only likely pairs are compared (locality-sensitive hashing; Broder 1997, Indyk and
Motwani 1998). A signature travels on its article, so a window is refilled from the topic.
"""

import binascii
import re
from collections import Counter, OrderedDict, defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from zlib import crc32

import numpy as np
from msgspec.structs import replace

from onrecord.feeds.articles.urls import url_key
from onrecord.records import Article

_WORDS_A_RUN = 3
# A text with fewer 3-grams is too short to count as a copy.
_FEWEST_RUNS = 8
_MOST_RUNS = 5_000
_VALUES = 64
_ROWS = 3
_BANDS = _VALUES // _ROWS
# Articles with this similarity tell one story: a wire report, cut or lengthened.
_ALIKE = 0.5

# A few similar articles represent all: a text shared by a thousand is a form letter.
_MOST_A_BAND = 8
_MOST_COMPARED = 4

# Never change these: signatures are compared with last week's.
_PRIME_BITS = np.uint64(61)
_PRIME = np.uint64((1 << 61) - 1)
_SEEDS = np.random.RandomState(1997).randint(1, 1 << 31, size=(2, _VALUES)).astype(np.uint64)
_FACTORS, _SUMMANDS = _SEEDS[0][:, None].copy(), _SEEDS[1][:, None].copy()
_WORD = re.compile(r"\w+")


def signature(text: str) -> str | None:
    """The signature of a text, in base64; None for a text too short to be compared."""
    words = _WORD.findall(text.casefold())
    runs = zip(*(islice(words, start, None) for start in range(_WORDS_A_RUN)), strict=False)
    hashes = {crc32(" ".join(run).encode()) for run in islice(runs, _MOST_RUNS)}
    if len(hashes) < _FEWEST_RUNS:
        return None
    values = np.fromiter(hashes, dtype=np.uint64, count=len(hashes))
    mixed = values * _FACTORS
    mixed += _SUMMANDS
    # The remainder by a Mersenne prime, without a division: as fast again.
    above = mixed >> _PRIME_BITS
    mixed &= _PRIME
    mixed += above
    np.minimum(mixed, mixed - _PRIME, out=mixed)
    least = (mixed.min(axis=1) & np.uint64(0xFFFF)).astype("<u2")
    return binascii.b2a_base64(least.tobytes(), newline=False).decode()


@dataclass(frozen=True, slots=True)
class _Told:
    """An article in the window, and the story it tells."""

    values: bytes
    story: str
    first_seen: datetime


class StoryWindow:
    """The stories of the last `size` articles, in memory.

    Articles tell one story when their texts are alike, or when they stand at one URL: a copy that
    a feed carries without a claim to the URL says whatever it likes.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._told: OrderedDict[str, _Told] = OrderedDict()
        self._by_url: OrderedDict[str, _Told] = OrderedDict()
        self._bands: defaultdict[tuple[int, bytes], list[str]] = defaultdict(list)

    def mark(self, article: Article) -> Article:
        """The article with its story: that of the earliest one like it, else its own."""
        known = self._told.get(article.id)
        if known is not None:
            return replace(article, story=known.story, story_first_seen=known.first_seen)
        told, share = self._by_url.get(_page_of(article.canonical_url)), None
        values = _values(article.sketch)
        if told is None and values:
            told, share = self._most_alike(values)
        if told is None:
            return replace(article, story=article.id, story_first_seen=article.fetched_at)
        return replace(
            article, story=told.story, story_first_seen=told.first_seen, story_share=share
        )

    def note(
        self,
        article_id: str,
        sketch: str | None,
        story: str,
        first_seen: datetime,
        *,
        url: str | None = None,
    ) -> None:
        """Remember an article that was published, by its text and by its canonical URL."""
        values = _values(sketch)
        told = _Told(values, story, first_seen)
        if url is not None and self.size:
            self._by_url.setdefault(_page_of(url), told)
            while len(self._by_url) > self.size:
                self._by_url.popitem(last=False)
        if not values or article_id in self._told:
            return
        self._told[article_id] = told
        for band in _bands(values):
            if len(self._bands[band]) < _MOST_A_BAND:
                self._bands[band].append(article_id)
        while len(self._told) > self.size:
            self._forget_oldest()

    def _most_alike(self, values: bytes) -> tuple[_Told | None, float | None]:
        near = Counter(name for band in _bands(values) for name in self._bands.get(band, ()))
        nearest = [name for name, _ in near.most_common(_MOST_COMPARED)]
        shares = [(_share(values, self._told[name].values), name) for name in nearest]
        best = max(shares, default=(0.0, ""))
        return (self._told[best[1]], best[0]) if best[0] >= _ALIKE else (None, None)

    def _forget_oldest(self) -> None:
        name, told = self._told.popitem(last=False)
        for band in _bands(told.values):
            names = self._bands[band]
            if name in names:
                names.remove(name)
            if not names:
                del self._bands[band]


def _page_of(url: str | None) -> str:
    """What the URLs of one page share, as ids do: over HTTP and TLS, with "www." and without."""
    return url_key(url or "")


def _values(text: str | None) -> bytes:
    try:
        values = binascii.a2b_base64(text or "")
    except (binascii.Error, ValueError):
        return b""
    return values if len(values) == 2 * _VALUES else b""


def _bands(values: bytes) -> list[tuple[int, bytes]]:
    width = 2 * _ROWS
    return [(band, values[band * width : (band + 1) * width]) for band in range(_BANDS)]


def _share(one: bytes, other: bytes) -> float:
    """The share of equal values: about the share of runs of words in common."""
    equal = np.frombuffer(one, "<u2") == np.frombuffer(other, "<u2")
    return round(int(np.count_nonzero(equal)) / _VALUES, 2)  # `mean` takes three times as long
