"""The server's OpenAPI 3.1 description, generated from the records' schemas."""

from typing import Any

import msgspec

from onrecord.records import Article, Extraction, QuoteOnRecord, Record, schema_name
from onrecord.sink.selection import What
from onrecord.web.corrections_openapi import CORRECTION_KINDS, correction_paths
from onrecord.web.feeds_openapi import KINDS, feed_paths
from onrecord.web.query import parameters_of

_KINDS: dict[What, type[Record]] = {
    What.QUOTES: QuoteOnRecord,
    What.EXTRACTIONS: Extraction,
    What.ARTICLES: Article,
}
_PROBLEM = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
    "required": ["title", "status", "detail"],
}
_PROBLEMS = {
    "400": "The request asks for what there is not; `detail` says what is wrong.",
    "401": "The bearer token is missing or wrong.",
    "410": "The cursor is past the end of the log: begin without it.",
    "421": "Without a token, the server only answers to the names of this machine.",
    "503": "The log does not answer, or too many follow: come back later.",
}
_MORE_PROBLEMS = {
    "403": "The token is one to read with.",
    "404": "There is no such thing.",
    "409": "That cannot be judged; `detail` says why.",
    "413": "The body is too large.",
    "415": "The body is of another type than the one described here.",
}


def describe(version: str, *, needs_token: bool, has_pages: bool) -> dict[str, Any]:
    """The OpenAPI description; `has_pages` where feeds and corrections can be made too."""
    kinds = (*_KINDS.values(), *((*KINDS, *CORRECTION_KINDS) if has_pages else ()))
    _, components = msgspec.json.schema_components(
        kinds, ref_template="#/components/schemas/{name}"
    )
    paths: dict[str, Any] = {}
    for what, record in _KINDS.items():
        reference = {"$ref": f"#/components/schemas/{record.__name__}"}
        paths[f"/{what.value}"] = {"get": _stream(what, schema_name(record))}
        paths[f"/{what.value}/page"] = {"get": _page(what, reference)}
    if has_pages:
        paths |= feed_paths(_problems) | correction_paths(_problems)
    paths["/openapi.json"] = {"get": _plain("This description.", {"type": "object"})}
    paths["/health"] = {"get": _plain("Whether the server serves.", _HEALTH) | {"security": []}}
    security = {"bearer": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "onrecord",
            "version": version,
            "description": "The news on the record: who said what, about whom, as it is published. "
            "Later versions add fields, and take none away: ignore those that you do not know.",
        },
        "paths": paths,
        "components": {
            "schemas": dict(components) | {"Problem": _PROBLEM},
            "securitySchemes": security,
        },
        "security": [{"bearer": []}] if needs_token else [],
    }


_HEALTH = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["ok", "failing"]},
        "streams": {"type": "integer", "minimum": 0},
    },
    "required": ["status", "streams"],
}


def _stream(what: What, name: str) -> dict[str, Any]:
    last_event_id = {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The id of the last event that came: goes on after it. Empty is none.",
        "schema": {"type": "string"},
    }
    events = (
        f"Server-Sent Events. `data` of an event without a name is an {name} record as JSON, `id` "
        "the cursor after it; an `id` alone says how far the log was read. An event named "
        "`cut-off` says why the stream ends before its end, and `gap` that retention has removed "
        'something unread: their data is `{"reason": …}`. Connect again with the last id to go on.'
    )
    return {
        "operationId": f"follow_{what.value}",
        "summary": f"Follow {what.value}, live or from any point in the past.",
        "parameters": [*_parameters(what, page=False), last_event_id],
        "responses": {
            "200": {
                "description": events,
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            **_problems(),
        },
    }


def _page(what: What, reference: dict[str, Any]) -> dict[str, Any]:
    page = {
        "type": "object",
        "properties": {
            "records": {"type": "array", "items": reference},
            "cursor": {
                "type": "string",
                "description": "Asks for what comes after these records.",
            },
            "more": {
                "type": "boolean",
                "description": "Whether there is more to read now. A page may hold fewer records "
                "than asked for, or none, and still not be the last.",
            },
        },
        "required": ["records", "cursor", "more"],
    }
    return {
        "operationId": f"page_{what.value}",
        "summary": f"{what.value.capitalize()} by pages, for those who poll.",
        "parameters": _parameters(what, page=True),
        "responses": {
            "200": {
                "description": "Records, and the cursor after them.",
                "content": {"application/json": {"schema": page}},
            },
            **_problems(),
        },
    }


def _plain(summary: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": summary,
        "responses": {
            "200": {"description": summary, "content": {"application/json": {"schema": schema}}},
            **_problems(),
        },
    }


def _parameters(what: What, *, page: bool) -> list[dict[str, Any]]:
    return [
        {
            "name": parameter.name,
            "in": "query",
            "description": parameter.description,
            "schema": dict(parameter.schema),
        }
        for parameter in parameters_of(what, page=page)
    ]


def _problems(*more: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": description, "content": content}
        for status, description in {
            **_PROBLEMS,
            **{status: _MORE_PROBLEMS[status] for status in more},
        }.items()
    }
