"""Reads the parts of a feed's archive (RFC 5005), where a person asks for a first fill.

A feed names the part before its own, and that the one before. Parts are asked for one after
another, as politely as feeds, and a few a poll: what is read is published before more is asked.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from onrecord.errors import FetchError, ParseError
from onrecord.feeds.articles.document import Document
from onrecord.feeds.articles.draft import ArticleDraft
from onrecord.records import FeedState

# So many parts a poll, and of one archive: one without end is an attack, or a calendar.
_PARTS_A_POLL = 10
_MOST_PARTS = 500

# Given a URL: the document there. Raises FetchError and ParseError.
ReadPart = Callable[[str], Awaitable[Document]]


@dataclass(frozen=True, slots=True)
class ArchiveParts:
    """The drafts of the parts read, and the part to read next; None at the archive's end."""

    drafts: tuple[ArticleDraft, ...] = ()
    following: str | None = None
    read: int = 0


NO_PARTS = ArchiveParts()


async def read_archive(state: FeedState, document: Document, read: ReadPart) -> ArchiveParts:
    """The next parts of an archive, for as far as they can be read.

    A part that cannot be had is where it ends for now: it is the one to read next.
    """
    url = state.archive_next or document.older
    drafts: dict[str, ArticleDraft] = {draft.identity: draft for draft in document.drafts}
    own = len(drafts)
    visited: list[str] = []
    while url is not None and len(visited) < _PARTS_A_POLL:
        if url in visited or state.archive_parts + len(visited) >= _MOST_PARTS:
            url = None
            break
        try:
            part = await read(url)
        except FetchError as error:
            if error.status is not None and 400 <= error.status < 500 and error.status != 429:
                url = None  # there is no such part
            break
        except ParseError:
            url = None
            break
        visited.append(url)
        known = len(drafts)
        for draft in part.drafts:
            drafts.setdefault(draft.identity, draft)
        # A part that brings nothing new names itself, or an archive that turns in circles.
        url = part.older if len(drafts) > known else None
    return ArchiveParts(tuple(drafts.values())[own:], url, len(visited))
