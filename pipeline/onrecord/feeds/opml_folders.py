"""The folders and the head of OPML: what a list says beside its feeds, kept for export."""

import re
from collections.abc import Mapping

from lxml import etree

from onrecord.feeds.categories import category_of, names_in
from onrecord.feeds.private_urls import public_url

# The name under which the head of a list is kept, among its folders.
HEAD = ""
OWN_HEAD = {"title": "onrecord"}
NOT_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_SECRET = re.compile(
    r"cookie|passw|token|secret|credential|httpheader|api_?key|username|curl_?params", re.IGNORECASE
)
_FEEDS = "descendant::*[@xmlUrl or @xmlurl or @XMLURL]"


def is_secret(name: object) -> bool:
    """Whether an attribute of this name holds a secret, as other readers write them."""
    # An attribute like cookiesFrom names where they are.
    is_place = str(name).lower().endswith("from")
    return not is_place and _SECRET.search(str(name)) is not None


def folder_of(outline: etree._Element) -> str:
    """The category of the folders that an outline stands in; empty for none."""
    return category_of(reversed([_name_of(each) for each in outline.iterancestors()]))


def attributes_of_folders(outline: etree._Element) -> dict[str, dict[str, str]]:
    """The attributes that mean nothing to us of the folders an outline stands in, by category."""
    found = {}
    for folder in outline.iterancestors("{*}outline", "{*}OUTLINE"):
        if (category := _category_of(folder)) and (attributes := _attributes_of(folder)):
            found[category] = attributes
    return found


def read_rest(root: etree._Element) -> dict[str, dict[str, str]]:
    """What belongs to no feed of a list: its head, and the folders without feeds."""
    found: dict[str, dict[str, str]] = {}
    for outline in root.iter("{*}outline", "{*}OUTLINE"):
        category = _category_of(outline)
        if category and _is_folder(outline) and not outline.xpath(_FEEDS):
            found[category] = _attributes_of(outline)
    head = _head_of(root)
    return found | ({HEAD: head} if head and head != OWN_HEAD else {})


def _head_of(root: etree._Element) -> dict[str, str]:
    return {
        str(each.tag): _shown(each.text.strip())
        for each in root.iterfind("{*}head/*")
        if isinstance(each.tag, str) and each.text and each.text.strip() and not is_secret(each.tag)
    }


def _is_folder(outline: etree._Element) -> bool:
    names = {str(name).lower() for name in outline.attrib}
    return "xmlurl" not in names and outline.get("type", "").lower() not in ("rss", "atom")


def _category_of(folder: etree._Element) -> str:
    names = [_name_of(folder), *(_name_of(each) for each in folder.iterancestors())]
    return category_of(reversed(names)) if names[0].strip() else ""


def _name_of(outline: etree._Element) -> str:
    return str(outline.get("text") or outline.get("title") or "")


def _attributes_of(folder: etree._Element) -> dict[str, str]:
    """The attributes of a folder but for its name, without secrets."""
    name = _name_of(folder)
    return {
        str(key): _shown(str(value))
        for key, value in folder.attrib.items()
        if not is_secret(key) and not (key in ("text", "title") and value == name)
    }


def _shown(value: str) -> str:
    return public_url(value) if "://" in value else value


class Folders:
    """The folders of a document that is written, each made when it is first needed.

    A feed in two folders stands in both.
    """

    def __init__(self, body: etree._Element, attributes: Mapping[str, Mapping[str, str]]) -> None:
        self._made: dict[tuple[str, ...], etree._Element] = {(): body}
        self._attributes = attributes

    def of(self, category: str) -> etree._Element:
        """The outline of a category's folder."""
        return self._folder(tuple(names_in(category)))

    def _folder(self, path: tuple[str, ...]) -> etree._Element:
        if path not in self._made:
            name = NOT_IN_XML.sub("", path[-1])
            others = self._attributes.get(category_of(path), {})
            attributes = {"text": name, "title": name} | {
                key: NOT_IN_XML.sub("", value) for key, value in others.items()
            }
            above = self._folder(path[:-1])
            self._made[path] = etree.SubElement(above, "outline", attributes)
        return self._made[path]
