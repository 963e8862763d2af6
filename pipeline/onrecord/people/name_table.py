"""All names that a registry knows, packed: a million of them take a third of the memory.

A name is kept as one string of bytes and becomes a record when somebody asks for it, which happens
to few of them: readers look names up by id, and only searches and suggestions go through all.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from onrecord.people.spelling import is_regular, written_as
from onrecord.records import NameSeen, Tenure, WrittenForm


class _PackedTenure(msgspec.Struct, array_like=True, gc=False):
    role: str
    first: datetime
    last: datetime
    articles: int


class _PackedForm(msgspec.Struct, array_like=True, gc=False):
    text: str
    articles: int


class _PackedName(msgspec.Struct, array_like=True, gc=False):
    forms: tuple[_PackedForm, ...]
    first: datetime
    last: datetime
    roles: tuple[_PackedTenure, ...]


_DIGITS = 32  # of an id
_OTHER_ID = b"\0" * _DIGITS
_REGULAR, _ODD = b"r", b"o"  # whether a key has words that are spelled otherwise than written
_END = b"\0"  # of a key, which has none: it is letters, digits and blanks
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_PackedName).decode


class NameTable:
    """Names by id."""

    def __init__(self) -> None:
        self._packed: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self._packed)

    def __iter__(self) -> Iterator[NameSeen]:
        for name_id, packed in self._packed.items():
            yield _unpacked(_id_of(name_id), packed)

    def put(self, name: NameSeen) -> None:
        """Keep a name, in place of the one with its id."""
        rest = _encode(
            _PackedName(
                tuple(_PackedForm(form.text, form.articles) for form in name.forms),
                name.first,
                name.last,
                tuple(_PackedTenure(it.role, it.first, it.last, it.articles) for it in name.roles),
            )
        )
        mark = _REGULAR if is_regular(name.key) else _ODD
        key = name.key.encode("utf-8", "surrogatepass")
        self._packed[_short(name.id)] = mark + key + _END + rest

    def get(self, name_id: str) -> NameSeen | None:
        """The name with this id."""
        packed = self._packed.get(_short(name_id))
        return None if packed is None else _unpacked(name_id, packed)

    def remove(self, name_id: str) -> None:
        """Keep the name no longer."""
        self._packed.pop(_short(name_id), None)

    def perhaps_with(self, word: str) -> Iterator[NameSeen]:
        """All names of which a word is spelled so, and others: few enough to look at each."""
        written = [one.encode("utf-8", "surrogatepass") for one in written_as(word)]
        for name_id, packed in self._packed.items():
            if packed[0] == _ODD[0] or any(one in packed for one in written):
                yield _unpacked(_id_of(name_id), packed)

    def ids(self) -> Iterator[str]:
        """The ids of all names."""
        return map(_id_of, self._packed)


def _unpacked(name_id: str, packed: bytes) -> NameSeen:
    end = packed.index(_END, 1)
    found = _decode(packed[end + 1 :])
    return NameSeen(
        id=name_id,
        key=packed[1:end].decode("utf-8", "surrogatepass"),
        forms=tuple(WrittenForm(text=form.text, articles=form.articles) for form in found.forms),
        first=found.first,
        last=found.last,
        roles=tuple(
            Tenure(role=it.role, first=it.first, last=it.last, articles=it.articles)
            for it in found.roles
        ),
    )


def _short(name_id: str) -> bytes:
    """An id as a key: the digits of ours in half the bytes, another text as it is."""
    if len(name_id) == _DIGITS:
        try:
            short = bytes.fromhex(name_id)
        except ValueError:
            pass
        else:
            if short.hex() == name_id:
                return short
    return _OTHER_ID + name_id.encode("utf-8", "surrogatepass")


def _id_of(short: bytes) -> str:
    if len(short) == _DIGITS // 2:
        return short.hex()
    return short[len(_OTHER_ID) :].decode("utf-8", "surrogatepass")
