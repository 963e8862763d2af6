"""Reads lists of feeds to follow.

A list is an OPML file (`.opml`, `.xml`; see `opml.py`), or a file with one URL a line and `#`
comments. It becomes subscriptions, each URL once. An outline or line that is not a feed is passed
over, and named with what would be right; a list without any feed is refused.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from onrecord.errors import FeedListError, Mistake
from onrecord.feeds.feed_urls import checked_url, feed_key
from onrecord.feeds.opml import read_opml
from onrecord.records import Feed

_COMMENT = re.compile(r"(^|\s)#.*$")


@dataclass(frozen=True, slots=True)
class FeedList:
    """The feeds of a list, in its order, and the mistakes in the outlines or lines passed over."""

    feeds: tuple[Feed, ...]
    faults: tuple[FeedListError, ...] = ()


def read_feed_list(path: Path) -> FeedList:
    """The feeds of a list, each URL once: the first mention wins, in the folders of all.

    Raises FeedListError when the file cannot be read, or names no feed.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise FeedListError(f"there is no feed list {path}", file=str(path)) from None
    except OSError as error:
        raise FeedListError(
            f"cannot read feed list {path}: {error.strerror}", file=str(path)
        ) from error
    if path.suffix.lower() in (".opml", ".xml"):
        return opml_list(data, path)
    return _as_list(_read_lines(data, path), path, hint="one URL a line")


def opml_list(data: bytes, path: Path) -> FeedList:
    """The feeds of an OPML document, as `read_feed_list` gives them; `path` is its name."""
    return _as_list(read_opml(data, path), path, hint="an outline with an xmlUrl")


def _as_list(found: Iterable[Feed | FeedListError], path: Path, *, hint: str) -> FeedList:
    found = list(found)
    feeds = [each for each in found if isinstance(each, Feed)]
    faults = [each for each in found if isinstance(each, FeedListError)]
    if not feeds and faults:
        raise faults[0]
    if not feeds:
        raise FeedListError(f"{path} names no feed: it needs {hint}", file=str(path))
    return FeedList(each_once(feeds), tuple(faults))


def feed_from_url(text: str) -> Feed:
    """A subscription to one URL. Raises Mistake saying what is wrong with it."""
    return Feed(url=checked_url(text))


def each_once(feeds: Iterable[Feed]) -> tuple[Feed, ...]:
    """The feeds, each URL once: as at its first mention, with the categories of all."""
    merged: dict[str, Feed] = {}
    for feed in feeds:
        key = feed_key(feed.url)
        first = merged.setdefault(key, feed)
        categories = tuple(dict.fromkeys((*first.categories, *feed.categories)))
        outlines = feed.outlines | first.outlines
        merged[key] = replace(first, categories=categories, outlines=outlines)
    return tuple(merged.values())


def _read_lines(data: bytes, path: Path) -> Iterator[Feed | FeedListError]:
    for number, line in enumerate(data.split(b"\n"), start=1):
        try:
            if url := _COMMENT.sub("", line.decode("utf-8-sig")).strip():
                yield Feed(url=checked_url(url))
        except UnicodeDecodeError:
            fault = "is not UTF-8 text: a feed list is OPML (name it .opml) or has one URL a line"
            yield FeedListError(f"{path} line {number} {fault}", file=str(path), line=number)
        except Mistake as error:
            yield FeedListError(f"{path} line {number}: {error}", file=str(path), line=number)
