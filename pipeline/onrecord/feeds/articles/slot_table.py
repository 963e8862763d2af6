"""Numbered slots, looked up by a key that each has."""

from array import array


class SlotTable:
    """Slots by keys of 64 bits, hashes; of several with one key, the one that entered first.

    A hash table whose chains are links from slot to slot. It takes 18 bytes a slot, where a
    dictionary takes a hundred; its arrays, `columns`, are saved and filled again as they are.
    """

    def __init__(self, slots: int) -> None:
        """Slots are numbered from 1 to `slots`."""
        buckets = 1 << max(0, slots - 1).bit_length()
        kind = "H" if slots < 1 << 16 else "I"
        self._keys = array("Q", [0]) * (slots + 1)  # 0 for none
        # The slot after each slot, 0 at a chain's end; then each bucket's first slot. Of several
        # slots with one key only the first stands in the chain.
        self._links = array(kind, [0]) * (slots + 1 + buckets)
        # The slots with one key, from the first to the last and around; 0 for a slot that is alone.
        self._next_alike = array(kind, [0]) * (slots + 1)
        self._previous_alike = self._next_alike[:]
        self._buckets_at, self._last_bucket = slots + 1, buckets - 1
        self.columns = (self._keys, self._links, self._next_alike, self._previous_alike)

    def find(self, key: int) -> int:
        """The slot that had this key first, of those that still have it; 0 for none."""
        links, keys = self._links, self._keys
        slot = links[self._buckets_at + (key & self._last_bucket)]
        while slot and keys[slot] != key:
            slot = links[slot]
        return slot

    def first(self, slot: int) -> int:
        """The slot that had the key of this one first."""
        return self.find(self._keys[slot]) if self._keys[slot] else slot

    def has(self, slot: int, key: int) -> bool:
        """Whether a slot has this key, be it the first one or not."""
        return self._keys[slot] == key

    def enter(self, slot: int, key: int) -> None:
        """Give an empty slot a key; 0 for none."""
        self._keys[slot] = key
        if not key:
            return
        if first := self.find(key):
            last = self._previous_alike[first] or first
            self._next_alike[last] = self._previous_alike[first] = slot
            self._next_alike[slot], self._previous_alike[slot] = first, last
        else:
            bucket = self._buckets_at + (key & self._last_bucket)
            self._links[slot], self._links[bucket] = self._links[bucket], slot

    def empty(self, slot: int) -> int:
        """Take its key from a slot: the slot that is found by the key instead, 0 for none."""
        key = self._keys[slot]
        if not key:
            return 0
        self._keys[slot] = 0
        heir = self._leave_alike(slot)
        links, link = self._links, self._buckets_at + (key & self._last_bucket)
        while (after := links[link]) and after != slot:
            link = after
        if not after:
            return 0
        if heir:
            links[link], links[heir] = heir, links[slot]
        else:
            links[link] = links[slot]
        links[slot] = 0
        return heir

    def _leave_alike(self, slot: int) -> int:
        """Take a slot from those with its key: the next of them."""
        after, before = self._next_alike, self._previous_alike
        following, previous = after[slot], before[slot]
        if following:
            is_alone = following == previous
            after[previous] = 0 if is_alone else following
            before[following] = 0 if is_alone else previous
            after[slot] = before[slot] = 0
        return following
