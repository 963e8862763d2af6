"""Outlines of stored states: what plans a feed's polls, and none of the rest.

Most of a state is what is remembered of its feed's entries, which only a poll reads. A state of 30
entries takes 20 kB in memory as a record, its outline 0.7 kB; the rest is on disk.
"""

from typing import Any, cast

from msgspec import defstruct
from msgspec.structs import FieldInfo, fields

from onrecord.records import FeedState, Record, from_json, schema_name

# What tells when to poll a feed (`decisions.conditional`, `decisions.health`), and its hub.
_PLANNED = (
    "next_poll_at",
    "last_poll_at",
    "hold",
    "push",
    "refetched_at",
    "filled_at",
    "error",
    "failing_since",
    "failures",
    "status",
)
# Shared: an empty dictionary takes 64 bytes, and nobody changes what is in a state.
_EMPTY: dict[str, Any] = {}


def _declared(field: FieldInfo) -> tuple[str, Any] | tuple[str, Any, Any]:
    return (field.name, field.type) if field.required else (field.name, field.type, field.default)


# The same record with only these fields: the others are passed over when it is decoded, which
# takes a fifth of the time.
_Outline = cast(
    "type[Record]",
    defstruct(
        "_Outline",
        [_declared(field) for field in fields(FeedState) if field.name in _PLANNED],
        bases=(Record,),
        namespace={"REWRITTEN": FeedState.REWRITTEN, "VERSION": FeedState.VERSION},
        tag=schema_name(FeedState),
        frozen=True,
        kw_only=True,
    ),
)


def outline_of(url: str, state: bytes) -> FeedState:
    """The outline of a feed's state, which is JSON. Raises RecordError."""
    planned = from_json(state, _Outline)
    values = {name: getattr(planned, name) for name in _PLANNED}
    return FeedState(url=url, **values, seen=_EMPTY, site_claims=_EMPTY)
