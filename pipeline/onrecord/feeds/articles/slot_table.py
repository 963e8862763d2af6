"""Numbered slots, looked up by a key that each has."""

from array import array


class SlotTable:
    """Slots by keys of 64 bits, hashes; of several with one key, the first one is found.

    A hash table whose chains are links from slot to slot. It takes 14 bytes a slot, where a
    dictionary takes a hundred; its arrays, `columns`, are saved and filled again as they are.
    """

    def __init__(self, slots: int) -> None:
        """Slots are numbered from 1 to `slots`."""
        buckets = 1 << max(0, slots - 1).bit_length()
        self._keys = array("Q", [0]) * (slots + 1)  # 0 for none
        # The slot after each slot, 0 at a chain's end; then each bucket's first slot.
        self._links = array("H" if slots < 1 << 16 else "I", [0]) * (slots + 1 + buckets)
        self._buckets_at, self._last_bucket = slots + 1, buckets - 1
        self.columns = (self._keys, self._links)

    def find(self, key: int) -> int:
        """The slot that had this key first; 0 for none."""
        links, keys = self._links, self._keys
        slot = links[self._buckets_at + (key & self._last_bucket)]
        while slot and keys[slot] != key:
            slot = links[slot]
        return slot

    def enter(self, slot: int, key: int) -> None:
        """Give an empty slot a key; 0 for none."""
        self._keys[slot] = key
        if key and not self.find(key):
            bucket = self._buckets_at + (key & self._last_bucket)
            self._links[slot], self._links[bucket] = self._links[bucket], slot

    def empty(self, slot: int) -> None:
        """Take its key from a slot. Others that have it are found no more for that."""
        links, link = self._links, self._buckets_at + (self._keys[slot] & self._last_bucket)
        while (after := links[link]) and after != slot:
            link = after
        if after:
            links[link], links[slot] = links[slot], 0
        self._keys[slot] = 0
