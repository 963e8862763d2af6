"""Endpoints for operators: `/metrics`, `/health/live`, `/health/ready`.

`serve` answers these on its own port. Stages without a port of their own (`run`, `poll`,
`extract`) answer on `metrics.listen`, from a thread that shares nothing with the work.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from http.client import HTTPConnection, HTTPException
from typing import Self, TypeVar

import msgspec
from aiohttp import web

from onrecord.errors import Mistake
from onrecord.health import HealthReport
from onrecord.measurements import CONTENT_TYPE
from onrecord.settings import parse_listen

T = TypeVar("T")

_TIMEOUT_S = 5.0

Exposition = Callable[[], bytes]
Report = Callable[[], HealthReport]


def add_health(app: web.Application, report: Report) -> None:
    """Answer `/health/live` and `/health/ready`: 200 or 503, and the problems as JSON."""

    async def live(_: web.Request) -> web.Response:
        found = report()
        return _health(found, well=found.is_live)

    async def ready(_: web.Request) -> web.Response:
        found = report()
        return _health(found, well=found.is_ready)

    app.router.add_get("/health/live", live, allow_head=False)
    app.router.add_get("/health/ready", ready, allow_head=False)


def add_metrics(app: web.Application, exposition: Exposition) -> None:
    """Answer `/metrics`, in a thread because collecting the values can read the log."""

    async def metrics(_: web.Request) -> web.Response:
        body = await asyncio.to_thread(exposition)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    app.router.add_get("/metrics", metrics, allow_head=False)


def _health(found: HealthReport, *, well: bool) -> web.Response:
    body = {"status": "ok" if well else "failing", "problems": found.problems}
    return web.Response(
        body=msgspec.json.encode(body),
        content_type="application/json",
        status=200 if well else 503,
    )


class OperationsServer:
    """Answers operators on an address, in a separate thread, inside a `with` block.

    `listen` is "host:port"; port 0 picks a free port, which `address` gives. Raises Mistake when
    the address cannot be used.
    """

    def __init__(self, listen: str, *, exposition: Exposition, report: Report) -> None:
        self._host, self._port = parse_listen(listen)
        self._app = web.Application()
        add_health(self._app, report)
        add_metrics(self._app, exposition)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="ops", daemon=True)
        self.address = ""

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self.address = self._call(self._begin())
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._call(self._runner.cleanup())
        self._end()

    async def _begin(self) -> str:
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            where = f"{self._host} port {self._port}"
            raise Mistake(f"cannot listen on {where}: {error.strerror or error}") from error
        host, port = self._runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def _call(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_TIMEOUT_S)

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def ask_health(listen: str) -> tuple[bool | None, str]:
    """Whether the process listening there is ready, and its answer.

    None if no process answers, with the reason.
    """
    host, port = parse_listen(listen)
    # A process that listens on every address also listens on loopback.
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    connection = HTTPConnection(host, port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", "/health/ready")
        response = connection.getresponse()
        return response.status == 200, response.read(65_536).decode("utf-8", "replace")
    except OSError as error:
        return None, f"{listen} does not answer: {error.strerror or error}"
    except HTTPException as error:
        return None, f"{listen} does not answer in HTTP: {error}"
    finally:
        connection.close()
