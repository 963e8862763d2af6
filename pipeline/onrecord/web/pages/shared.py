"""What every page is given."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from onrecord.archive.results import ArchivedQuote
from onrecord.web.access import AccessControl
from onrecord.web.pages.library import Library
from onrecord.web.pages.listings import FORMATS
from onrecord.web.pages.rendering import Wording
from onrecord.web.problems import Problem


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

    async def current_quote(self, quote_id: str) -> ArchivedQuote:
        """The archive's quote of an id. Raises Problem where it has none now."""
        found = await self.library.ask(lambda archive: archive.quote(quote_id))
        if not isinstance(found, ArchivedQuote):
            raise Problem(404, f"the archive has no quote {quote_id[:100]!r}")
        return found


def split_ending(text: str) -> tuple[str, str | None]:
    """An id, and the format that a path asks for after it: `abc.csv` is `abc` and `csv`."""
    stem, dot, ending = text.rpartition(".")
    return (stem, ending) if dot and ending in FORMATS else (text, None)
