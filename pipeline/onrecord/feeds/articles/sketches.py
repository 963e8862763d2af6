"""Signatures of texts as articles carry them, and what two of them have in common."""

import binascii
from collections.abc import Iterable
from functools import lru_cache

_VALUES = 64
# The bits of a whole signature as one number.
_HIGHEST_BITS = int.from_bytes(b"\x00\x80" * _VALUES, "little")
_LOWER_BITS = int.from_bytes(b"\xff\x7f" * _VALUES, "little")
# By the number of values that differ.
_SHARES = [round(1 - differing / _VALUES, 2) for differing in range(_VALUES + 1)]


# An article is compared, then entered.
@lru_cache(maxsize=8)
def sketch_values(text: str | None) -> bytes:
    """The values of a signature; none for a text that is no signature."""
    try:
        values = binascii.a2b_base64(text or "")
    except (binascii.Error, ValueError):
        return b""
    return values if len(values) == 2 * _VALUES else b""


def shares_with(one: bytes, others: Iterable[bytes]) -> list[float]:
    """The share of equal values with each: about the share of runs of words in common."""
    own = int.from_bytes(one, "little")
    shares = []
    for other in others:
        bits = own ^ int.from_bytes(other, "little")
        # The sum carries into the highest bit of a value unless the lower bits are zero: so all
        # values are looked at together.
        differing = ((bits & _LOWER_BITS) + _LOWER_BITS | bits) & _HIGHEST_BITS
        shares.append(_SHARES[differing.bit_count()])
    return shares
