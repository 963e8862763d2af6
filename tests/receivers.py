"""A receiver of webhooks on loopback, which answers as a test says."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from onrecord.web.webhook import sign

KEY = b"k" * 32
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"


# What Standard Webhooks recommends to receivers.
_TOLERANCE_S = 300


@dataclass
class Receiver:
    """Takes posts, answers them as a test says, and remembers those that it took."""

    url: str = ""
    answers: Callable[[int], int] = lambda _: 204
    asked: int = 0
    posts: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def take(self, headers: dict[str, str], body: bytes) -> int:
        self.asked += 1
        post_id, at = headers["webhook-id"], int(headers["webhook-timestamp"])
        assert headers["webhook-signature"] == sign(KEY, post_id, at, body)
        assert abs(time.time() - at) < _TOLERANCE_S
        status = self.answers(self.asked)
        if 200 <= status < 300:
            self.posts.append((post_id, json.loads(body)))
        return status


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver at an address of its own."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = made.take(dict(self.headers), body)
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "0")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        made.url = f"http://127.0.0.1:{server.server_port}/secret-path"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()
