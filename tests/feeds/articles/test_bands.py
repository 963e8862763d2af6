"""Which signatures are candidates, by the bands they share."""

from collections import Counter
from random import Random

import pytest

from onrecord.feeds.articles.bands import SIGNATURE_BYTES, Bands

BANDS, BAND = 21, 6


def values(*bands: int) -> bytes:
    """A signature with these bands, the last of them repeated."""
    given = [*bands, *[bands[-1]] * (BANDS - len(bands))]
    return b"".join(band.to_bytes(BAND, "little") for band in given) + b"\0\0"


def test_the_nearest_share_most_bands_and_of_equals_the_oldest_comes_first() -> None:
    bands = Bands(10)
    bands.enter(5, values(1, 2))
    bands.enter(2, values(1, 2))
    bands.enter(9, values(1, 3))
    assert bands.nearest(values(1, 3), 2) == [9, 5]
    assert bands.nearest(values(4), 2) == []


def test_a_removed_signature_is_found_no_more_and_others_of_its_band_are() -> None:
    bands = Bands(3)
    for number in range(50):
        bands.enter(number % 3 + 1, values(number % 2, number))
        bands.empty((number - 2) % 3 + 1)
    assert bands.nearest(values(1, 100), 9) == [49 % 3 + 1]
    assert bands.nearest(values(0, 100), 9) == [48 % 3 + 1]
    assert bands[48 % 3 + 1] == values(0, 48)
    assert bands[47 % 3 + 1] == b""


def test_a_band_holds_eight_and_has_room_again_after_one_is_removed() -> None:
    bands = Bands(20)
    for slot in range(1, 11):
        bands.enter(slot, values(7))
    assert bands.nearest(values(7), 20) == [1, 2, 3, 4, 5, 6, 7, 8]
    bands.empty(3)
    bands.empty(9)  # its bands were full when it came
    bands.enter(11, values(7))
    assert bands.nearest(values(7), 20) == [1, 2, 4, 5, 6, 7, 8, 11]


def test_form_letters_are_found_as_by_looking_at_all_while_the_oldest_and_newest_go() -> None:
    """Every band against a list of its slots: eight at most, in the order in which they came."""
    random = Random(15)
    bands, plain = Bands(30), PlainBands()
    entered: list[int] = []
    free = list(range(1, 31))
    for _ in range(3_000):
        signature = values(*(random.randrange(random.choice((1, 2, 40))) for _ in range(BANDS)))
        assert bands.nearest(signature, 4) == plain.nearest(signature, 4)
        if free and random.random() < 0.6:
            slot = free.pop(0)
            bands.enter(slot, signature)
            plain.enter(slot, signature)
            entered.append(slot)
        elif entered:
            slot = entered.pop(random.choice((0, 0, -1)))
            bands.empty(slot)
            plain.empty(slot)
            free.append(slot)


@pytest.mark.parametrize("share", [0.02, 0.5, 1])
def test_once_many_are_removed_the_rest_are_found_as_if_entered_alone(share: float) -> None:
    random = Random(16)
    for _ in range(30):
        bands, alone = Bands(100), PlainBands()
        # Twenty share a band, of which eight have it at a time.
        entered = {slot: values(*random.choices(range(60), k=BANDS)) for slot in range(1, 81)}
        entered |= {slot: values(70, slot) for slot in range(81, 101)}
        for slot, signature in entered.items():
            bands.enter(slot, signature)
        gone = random.sample(range(1, 101), round(100 * share))
        others = [slot for slot in entered if slot not in gone]
        bands.empty_all(gone, others)
        for slot in others:
            alone.enter(slot, entered[slot])
        for slot, signature in entered.items():
            found = bands.nearest(signature, 100)
            assert (slot in found) == (slot in others)
            assert len(found) == len(alone.nearest(signature, 100))
        bands.enter(gone[0], values(1_000))
        assert bands.nearest(values(1_000), 4) == [gone[0]]


class PlainBands:
    def __init__(self) -> None:
        self._slots: dict[tuple[int, bytes], list[int]] = {}

    def enter(self, slot: int, signature: bytes) -> None:
        for slots in self._alike(signature):
            if len(slots) < 8:
                slots.append(slot)

    def empty(self, slot: int) -> None:
        for slots in self._slots.values():
            if slot in slots:
                slots.remove(slot)

    def nearest(self, signature: bytes, most: int) -> list[int]:
        shared = Counter(slot for slots in self._alike(signature) for slot in slots)
        return [slot for slot, _ in shared.most_common(most)]

    def _alike(self, signature: bytes) -> list[list[int]]:
        found = enumerate(signature[at : at + BAND] for at in range(0, BANDS * BAND, BAND))
        return [self._slots.setdefault(band, []) for band in found]


def test_every_signature_is_found_among_as_many_as_there_are_slots() -> None:
    bands, entered = filled(200)
    assert [bands.nearest(values, 1) for values in entered] == [[slot] for slot in range(1, 201)]


def test_saved_bands_find_change_and_forget_as_those_they_were_saved_from() -> None:
    bands, entered = filled(70_000)
    restored = Bands(70_000)
    for links, saved in zip(restored.links, bands.links, strict=True):
        links[:] = saved
    for some in (slice(40_000, 70_001), slice(40_000)):
        restored.restore(some, bands.signatures(some))
    for slot in range(1, 70_000, 997):
        assert restored.nearest(entered[slot - 1], 4) == bands.nearest(entered[slot - 1], 4)
        restored.empty(slot)
        assert slot not in restored.nearest(entered[slot - 1], 4)


def filled(slots: int) -> tuple[Bands, list[bytes]]:
    """Bands with a signature in every slot, and the signatures."""
    random = Random(4)
    bands = Bands(slots)
    entered = [random.randbytes(SIGNATURE_BYTES) for _ in range(slots)]
    for slot, signature in enumerate(entered, 1):
        bands.enter(slot, signature)
    return bands, entered
