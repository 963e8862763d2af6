"""What every record is made of."""

from datetime import datetime
from typing import Annotated, ClassVar

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Time = Annotated[datetime, msgspec.Meta(tz=True)]


class Part(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A piece of a record. Holds no cycles, so the collector need not look at thousands of them."""


class Record(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema"):
    """A whole message on a topic. `VERSION` is the newest schema version this code knows."""

    VERSION: ClassVar[int] = 1
    REWRITTEN: ClassVar[bool] = False

    schema_version: Annotated[
        int,
        msgspec.Meta(
            ge=1,
            description="Grows when fields are added. A later version takes no field away and "
            "gives none another type, meaning or closed list: ignore fields that you do not know.",
        ),
    ] = 1
