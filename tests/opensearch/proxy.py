"""A TLS proxy with basic authentication before a node, as clusters in earnest have it."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import urllib3

from tests.kafka.certificates import authority, signed


@contextmanager
def tls_proxy(folder: Path, node: str, user: str, password: str) -> Iterator[tuple[str, Path]]:
    """The proxy's address, and the file of the authority that signed its certificate."""
    ca = authority(folder)
    mine = signed(folder, "node", ca)
    asked = urllib3.make_headers(basic_auth=f"{user}:{password}")["authorization"]
    pool = urllib3.PoolManager(retries=False)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Authorization") != asked:
                self.answer(401, b"")
                return
            kind = {"Content-Type": self.headers.get("Content-Type", "application/json")}
            found = pool.request(self.command, f"http://{node}{self.path}", body=body, headers=kind)
            self.answer(found.status, found.data)

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = forward  # noqa: N815 - the names it looks for

        def log_message(self, format: str, *args: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(mine.certificate, mine.key)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"127.0.0.1:{server.server_port}", ca.certificate
        server.shutdown()
