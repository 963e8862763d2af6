"""How fast a backlog comes in: the installed command, start-up included.

    .venv/bin/python tests/benchmarks/imports.py            # all
    .venv/bin/python tests/benchmarks/imports.py lines      # one of lines, known, warc

Invented articles of the length of news into SQLite on this disk; beside it what the same bytes
cost to be read and decoded as JSON, and nothing else.
"""

import gzip
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

COMMAND = str(Path(sys.executable).parent / "onrecord")
TURNS = 3
LINES = 60_000
PAGES = 600


def text_of(number: int) -> str:
    """Some 450 words, no two articles the same."""
    paragraph = (
        f"“Pier {number} will open in May,” harbour master Mara Lind said in the town hall, where "
        f"the report number {number * 7} was read on Monday to all who had come to listen to it. "
        "According to the council, the work had cost less than planned, and nobody was hurt. "
    )
    return "\n\n".join(f"{paragraph}Section {part} of {number}." for part in range(8))


def write_lines(path: Path) -> None:
    with path.open("w") as file:
        for n in range(LINES):
            line = {
                "url": f"https://archive.example/{1990 + n % 30}/harbour/pier-{n}.html",
                "title": f"Pier {n} to open after long delay",
                "text": text_of(n),
                "published_at": f"{1990 + n % 30}-05-{n % 28 + 1:02d}T08:00:00Z",
            }
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def write_warc(path: Path) -> None:
    with gzip.open(path, "wb", compresslevel=1) as file:
        for n in range(PAGES):
            body = "".join(f"<p>{part}</p>" for part in text_of(n).split("\n\n"))
            page = (
                "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
                f"<html lang='en'><head><title>Pier {n}</title></head><body><nav>Home</nav>"
                f"<article><h1>Pier {n}</h1>{body}</article></body></html>"
            ).encode()
            head = (
                "WARC/1.0\r\nWARC-Type: response\r\n"
                f"WARC-Target-URI: https://archive.example/pages/{n}\r\n"
                "WARC-Date: 2019-05-01T08:00:00Z\r\nContent-Type: application/http\r\n"
                f"Content-Length: {len(page)}\r\n\r\n"
            ).encode()
            file.write(head + page + b"\r\n\r\n")


def run(source: Path, log: Path) -> float:
    began = time.perf_counter()
    command = [COMMAND, "import", str(source), "--log", f"sqlite:///{log}"]
    subprocess.run(command, check=True, capture_output=True, cwd=log.parent)
    return time.perf_counter() - began


def decode(source: Path) -> float:
    began = time.perf_counter()
    with source.open("rb") as file:
        for line in file:
            json.loads(line)
    return time.perf_counter() - began


def lines(folder: Path) -> None:
    """JSON lines into an empty log."""
    source = folder / "backlog.jsonl"
    write_lines(source)
    took, decoding = [], []
    for turn in range(TURNS):
        took.append(run(source, folder / f"{turn}.db"))
        decoding.append(decode(source))
    size = source.stat().st_size / LINES
    print(
        f"lines: {LINES:,} articles of {size:,.0f} bytes in {median(took):.1f} s, "
        f"{LINES / median(took):,.0f} a second; json.loads alone "
        f"{LINES / median(decoding):,.0f} a second"
    )


def known(folder: Path) -> None:
    """The same lines once more: everything is there already."""
    source = folder / "backlog.jsonl"
    write_lines(source)
    log = folder / "known.db"
    run(source, log)
    took = median(run(source, log) for _ in range(TURNS))
    print(f"known: {LINES:,} articles there already in {took:.1f} s, {LINES / took:,.0f} a second")


def warc(folder: Path) -> None:
    """Pages of a web archive, each read for its article."""
    source = folder / "crawl.warc.gz"
    write_warc(source)
    took = median(run(source, folder / f"{turn}.db") for turn in range(TURNS))
    print(f"warc: {PAGES:,} pages in {took:.1f} s, {PAGES / took:,.0f} a second")


BENCHMARKS: dict[str, Callable[[Path], None]] = {"lines": lines, "known": known, "warc": warc}


def main() -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name in sys.argv[1:] or BENCHMARKS:
        with tempfile.TemporaryDirectory() as folder:
            BENCHMARKS[name](Path(folder))


if __name__ == "__main__":
    main()
