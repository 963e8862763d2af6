"""A poller beside all attackers at once: what a good feed's polls are delayed, memory, restarts.

    python tests/benchmarks/attackers.py            # a short form, four minutes
    python tests/benchmarks/attackers.py 3600       # an hour alone, an hour beside the attackers
    python tests/benchmarks/attackers.py 3600 300   # five minutes alone, an hour beside them

Everything is served on loopback, each attacker on an address of its own, the good feed by a process
of its own: what keeps the attackers' server busy does not delay its answers. The good feed is
polled first alone, then beside the attackers. The first minute of each does not count: the poller
does not know yet which hosts are slow. Prints the median and largest gap between the good feed's
polls in both, the poller's memory, and how often it had to be started again (never, if it holds).
By hand only: it measures time on this machine.
"""

import gzip
import multiprocessing
import os
import socketserver
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from threading import Thread
from typing import Any

from backports import zstd

COMMAND = str(Path(sys.executable).parent / "onrecord")
GOOD, INTERVAL_S, WARM_UP_S = "127.0.0.2", 2.0, 60.0
RSS = "<rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>"
PAGE = b"<html><body><article>" + b"<p>Teaser words and more words of it.</p>" * 250_000


def item(number: object, link: str, text: str = "Teaser words of the entry.") -> str:
    return (
        f"<item><title>Teaser words {number}</title><guid>{number}</guid><link>{link}</link>"
        f"<description>{text}</description></item>"
    )


