"""Signatures by their bands: which of them may be alike, without comparing all.

A band is three neighbouring values of a signature. Two signatures that share a band are candidates
(locality-sensitive hashing; Indyk and Motwani 1998).
"""

from array import array
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from struct import Struct
from typing import NamedTuple

# A signature has 64 values of 16 bits.
SIGNATURE_BYTES = 128

# Never change these: they decide which copies are found.
_BAND_BYTES = 6
_BANDS = SIGNATURE_BYTES // _BAND_BYTES
# A few similar articles represent all: a text shared by a thousand is a form letter.
_MOST_A_BAND = 8
# This share of the signatures is removed one by one faster than by going through all of them.
_FEW = 0.1
# Where each band stands in a signature.
_PLACES = [slice(at, at + _BAND_BYTES) for at in range(0, _BANDS * _BAND_BYTES, _BAND_BYTES)]
# A signature as one number: the first value of each band, in so many bits.
_BAND_BITS = 8 * _BAND_BYTES
_ONE_EACH = sum(1 << _BAND_BITS * band for band in range(_BANDS))
_FIRST_VALUES = 0xFFFF * _ONE_EACH
# Odd, so that each value of a band decides on the bucket. Products stay within a band's bits.
_SECOND, _THIRD = 0x2C1B, 0x34A7
# Of each band the lower 32 bits.
_NUMBERS = Struct("<" + "I2x" * _BANDS)

_BAND_VALUES = Struct(f"{_BAND_BYTES}s" * _BANDS + "2x")
_NO_SLOTS: Sequence[int] = ()


class _Chains(NamedTuple):
    """The chains of a signature's bands: where each ends, and the slots in it with the same band.

    The end is 0 where eight have the band already.
    """

    values: bytes
    ends: Sequence[int]
    alike: Sequence[Sequence[int]]


