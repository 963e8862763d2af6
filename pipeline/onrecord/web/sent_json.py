"""The JSON that programs send to change something."""

from typing import TypeVar

import msgspec
from aiohttp import web

from onrecord.web.access import AccessControl
from onrecord.web.problems import Problem

T = TypeVar("T")


async def sent_json(request: web.Request, access: AccessControl, kind: type[T]) -> T:
    """The JSON that a writer sent. Raises Problem."""
    access.check_writer(request)
    if request.content_type != "application/json":
        raise Problem(415, "send JSON, with Content-Type: application/json")
    try:
        return msgspec.json.decode(await request.read() or b"{}", type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise Problem(400, str(error) or "the JSON is nested too deeply") from None


def json_response(value: msgspec.Struct) -> web.Response:
    """A record as JSON."""
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")
