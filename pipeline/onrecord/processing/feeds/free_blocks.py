"""The free blocks of a file: neighbouring ones make one space, so that others fit into it."""

from bisect import bisect_left, insort


class FreeBlocks:
    """Spaces of a file that were given up, up to the end of what is in use."""

    def __init__(self) -> None:
        self.end = 0
        self._size_at: dict[int, int] = {}
        self._start_before: dict[int, int] = {}
        # By size, then by place: the smallest space that is large enough comes first.
        self._spaces: list[tuple[int, int]] = []

    def take(self, blocks: int) -> int:
        """The first of so many blocks, in the smallest space that has them or else at the end."""
        found = bisect_left(self._spaces, (blocks, 0))
        if found == len(self._spaces):
            self.end += blocks
            return self.end - blocks
        size, start = self._spaces[found]
        self._drop(start)
        if size > blocks:
            self._enter(start + blocks, size - blocks)
        return start

    def give(self, start: int, blocks: int) -> None:
        """Give blocks up; those at the end are no longer part of what is in use."""
        end = start + blocks
        if end in self._size_at:
            end += self._drop(end)
        if start in self._start_before:
            start = self._start_before[start]
            self._drop(start)
        if end == self.end:
            self.end = start
        else:
            self._enter(start, end - start)

    def _enter(self, start: int, size: int) -> None:
        self._size_at[start] = size
        self._start_before[start + size] = start
        insort(self._spaces, (size, start))

    def _drop(self, start: int) -> int:
        """Take a space out of the lists; its size."""
        size = self._size_at.pop(start)
        del self._start_before[start + size]
        del self._spaces[bisect_left(self._spaces, (size, start))]
        return size
