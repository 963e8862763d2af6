"""Reads and writes lists of feeds to follow.

Comes in: an OPML file (`.opml`, `.xml`) with outlines nested as deep as its author liked, or a
file with one URL a line and `#` comments. Goes out: subscriptions, each URL once. A list with a
mistake in it is refused as a whole, with the line and what would be right.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from lxml import etree

from onrecord.errors import FeedListError, Mistake
from onrecord.feeds.private_urls import public_url, without_secrets
from onrecord.feeds.zones import checked_zone
from onrecord.records import Feed

_COMMENT = re.compile(r"(^|\s)#.*$")
_NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MOST_SHOWN = 80


def read_feed_list(path: Path) -> list[Feed]:
    """The feeds of a list, in its order, each URL once (the first mention wins).

    Raises FeedListError naming the file, and the line and URL if it came so far.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise FeedListError(f"there is no feed list {path}", file=str(path)) from None
    except OSError as error:
        raise FeedListError(
            f"cannot read feed list {path}: {error.strerror}", file=str(path)
        ) from error
    is_opml = path.suffix.lower() in (".opml", ".xml")
    feeds = _read_opml(data, path) if is_opml else _read_lines(data, path)
    if not feeds:
        hint = "an outline with an xmlUrl" if is_opml else "one URL a line"
        raise FeedListError(f"{path} names no feed: it needs {hint}", file=str(path))
    return _each_once(feeds)


def feed_from_url(text: str) -> Feed:
    """A subscription to one URL. Raises Mistake saying what is wrong with it."""
    url = text.strip()
    fault = _fault_in(url)
    if fault:
        raise Mistake(f"{_shown(url)} is not a feed's URL: {fault}")
    return Feed(url=url)


def checked_domain(text: str) -> str:
    """A domain in lower case without "www.". Raises Mistake saying what is wrong with it."""
    domain = text.strip().lower().removeprefix("www.").rstrip(".")
    if not re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", domain):
        raise Mistake(f"{_shown(text)} is not a domain: write it like bbc.co.uk")
    return domain


def to_opml(feeds: Iterable[Feed]) -> str:
    """An OPML 2.0 document of these feeds, as other readers import it."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = "onrecord"
    body = etree.SubElement(root, "body")
    for feed in feeds:
        name = _NOT_IN_XML.sub("", feed.publisher or feed.title or public_url(feed.url))
        outline = {"type": "rss", "text": name, "title": name, "xmlUrl": public_url(feed.url)}
        if feed.language:
            outline["language"] = feed.language
        if feed.claims:
            outline["claims"] = " ".join(feed.claims)
        if feed.time_zone:
            outline["timeZone"] = feed.time_zone
        etree.SubElement(body, "outline", outline)
    return etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="UTF-8").decode()


# ── OPML ─────────────────────────────────────────────────────────────────────────────────────


def _read_opml(data: bytes, path: Path) -> list[Feed]:
    root = _parse_xml(data, path)
    if _name(root) != "opml":
        raise FeedListError(
            f"{path} is not OPML: its outermost element is <{_name(root)}>, not <opml>",
            file=str(path),
        )
    return [
        feed
        for outline in root.iter("{*}outline", "{*}OUTLINE")
        if (feed := _feed_of_outline(outline, path)) is not None
    ]


def _parse_xml(data: bytes, path: Path) -> etree._Element:
    # A feed list comes from anywhere: it may neither reach files and hosts nor define entities.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or None
        where = f" line {line}" if line else ""
        raise FeedListError(
            f"{path}{where} is not OPML: {_first_line(error.msg)}", file=str(path), line=line
        ) from error
    return root


def _feed_of_outline(outline: etree._Element, path: Path) -> Feed | None:
    """The subscription of an outline; None for a folder."""
    # Attribute names are written in every case there is: xmlUrl, xmlurl, XMLURL.
    attributes = {str(name).lower(): str(value) for name, value in outline.attrib.items()}
    line = cast("int | None", outline.sourceline)
    if "xmlurl" not in attributes:
        if attributes.get("type", "").lower() not in ("rss", "atom"):
            return None
        raise FeedListError(
            f"{path} line {line}: this outline is a feed without an xmlUrl",
            file=str(path),
            line=line,
        )
    url = _checked(attributes["xmlurl"].strip(), path, line)
    name = attributes.get("text", "").strip() or attributes.get("title", "").strip()
    language = attributes.get("language", "").strip()
    return Feed(
        url=url,
        publisher=name if name and name != url else None,
        language=language if language and language != "unknown" else None,
        claims=tuple(_claims(attributes.get("claims", ""), path, line)),
        time_zone=_time_zone(attributes.get("timezone", ""), path, line),
    )


def _time_zone(text: str, path: Path, line: int | None) -> str | None:
    """The zone that a feed's dates without one are written in: "Asia/Shanghai"."""
    try:
        return checked_zone(text.strip()) if text.strip() else None
    except Mistake as error:
        raise FeedListError(f"{path} line {line}: {error}", file=str(path), line=line) from error


