"""Signatures by their bands: which of them may be alike, without comparing all.

A band is three neighbouring values of a signature. Two signatures that share a band are candidates
(locality-sensitive hashing; Indyk and Motwani 1998).
"""

from array import array
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from struct import Struct

# A signature has 64 values of 16 bits.
SIGNATURE_BYTES = 128

# Never change these: they decide which copies are found.
_BAND_BYTES = 6
_BANDS = SIGNATURE_BYTES // _BAND_BYTES
# A few similar articles represent all: a text shared by a thousand is a form letter.
_MOST_A_BAND = 8
# Where each band stands in a signature.
_PLACES = [slice(at, at + _BAND_BYTES) for at in range(0, _BANDS * _BAND_BYTES, _BAND_BYTES)]
_NUMBERS = Struct(f"<{3 * _BANDS}H2x")
# Odd, so that each value of a band decides on the bucket; and small, as Python's quick numbers are.
_SECOND, _THIRD = 0x2C1B, 0x34A7

# Where the chain of a band ends, and the slots in it with the same band.
_Chain = tuple[int, list[int]]


class Bands:
    """Signatures in numbered slots by their bands, at most eight for each band.

    Each band has a hash table whose chains are links from slot to slot in one array. It takes
    0.3 kB a signature, where dictionaries take 2.2 kB, and is saved as it is.
    """

    def __init__(self, slots: int) -> None:
        """Slots are numbered from 1 to `slots`."""
        buckets = 1 << max(0, slots - 1).bit_length()
        self._last_bucket = buckets - 1
        self._values = [b""] * (slots + 1)
        # For each band the slot after each slot, 0 at a chain's end; then each bucket's first slot.
        self._buckets_at = slots + 1
        kind = "H" if slots < 1 << 16 else "I"
        empty = array(kind, [0]) * (slots + 1 + buckets)
        self._links = [empty[:] for _ in range(_BANDS)]
        self._looked_at: tuple[bytes, list[_Chain]] | None = None

    def __getitem__(self, slot: int) -> bytes:
        """The signature in a slot; empty for none."""
        return self._values[slot]

    def enter(self, slot: int, values: bytes) -> None:
        """Enter a signature into an empty slot."""
        for links, (end, alike) in zip(self._links, self._chains(values), strict=True):
            if len(alike) < _MOST_A_BAND:
                links[end] = slot
        self._values[slot] = values
        self._looked_at = None

    def empty(self, slot: int) -> None:
        """Remove the signature in a slot, if there is one."""
        values = self._values[slot]
        if not values:
            return
        for links, bucket in zip(self._links, self._buckets(values), strict=True):
            link = bucket
            while (after := links[link]) and after != slot:
                link = after
            if after:
                links[link], links[slot] = links[slot], 0
        self._values[slot] = b""
        self._looked_at = None

    def nearest(self, values: bytes, most: int) -> list[int]:
        """The slots that share most bands with these values."""
        shared = list(chain.from_iterable(alike for _, alike in self._chains(values)))
        # Without a number `most_common` sorts, which is faster for these few.
        return [slot for slot, _ in Counter(shared).most_common()[:most]] if shared else []

    @property
    def links(self) -> Sequence["array[int]"]:
        """The links of each band: to be saved, and filled again, as they are."""
        return self._links

    def signatures(self, slots: slice) -> Sequence[bytes]:
        """The signatures in some slots."""
        return self._values[slots]

    def restore(self, slots: slice, values: Sequence[bytes]) -> None:
        """Take over the signatures of some slots, which the links lead to already."""
        self._values[slots] = values
        self._looked_at = None

    def _chains(self, values: bytes) -> list[_Chain]:
        """The chain of each band."""
        # Kept from the last call: a signature is compared, then entered.
        if self._looked_at is not None and self._looked_at[0] == values:
            return self._looked_at[1]
        stored = self._values
        found: list[_Chain] = []
        for links, place, link in zip(self._links, _PLACES, self._buckets(values), strict=True):
            alike: list[int] = []
            if slot := links[link]:
                band = values[place]
                while slot:
                    if stored[slot][place] == band:
                        alike.append(slot)
                    link = slot  # noqa: PLW2901 (a chain is followed)
                    slot = links[link]
            found.append((link, alike))
        self._looked_at = values, found
        return found

    def _buckets(self, values: bytes) -> list[int]:
        """For each band the place of the link to its chain."""
        at, last = self._buckets_at, self._last_bucket
        numbers = _NUMBERS.unpack(values)
        bands = zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)
        return [at + ((a ^ b * _SECOND ^ c * _THIRD) & last) for a, b, c in bands]
