"""A publisher whose answers a test sets path by path."""

from collections.abc import Callable, Mapping
from typing import Any

from onrecord.feeds.fetch import FetchPolicy
from tests.http_server import Answer, HttpServer, Request

NOT_FOUND = Answer(b"not here", 404)


def fetch_policy(**limits: Any) -> FetchPolicy:
    """A policy that allows requests to this publisher."""
    return FetchPolicy(**{"allow_addresses": "127.0.0.0/8, ::1", "host_spacing_s": 0.0, **limits})


class Publisher(HttpServer):
    """Serves `answers` by path: an Answer, or a function of the request's headers."""

    def __init__(self) -> None:
        super().__init__(self._by_path)
        self.answers: dict[str, Answer | Callable[[Mapping[str, str]], Answer]] = {}

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def asked(self, path: str) -> int:
        return sum(request.path == path for request in self.requests)

    def _by_path(self, request: Request) -> Answer:
        answer = self.answers.get(request.path, NOT_FOUND)
        return answer if isinstance(answer, Answer) else answer(request.headers)
