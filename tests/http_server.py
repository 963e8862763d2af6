"""An HTTP server on loopback that answers as a test tells it to: every fake publisher is one."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Request:
    """One request for a path with its query. `at` is in seconds of the monotonic clock."""

    path: str
    headers: Mapping[str, str]
    at: float


@dataclass(frozen=True)
class Answer:
    """One response. `pieces` are sent one by one, `pause_s` apart, without a Content-Length."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    pieces: tuple[bytes, ...] = ()
    pause_s: float = 0.0


class HttpServer:
    """Answers each GET with what `answer` returns for it; a context manager.

    Remembers the requests, and how many were in progress at the same time.
    """

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self.requests: list[Request] = []
        self.most_at_once = 0
        self._answer = answer
        self._at_once = 0
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _begin(self, path: str, headers: Mapping[str, str]) -> Answer:
        request = Request(path, headers, time.monotonic())
        with self._lock:
            self.requests.append(request)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        return self._answer(request)

    def _finish(self) -> None:
        with self._lock:
            self._at_once -= 1

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = server._begin(self.path, dict(self.headers.items()))
                time.sleep(answer.delay_s)
                server._finish()  # before the last byte: a client that has it may ask again
                with suppress(BrokenPipeError, ConnectionResetError):
                    self._send(answer)  # the client may give up: some tests want it to

            def _send(self, answer: Answer) -> None:
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if not answer.pieces and "Content-Length" not in answer.headers:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                for piece in answer.pieces or (answer.body,):
                    self.wfile.write(piece)
                    self.wfile.flush()
                    time.sleep(answer.pause_s)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
