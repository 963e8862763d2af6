"""Signing in with a token, and out."""

from aiohttp import web

from onrecord.web.access import COOKIE, SESSION_S, AccessControl
from onrecord.web.forms import form_of
from onrecord.web.pages.rendering import page


class SignInPages:
    """The pages `/sign-in` and `/sign-out`."""

    def __init__(self, access: AccessControl) -> None:
        self._access = access

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes of the pages."""
        router.add_get("/sign-in", self._show)
        router.add_post("/sign-in", self._sign_in)
        router.add_post("/sign-out", self._sign_out)

    async def _show(self, request: web.Request) -> web.Response:
        return _page(request, _path_here(request.query.get("next", "")))

    async def _sign_in(self, request: web.Request) -> web.Response:
        form = await form_of(request)
        following = _path_here(form.get("next", ""))
        cookie = self._access.sign_in(form.get("token", ""))
        if cookie is None:
            return _page(request, following, wrong=True, status=403)
        response = web.HTTPSeeOther(following)
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=SESSION_S,
            httponly=True,
            samesite="Strict",
            secure=_is_over_tls(request),
        )
        raise response

    async def _sign_out(self, request: web.Request) -> web.Response:
        await self._access.check_form(request, writes=False)
        # Nothing is stored of a session: to forget the cookie is to end it.
        response = web.HTTPSeeOther("/sign-in")
        response.del_cookie(COOKIE)
        raise response


def _page(
    request: web.Request, following: str, *, wrong: bool = False, status: int = 200
) -> web.Response:
    return page(
        request,
        "sign_in.html",
        title="Sign in",
        following=following,
        wrong=wrong,
        http_status=status,
    )


def _path_here(text: str) -> str:
    """A path of this server; `/` for anything that leads elsewhere."""
    is_here = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if is_here else "/"


def _is_over_tls(request: web.Request) -> bool:
    return request.secure or request.headers.get("X-Forwarded-Proto") == "https"