class Bands:
    """Signatures in numbered slots by their bands, at most eight for each band.

    Each band has a hash table whose chains are links from slot to slot in one array. It takes
    0.3 kB a signature, where dictionaries take 2.2 kB, and is saved as it is.
    """

    def __init__(self, slots: int) -> None:
        """Slots are numbered from 1 to `slots`."""
        buckets = 1 << max(0, slots - 1).bit_length()
        self._last_bucket = (buckets - 1) * _ONE_EACH
        self._values = [b""] * (slots + 1)
        # For each band the slot after each slot, 0 at a chain's end; then each bucket's first slot.
        self._buckets_at = (slots + 1) * _ONE_EACH
        kind = "H" if slots < 1 << 16 else "I"
        empty = array(kind, [0]) * (slots + 1 + buckets)
        self._links = [empty[:] for _ in range(_BANDS)]
        # The slots of bands that were looked at and have eight: form letters have the same ones
        # again and again, and no chain is followed for them.
        self._full: list[dict[bytes, list[int]]] = [{} for _ in range(_BANDS)]
        self._looked_at: _Chains | None = None

    def __getitem__(self, slot: int) -> bytes:
        """The signature in a slot; empty for none."""
        return self._values[slot]

    def enter(self, slot: int, values: bytes) -> None:
        """Enter a signature into an empty slot."""
        for links, end in zip(self._links, self._look_at(values).ends, strict=True):
            if end:
                links[end] = slot
        self._values[slot] = values
        self._looked_at = None

    def empty(self, slot: int) -> None:
        """Remove the signature in a slot, if there is one."""
        values = self._values[slot]
        if not values:
            return
        for links, full, band, link in zip(
            self._links, self._full, _BAND_VALUES.unpack(values), self._buckets(values), strict=True
        ):
            if (alike := full.get(band)) is not None:
                if slot not in alike:
                    continue
                del full[band]
            after = links[link]
            while after and after != slot:
                link = after  # noqa: PLW2901 (a chain is followed)
                after = links[link]
            if after:
                links[link], links[slot] = links[slot], 0
        self._values[slot] = b""
        self._looked_at = None

    def empty_all(self, slots: Sequence[int], others: Sequence[int]) -> None:
        """Remove the signatures in some slots. `others` are the rest, from the oldest on.

        Those that were left out of a band, since eight had it, enter it where there is room now.
        """
        if len(slots) < _FEW * len(others) and not any(map(self._has_full_band, slots)):
            for slot in slots:
                self.empty(slot)
            return
        is_kept = bytearray(len(self._values))
        for slot in others:
            is_kept[slot] = 1
        for slot in slots:
            self._values[slot] = b""
        bands_of = [0] * len(is_kept)
        for links, full in zip(self._links, self._full, strict=True):
            _unlink(links, is_kept, bands_of)
            full.clear()
        self._looked_at = None
        for slot in others:
            if bands_of[slot] < _BANDS and (values := self._values[slot]):
                chains = self._look_at(values)
                for links, end, alike in zip(self._links, chains.ends, chains.alike, strict=True):
                    if end and slot not in alike:
                        links[end] = slot
                self._looked_at = None

    def nearest(self, values: bytes, most: int) -> list[int]:
        """The slots that share most bands with these values."""
        shared = Counter(chain.from_iterable(self._look_at(values).alike))
        # Faster than `most_common` for these few. Of equals the first one stays first.
        return sorted(shared, key=shared.__getitem__, reverse=True)[:most] if shared else []

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
        for full in self._full:
            full.clear()
        self._looked_at = None

    def _has_full_band(self, slot: int) -> bool:
        values = self._values[slot]
        return bool(values) and any(
            len(alike) == _MOST_A_BAND for alike in self._look_at(values).alike
        )

    def _look_at(self, values: bytes) -> _Chains:
        """The chains of the bands."""
        # Kept from the last call: a signature is compared, then entered.
        if self._looked_at is not None and self._looked_at.values == values:
            return self._looked_at
        stored = self._values
        ends: list[int] = []
        all_alike: list[Sequence[int]] = []
        for links, full, band, place, link in zip(
            self._links,
            self._full,
            _BAND_VALUES.unpack(values),
            _PLACES,
            self._buckets(values),
            strict=True,
        ):
            slot = links[link]
            alike: Sequence[int] = _NO_SLOTS
            if slot and band in full:
                link, alike = 0, full[band]  # noqa: PLW2901 (nothing is added)
            elif slot:
                alike = found = []
                while slot:
                    if stored[slot][place] == band:
                        found.append(slot)
                    link = slot  # noqa: PLW2901 (a chain is followed)
                    slot = links[link]
                if len(found) == _MOST_A_BAND:
                    link, full[band] = 0, found  # noqa: PLW2901
            ends.append(link)
            all_alike.append(alike)
        self._looked_at = _Chains(values, ends, all_alike)
        return self._looked_at

    def _buckets(self, values: bytes) -> tuple[int, ...]:
        """For each band the place of the link to its chain: all of them are computed together."""
        number = int.from_bytes(values, "little")
        mixed = (
            number & _FIRST_VALUES
            ^ (number >> 16 & _FIRST_VALUES) * _SECOND
            ^ (number >> 32 & _FIRST_VALUES) * _THIRD
        )
        buckets = (mixed & self._last_bucket) + self._buckets_at
        return _NUMBERS.unpack(buckets.to_bytes(_NUMBERS.size, "little"))


def _unlink(links: "array[int]", is_kept: bytearray, bands_of: list[int]) -> None:
    """Take the slots that are not kept out of a band's chains, and count the bands of the rest."""
    buckets_at = len(is_kept)
    for bucket, first in enumerate(links[buckets_at:], buckets_at):
        link, slot = bucket, first
        while slot:
            after = links[slot]
            if is_kept[slot]:
                bands_of[slot] += 1
                link = slot
            else:
                links[link], links[slot] = after, 0
            slot = after
