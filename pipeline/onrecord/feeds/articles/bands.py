"""Signatures by their bands: which of them may be alike, without comparing all.

A band is three neighbouring values of a signature. Two signatures that share a band are candidates
(locality-sensitive hashing; Indyk and Motwani 1998).
"""

from array import array
from collections import Counter
from collections.abc import Iterator

# Never change this: it decides which copies are found.
_BAND_BYTES = 6
# A few similar articles represent all: a text shared by a thousand is a form letter.
_MOST_A_BAND = 8


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

    def add(self, name: str, values: bytes) -> None:
        """Enter a signature."""
        if not self._bands:
            self._bands = len(values) // _BAND_BYTES
            self._lengthen(self._buckets * self._bands + self._bands)
        slot = self._new_slot(name, values)
        is_entered = False
        for end, alike in self._chains(values):
            if len(alike) < _MOST_A_BAND:
                self._links[end] = slot
                is_entered = True
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
        if removed:
            self._free.append(removed)

    def nearest(self, values: bytes, most: int) -> list[str]:
        """The names that share most bands with these values."""
        shared = [slot for _, alike in self._chains(values) for slot in alike]
        # Without a number `most_common` sorts, which is faster for these few.
        found = Counter(shared).most_common()[:most] if shared else []
        return [self._names[slot] for slot, _ in found]

    def _chains(self, values: bytes) -> Iterator[tuple[int, list[int]]]:
        """For each band the position that ends its chain, and the slots with the same band."""
        links, stored, bands = self._links, self._values, self._bands
        after = self._buckets * bands
        for number, first in enumerate(self._first_links(values)):
            link, alike = first, []
            start = number * _BAND_BYTES
            while slot := links[link]:
                if stored[slot].startswith(values[start : start + _BAND_BYTES], start):
                    alike.append(slot)
                link = after + slot * bands + number
            yield link, alike

    def _first_links(self, values: bytes) -> list[int]:
        """For each band the position of the link to its chain."""
        bands, last = self._bands, self._buckets - 1
        return [
            (hash(values[at : at + _BAND_BYTES]) & last) * bands + at // _BAND_BYTES
            for at in range(0, bands * _BAND_BYTES, _BAND_BYTES)
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
