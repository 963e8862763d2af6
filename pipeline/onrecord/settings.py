"""What configuration keys are made of: their types and limits, their documentation, their secrets.

A section of the configuration is a frozen dataclass, and it is the policy of the part that it
steers, beside which it is written; `config/sections.py` puts them together. A field made with
`key` can be set in the file and in the environment; its text becomes the comment in
`config/onrecord.toml`. A field without `key` is a constant of the policy that only the code sets.
"""

from dataclasses import Field, field, fields, replace
from inspect import get_annotations
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec

from onrecord.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_TEN_YEARS_S = 315_360_000.0
_MOST = 1_000_000_000
_LARGEST_BYTES = 1 << 40

# Every number has an upper limit: an infinite or absurd one would fail much later, in a timer,
# in a time that no calendar has, or in the memory of the machine.
Positive = Annotated[int, msgspec.Meta(ge=1, le=_MOST)]
NotNegative = Annotated[int, msgspec.Meta(ge=0, le=_MOST)]
Processes = Annotated[int, msgspec.Meta(ge=0, le=1000)]
Days = Annotated[int, msgspec.Meta(ge=0, le=36_500)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=_TEN_YEARS_S)]
SecondsOrZero = Annotated[float, msgspec.Meta(ge=0, le=_TEN_YEARS_S)]
Bytes = Annotated[int, msgspec.Meta(ge=1024, le=_LARGEST_BYTES)]
HttpUrlOrEmpty = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(https?://[^\s/]+\S*)?\Z", description="an http:// or https:// URL, or nothing"
    ),
]

T = TypeVar("T")
S = TypeVar("S", bound="DataclassInstance")


def key(default: T, text: str, *, secret: bool = False) -> T:
    """A field that is a key of the configuration: its default, and the comment above it.

    A secret is never shown; the key of the same name and `_file` can name a file that holds it.
    """
    # A Field now, and the value once the dataclass is made: as with dataclasses.field itself.
    return field(default=default, repr=not secret, metadata={"text": text, "secret": secret})


def keys_of(section: "type[DataclassInstance]") -> dict[str, "Field[Any]"]:
    """The keys of a section by name: its own, then those of the policies it is composed of."""
    by_name = {found.name: found for found in fields(section) if "text" in found.metadata}
    order = [name for part in section.__mro__ for name in get_annotations(part)]
    return {name: by_name[name] for name in dict.fromkeys(order) if name in by_name}


def is_secret(found: "Field[Any]") -> bool:
    """Whether the value of a key must not be shown."""
    return bool(found.metadata["secret"])


def expected_of(section: "type[DataclassInstance]", name: str) -> str | None:
    """What a key takes, in words, where its type says so: a list of words, or a description."""
    kind = get_type_hints(section, include_extras=True)[name]
    if get_origin(kind) is Literal:
        return f"one of {', '.join(get_args(kind))}"
    found = (getattr(part, "description", None) for part in get_args(kind)[1:])
    return next((text for text in found if text is not None), None)


# ── secrets ──────────────────────────────────────────────────────────────────────────────────


def with_secrets(section: S, name: str) -> S:
    """The section with every secret that a file holds read from there. Raises ConfigError."""
    read = {
        key: read_secret(getattr(section, f"{key}_file"), key=f"{name}.{key}_file")
        for key, found in keys_of(type(section)).items()
        if is_secret(found) and not getattr(section, key) and getattr(section, f"{key}_file")
    }
    return replace(section, **read)


def read_secret(file: str, *, key: str) -> str:
    """The one line that a file holds, without its line ending. Raises ConfigError naming `key`."""
    try:
        text = Path(file).read_text("utf-8-sig").rstrip("\r\n")
    except OSError as error:
        raise ConfigError(f"{key} = {file!r}: {error.strerror}", key=key) from error
    except ValueError as error:
        raise ConfigError(f"{key} = {file!r}: not UTF-8 text", key=key) from error
    if not text.strip():
        raise ConfigError(f"{key} = {file!r}: the file is empty", key=key)
    if not text.isprintable():
        raise ConfigError(f"{key} = {file!r}: expected one line and nothing else", key=key)
    return text


# ── values ───────────────────────────────────────────────────────────────────────────────────


def parse_listen(text: str) -> tuple[str, int]:
    """Host and port of "127.0.0.1:8098" or "[::1]:8098". Raises ValueError saying what is wrong."""
    host, colon, port = text.rpartition(":")
    is_port = port.isascii() and port.isdecimal() and len(port) <= 5 and int(port) <= 65_535
    if not colon or not host or not is_port:
        raise ValueError("write an address and a port, like 127.0.0.1:8098")
    return host.strip("[]"), int(port)
