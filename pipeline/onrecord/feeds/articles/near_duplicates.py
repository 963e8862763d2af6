"""Near-duplicates: the same story under many URLs, marked and never dropped.

A text has a MinHash signature over its word 3-grams (`signatures.py`): the similarity of two
signatures is, within 0.06, the share of 3-grams that the texts have in common. Signatures of recent
articles are kept in bands, so that only likely pairs are compared (locality-sensitive hashing;
Broder 1997, Indyk and Motwani 1998). A signature travels on its article, so a window is refilled
from the topic.
"""

import binascii
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from msgspec.structs import replace

from onrecord.feeds.articles.bands import Bands
from onrecord.feeds.articles.urls import url_key
from onrecord.records import Article

_VALUES = 64
# The bits of a whole signature as one number.
_HIGHEST_BITS = int.from_bytes(b"\x00\x80" * _VALUES, "little")
_LOWER_BITS = int.from_bytes(b"\xff\x7f" * _VALUES, "little")
# Articles with this similarity tell one story: a wire report, cut or lengthened.
_ALIKE = 0.5

_MOST_COMPARED = 4


class Story(NamedTuple):
    """The story an article tells: the id of the first article that told it, and when.

    `share` is what the article has in common with the nearest one; None for its own story.
    """

    id: str
    first_seen: datetime
    share: float | None = None


@dataclass(frozen=True, slots=True)
class _Told:
    """An article in the window, and the story it tells."""

    values: bytes
    story: str
    first_seen: datetime


class StoryWindow:
    """The stories of the last `size` articles, in memory: about 0.8 kB an article.

    Articles tell one story when their texts are alike, or when they stand at one URL: a copy that
    a feed carries without a claim to the URL says whatever it likes.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._told: OrderedDict[str, _Told] = OrderedDict()
        self._by_url: OrderedDict[str, _Told] = OrderedDict()
        self._bands = Bands(size)
        self._uncommitted: list[tuple[str, str, _Told]] = []

    def __contains__(self, article_id: str) -> bool:
        """Whether the text of this article is remembered."""
        return article_id in self._told

    def mark(self, article: Article) -> Article:
        """The article with its story: that of the earliest one like it, else its own."""
        story = self.story_of(article.id, article.sketch, article.canonical_url, article.fetched_at)
        if article.id in self._told:
            return replace(article, story=story.id, story_first_seen=story.first_seen)
        return replace(
            article, story=story.id, story_first_seen=story.first_seen, story_share=story.share
        )

    def story_of(
        self, article_id: str, sketch: str | None, url: str | None, fetched_at: datetime
    ) -> Story:
        """The story of an article: that of the earliest one like it, else its own.

        `url` is the canonical URL.
        """
        told = self._told.get(article_id) or self._by_url.get(_page_of(url))
        if told is not None:
            return Story(told.story, told.first_seen)
        told, share = self._most_alike(sketch_values(sketch))
        if told is None:
            return Story(article_id, fetched_at)
        return Story(told.story, told.first_seen, share)

    def note(
        self,
        article_id: str,
        sketch: str | None,
        story: str,
        first_seen: datetime,
        *,
        url: str | None = None,
        is_committed: bool = True,
    ) -> None:
        """Remember an article that was published, by its text and by its canonical URL.

        One that is not committed yet is remembered for the next ones of its transaction, until
        `keep` or `take_back`.
        """
        values = sketch_values(sketch)
        told = _Told(values, story, first_seen)
        page = "" if url is None else _page_of(url)
        if not is_committed:
            self._uncommitted.append((article_id, page, told))
        if url is not None and self.size:
            self._by_url.setdefault(page, told)
            while len(self._by_url) > self.size:
                self._by_url.popitem(last=False)
        if not values or article_id in self._told:
            return
        self._told[article_id] = told
        self._bands.add(article_id, values)
        while len(self._told) > self.size:
            name, oldest = self._told.popitem(last=False)
            self._bands.remove(name, oldest.values)

    def keep(self) -> None:
        """Keep the articles that were not committed when they were noted: now they are."""
        self._uncommitted.clear()

    def take_back(self) -> None:
        """Forget the articles that were not committed; what made room for them is not restored."""
        for article_id, page, told in self._uncommitted:
            if self._told.get(article_id) is told:
                del self._told[article_id]
                self._bands.remove(article_id, told.values)
            if self._by_url.get(page) is told:
                del self._by_url[page]
        self._uncommitted.clear()

    def _most_alike(self, values: bytes) -> tuple[_Told | None, float | None]:
        nearest = self._bands.nearest(values, _MOST_COMPARED) if values else []
        shares = _shares(values, [self._told[name].values for name in nearest])
        best = max(zip(shares, nearest, strict=True), default=(0.0, ""))
        return (self._told[best[1]], best[0]) if best[0] >= _ALIKE else (None, None)


def _page_of(url: str | None) -> str:
    """What the URLs of one page share, as ids do: over HTTP and TLS, with "www." and without."""
    return url_key(url or "")


# An article is marked, then noted.
@lru_cache(maxsize=8)
def sketch_values(text: str | None) -> bytes:
    """The values of a signature; none for a text that is no signature."""
    try:
        values = binascii.a2b_base64(text or "")
    except (binascii.Error, ValueError):
        return b""
    return values if len(values) == 2 * _VALUES else b""


def _shares(one: bytes, others: list[bytes]) -> list[float]:
    """The share of equal values with each: about the share of runs of words in common."""
    own = int.from_bytes(one, "little")
    differing = (own ^ int.from_bytes(other, "little") for other in others)
    return [round(1 - _nonzero_values(bits) / _VALUES, 2) for bits in differing]


def _nonzero_values(values: int) -> int:
    """How many of the 16-bit values in a number are not zero, all of them looked at together."""
    # The sum carries into the highest bit of a value unless the lower bits are zero.
    return (((values & _LOWER_BITS) + _LOWER_BITS | values) & _HIGHEST_BITS).bit_count()