class Site(BaseHTTPRequestHandler):
    """Serves each host its part; `asked` tells the other process when the good feed was polled."""

    asked: Connection | None = None
    port = 0
    good_port = 0

    def do_GET(self) -> None:
        host = (self.headers.get("Host") or "").partition(":")[0]
        with suppress(OSError):  # the poller gave up
            PARTS.get(host, Site.elsewhere)(self)

    def reply(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def feed(self, title: str, items: str) -> None:
        self.reply(RSS.format(title=title, items=items).encode())

    def good(self) -> None:
        if self.path.startswith("/busy"):
            return self.reply(b"", 429, Retry_After="86400")
        if self.path != "/feed":
            return self.reply(PAGE[:2_000], Content_Type="text/html")
        if self.asked is not None:
            self.asked.send(time.monotonic())
        return self.feed("Good", item(time.time(), f"http://{GOOD}:{self.good_port}/x"))

    def flood(self) -> None:
        at = time.time()
        self.feed(
            "Flood", "".join(item(f"{at}-{n}", f"https://e.com/{at}-{n}") for n in range(20_000))
        )

    def linking(self, third: int, most: int) -> None:
        at = int(time.time())
        hosts = (f"127.{third}.{n // 250}.{n % 250 + 1}" for n in range(most))
        self.feed(
            "Links", "".join(item(f"{h}-{at}", f"http://{h}:{self.port}/{at}") for h in hosts)
        )

    def elsewhere(self) -> None:
        host = (self.headers.get("Host") or "").partition(":")[0]
        if self.path == "/robots.txt":
            return self.reply(b"", 404)
        if host.startswith("127.101."):
            time.sleep(60)  # silent
            return None
        return self.reply(PAGE[: 10 * 1024 * 1024 - 1], Content_Type="text/html")

    def robots(self) -> None:
        if self.path == "/robots.txt":
            agents = "".join(f"User-agent: a{n}\n" for n in range(8_000))
            return self.reply((agents + "Disallow: /*a*b*c$\n" * 20_000).encode())
        return self.feed(
            "Robots", item(time.time(), f"http://127.0.0.13:{self.port}/{time.time()}")
        )

    def log_message(self, *_: Any) -> None:
        pass


def _answer(body: bytes, status: int = 200, **headers: str) -> Callable[[Site], None]:
    return lambda site: site.reply(body, status, **headers)


PARTS: dict[str, Callable[[Site], None]] = {
    GOOD: Site.good,
    "127.0.0.10": Site.flood,
    "127.0.0.11": lambda site: site.linking(101, 120),
    "127.0.0.12": lambda site: site.linking(102, 320),
    "127.0.0.13": Site.robots,
    "127.0.0.14": _answer(zstd.compress(b"") * 1_000_000, Content_Encoding="zstd"),
    "127.0.0.15": _answer(gzip.compress(b"") * 400_000, Content_Encoding="gzip"),
    "127.0.0.16": _answer(b"", 302, Location="http://xn--a.example/"),
    "127.0.0.17": _answer(b"<rss" + b"<a>" * 1_000_000),
    "127.0.0.18": _answer(
        b"", 429, Date="Fri, 31 Dec 9999 23:59:59 GMT", Retry_After="Thu, 01 Jan 1970 00:00:00 GMT"
    ),
    "127.0.0.19": lambda site: site.reply(
        b"", 302, Location=f"http://{GOOD}:{Site.good_port}/busy-elsewhere"
    ),
}


class Server(socketserver.ThreadingMixIn, HTTPServer):
    daemon_threads = True
    request_queue_size = 1024


def serve_good(pipe: Connection) -> None:
    """Serve the good feed: tells its port, then when it is asked."""
    server = Server((GOOD, 0), Site)
    Site.good_port = server.server_port
    pipe.send(server.server_port)
    Site.asked = pipe
    server.serve_forever()


def poll(
    folder: Path, seconds: float, hosts: list[str], asked: Connection
) -> tuple[list[float], int, int]:
    """The gaps between the good feed's polls, the largest memory in MB, and the restarts."""
    feeds = folder / "feeds.txt"
    ports = {GOOD: Site.good_port}
    feeds.write_text(
        "\n".join(f"http://{host}:{ports.get(host, Site.port)}/feed" for host in hosts)
    )
    environment = os.environ | {
        "ONRECORD_LOG__URL": f"sqlite:///{folder}/log-{len(hosts)}.db",
        "ONRECORD_FEEDS__ALLOW_ADDRESSES": "127.0.0.0/8",
        "ONRECORD_FEEDS__PRIVATE_FILE": f"{folder}/private.json",
        "ONRECORD_FEEDS__USUAL_INTERVAL_S": str(INTERVAL_S),
        "ONRECORD_FEEDS__SHORTEST_INTERVAL_S": str(INTERVAL_S),
        "ONRECORD_FEEDS__LONGEST_INTERVAL_S": str(2 * INTERVAL_S),
    }
    times: list[float] = []
    restarts, most = -1, 0
    poller: subprocess.Popen[bytes] | None = None
    began = time.monotonic()
    until = began + WARM_UP_S + seconds
    while time.monotonic() < until:
        if poller is None or poller.poll() is not None:
            restarts += 1
            poller = subprocess.Popen(
                [COMMAND, "poll", "--feeds", str(feeds)],
                env=environment,
                cwd=folder,
                stderr=(folder / "stderr.txt").open("ab"),
            )
        time.sleep(0.5)
        most = max(most, _memory_mb(poller.pid))
        while asked.poll():
            times.append(asked.recv())
    if poller is not None:
        poller.terminate()
        poller.wait(30)
    counted = [at for at in times if at > began + WARM_UP_S]
    gaps = [b - a for a, b in pairwise(counted)]
    return gaps, most, restarts


def _memory_mb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmRSS")), "VmRSS 0 kB")
    return int(line.split()[1]) // 1024


def main() -> None:
    beside_s = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    alone_s = float(sys.argv[2]) if len(sys.argv) > 2 else beside_s
    phases = (("alone", [GOOD], alone_s), ("beside all attackers", list(PARTS), beside_s))
    processes = multiprocessing.get_context("spawn")
    asked, other_end = processes.Pipe()
    processes.Process(target=serve_good, args=(other_end,), daemon=True).start()
    Site.good_port = asked.recv()
    server = Server(("0.0.0.0", 0), Site)
    Site.port = server.server_port
    Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as name:
        for what, hosts, seconds in phases:
            gaps, memory_mb, restarts = poll(Path(name), seconds, hosts, asked)
            if not gaps:
                print(f"{what}: the good feed was not polled twice")
                continue
            print(
                f"{what}: {len(gaps)} gaps, median {median(gaps):.1f} s, largest "
                f"{max(gaps):.1f} s; poller {memory_mb} MB; started again {restarts} times"
            )
        print((Path(name) / "stderr.txt").read_text("utf-8", "replace")[-600:])


if __name__ == "__main__":
    main()
