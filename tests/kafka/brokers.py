"""Real Kafka brokers for tests: from the jars of Maven Central, on free ports, in seconds.

`Cluster(1)` is for everyday, `Cluster(3)` for failures. The jars are fetched once into
`~/.cache/onrecord-test` (`ONRECORD_TEST_CACHE` moves that). Nothing is left behind: brokers end
with the context, and also when the test process is killed.
"""

import base64
import fcntl
import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.kafka.network import Proxy
from tests.ports import free_ports

_HERE = Path(__file__).parent
PROXIED = "PROXIED"
_START_S = 600.0
_JVM = (
    "-Djava.net.preferIPv4Stack=true",
    f"-Dlog4j2.configurationFile={_HERE / 'log4j2.properties'}",
)
_QUICK_JVM = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # a broker that lives for minutes is never worth optimising
)
# What Kafka's own kafka-server-start.sh and kafka-run-class.sh give.
_SHIPPED_JVM = (
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
    "-XX:MaxInlineLevel=15",
    "-Xms1g",
)

# Java 17 or newer runs a broker, and Maven fetches it.
PROGRAMS = ("java", "mvn")

# Where there is `setpriv` (Linux), what is started so ends with the thread that started it,
# whatever ends that.
TIED_TO_US = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()

_SETTINGS = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "auto.create.topics.enable": "false",
}

# What makes a broker quick to react, and content to be alone.
_QUICK = {
    "num.network.threads": "2",
    "num.io.threads": "4",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500",
    "log.initial.task.delay.ms": "500",
    "log.retention.check.interval.ms": "500",
    "log.cleaner.backoff.ms": "200",
    "log.segment.delete.delay.ms": "1000",
    "log.cleaner.dedupe.buffer.size": "8388608",
}


def jars() -> Path:
    """The folder of the broker's jars, with what a formatted, empty broker begins with."""
    return fetched(_HERE / "pom.xml", "kafka", prepare=_format)


