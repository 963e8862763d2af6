"""`/docs/api`: the OpenAPI description for reading."""

from typing import Any

from aiohttp import web

from onrecord.web.pages.rendering import page


class ApiPages:
    """The page of a description."""

    def __init__(self, description: dict[str, Any]) -> None:
        self._description = description

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the route of the page."""
        router.add_get("/docs/api", self._show)

    async def _show(self, request: web.Request) -> web.Response:
        return page(request, "api.html", title="The API", description=self._description)
