"""Secrets of single feeds: headers, cookies, and credentials of a server or a proxy.

They are read from a file or a variable of the environment, and kept in the private file alone. A
feed list can name where they are: it may come from anywhere, so only files beside it and variables
made for this are read on its behalf.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from onrecord.errors import Mistake

Kind = Literal["headers", "cookies", "credentials", "proxy-credentials"]
KINDS: tuple[Kind, ...] = ("headers", "cookies", "credentials", "proxy-credentials")

_FOR_LISTS = "ONRECORD_FEED_"
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}):[ \t]*([\x21-\x7e][\x20-\x7e]{0,8000})")
_COOKIES = re.compile(r"[\x20-\x7e]{1,8000}")
# Headers that the client itself is responsible for.
_OURS = frozenset((
    "host", "connection", "content-length", "transfer-encoding", "accept-encoding", "te", "upgrade",
    "proxy-authorization", "if-none-match", "if-modified-since", "range",
))  # fmt: skip
_COOKIE_FIELDS = 7  # of a line in Netscape's cookies.txt


def read_secret(kind: Kind, source: str, environment: Mapping[str, str]) -> str:
    """The secret that a file holds, or with `env:NAME` a variable. Raises Mistake."""
    if source.startswith("env:"):
        name = source.removeprefix("env:")
        if name not in environment:
            raise Mistake(f"{kind}: there is no variable {name[:60]} in the environment")
        return checked_secret(kind, environment[name], source)
    try:
        text = Path(source).read_text("utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise Mistake(f"{kind}: {source} cannot be read: {reason}") from error
    return checked_secret(kind, text, source)


# The attributes of outlines that say where a secret is read, in lower case.
_NAMING: Mapping[str, Kind] = {f"{kind.replace('-', '')}from": kind for kind in KINDS}


def secrets_named_in(
    attributes: Mapping[str, str], folder: Path, environment: Mapping[str, str]
) -> Iterator[tuple[Kind, str]]:
    """The secrets that an outline names, as in `cookiesFrom="cookies.txt"`. Raises Mistake."""
    given = {name.lower(): value for name, value in attributes.items()}
    for attribute, kind in _NAMING.items():
        if attribute in given:
            yield kind, read_secret(kind, _allowed(given[attribute], folder), environment)


def names_a_secret(attribute: str) -> bool:
    """Whether an outline's attribute says where a secret is read."""
    return attribute.lower() in _NAMING


def _allowed(source: str, folder: Path) -> str:
    """Where a list's secret is read. Raises Mistake for a place that a list may not name."""
    if source.startswith(f"env:{_FOR_LISTS}"):
        return source
    if source.startswith("env:"):
        raise Mistake(f"a feed list may only name variables that begin with {_FOR_LISTS}")
    inside = folder.resolve()
    path = (inside / source).resolve()
    # Whoever wrote the list is sent what it names: settings and keys of others are none of it.
    if path.parent != inside or path.suffix != ".txt":
        raise Mistake("a feed list may only name files beside it that end with .txt")
    return str(path)


def checked_secret(kind: Kind, text: str, source: str) -> str:
    """The secret in the form that is kept. Raises Mistake, without showing it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if kind == "headers":
        return "\n".join(_header(line, source) for line in lines if not line.startswith("#"))
    if kind == "cookies":
        return _cookies(lines, source)
    if len(lines) != 1 or not lines[0].isprintable() or ":" not in lines[0]:
        raise Mistake(f"{kind}: {source} has one line, user:password")
    return lines[0]


def _header(line: str, source: str) -> str:
    found = _HEADER.fullmatch(line)
    if found is None:
        raise Mistake(f"headers: {source} has a header a line, as in `X-Key: value`")
    if found[1].lower() in _OURS:
        raise Mistake(f"headers: {found[1]} is not yours to set")
    return f"{found[1]}: {found[2]}"


def _cookies(lines: list[str], source: str) -> str:
    """A Cookie header: as it is written, or of a browser's cookies.txt."""
    fields = [line.removeprefix("#HttpOnly_").split("\t") for line in lines]
    jar = [each for each in fields if len(each) == _COOKIE_FIELDS]
    if jar:
        written = "; ".join(f"{each[5]}={each[6]}" for each in jar)
    else:
        written = "; ".join(line.removeprefix("Cookie:").strip(" ;") for line in lines)
    if not _COOKIES.fullmatch(written) or "=" not in written:
        raise Mistake(f"cookies: {source} has name=value; name=value, or is a cookies.txt")
    return written


def headers_of(secrets: Mapping[str, str]) -> dict[str, str]:
    """The header fields that these secrets become, but for credentials."""
    lines = filter(None, secrets.get("headers", "").split("\n"))
    headers = {name: value for name, _, value in (line.partition(": ") for line in lines)}
    if cookies := secrets.get("cookies"):
        headers["Cookie"] = cookies
    return headers
