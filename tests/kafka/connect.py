"""Single quotes through Kafka Connect's JDBC sink into PostgreSQL, all from Maven's jars.

    python -m tests.kafka.connect

Starts a broker, PostgreSQL and Connect with the files of `config/kafka-connect/`, publishes quotes,
edits and withdrawals, and compares the table with what was published. The suite does the same on
its own broker (`tests/acceptance/kafka/test_connect.py`).
"""

import io
import lzma
import os
import shutil
import socket
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from onrecord.log.interface import Log
from onrecord.log.opening import open_log
from onrecord.processing.quotes.publishing import QuotePublisher
from onrecord.processing.retention import RetentionPolicy, settings_of
from onrecord.records import ArticleRef, Extraction, quote_id
from onrecord.topics import Topics
from tests.builders import TEXT, extraction, quote, span
from tests.kafka.brokers import TIED_TO_US, Cluster, fetched
from tests.ports import free_ports

_POM = Path(__file__).with_name("connect-pom.xml")
_CONFIGURATION = Path(__file__).parents[2] / "config" / "kafka-connect"
_TOPICS = Topics()
_WORDS = TEXT.strip('"').split()
# All waits together, on a loaded machine; less than the time limit of the test.
_MOST_S = 420.0
Rows = list[list[str]]


def main() -> int:
    """Run it; 0 when the table holds exactly the quotes on record."""
    jars = connect_jars()
    with tempfile.TemporaryDirectory() as name, Cluster(Path(name) / "cluster", 1) as cluster:
        before, after = sink_and_take_back(jars, cluster.servers)
    print(f"{before} rows, and {after} after two more revisions: quotes taken back are gone")
    return 0


def connect_jars() -> Path:
    """The folder of the jars of Connect, the sink and PostgreSQL."""
    return fetched(_POM, "connect")


def sink_and_take_back(jars: Path, servers: str) -> tuple[int, int]:
    """Fill a table through Connect, and take quotes back; the rows before and after that."""
    until = time.monotonic() + _MOST_S
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL does not run as root, and becomes nobody
        with postgres(jars, folder, until) as (port, ask), open_log(f"kafka://{servers}") as log:
            for topic, settings in settings_of(_TOPICS, RetentionPolicy(quotes_topic=True)).items():
                log.create_topic(topic, settings)
            before = publish(log, range(1, 3))
            with connect(jars, folder, servers, port):
                wait_for(ask, before, until)
                after = publish(log, range(3, 5))
                wait_for(ask, after, until)
    return len(before), len(after)


def publish(log: Log, revisions: range) -> dict[str, str]:
    """Publish revisions of 50 articles; the quotes that are on record then, by id."""
    standing: dict[str, str] = {}
    with QuotePublisher(log, _TOPICS, connect_schemas=True) as quotes, log.writer("test") as writer:
        for revision in revisions:
            made = [_made(number, revision) for number in range(50)]
            with writer.transaction() as tx:
                quotes.begin()
                for one in made:
                    quotes.publish(tx, one)
            quotes.confirm()
            standing = {q.id: q.content[0].text for one in made for q in one.quotes}
    return standing


def _made(number: int, revision: int) -> Extraction:
    """An article that loses a quote with each revision, and in the end has none."""
    found = []
    for word in _WORDS[: max(0, number % 5 - revision + 1)]:
        content = (span(TEXT, word),)
        id = quote_id(f"a{number}", revision, content)  # noqa: A001 - as the record calls it
        found.append(quote(id=id, content=content))
    reference = ArticleRef(id=f"a{number}", revision=revision, title=f"It's {number} “%s”")
    return extraction(article=reference, quotes=tuple(found))


def wait_for(ask: Callable[[str], Rows], expected: dict[str, str], until: float) -> None:
    """Wait until the table has these quotes and no others; fails at the time `until`."""
    while (found := _table(ask)) != expected:
        assert time.monotonic() < until, f"{len(found)} rows, not {len(expected)}"
        time.sleep(0.5)


def _table(ask: Callable[[str], Rows]) -> dict[str, str]:
    if not ask("SELECT 1 FROM pg_tables WHERE tablename = 'quotes'"):
        return {}  # the sink makes it with its first record
    return dict(ask("SELECT id, words FROM quotes"))


# ── Kafka Connect ────────────────────────────────────────────────────────────────────────────


