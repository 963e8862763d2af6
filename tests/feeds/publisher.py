"""A publisher's web server on loopback, that answers as a test tells it to."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self

from onrecord.feeds.addresses import parse_networks
from onrecord.feeds.fetch import FetchPolicy


def fetch_policy(**limits: Any) -> FetchPolicy:
    """A policy under which this publisher may be asked."""
    return FetchPolicy(allowed=parse_networks("127.0.0.0/8, ::1"), **limits)


@dataclass(frozen=True)
class Answer:
    """What one path answers. `pieces` are sent one by one, `pause_s` apart, without a length."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    pieces: tuple[bytes, ...] = ()
    pause_s: float = 0.0


class Publisher:
    """Serves `answers` by path: an Answer, or a function of the request's headers."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer | Callable[[Mapping[str, str]], Answer]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self._server.server_port}{path}"

    def asked(self, path: str) -> int:
        return sum(asked == path for asked, _ in self.requests)

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

    def _answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        with self._lock:
            self.requests.append((path, dict(headers)))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        answer = self.answers.get(path, Answer(b"not here", 404))
        return answer if isinstance(answer, Answer) else answer(headers)

    def _finished(self) -> None:
        with self._lock:
            self._at_once -= 1

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer = publisher._answer(self.path, dict(self.headers.items()))
                time.sleep(answer.delay_s)
                publisher._finished()  # before the last byte: whoever has it may ask again
                with suppress(BrokenPipeError, ConnectionResetError):
                    self._send(answer)  # the client gave up, as some tests want it to

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