def _claims(text: str, path: Path, line: int | None) -> Iterator[str]:
    """The domains that a list lets a feed speak for: "bbc.co.uk bbc.com"."""
    for domain in text.replace(",", " ").split():
        try:
            yield checked_domain(domain)
        except Mistake as error:
            raise FeedListError(
                f"{path} line {line}: claims: {error}", file=str(path), line=line
            ) from error


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower()


def _first_line(text: str | None) -> str:
    return (text or "it cannot be read as XML").strip().split("\n")[0]


# ── one URL a line ───────────────────────────────────────────────────────────────────────────


def _read_lines(data: bytes, path: Path) -> list[Feed]:
    return [
        Feed(url=_checked(url, path, number))
        for number, line in enumerate(data.split(b"\n"), start=1)
        if (url := _COMMENT.sub("", _decoded(line, path, number)).strip())
    ]


def _decoded(line: bytes, path: Path, number: int) -> str:
    try:
        return line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FeedListError(
            f"{path} line {number} is not UTF-8 text: a feed list is OPML (name it .opml) or has "
            "one URL a line",
            file=str(path),
            line=number,
        ) from error


# ── URLs ─────────────────────────────────────────────────────────────────────────────────────


def _checked(url: str, path: Path, line: int | None) -> str:
    fault = _fault_in(url)
    if fault:
        raise FeedListError(
            f"{path} line {line}: {_shown(url)} is not a feed's URL: {fault}",
            file=str(path),
            line=line,
        )
    return url


def _fault_in(url: str) -> str | None:
    """What keeps a text from being a feed's URL and what would be right; None if nothing does."""
    if url.startswith("<"):
        return "this looks like XML; name an OPML file .opml"
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        return "there is a space in it; write one URL, with spaces as %20"
    scheme, separator, rest = url.partition("://")
    if not separator:
        return f"it must begin with https:// or http://; did you mean {_plain(f'https://{url}')}?"
    if scheme.lower() not in ("http", "https"):
        return f"it must begin with https:// or http://; did you mean {_plain(f'https://{rest}')}?"
    return _fault_in_host(url)


def _fault_in_host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        host_as_sent = (host or "").encode("idna" if not (host or "").isascii() else "ascii")
        if "xn--" in (host or "").lower():
            host_as_sent.decode("idna")  # a name that no registrar would take
    except ValueError as error:  # UnicodeError is one
        return f"its host or port cannot be used ({_first_line(str(error)).rstrip('.')})"
    if not host or not re.fullmatch(rb"[A-Za-z0-9._:%~-]+", host_as_sent):
        return "there is no host name after //"
    if ".." in host or host.startswith("."):
        return f"{host} is not a host name"
    return None


def _plain(url: str) -> str:
    url = without_secrets(url)
    return url if url.isprintable() else _shown(url)


def _shown(url: str) -> str:
    url = without_secrets(url)
    return repr(url if len(url) <= _MOST_SHOWN else url[:_MOST_SHOWN] + "…")


def _each_once(feeds: Iterable[Feed]) -> list[Feed]:
    merged: dict[str, Feed] = {}
    for feed in feeds:
        merged.setdefault(_sameness(feed.url), feed)
    return list(merged.values())


def _sameness(url: str) -> str:
    """Two URLs with the same of this are one feed: case of scheme and host, fragments, "/"."""
    parts = urlsplit(url)
    return parts._replace(
        scheme=parts.scheme.lower(),
        netloc=parts.netloc.lower(),
        path=parts.path or "/",
        fragment="",
    ).geturl()