@contextmanager
def connect(jars: Path, folder: Path, servers: str, port: int) -> Iterator[None]:
    """Connect with the configuration in `config/`, for this broker and this database."""
    secrets = folder / "secrets.properties"
    secrets.write_text("password=\n")
    [rest] = free_ports(1)
    here = {
        "localhost:9092": servers,
        "localhost:5432": f"localhost:{port}",
        "/var/lib/kafka-connect/offsets": str(folder / "offsets"),
        "/etc/kafka-connect/secrets.properties": str(secrets),
    }
    files = []
    for name in ("worker.properties", "quotes-to-postgres.properties"):
        text = (_CONFIGURATION / name).read_text("utf-8")
        for there, ours in here.items():
            text = text.replace(there, ours)
        files.append(folder / name)
        files[-1].write_text(
            f"{text}\n" + (f"listeners=http://127.0.0.1:{rest}\n" * (not files[1:]))
        )
    words = [*TIED_TO_US, "java", "-Xmx512m", "-cp", f"{jars}/*"]
    words += ["org.apache.kafka.connect.cli.ConnectStandalone", *map(str, files)]
    with (folder / "connect.log").open("wb") as log:
        worker = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        yield
    except BaseException:
        print((folder / "connect.log").read_text()[-6000:], file=sys.stderr)
        raise
    finally:
        worker.kill()
        worker.wait()


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────


@contextmanager
def postgres(jars: Path, folder: Path, until: float) -> Iterator[tuple[int, Callable[[str], Rows]]]:
    """A PostgreSQL with the database `newsroom`: its port, and what asks it."""
    [archive] = jars.glob("embedded-postgres-binaries-*.jar")
    with zipfile.ZipFile(archive) as jar:
        [packed] = [name for name in jar.namelist() if name.endswith(".txz")]
        unpacked = io.BytesIO(lzma.decompress(jar.read(packed)))
    with tarfile.open(fileobj=unpacked) as tar:
        tar.extractall(folder / "postgres", filter="tar")
    programs, data, [port] = folder / "postgres" / "bin", folder / "data", free_ports(1)
    data.mkdir()
    user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    if os.geteuid() == 0:
        shutil.chown(data, "nobody")
    else:
        user = []
    subprocess.run(
        [*user, programs / "initdb", "-D", data, "-U", "onrecord", "-A", "trust"],
        check=True,
        stdout=subprocess.DEVNULL,
    )

    def ask(statement: str, database: str = "newsroom") -> Rows:
        return query(port, database, statement)

    words = [str(programs / "postgres"), "-D", str(data), "-p", str(port), "-k", str(data)]
    with (folder / "postgres.log").open("wb") as log:
        server = subprocess.Popen([*TIED_TO_US, *user, *words], stdout=log, stderr=log)
    try:
        while not _is_ready(port):
            assert time.monotonic() < until, (folder / "postgres.log").read_text()
            time.sleep(0.1)
        ask("CREATE DATABASE newsroom", "postgres")
        yield port, ask
    finally:
        server.terminate()
        server.wait()


def _is_ready(port: int) -> bool:
    try:
        query(port, "postgres", "SELECT 1")
    except (OSError, RuntimeError):
        return False
    return True


def query(port: int, database: str, statement: str) -> Rows:
    """The rows of a statement, in PostgreSQL's own protocol: a client library is not worth it."""
    asked = f"user\0onrecord\0database\0{database}\0\0".encode()
    with (
        socket.create_connection(("127.0.0.1", port)) as connection,
        connection.makefile("rb") as file,
    ):
        connection.sendall(struct.pack("!ii", len(asked) + 8, 196_608) + asked)
        rows: Rows = []
        ready = 0
        while True:
            head = file.read(5)
            if len(head) < 5:
                raise RuntimeError("PostgreSQL closed the connection")
            kind, size = struct.unpack("!ci", head)
            body = file.read(size - 4)
            if kind == b"E":
                raise RuntimeError(body.replace(b"\0", b" ").decode())
            if kind == b"D":
                rows.append(_columns(body))
            if kind == b"Z":
                if ready:
                    return rows
                ready = 1
                text = statement.encode() + b"\0"
                connection.sendall(b"Q" + struct.pack("!i", len(text) + 4) + text)


def _columns(body: bytes) -> list[str]:
    [count] = struct.unpack_from("!h", body)
    at, found = 2, []
    for _ in range(count):
        [size] = struct.unpack_from("!i", body, at)
        found.append(body[at + 4 : at + 4 + max(0, size)].decode())
        at += 4 + max(0, size)
    return found


if __name__ == "__main__":
    sys.exit(main())
