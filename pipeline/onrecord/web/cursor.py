"""Cursors: a reader's place in a topic, as text that the reader sends back to resume.

The text is opaque to readers: base64url of MessagePack. It has the same meaning on every log and
for every server on the log.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from zlib import crc32

import msgspec

from onrecord.errors import Mistake
from onrecord.log.interface import Message, Partition

_VERSION = 1
_LONGEST = 16_384  # characters: enough for 1,000 partitions


class _Written(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    version: int
    topic: int
    positions: dict[int, int]
    partition: int
    given: int


@dataclass(slots=True)
class Place:
    """A reader's place: the next offset of each partition, by number.

    `given` records of the next message of `partition` were already sent.
    """

    positions: dict[int, int] = field(default_factory=dict)
    partition: int = 0
    given: int = 0

    def is_past(self, message: Message) -> bool:
        """Whether all records of a message were sent."""
        return message.offset < self.positions.get(message.partition, 0)

    def first_of(self, message: Message) -> int:
        """The number of a message's first record that was not sent."""
        is_the_one = message.partition == self.partition and message.offset == self.positions.get(
            message.partition
        )
        return self.given if is_the_one else 0

    def go_past(self, message: Message) -> None:
        """Move past a message."""
        self.positions[message.partition] = message.next_offset
        if message.partition == self.partition:
            self.given = 0

    def go_into(self, message: Message, number: int) -> None:
        """Move past a message's records up to this number."""
        self.positions[message.partition] = message.offset
        self.partition, self.given = message.partition, number + 1

    def has_reached(self, ends: Mapping[int, int]) -> bool:
        """Whether everything before these offsets was sent."""
        return all(self.positions.get(number, 0) >= end for number, end in ends.items())

    def of(self, topic: str) -> dict[Partition, int]:
        """The positions by partition, as a log takes them."""
        return {Partition(topic, number): offset for number, offset in self.positions.items()}


def to_text(place: Place, topic: str) -> str:
    """The place as a cursor: letters, digits, `-` and `_`."""
    written = _Written(
        _VERSION, crc32(topic.encode()), place.positions, place.partition, place.given
    )
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(written)).decode().rstrip("=")


def from_text(text: str, topic: str) -> Place:
    """The place in a cursor. Raises Mistake for a cursor of another topic or an invalid one."""
    try:
        data = base64.b64decode(
            text[:_LONGEST] + "=" * (-len(text) % 4), altchars=b"-_", validate=True
        )
        written = msgspec.msgpack.decode(data, type=_Written)
    except (ValueError, binascii.Error, msgspec.DecodeError):
        raise Mistake("the cursor (or Last-Event-ID) is none of ours") from None
    numbers = (*written.positions, *written.positions.values(), written.partition, written.given)
    if written.version != _VERSION or min(numbers) < 0 or max(numbers) >= 1 << 62:
        raise Mistake("the cursor (or Last-Event-ID) is none of ours")
    if written.topic != crc32(topic.encode()):
        raise Mistake("the cursor (or Last-Event-ID) is of another kind of records")
    return Place(written.positions, written.partition, written.given)
