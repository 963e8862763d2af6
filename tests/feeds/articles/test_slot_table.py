"""Which slot had a key first."""

from random import Random

from onrecord.feeds.articles.slot_table import SlotTable


def test_of_slots_with_one_key_only_the_first_is_found() -> None:
    table = SlotTable(4)
    for slot in (3, 1):
        table.enter(slot, 2**64 - 1)
    assert table.find(2**64 - 1) == 3
    table.empty(3)
    assert table.find(2**64 - 1) == 0
    table.enter(2, 2**64 - 1)
    table.empty(1)
    assert table.find(2**64 - 1) == 2


def test_no_slot_is_found_by_no_key() -> None:
    table = SlotTable(3)
    table.enter(1, 0)
    assert table.find(0) == 0
    table.empty(1)
    assert table.find(0) == 0


def test_a_table_finds_what_a_dictionary_does_and_so_does_one_filled_from_its_columns() -> None:
    random = Random(3)
    slots = 70_000  # more than two bytes can number
    table, first = SlotTable(slots), dict[int, int]()
    keys = [0] * (slots + 1)
    for number in range(100_000):
        slot = number % slots + 1
        if first.get(keys[slot]) == slot:
            del first[keys[slot]]
        table.empty(slot)
        keys[slot] = random.choice((random.getrandbits(64), random.randrange(1, 20_000)))
        first.setdefault(keys[slot], slot)
        table.enter(slot, keys[slot])
    copy = SlotTable(slots)
    for ours, theirs in zip(copy.columns, table.columns, strict=True):
        ours[:] = theirs
    for key in set(keys):
        assert table.find(key) == copy.find(key) == first.get(key, 0)
