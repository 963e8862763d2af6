"""Error responses in the format of RFC 9457."""

import logging
from collections.abc import Callable
from http import HTTPStatus

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from onrecord.errors import Mistake, OnrecordError, UnknownTopic
from onrecord.web.past import CursorGone

logger = logging.getLogger(__name__)

_LATER_S = "5"


class Problem(Exception):
    """An error response as defined in RFC 9457."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


# Renders an error for people, where the server has pages: given the request, the status and the
# detail, it returns None for a client that is a program.
RenderProblem = Callable[[web.Request, int, str], web.Response | None]
RENDER_PROBLEM = web.AppKey[RenderProblem]("render_problem")


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors into responses. An unexpected error is logged, without details to the client."""
    try:
        return await handler(request)
    except Problem as problem:
        return _answer(request, problem.status, problem.detail)
    except OnrecordError as error:
        status = next((status for kind, status in _STATUSES if isinstance(error, kind)), 503)
        if status != 503:
            return _answer(request, status, str(error))
        logger.warning("%s %s: %s", request.method, request.path, error)
        return _answer(request, 503, "the log does not answer: come back later")
    except web.HTTPRedirection:
        raise  # no problem: its Location and cookies must reach the browser
    except web.HTTPException as error:
        return _answer(request, error.status, error.reason, error.headers.get("Allow"))
    except ConnectionError:
        raise
    except Exception:
        logger.exception("answering %s %s", request.method, request.path)
        return _answer(request, 500, "an error of onrecord; its log says more")


_STATUSES = ((CursorGone, 410), (UnknownTopic, 503), (Mistake, 400))


def _answer(
    request: web.Request, status: int, detail: str, allow: str | None = None
) -> web.Response:
    render = request.app.get(RENDER_PROBLEM)
    page = None if render is None else render(request, status, detail)
    if page is not None:
        return page
    body = {"title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    headers = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": _LATER_S}}.get(status, {})
    return web.Response(
        status=status,
        body=msgspec.json.encode(body),
        content_type="application/problem+json",
        headers=headers | ({"Allow": allow} if allow else {}),
    )
