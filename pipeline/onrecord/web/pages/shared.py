"""What every page is given."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from onrecord.web.access import AccessControl
from onrecord.web.pages.library import Library
from onrecord.web.pages.listings import FORMATS
from onrecord.web.pages.rendering import Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """`shows_full_text` is whether articles may be shown whole to those who can reach us."""

    library: Library
    access: AccessControl
    zone: ZoneInfo
    clock: Callable[[], datetime]
    shows_full_text: bool

    @property
    def wording(self) -> Wording:
        return Wording(self.zone)


def split_ending(text: str) -> tuple[str, str | None]:
    """An id, and the format that a path asks for after it: `abc.csv` is `abc` and `csv`."""
    stem, dot, ending = text.rpartition(".")
    return (stem, ending) if dot and ending in FORMATS else (text, None)
