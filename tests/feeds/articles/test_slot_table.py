"""Which slot had a key first."""

from collections import defaultdict
from random import Random

from onrecord.feeds.articles.slot_table import SlotTable


def test_of_slots_with_one_key_the_first_is_found_that_still_has_it() -> None:
    table = SlotTable(6)
    for slot in (3, 1, 5, 2):
        table.enter(slot, 2**64 - 1)
    assert table.find(2**64 - 1) == 3
    assert table.empty(5) == 0, "another one is found"
    assert table.empty(3) == 1
    assert table.find(2**64 - 1) == 1
    table.enter(3, 2**64 - 1)
    assert [table.empty(slot) for slot in (1, 2, 3)] == [2, 3, 0]
    assert table.find(2**64 - 1) == 0


def test_no_slot_is_found_by_no_key() -> None:
    table = SlotTable(3)
    table.enter(1, 0)
    assert table.find(0) == 0
    table.empty(1)
    assert table.find(0) == 0


def test_a_table_finds_what_a_dictionary_does_and_so_does_one_filled_from_its_columns() -> None:
    random = Random(3)
    slots = 70_000  # more than two bytes can number
    table, having = SlotTable(slots), defaultdict[int, list[int]](list)
    keys = [0] * (slots + 1)
    for number in range(150_000):
        # The oldest, and at times any other.
        slot = number % slots + 1 if number % 3 else random.randrange(slots) + 1
        if keys[slot]:
            having[keys[slot]].remove(slot)
        table.empty(slot)
        keys[slot] = random.choice((random.getrandbits(64), random.randrange(1, 20_000)))
        having[keys[slot]].append(slot)
        table.enter(slot, keys[slot])
    copy = SlotTable(slots)
    for ours, theirs in zip(copy.columns, table.columns, strict=True):
        ours[:] = theirs
    for key, found in having.items():
        assert table.find(key) == copy.find(key) == (found[0] if found else 0)
