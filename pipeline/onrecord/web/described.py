"""Pieces of an OpenAPI description: what is sent, and what is answered."""

from typing import Any


def sent_body(kind: type, *, required: bool) -> dict[str, Any]:
    """A request body of this record, as JSON."""
    content = {"application/json": {"schema": reference_to(kind)}}
    return {"requestBody": {"required": required, "content": content}}


def answer_of(description: str, kind: type) -> dict[str, Any]:
    """A response with this record, as JSON."""
    content = {"application/json": {"schema": reference_to(kind)}}
    return {"description": description, "content": content}


def reference_to(kind: type) -> dict[str, str]:
    """A reference to the schema of a record."""
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
