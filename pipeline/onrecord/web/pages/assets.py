"""Static files under names that contain their hash, so that browsers can keep them for ever."""

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from aiohttp import web

_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class _Asset:
    url: str
    body: bytes
    kind: str


class Assets:
    """The files of the folder `static`, in memory."""

    def __init__(self) -> None:
        self._assets = {
            file.name: _asset(file.name, file.read_bytes())
            for file in (files("onrecord.web.pages") / "static").iterdir()
            if file.name.rpartition(".")[2] in _KINDS
        }

    def url(self, name: str) -> str:
        """The path of a file."""
        return self._assets[name].url

    def add_to(self, app: web.Application) -> None:
        """Serve every file."""
        by_url = {asset.url: asset for asset in self._assets.values()}

        async def answer(request: web.Request) -> web.Response:
            asset = by_url.get(request.path)
            if asset is None:
                raise web.HTTPNotFound
            return web.Response(
                body=asset.body,
                content_type=asset.kind,
                charset="utf-8",
                headers={"Cache-Control": "public, max-age=31536000, immutable"},
            )

        app.router.add_get("/static/{name}", answer)


def _asset(name: str, body: bytes) -> _Asset:
    stem, _, ending = name.rpartition(".")
    url = f"/static/{stem}.{sha256(body).hexdigest()[:12]}.{ending}"
    return _Asset(url, body, _KINDS[ending])
