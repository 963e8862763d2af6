"""Blocks in use are never given out again, and free neighbours make one space."""

from random import Random

from onrecord.processing.feeds.free_blocks import FreeBlocks


def test_neighbours_that_are_given_up_make_one_space() -> None:
    blocks = FreeBlocks()
    starts = [blocks.take(2) for _ in range(5)]
    for number in (1, 3, 2):
        blocks.give(starts[number], 2)
    assert (blocks.take(6), blocks.end) == (2, 10)


def test_the_smallest_space_that_is_large_enough_is_taken_and_its_rest_stays_free() -> None:
    blocks = FreeBlocks()
    starts = {size: (blocks.take(size), blocks.take(1))[0] for size in (5, 3, 4)}
    for size, start in starts.items():
        blocks.give(start, size)
    assert [blocks.take(2), blocks.take(1), blocks.take(4)] == [6, 8, 10]
    assert blocks.take(6) == 15


def test_the_end_moves_back_over_all_that_is_free_before_it() -> None:
    blocks = FreeBlocks()
    first, second, third = (blocks.take(3) for _ in range(3))
    blocks.give(second, 3)
    assert blocks.end == 9
    blocks.give(third, 3)
    assert blocks.end == 3
    blocks.give(first, 3)
    assert blocks.end == 0


def test_no_block_is_given_out_twice_and_little_is_wasted() -> None:
    random = Random(1)
    blocks = FreeBlocks()
    taken: list[tuple[int, int]] = []
    for _ in range(5_000):
        if len(taken) > 100:
            blocks.give(*taken.pop(random.randrange(len(taken))))
        size = random.randint(1, 9)
        taken.append((blocks.take(size), size))
    used = sorted(taken)
    ends = [start + size for start, size in used]
    assert all(end <= start for end, (start, _) in zip(ends, used[1:], strict=False))
    assert ends[-1] <= blocks.end < 1.5 * sum(size for _, size in taken)
