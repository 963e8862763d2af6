"""Signatures by their bands: which of them may be alike, without comparing all.

A band is three neighbouring values of a signature. Two signatures that share a band are candidates
(locality-sensitive hashing; Indyk and Motwani 1998).
"""

from collections import Counter

# Never change this: it decides which copies are found.
_BAND_BYTES = 6
# A few similar articles represent all: a text shared by a thousand is a form letter.
_MOST_A_BAND = 8

_Names = str | list[str]


class Bands:
    """The names of signatures by their bands, at most eight for each."""

    def __init__(self) -> None:
        # One dictionary for each band. Most bands have a single name: a list around each would
        # take as much memory as all the rest.
        self._names: list[dict[bytes, _Names]] = []

    def add(self, name: str, values: bytes) -> None:
        """Enter a signature."""
        bands = _bands_of(values)
        while len(self._names) < len(bands):
            self._names.append({})
        for names, band in zip(self._names, bands, strict=False):
            known = names.setdefault(band, name)
            if known is name:
                continue  # the usual case: nobody else has this band
            if isinstance(known, str):
                if known != name:
                    names[band] = [known, name]
            elif len(known) < _MOST_A_BAND:
                known.append(name)

    def remove(self, name: str, values: bytes) -> None:
        """Remove a signature, which was entered with these values."""
        for names, band in zip(self._names, _bands_of(values), strict=False):
            known = names.get(band)
            if known == name:
                del names[band]
            elif isinstance(known, list) and name in known:
                known.remove(name)
                if not known:
                    del names[band]

    def nearest(self, values: bytes, most: int) -> list[str]:
        """The names that share most bands with these values."""
        shared: list[str] = []
        for names, band in zip(self._names, _bands_of(values), strict=False):
            known = names.get(band)
            if isinstance(known, str):
                shared.append(known)
            elif known is not None:
                shared += known
        # Without a number `most_common` sorts, which is faster for these few.
        return [name for name, _ in Counter(shared).most_common()[:most]] if shared else []


def _bands_of(values: bytes) -> list[bytes]:
    ends = range(_BAND_BYTES, len(values) + 1, _BAND_BYTES)
    return [values[end - _BAND_BYTES : end] for end in ends]
