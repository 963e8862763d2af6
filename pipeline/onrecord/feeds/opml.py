"""Reads and writes OPML, the format in which feed readers exchange their subscriptions.

Nothing is lost on the way: folders become categories and folders again, and attributes that mean
nothing to us are kept. Secrets are the exception: other readers write cookies and passwords into
their lists, and subscriptions are on a topic that others read.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal, cast

from lxml import etree
from msgspec.structs import replace

from onrecord.errors import FeedListError, Mistake
from onrecord.feeds.categories import category_of, names_in
from onrecord.feeds.feed_settings import checked_interval, checked_proxy, checked_rule
from onrecord.feeds.feed_urls import checked_domain, checked_url
from onrecord.feeds.opml_folders import (
    HEAD,
    NOT_IN_XML,
    OWN_HEAD,
    Folders,
    attributes_of_folders,
    folder_of,
    is_secret,
    read_rest,
)
from onrecord.feeds.parsing.encoding import settled_text
from onrecord.feeds.parsing.mending import mended
from onrecord.feeds.private_urls import public_url, without_secrets
from onrecord.feeds.zones import checked_zone
from onrecord.records import Feed, FeedRule

FullText = Literal["feed", "page", "auto"]

_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,200}\?>")
_FRESHRSS = "https://freshrss.org/opml"
_FULL_TEXT: tuple[FullText, ...] = ("feed", "page", "auto")
# Attributes whose meaning we know; names are compared in lower case.
_OURS = frozenset((
    "xmlurl", "text", "title", "type", "language", "claims", "timezone", "category", "fulltext",
    "interval", "useragent", "proxy", "paused", "keep", "block",
))  # fmt: skip


def read_opml(data: bytes, path: Path) -> Iterator[Feed | FeedListError]:
    """The feeds of an OPML document, and the mistakes in it, in its order.

    Raises FeedListError when it is not OPML.
    """
    root, fault = _parsed(data, path)
    if fault is not None:
        yield fault
    if _local(root) != "opml":
        raise FeedListError(
            f"{path} is not OPML: its outermost element is <{_local(root)}>, not <opml>",
            file=str(path),
        )
    rest = read_rest(root)
    for outline in root.iter("{*}outline", "{*}OUTLINE"):
        line = cast("int | None", outline.sourceline)
        try:
            feed = _feed_of(outline)
            left_out = None if feed is None else _left_out(outline, feed)
        except Mistake as error:
            yield FeedListError(f"{path} line {line}: {error}", file=str(path), line=line)
            continue
        if feed is not None:
            yield replace(feed, outlines=attributes_of_folders(outline) | rest)
            rest = {}
        if left_out is not None:
            yield FeedListError(f"{path} line {line}: {left_out}", file=str(path), line=line)


# ── XML ──────────────────────────────────────────────────────────────────────────────────────


def _parsed(data: bytes, path: Path) -> tuple[etree._Element, FeedListError | None]:
    """The document; with the first error in it where some of it could not be read.

    Lists are written by many programs, some of which escape nothing: what can be repaired is.
    """
    try:
        return etree.fromstring(data, _parser()), None
    except etree.XMLSyntaxError as error:
        line = error.lineno or None
        where = f" line {line}" if line else ""
        fault = FeedListError(
            f"{path}{where} is not OPML: {_first_line(error.msg)}", file=str(path), line=line
        )
    text = settled_text(data, None) or data.decode("cp1252", "replace")
    better = _DECLARATION.sub("", mended(text)).encode("utf-8", "replace")
    try:
        return etree.fromstring(better, _parser()), None
    except etree.XMLSyntaxError:
        root = etree.fromstring(better, _parser(recover=True)) if better.strip() else None
    if root is None or next(root.iter("{*}outline", "{*}OUTLINE"), None) is None:
        raise fault
    return root, fault


def _parser(*, recover: bool = False) -> etree.XMLParser:
    # A feed list comes from anywhere: it may neither reach files and hosts nor define entities.
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=recover)


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname.lower()


def _first_line(text: str | None) -> str:
    return (text or "it cannot be read as XML").strip().split("\n")[0]


# ── outlines ─────────────────────────────────────────────────────────────────────────────────


def _feed_of(outline: etree._Element) -> Feed | None:
    """The subscription of an outline; None for a folder. Raises Mistake."""
    # Attribute names are written in every case there is: xmlUrl, xmlurl, XMLURL.
    given = {str(name).lower(): str(value).strip() for name, value in outline.attrib.items()}
    if "xmlurl" not in given:
        if given.get("type", "").lower() not in ("rss", "atom"):
            return None
        name = given.get("text") or given.get("title") or "it"
        raise Mistake(f"this outline is a feed without an xmlUrl: {name[:60]!r}")
    url = checked_url(given["xmlurl"])
    name, title = given.get("text") or given.get("title", ""), given.get("title", "")
    language, zone = given.get("language", ""), given.get("timezone", "")
    return Feed(
        url=url,
        publisher=name if name and name != url else None,
        title=title if title and title not in (name, url) else None,
        language=language if language and language != "unknown" else None,
        claims=tuple(_claims(given.get("claims", ""))),
        time_zone=checked_zone(zone) if zone else None,
        categories=tuple(dict.fromkeys(_categories(outline, given.get("category", "")))),
        attributes=_kept(outline),
        full_text=next((each for each in _FULL_TEXT if each == given.get("fulltext")), None),
        interval_s=checked_interval(given["interval"]) if given.get("interval") else None,
        user_agent=given.get("useragent") or None,
        proxy=checked_proxy(given["proxy"]) if given.get("proxy") else None,
        paused=given.get("paused", "").lower() == "true",
        rules=tuple(_rules(given)),
    )


def _claims(text: str) -> Iterator[str]:
    """The domains that a list lets a feed speak for: "bbc.co.uk bbc.com"."""
    for domain in text.replace(",", " ").split():
        try:
            yield checked_domain(domain)
        except Mistake as error:
            raise Mistake(f"claims: {error}") from error


def _categories(outline: etree._Element, written: str) -> Iterator[str]:
    """The categories of a feed: the folders it stands in, and what `category` says."""
    if folder := folder_of(outline):
        yield folder
    for each in written.split(","):
        if category := category_of(names_in(each)):
            yield category


def _rules(given: Mapping[str, str]) -> Iterator[FeedRule]:
    """The rules in `keep` and `block`, one a line: "section:Sport"."""
    for action in ("keep", "block"):
        for line in filter(None, given.get(action, "").split("\n")):
            of, _, pattern = line.partition(":")
            yield checked_rule(action, of.strip(), pattern.strip())


def _kept(outline: etree._Element) -> dict[str, str]:
    """The attributes that mean nothing to us, without secrets."""
    return {
        str(name): public_url(str(value)) if "://" in str(value) else str(value)
        for name, value in outline.attrib.items()
        if not _is_ours(str(name).lower(), str(value)) and not is_secret(name)
    }


def _is_ours(name: str, value: str) -> bool:
    return name in _OURS and not (name == "type" and value.lower() != "rss")


def _left_out(outline: etree._Element, feed: Feed) -> str | None:
    """What to say about an outline's secrets, which are not kept."""
    secret = [str(name).rpartition("}")[2] for name in outline.attrib if is_secret(name)]
    if not secret:
        return None
    return (
        f"{', '.join(secret)} of {without_secrets(feed.url)} is left out: give secrets by "
        "`onrecord feeds set URL --cookies-from FILE` and the like"
    )


