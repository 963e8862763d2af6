"""Lists for programs: the rows of a page as JSON, CSV or Atom, at its address with an ending.

Spreadsheets run cells that look like formulas, and XML refuses control characters; both can stand
in what publishers write.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
from aiohttp import web

from onrecord.sink.cells import cell

FORMATS = ("json", "csv", "atom")

_ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtomEntry:
    """One row for feed readers. `path` is its page here, `key` what identifies it for ever."""

    key: str
    title: str
    path: str
    updated: datetime | None
    summary: str = ""
    author: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The rows of a page. `more` are further members of the JSON object, such as a cursor.

    `columns` are those of a CSV file; by default, the names that the rows have.
    """

    title: str
    rows: Sequence[dict[str, Any]]
    entries: Sequence[AtomEntry]
    more: dict[str, Any] | None = None
    columns: Sequence[str] | None = None


def origin_of(request: web.Request) -> str:
    """The address of this server as its visitor knows it, also behind a proxy with TLS."""
    forwarded = request.headers.get("X-Forwarded-Proto", "")
    scheme = "https" if forwarded == "https" else request.scheme
    return f"{scheme}://{request.host}"


def answer(request: web.Request, ending: str, listing: Listing) -> web.Response:
    """The listing in the format that a path ends with."""
    if ending == "json":
        body = {"title": listing.title, "rows": listing.rows} | (listing.more or {})
        return web.Response(body=msgspec.json.encode(body), content_type="application/json")
    if ending == "csv":
        columns = listing.columns or list(
            dict.fromkeys(name for row in listing.rows for name in row)
        )
        return web.Response(
            text=csv_header(columns) + to_csv(listing.rows, columns),
            headers=csv_headers(request),
        )
    body_of_feed = to_atom(listing, origin_of(request), request.path_qs)
    return web.Response(body=body_of_feed, content_type="application/atom+xml", charset="utf-8")


def columns_of(kind: type[msgspec.Struct]) -> list[str]:
    """The names of a record's values, which a CSV file without rows has too."""
    tag = kind.__struct_config__.tag_field
    names = [field.encode_name for field in msgspec.structs.fields(kind)]
    return names if tag is None else [tag, *names]


def csv_headers(request: web.Request) -> dict[str, str]:
    """The headers of a CSV file, which is named for the path."""
    name = re.sub(r"[^\w-]+", "-", request.path.rpartition(".")[0]).strip("-") or "onrecord"
    return {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}.csv"',
    }


def csv_header(columns: Sequence[str]) -> str:
    """The line of names."""
    return to_csv([dict(zip(columns, columns, strict=True))], columns)  # a name can be a query


def to_csv(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> str:
    """The rows as RFC 4180 has them; no cell is a formula."""
    written = io.StringIO()
    csv.writer(written).writerows([cell(row.get(name)) for name in columns] for row in rows)
    return written.getvalue()


def to_atom(listing: Listing, origin: str, path: str) -> bytes:
    """The entries as an Atom feed (RFC 4287)."""
    ET.register_namespace("", _ATOM)
    feed = ET.Element(f"{{{_ATOM}}}feed")
    _add(feed, "id", origin + path)
    _add(feed, "title", listing.title)
    times = [entry.updated for entry in listing.entries if entry.updated]
    _add(feed, "updated", _time(max(times, default=None)))
    _add(_add(feed, "author"), "name", "onrecord")
    _add(feed, "link", rel="self", href=origin + path)
    for entry in listing.entries:
        found = _add(feed, "entry")
        _add(found, "id", f"tag:onrecord,2026:{entry.key}")
        _add(found, "title", entry.title)
        _add(found, "updated", _time(entry.updated))
        _add(found, "link", rel="alternate", type="text/html", href=origin + entry.path)
        if entry.author:
            _add(_add(found, "author"), "name", entry.author)
        if entry.summary:
            _add(found, "summary", entry.summary)
    return bytes(ET.tostring(feed, encoding="utf-8", xml_declaration=True))


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    clean = {key: _NOT_XML.sub("\ufffd", value) for key, value in attributes.items()}
    child = ET.SubElement(parent, f"{{{_ATOM}}}{name}", clean)
    child.text = None if text is None else _NOT_XML.sub("\ufffd", text)
    return child


def _time(time: datetime | None) -> str:
    return (time or _NEVER).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
