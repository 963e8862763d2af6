"""Signatures by their bands: which of them may be alike, without comparing all.

A band is three neighbouring values of a signature. Two signatures that share a band are candidates
(locality-sensitive hashing; Indyk and Motwani 1998).
"""

from array import array
from collections import Counter
from itertools import chain

# Never change this: it decides which copies are found.
_BAND_BYTES = 6
# A few similar articles represent all: a text shared by a thousand is a form letter.
_MOST_A_BAND = 8
_MOST_BANDS = 21
# Where each band stands in a signature.
_PLACES = [slice(at, at + _BAND_BYTES) for at in range(0, _MOST_BANDS * _BAND_BYTES, _BAND_BYTES)]

# Where the chain of a band ends, and the slots in it with the same band.
_Chain = tuple[int, list[int]]


class Bands:
    """The names of signatures of one length by their bands, at most eight for each.

    A hash table for each band, its chains in one array: 0.25 kB a signature, where dictionaries
    take 2.2 kB. It is made for `size` signatures, and slower with many more.
    """

    def __init__(self, size: int) -> None:
        self._buckets = 1 << max(0, size - 1).bit_length()
        self._bands = 0
        # By slot. Slots count from 1, because a link of 0 ends a chain.
        self._names: list[str] = [""]
        self._values: list[bytes] = [b""]
        self._free: list[int] = []
        # The first slot of each bucket of each band; then for each slot the next one in each band.
        self._links = array("I")
        self._looked_at: tuple[bytes, list[_Chain]] | None = None

    def add(self, name: str, values: bytes) -> None:
        """Enter a signature."""
        if not self._bands:
            self._bands = min(len(values) // _BAND_BYTES, _MOST_BANDS)
            self._looked_at = None
            self._lengthen(self._buckets * self._bands + self._bands)
        slot = self._new_slot(name, values)
        is_entered = False
        for end, alike in self._chains(values):
            if len(alike) < _MOST_A_BAND:
                self._links[end] = slot
                is_entered = True
        self._looked_at = None
        if not is_entered:
            self._free.append(slot)

    def remove(self, name: str, values: bytes) -> None:
        """Remove a signature, which was entered with these values."""
        links, names, removed = self._links, self._names, 0
        for number, first in enumerate(self._first_links(values)):
            link = first
            while (slot := links[link]) and names[slot] != name:
                link = self._link_after(slot, number)
            if slot:
                after = self._link_after(slot, number)
                links[link], links[after] = links[after], 0
                removed = slot
        self._looked_at = None
        if removed:
            self._free.append(removed)

    def nearest(self, values: bytes, most: int) -> list[str]:
        """The names that share most bands with these values."""
        shared = list(chain.from_iterable(alike for _, alike in self._chains(values)))
        # Without a number `most_common` sorts, which is faster for these few.
        found = Counter(shared).most_common()[:most] if shared else []
        return [self._names[slot] for slot, _ in found]

    def _chains(self, values: bytes) -> list[_Chain]:
        """The chain of each band."""
        # Kept from the last call: a signature is compared, then entered.
        if self._looked_at is not None and self._looked_at[0] == values:
            return self._looked_at[1]
        links, stored, bands = self._links, self._values, self._bands
        after = self._buckets * bands
        found: list[_Chain] = []
        for number, link in enumerate(self._first_links(values)):
            alike: list[int] = []
            if slot := links[link]:
                place = _PLACES[number]
                band = values[place]
                while slot:
                    if stored[slot][place] == band:
                        alike.append(slot)
                    link = after + slot * bands + number  # noqa: PLW2901 (a chain is followed)
                    slot = links[link]
            found.append((link, alike))
        self._looked_at = values, found
        return found

    def _first_links(self, values: bytes) -> list[int]:
        """For each band the position of the link to its chain."""
        bands, last = self._bands, self._buckets - 1
        return [
            (hash(values[place]) & last) * bands + number
            for number, place in enumerate(_PLACES[:bands])
        ]

    def _link_after(self, slot: int, number: int) -> int:
        """The position of the link from a slot to the next one in a band."""
        return (self._buckets + slot) * self._bands + number

    def _new_slot(self, name: str, values: bytes) -> int:
        if self._free:
            slot = self._free.pop()
            self._names[slot], self._values[slot] = name, values
            return slot
        self._names.append(name)
        self._values.append(values)
        self._lengthen(self._bands)
        return len(self._names) - 1

    def _lengthen(self, links: int) -> None:
        self._links.frombytes(bytes(links * self._links.itemsize))