# ── writing ──────────────────────────────────────────────────────────────────────────────────


def to_opml(feeds: Iterable[Feed]) -> str:
    """An OPML 2.0 document of these feeds, as other readers import it."""
    root = etree.Element("opml", version="2.0", nsmap={"frss": _FRESHRSS})
    feeds = list(feeds)
    outlines: dict[str, dict[str, str]] = {}
    for feed in feeds:
        outlines = feed.outlines | outlines
    head = etree.SubElement(root, "head")
    for name, value in (OWN_HEAD | outlines.pop(HEAD, {})).items():
        etree.SubElement(head, name).text = NOT_IN_XML.sub("", value)
    folders = Folders(etree.SubElement(root, "body"), outlines)
    for feed in feeds:
        for category in feed.categories or ("",):
            etree.SubElement(folders.of(category), "outline", _attributes_of(feed))
    for category in outlines:
        folders.of(category)
    etree.cleanup_namespaces(root)
    return etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="UTF-8").decode()


def _attributes_of(feed: Feed) -> dict[str, str]:
    url = public_url(feed.address or feed.url)
    name = feed.publisher or feed.title or url
    written = {
        "type": "rss",
        "text": name,
        "title": feed.title or name,
        "xmlUrl": url,
        **feed.attributes,
        "language": feed.language,
        "claims": " ".join(feed.claims),
        "timeZone": feed.time_zone,
        "fullText": feed.full_text,
        "interval": f"{feed.interval_s:g}s" if feed.interval_s else None,
        "userAgent": feed.user_agent,
        "proxy": feed.proxy,
        "paused": "true" if feed.paused else None,
        "keep": _lines(feed, "keep"),
        "block": _lines(feed, "block"),
    }
    return {name: NOT_IN_XML.sub("", value) for name, value in written.items() if value}


def _lines(feed: Feed, action: str) -> str:
    return "\n".join(f"{rule.of}:{rule.pattern}" for rule in feed.rules if rule.action == action)
