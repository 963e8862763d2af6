"""Finds the guids and links that identify entries uniquely within a document. All pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from onrecord.feeds.articles.urls import canonical_url
from onrecord.feeds.parsing.entry import Entry
from onrecord.feeds.text.html import html_to_line


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The guids and links that identify entries uniquely within a document.

    Some publishers give every entry the same guid, others link every entry to the front page. A
    guid of entries with different links, or a link of entries with different guids and titles,
    identifies none of them. Entries of a notice board share guid and link: there only the title
    distinguishes them.
    """

    broken_guids: frozenset[str]
    shared_links: frozenset[str]
    shared_guids: frozenset[str]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "Ambiguous":
        named = [(entry, canonical_url(entry.link) if entry.link else None) for entry in entries]
        broken = _ambiguous((entry.guid, link or entry.title_html) for entry, link in named)
        by_guid = _ambiguous(
            (link, entry.guid if entry.guid and entry.guid not in broken else entry.title_html)
            for entry, link in named
        )
        by_title = _ambiguous((link, entry.title_html) for entry, link in named)
        by_both = _ambiguous(
            (entry.guid, entry.title_html) for entry, link in named if entry.guid not in broken
        )
        boards = frozenset(link for entry, link in named if link and entry.guid in by_both)
        return cls(broken, (by_guid & by_title) | boards, by_both)

    def guid_of(self, entry: Entry) -> str | None:
        """The entry's guid, with its title where several entries share it; None if it is broken.

        A link that is not the entry's own, with the title, stands for the guid of one without.
        """
        if entry.guid in self.shared_guids:
            return f"{entry.guid} {html_to_line(entry.title_html)}"
        if entry.guid and entry.guid not in self.broken_guids:
            return entry.guid
        link = canonical_url(entry.link) if entry.link else None
        if link is None or not (link in self.shared_links or _is_front_page(link)):
            return None
        title = html_to_line(entry.title_html)
        return f"{link} {title}" if title else None

    def link_of(self, entry: Entry) -> str | None:
        """The canonical link, if it is the entry's own."""
        link = canonical_url(entry.link) if entry.link else None
        if link is None or link in self.shared_links:
            return None
        # A front page belongs to no entry, even if only one entry of this document links to it.
        return None if _is_front_page(link) and self.guid_of(entry) else link


def _is_front_page(link: str) -> bool:
    return urlsplit(link)[2:4] == ("/", "")


def _ambiguous(pairs: Iterable[tuple[str | None, Hashable]]) -> frozenset[str]:
    """The names that refer to more than one thing."""
    things: dict[str, set[Hashable]] = defaultdict(set)
    for name, thing in pairs:
        if name is not None:
            things[name].add(thing)
    return frozenset(name for name, meant in things.items() if len(meant) > 1)
