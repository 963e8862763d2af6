"""Near-duplicates: the same story under many URLs, marked and never dropped.

A text has a MinHash signature over its word 3-grams (`signatures.py`): the similarity of two
signatures is, within 0.06, the share of 3-grams that the texts have in common. Signatures of recent
articles are kept in bands, so that only likely pairs are compared (locality-sensitive hashing;
Broder 1997, Indyk and Motwani 1998). A signature travels on its article, so a window is refilled
from the topic.
"""

from array import array
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import chain
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from onrecord.feeds.articles.bands import Bands
from onrecord.feeds.articles.sketches import shares_with, sketch_values
from onrecord.feeds.articles.slot_table import SlotTable
from onrecord.feeds.articles.urls import url_key
from onrecord.records import Article

# Articles with this similarity tell one story: a wire report, cut or lengthened.
_ALIKE = 0.5

_MOST_COMPARED = 4

# Slots in one piece of a saved window, some 80 kB.
_SLOTS_A_PIECE = 512

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Story(NamedTuple):
    """The story an article tells: the id of the first article that told it, and when.

    `share` is what the article has in common with the nearest one; None for its own story.
    """

    id: str
    first_seen: datetime
    share: float | None = None


class _Start(msgspec.Struct, array_like=True):
    """The first piece of a saved window. Then come its arrays, and the rest of its slots.

    `lengths` are those of the arrays, in bytes.
    """

    size: int
    newest: int
    held: int
    lengths: list[int]


class _SomeSlots(msgspec.Struct, array_like=True):
    """What is saved of neighbouring slots beside the arrays."""

    ids: Sequence[str]
    stories: Sequence[str]
    signatures: Sequence[bytes]


