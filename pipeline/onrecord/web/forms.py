"""Forms that browsers send."""

from collections.abc import Mapping

from aiohttp import web

from onrecord.web.problems import Problem


async def form_of(request: web.Request) -> Mapping[str, str]:
    """The fields of a request's form; without any where the body is no form. Raises Problem."""
    try:
        fields = await request.post()
    # aiohttp refuses a body that is too large with a response of its own, and raises all of these
    # for one that is not in the charset or the parts that it claims.
    except (ValueError, LookupError, AssertionError):
        raise Problem(400, "the body is not a form that can be read") from None
    return {name: value for name, value in fields.items() if isinstance(value, str)}
