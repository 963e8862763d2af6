"""Which signatures are candidates, by the bands they share."""

from itertools import chain
from random import Random

from onrecord.feeds.articles.bands import Bands

BANDS, BAND = 21, 6


def values(*bands: int) -> bytes:
    """A signature with these bands, the last of them repeated."""
    given = [*bands, *[bands[-1]] * (BANDS - len(bands))]
    return b"".join(band.to_bytes(BAND, "little") for band in given) + b"\0\0"


def test_the_nearest_share_most_bands_and_of_equals_the_oldest_comes_first() -> None:
    bands = Bands(10)
    bands.add("one", values(1, 2))
    bands.add("two", values(1, 2))
    bands.add("near", values(1, 3))
    assert bands.nearest(values(1, 3), 2) == ["near", "one"]
    assert bands.nearest(values(4), 2) == []


def test_a_removed_signature_is_found_no_more_and_others_of_its_band_are() -> None:
    bands = Bands(2)
    for number in range(50):
        bands.add(str(number), values(number % 2, number))
        if number >= 2:
            bands.remove(str(number - 2), values(number % 2, number - 2))
    assert bands.nearest(values(1, 100), 9) == ["49"]
    assert bands.nearest(values(0, 100), 9) == ["48"]


def test_a_band_holds_eight_and_has_room_again_after_one_is_removed() -> None:
    bands = Bands(20)
    for name in "abcdefghij":
        bands.add(name, values(7))
    assert bands.nearest(values(7), 20) == list("abcdefgh")
    bands.remove("c", values(7))
    bands.remove("i", values(7))  # it was never entered
    bands.add("k", values(7))
    assert bands.nearest(values(7), 20) == list("abdefghk")


def test_more_signatures_than_expected_are_found_all_the_same() -> None:
    random = Random(4)
    bands = Bands(1)
    entered = {str(n): random.randbytes(2 * 64) for n in range(200)}
    for name, signature in entered.items():
        bands.add(name, signature)
    found = chain.from_iterable(bands.nearest(signature, 1) for signature in entered.values())
    assert list(found) == list(entered)