class StoryWindow:
    """The stories of the last `size` articles, in memory: about 0.4 kB an article.

    Articles tell one story when their texts are alike, or when they stand at one URL: a copy that
    a feed carries without a claim to the URL says whatever it likes.

    Each article has a slot, the oldest gives its own to the newest. What is known of a slot stands
    in lists and arrays, which are saved and restored as they are, piece by piece. `noted` counts
    the articles that were remembered since.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        # One more, since the newest enters before the oldest leaves. Slots count from 1.
        self._slots = size + 1
        self._bands = Bands(self._slots)
        self._ids = [""] * (self._slots + 1)
        self._stories = [""] * (self._slots + 1)  # empty for an article's own
        self._first_seen = array("q", [0]) * (self._slots + 1)  # microseconds since 1970
        self._entered = array("q", [0]) * (self._slots + 1)  # the log, as well
        self._by_id = SlotTable(self._slots)
        self._by_page = SlotTable(self._slots)
        self.noted = 0
        self._newest = 0
        self._held = 0
        self._uncommitted = 0
        # The slots of articles that were published again, and when; not committed yet.
        self._renewed: list[tuple[int, int]] = []

    def __contains__(self, article_id: object) -> bool:
        """Whether this article is remembered."""
        return isinstance(article_id, str) and self._by_id.find(_key_of(article_id)) > 0

    def mark(self, article: Article) -> Article:
        """The article with its story: that of the earliest one like it, else its own."""
        story = self.story_of(article.id, article.sketch, article.canonical_url, article.fetched_at)
        if article.id in self:
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
        slot = self._by_id.find(_key_of(article_id)) or self._by_page.find(_page_of(url))
        if slot:
            return self._story_in(slot)
        slot, share = self._most_alike(sketch_values(sketch))
        return self._story_in(slot, share) if slot else Story(article_id, fetched_at)

    def note(
        self,
        article_id: str,
        sketch: str | None,
        story: str,
        first_seen: datetime,
        *,
        url: str | None = None,
        entered_at: datetime | None = None,
        is_committed: bool = True,
    ) -> None:
        """Remember an article that was published, by its text and by its canonical URL.

        `entered_at` is when it entered the log, for `forget_before`; None is long ago. An article
        that is remembered already is as young as its last revision.
        One that is not committed yet is remembered for the next ones of its transaction, until
        `keep` or `take_back`.
        """
        if not self.size:
            return
        key, page = _key_of(article_id), _page_of(url)
        entered = (entered_at - _EPOCH) // _MICROSECOND if entered_at else 0
        known = self._by_id.find(key)
        if known:
            at_page = known if self._by_page.has(known, page) else self._by_page.find(page)
            self._renewed += ((known, entered), (at_page, entered))
            if is_committed:
                self._renew()
            if at_page or not page:
                return
        slot = self._newest = self._newest % self._slots + 1
        self._ids[slot] = article_id
        self._stories[slot] = "" if story == article_id else story
        self._first_seen[slot] = (first_seen - _EPOCH) // _MICROSECOND
        self._entered[slot] = entered
        self._by_id.enter(slot, key)
        self._by_page.enter(slot, page)
        if not known and (values := sketch_values(sketch)):
            self._bands.enter(slot, values)
        self.noted += 1
        self._held += 1
        self._uncommitted += not is_committed
        if self._held > self.size:
            self._empty((slot - self._held) % self._slots + 1)
            self._held -= 1

    def keep(self) -> None:
        """Keep the articles that were not committed when they were noted: now they are."""
        self._uncommitted = 0
        self._renew()

    def take_back(self) -> None:
        """Forget the articles that were not committed; what made room for them is not restored."""
        for _ in range(min(self._uncommitted, self._held)):
            slot = self._newest
            self._newest = (slot - 2) % self._slots + 1
            self._empty(slot)
            self._held -= 1
        self._uncommitted = 0
        self._renewed.clear()

    def forget_before(self, moment: datetime) -> None:
        """Forget the articles that entered the log before this moment."""
        before = (moment - _EPOCH) // _MICROSECOND
        held = ((self._newest - age) % self._slots + 1 for age in range(self._held, 0, -1))
        slots = [slot for slot in held if self._ids[slot]]
        gone = [slot for slot in slots if self._entered_at(slot) < before]
        if gone:
            for slot in gone:
                self._forget_names(slot)
            self._bands.empty_all(gone, [slot for slot in slots if self._ids[slot]])

    def saved(self) -> Iterator[bytes]:
        """The window as it is, in pieces, for `restore` on this machine."""
        encode = msgspec.msgpack.encode
        yield encode(_Start(self.size, self._newest, self._held, self._lengths()))
        yield from (column.tobytes() for column in self._columns())
        for some in self._pieces():
            signatures = self._bands.signatures(some)
            yield encode(_SomeSlots(self._ids[some], self._stories[some], signatures))

    def restore(self, pieces: Iterator[bytes]) -> bool:
        """Take over a window that was saved; False if it had another size, or other arrays.

        One that was restored in part is of no use.
        """
        start = msgspec.msgpack.decode(next(pieces), type=_Start)
        if (start.size, start.lengths) != (self.size, self._lengths()):
            return False
        self._newest, self._held = start.newest, start.held
        for column in self._columns():
            memoryview(column).cast("B")[:] = next(pieces)
        decoder = msgspec.msgpack.Decoder(_SomeSlots)
        for some in self._pieces():
            slots = decoder.decode(next(pieces))
            self._ids[some], self._stories[some] = slots.ids, slots.stories
            self._bands.restore(some, slots.signatures)
        return True

    def _columns(self) -> "list[array[int]]":
        """The arrays that are saved as they are."""
        tables = (self._by_id.columns, self._by_page.columns, self._bands.links)
        return [self._first_seen, self._entered, *chain.from_iterable(tables)]

    def _lengths(self) -> list[int]:
        return [len(column) * column.itemsize for column in self._columns()]

    def _pieces(self) -> list[slice]:
        """The slots that are saved together."""
        starts = range(0, self._slots + 1, _SLOTS_A_PIECE)
        return [slice(start, min(start + _SLOTS_A_PIECE, self._slots + 1)) for start in starts]

    def _story_in(self, slot: int, share: float | None = None) -> Story:
        first_seen = _EPOCH + self._first_seen[slot] * _MICROSECOND
        return Story(self._stories[slot] or self._ids[slot], first_seen, share)

    def _most_alike(self, values: bytes) -> tuple[int, float | None]:
        """The slot of the most similar text, with the share in common; 0 for none."""
        nearest = self._bands.nearest(values, _MOST_COMPARED) if values else []
        shares = shares_with(values, [self._bands[slot] for slot in nearest])
        # Of equal ones the id decides, since slots depend on what was published before.
        found = zip(shares, (self._ids[slot] for slot in nearest), nearest, strict=True)
        share, _, slot = max(found, default=(0.0, "", 0))
        return (slot, share) if share >= _ALIKE else (0, None)

    def _renew(self) -> None:
        """Let articles be as young as their last revisions."""
        for slot, entered in self._renewed:
            self._entered[slot] = max(self._entered[slot], entered)
        self._renewed.clear()

    def _entered_at(self, slot: int) -> int:
        """When an article last entered the log: what is renewed is its first slot."""
        return max(self._entered[slot], self._entered[self._by_id.first(slot)])

    def _empty(self, slot: int) -> None:
        """Forget the article in a slot. Where it has another one, that takes over the text."""
        heir = self._forget_names(slot)
        values = self._bands[slot]
        self._bands.empty(slot)
        if heir:
            self._entered[heir] = max(self._entered[heir], self._entered[slot])
        if heir and values:
            self._bands.enter(heir, values)

    def _forget_names(self, slot: int) -> int:
        """Forget what a slot is found by, but for the text: the article's next slot, 0 for none."""
        self._by_page.empty(slot)
        self._ids[slot] = self._stories[slot] = ""
        return self._by_id.empty(slot)


# An article is marked, then noted.
@lru_cache(maxsize=8)
def _page_of(url: str | None) -> int:
    """What the URLs of one page share, as ids do: over HTTP and TLS, with "www." and without.

    64 bits of a hash; 0 for no URL.
    """
    return 0 if url is None else _hash_of(url_key(url))


@lru_cache(maxsize=8)
def _key_of(article_id: str) -> int:
    """What an article is looked up by."""
    return _hash_of(article_id)


def _hash_of(text: str) -> int:
    """64 bits, never 0."""
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") or 1