def fetched(pom: Path, name: str, *, prepare: Callable[[Path], None] = lambda _: None) -> Path:
    """The folder of the jars that a pom names, fetched and prepared when they are not there yet."""
    folder = _cache() / f"{name}-{uuid.uuid5(uuid.NAMESPACE_OID, pom.read_text())}"
    with _alone(_cache() / "lock"):
        if not (folder / "complete").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            words = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"]
            words += ["-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
            prepare(folder)
            (folder / "complete").touch()
    return folder


def _cache() -> Path:
    named = os.environ.get("ONRECORD_TEST_CACHE")
    folder = Path(named) if named else Path.home() / ".cache" / "onrecord-test"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """One process at a time: tests may run in several."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _format(folder: Path) -> None:
    """Keep what a formatted, empty broker begins with: it is the same for all of them."""
    data = folder / "formatted"
    properties = folder / "format.properties"
    settings = _SETTINGS | {
        "node.id": "1",
        "controller.quorum.voters": "1@127.0.0.1:9093",
        "listeners": "PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(data),
    }
    _write(properties, settings)
    words = ["java", *_JVM, "-cp", f"{folder}/*", "kafka.tools.StorageTool", "format"]
    words += ["--cluster-id", _kafka_id(), "--config", str(properties)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _kafka_id() -> str:
    """Ids as Kafka writes them; it refuses those that begin with a dash."""
    return "A" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]


def _write(path: Path, settings: Mapping[str, str]) -> None:
    path.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))


@dataclass
class Broker:
    """One node. `ports` by listener name; its output goes to `log`."""

    number: int
    folder: Path
    ports: dict[str, int]
    words: Sequence[str]
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        return self.folder / "broker.log"

    def start(self) -> None:
        """Start it, again after a kill; it lives no longer than the thread that calls this."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.words,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C is for the tests: they end it themselves
            )

    def wait(self) -> None:
        """Return when it serves."""
        until = time.monotonic() + _START_S
        while b"Kafka Server started" not in (text := self.log.read_bytes()):
            if self.process is None or self.process.poll() is not None:
                raise AssertionError(f"broker {self.number} ended:\n{text[-3000:].decode()}")
            assert time.monotonic() < until, f"broker {self.number} does not start: {self.log}"
            time.sleep(0.05)

    def send(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        if number == signal.SIGSTOP:
            # Its threads stop one by one: until the last has, it may still answer.
            os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)

    def kill(self) -> None:
        """As a power cut would."""
        self.send(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def stop(self) -> None:
        """End it. There is nothing it could still have to save."""
        if self.process is not None and self.process.poll() is None:
            self.kill()


class Cluster:
    """Brokers that belong together; a context manager.

    `settings` are added to every broker's. `listeners` are more names for clients, besides
    PLAINTEXT, each with its security protocol. With `behind`, a proxy for each broker, clients of
    the listener PROXIED reach the brokers through those. `as_shipped` leaves what makes brokers
    quick to start and to react, for the settings of Kafka and its start scripts: for measuring.
    """

    def __init__(
        self,
        folder: Path,
        size: int = 1,
        *,
        settings: Mapping[str, str] | None = None,
        listeners: Mapping[str, str] | None = None,
        behind: Sequence[Proxy] = (),
        heap_mb: int = 384,
        as_shipped: bool = False,
    ) -> None:
        self._jars = jars()
        self._settings = ({} if as_shipped else _QUICK) | dict(settings or {})
        self._jvm = _SHIPPED_JVM if as_shipped else _QUICK_JVM
        self._listeners = dict(listeners or {}) | ({PROXIED: "PLAINTEXT"} if behind else {})
        self._behind = behind
        self._heap_mb = 1024 if as_shipped else heap_mb
        self._cluster_id = _kafka_id()
        names = ["PLAINTEXT", "CONTROLLER", *self._listeners]
        numbers = iter(free_ports(size * len(names)))
        ports = [{name: next(numbers) for name in names} for _ in range(size)]
        voters = ",".join(f"{n}@127.0.0.1:{p['CONTROLLER']}" for n, p in enumerate(ports, 1))
        self.brokers = [self._lay_out(folder, n, p, voters, size) for n, p in enumerate(ports, 1)]
        for proxy, broker in zip(behind, self.brokers, strict=False):
            proxy.target = broker.ports[PROXIED]

    @property
    def servers(self) -> str:
        """What a client is given: "host:port,host:port"."""
        return self.servers_of("PLAINTEXT")

    def servers_of(self, listener: str) -> str:
        return ",".join(f"127.0.0.1:{broker.ports[listener]}" for broker in self.brokers)

    @property
    def servers_behind(self) -> str:
        """What a client is given that is to come through the proxies."""
        return ",".join(f"127.0.0.1:{proxy.port}" for proxy in self._behind)

    def __enter__(self) -> Self:
        for broker in self.brokers:
            broker.start()
        try:
            for broker in self.brokers:
                broker.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        for broker in self.brokers:
            broker.stop()

    def _lay_out(
        self, folder: Path, number: int, ports: dict[str, int], voters: str, size: int
    ) -> Broker:
        home = folder / f"broker-{number}"
        data = home / "data"
        data.mkdir(parents=True)
        shutil.copy(self._jars / "formatted" / "bootstrap.checkpoint", data)
        _write(
            data / "meta.properties",
            {
                "version": "1",
                "node.id": str(number),
                "directory.id": _kafka_id(),
                "cluster.id": self._cluster_id,
            },
        )
        properties = home / "server.properties"
        _write(properties, self._properties(number, ports, voters, size, data))
        heap = f"-Xmx{self._heap_mb}m"
        words = [*TIED_TO_US, "java", *_JVM, *self._jvm, heap]
        words += ["-cp", f"{self._jars}/*", "kafka.Kafka", str(properties)]
        return Broker(number, home, ports, words)

    def _properties(
        self, number: int, ports: Mapping[str, int], voters: str, size: int, data: Path
    ) -> dict[str, str]:
        protocols = {"PLAINTEXT": "PLAINTEXT", "CONTROLLER": "PLAINTEXT"} | self._listeners
        addresses = {name: f"{name}://127.0.0.1:{port}" for name, port in ports.items()}
        advertised = dict(addresses)
        del advertised["CONTROLLER"]
        if self._behind:
            advertised[PROXIED] = f"{PROXIED}://127.0.0.1:{self._behind[number - 1].port}"
        copies, least = str(min(size, 3)), "2" if size > 2 else "1"
        return {
            **_SETTINGS,
            "node.id": str(number),
            "controller.quorum.voters": voters,
            "listeners": ",".join(addresses.values()),
            "advertised.listeners": ",".join(advertised.values()),
            "listener.security.protocol.map": ",".join(f"{n}:{p}" for n, p in protocols.items()),
            "log.dirs": str(data),
            "default.replication.factor": copies,
            "min.insync.replicas": least,
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": least,
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": least,
            **self._settings,
        }
