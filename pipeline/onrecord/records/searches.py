"""Searches that people saved, and the alerts they cause."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from onrecord.records.base import Record, Time
from onrecord.records.extractions import QuoteOnRecord


class SavedSearch(Record, frozen=True, kw_only=True, tag="onrecord.saved-search"):
    """A query with a name, and the address that its quotes are sent to.

    `query` is in the archive's query language. `webhook` is a URL, `mail` an address; with
    neither, the search is only there to be read. Quotes are sent that were extracted from
    `created_at` on. `ended` says why nothing is sent any more: the receiver wants no more.
    """

    id: str
    name: str
    query: str
    webhook: str | None = None
    mail: str | None = None
    created_at: Time
    created_by: str | None = None
    ended: str | None = None


class Alert(Record, frozen=True, kw_only=True, tag="onrecord.alert"):
    """A quote that a saved search found, to be sent once.

    `id` is a function of the search, the story and the words, so that neither a new revision nor
    a copy of the story is sent again. `found` is there while the alert is *due*, and left out
    when it was *sent*, or *dropped* because the search was removed or ended, or the quote was
    forgotten: at `settled_at`. `partition` is that of the extraction.
    """

    id: str
    search: str
    state: Literal["due", "sent", "dropped"]
    partition: Annotated[int, msgspec.Meta(ge=0)]
    made_at: Time
    settled_at: Time | None = None
    found: QuoteOnRecord | UnsetType = UNSET
