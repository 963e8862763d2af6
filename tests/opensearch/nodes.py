"""Real OpenSearch nodes for tests: from the jars of Maven Central, in seconds.

`Cluster(folder)` is for everyday, `Cluster(folder, 3)` for failures: two nodes without their
manager have no quorum. The jars are fetched once into `~/.cache/onrecord-test`
(`ONRECORD_TEST_CACHE` moves that). Nodes choose their ports themselves and tell them in their
output. Nothing is left behind: nodes end with the context, and also when the test process is
killed.
"""

import json
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.request import urlopen

from tests.kafka.brokers import TIED_TO_US, fetched

_HERE = Path(__file__).parent
_START_S = 600.0
_JVM = (
    "-XX:+UseSerialGC",
    "-Xlog:cds=off",
    "-Djava.net.preferIPv4Stack=true",
    f"-Dlog4j2.configurationFile={_HERE / 'log4j2.properties'}",
)
# A node that lives for minutes is never worth optimising.
_SHORT_LIVED = ("-XX:TieredStopAtLevel=1",)
# A JDK compiles the node's main class, Maven fetches its jars.
PROGRAMS = ("java", "javac", "mvn")

# What makes a node content with a small machine, and quick to see that another is gone.
_SETTINGS = {
    "cluster.name": "onrecord-test",
    "network.host": "127.0.0.1",
    "http.type": "netty4",
    "http.port": "0",
    "transport.type": "netty4",
    "transport.port": "0",
    "node.processors": "2",
    "cluster.routing.allocation.disk.threshold_enabled": "false",  # a full disk is not our matter
    "action.auto_create_index": "false",
    "cluster.fault_detection.follower_check.interval": "500ms",
    "cluster.fault_detection.follower_check.timeout": "5s",
    "cluster.fault_detection.leader_check.interval": "500ms",
    "cluster.fault_detection.leader_check.timeout": "5s",
}
_ADDRESS = re.compile(rb"(HttpServer|Transport)\w* publish_address \{127\.0\.0\.1:(\d+)\}")


def jars() -> Path:
    """The folder of the node's jars and its main class."""
    return fetched(_HERE / "pom.xml", "opensearch", prepare=_compile)


def _compile(folder: Path) -> None:
    """The main class as a jar beside the others."""
    classes, main = folder / "classes", _HERE / "OneNode.java"
    words = ["javac", "-proc:none", "-cp", f"{folder}/*", "-d", str(classes), str(main)]
    subprocess.run(words, check=True)
    subprocess.run(["jar", "cf", folder / "one-node.jar", "-C", classes, "."], check=True)


@dataclass
class OpenSearchNode:
    """One node. Its output goes to `log`; it has new ports after each start."""

    number: int
    folder: Path
    words: Sequence[str]
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    http: int = field(default=0, init=False)
    transport: int = field(default=0, init=False)

    @property
    def log(self) -> Path:
        return self.folder / "node.log"

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.http}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def start(self, settings: Mapping[str, object]) -> None:
        """Start it, again after a kill; it lives no longer than the thread that calls this."""
        lines = [f"{key}: {json.dumps(value)}\n" for key, value in settings.items()]
        (self.folder / "config").mkdir(parents=True, exist_ok=True)
        (self.folder / "config" / "opensearch.yml").write_text("".join(lines))
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.words,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + _START_S
        while b"OpenSearch node started" not in (text := self.log.read_bytes()):
            if self.process is None or self.process.poll() is not None:
                raise AssertionError(f"node {self.number} ended:\n{text[-3000:].decode()}")
            assert time.monotonic() < until, f"node {self.number} does not start: {self.log}"
            time.sleep(0.05)
        ports = {kind: int(port) for kind, port in _ADDRESS.findall(text)}
        self.http, self.transport = ports[b"HttpServer"], ports[b"Transport"]

    def kill(self) -> None:
        """As a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it. There is nothing it could still have to save."""
        if self.process is not None and self.process.poll() is None:
            self.kill()


class Cluster:
    """Nodes that belong together; a context manager. Those that live long are compiled well."""

    def __init__(
        self, folder: Path, size: int = 1, *, heap_mb: int = 512, lives_long: bool = False
    ) -> None:
        jvm = [*_JVM, *(() if lives_long else _SHORT_LIVED), f"-Xmx{heap_mb}m"]
        words = [*TIED_TO_US, "java", *jvm, "-cp", f"{jars()}/*"]
        homes = [folder / f"node-{number}" for number in range(1, size + 1)]
        self.nodes = [
            OpenSearchNode(number, home, [*words, "OneNode", str(home)])
            for number, home in enumerate(homes, 1)
        ]

    @property
    def addresses(self) -> str:
        """As an archive's URL names them: "host:port,host:port"."""
        return ",".join(node.address for node in self.nodes)

    def start(self, node: OpenSearchNode) -> None:
        """Start a node, which finds the others by their present ports."""
        others = [other for other in self.nodes if other is not node and other.transport]
        own: dict[str, object] = {"node.name": f"node-{node.number}"}
        if len(self.nodes) == 1:
            own["discovery.type"] = "single-node"
        else:
            own["discovery.seed_hosts"] = [f"127.0.0.1:{other.transport}" for other in others]
            own["cluster.initial_cluster_manager_nodes"] = ["node-1"]
        node.start(_SETTINGS | own)

    def manager(self) -> OpenSearchNode:
        """The node that is the cluster's manager now."""
        with urlopen(f"{self.nodes[0].url}/_cat/cluster_manager?format=json") as answer:
            name = json.load(answer)[0]["node"]
        return next(node for node in self.nodes if f"node-{node.number}" == name)

    def wait_for_green(self) -> None:
        """A node has started before the cluster's state is there: only then one may write."""
        query = f"wait_for_nodes={len(self.nodes)}&wait_for_status=green&timeout=60s"
        with urlopen(f"{self.nodes[0].url}/_cluster/health?{query}") as answer:
            assert not json.load(answer)["timed_out"]

    def __enter__(self) -> Self:
        try:
            for node in self.nodes:
                self.start(node)
            self.wait_for_green()
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
        for node in self.nodes:
            node.stop()
