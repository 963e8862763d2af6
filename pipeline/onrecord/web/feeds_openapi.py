"""The OpenAPI description of `/api/feeds`."""

from collections.abc import Callable
from typing import Any

from onrecord.processing.feeds.listed import FeedDetail
from onrecord.processing.feeds.requests import (
    ACTS,
    Act,
    AddedFeeds,
    FeedChange,
    NewFeeds,
    RefetchPages,
)
from onrecord.web.described import answer_of, sent_body
from onrecord.web.feeds_api import OPML_TYPES, ORDERS, PATH, FeedsPage, NoOptions

Problems = Callable[..., dict[str, Any]]

KINDS = (FeedsPage, FeedDetail, AddedFeeds, NewFeeds, FeedChange, RefetchPages, NoOptions)

_WRITING = ("403", "413", "415")
_URL = {
    "name": "url",
    "in": "path",
    "required": True,
    "description": "The feed's URL, percent-encoded with its slashes.",
    "schema": {"type": "string", "minLength": 1},
}
_ACTS: dict[Act, str] = {
    "pause": "Stop asking a feed until it is resumed.",
    "resume": "Ask a paused feed again.",
    "poll": "Have a feed polled at once, due or not, by whoever polls it.",
    "refetch": "Have the pages of articles fetched again.",
    "fill": "Have the archive read that a feed pages through (RFC 5005).",
}


def feed_paths(problems: Problems) -> dict[str, Any]:
    """The paths; `problems` gives the error responses, with those of more statuses."""
    found = {**problems("404"), "200": answer_of("The feed as it is now.", FeedDetail)}
    written = problems("404", *_WRITING) | {"200": found["200"]}
    one: dict[str, dict[str, Any]] = {
        "get": {"operationId": "show_feed", "summary": "One feed with its last polls.",
                "responses": found},
        "patch": {"operationId": "change_feed", "summary": "Change what holds for a feed.",
                  **sent_body(FeedChange, required=False), "responses": written},
        "delete": {"operationId": "remove_feed", "summary": "Stop following a feed.",
                   "responses": problems("403", "404")
                   | {"204": {"description": "It is not followed any more."}}},
    }  # fmt: skip
    for operation in one.values():
        operation["parameters"] = [_URL]
    paths = {PATH: _collection(problems), f"{PATH}.opml": _opml(problems), f"{PATH}/{{url}}": one}
    for act in ACTS:
        kind = RefetchPages if act == "refetch" else NoOptions
        paths[f"{PATH}/{{url}}/{act}"] = {
            "post": {
                "operationId": f"{act}_feed",
                "summary": _ACTS[act],
                "parameters": [_URL],
                **sent_body(kind, required=False),
                "responses": written,
            }
        }
    return paths


def _collection(problems: Problems) -> dict[str, Any]:
    return {
        "get": {
            "operationId": "list_feeds",
            "summary": "The feeds that are followed, with their health.",
            "parameters": [
                _filter("word", "Only feeds with this in name, URL or category.", type="string"),
                _filter("category", "Only feeds of this category, or one in it.", type="string"),
                _filter("failing", "Only feeds that fail.", type="boolean", default=False),
                _filter("silent", "Only feeds of which nothing new came for so many days.",
                        type="integer", minimum=0, maximum=99_999),
                _filter("sort", "The order: by name, by health, the worst first, or by the last "
                        "article.", type="string", enum=list(ORDERS), default="name"),
            ],
            "responses": problems() | {"200": answer_of("The feeds.", FeedsPage)},
        },
        "post": {
            "operationId": "add_feeds",
            "summary": "Follow feeds, or those of a page, after looking at each URL once.",
            **sent_body(NewFeeds, required=True),
            "responses": problems(*_WRITING)
            | {"200": answer_of("What was added, and what was refused and why.", AddedFeeds)},
        },
    }  # fmt: skip


def _opml(problems: Problems) -> dict[str, Any]:
    content = {"text/x-opml": {"schema": {"type": "string"}}}
    return {
        "get": {
            "operationId": "export_feeds",
            "summary": "The feeds as OPML, with folders and settings, without secrets.",
            "responses": problems() | {"200": {"description": "The list.", "content": content}},
        },
        "post": {
            "operationId": "import_feeds",
            "summary": "Follow the feeds of an OPML document, in its folders, without looking.",
            "requestBody": {
                "required": True,
                "content": {kind: {"schema": {"type": "string"}} for kind in OPML_TYPES},
            },
            "responses": problems(*_WRITING)
            | {"200": answer_of("What was added, and what was passed over and why.", AddedFeeds)},
        },
    }


def _filter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": schema}
