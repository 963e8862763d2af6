"""Tokens for tests of OAUTHBEARER, and a provider that grants them."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from onrecord.log.kafka.policy import KafkaPolicy

CLIENT_SECRET = "client secret: never shown"


def jwt(*, lasts_s: float = 3600, name: str = "alice", now: float | None = None) -> str:
    """A token as Kafka's validator for development takes it: its claims count, unsigned."""
    at = time.time() if now is None else now
    claims = {"sub": name, "iat": at - 60, "exp": at + lasts_s}
    parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def token_policy(**fields: Any) -> KafkaPolicy:
    return KafkaPolicy(
        security="sasl_plaintext", mechanism="OAUTHBEARER", **{"timeout_s": 10} | fields
    )


class Provider:
    """An OpenID provider on loopback. `answer` gives the status and body of each grant."""

    def __init__(self, answer: Callable[[], tuple[int, Any]]) -> None:
        self.answer = answer
        self.asked: list[tuple[Mapping[str, str], dict[str, list[str]]]] = []
        self.url = ""

    def policy(self, **fields: Any) -> KafkaPolicy:
        return token_policy(token_url=self.url, username="desk", password=CLIENT_SECRET, **fields)


@contextmanager
def provider(answer: Callable[[], tuple[int, Any]]) -> Iterator[Provider]:
    made = Provider(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            made.asked.append((dict(self.headers), parse_qs(form)))
            status, body = made.answer()
            text = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}/token"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
