"""Chaos on a cluster of three brokers: three workers, two pollers, and `kill -9` for all of them.

    python -m tests.kafka.chaos                          # 3,000 articles, 40 kills, ten minutes
    python -m tests.kafka.chaos --articles 300 --kills 6
    python -m tests.kafka.chaos --sqlite --kills 200 --every-s 2     # the same on one file

A publisher on loopback shows articles bit by bit, some in two feeds, some edited later. Meanwhile
workers, pollers and one broker at a time are killed, the network to one broker or to all is cut in
four ways (`network.py`), workers are stopped (SIGSTOP) for longer than their session, and told to
end (SIGTERM). Whoever ended is started again after a moment, as a
supervisor would. Then every topic is read with a bare consumer at `read_committed`: each revision
of each article must be there once, with one extraction, and each bad message once as a dead letter.
Prints what it did and what it found; exits 1, and keeps everything, if that is not as it should be.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from onrecord.log.interface import Message, TopicSettings
from onrecord.log.opening import open_log
from tests.acceptance.conftest import Publisher, Story, story
from tests.acceptance.prepared import COMMAND
from tests.filling import everything
from tests.kafka.brokers import TIED_TO_US, Broker, Cluster
from tests.kafka.network import Network, Proxy

_FEEDS = 20
_SESSION_S = 6
_DRAIN_S = 300.0
_LEAVE_S = 10.0
_START_S = 180.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much of what. `every_s`: the usual time between two mishaps.

    To ten kills there are `cuts` cuts of the network.
    """

    articles: int = 3000
    kills: int = 40
    workers: int = 3
    pollers: int = 2
    seed: int = 1
    every_s: float = 7.0
    cuts: int = 3


@dataclass
class Found:
    """What was done, and what came of it. `wrong` is empty when all is as it should be."""

    did: Counter[str] = field(default_factory=Counter)
    ended: list[str] = field(default_factory=list)
    read: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    took_s: float = 0.0
    longest_pause_s: float = 0.0

    def __str__(self) -> str:
        done = ", ".join(f"{count} x {what}" for what, count in sorted(self.did.items()))
        there = ", ".join(f"{count} {what}" for what, count in sorted(self.read.items()))
        lines = [
            f"did: {done}",
            f"took {self.took_s:.0f} s; {self.longest_pause_s:.1f} s at most between extractions",
            f"read: {there}",
            *(f"ended by itself: {end}" for end in self.ended),
            *(f"WRONG: {wrong}" for wrong in self.wrong),
        ]
        if not self.wrong:
            lines.append("every revision is there once, with one extraction; nothing lost")
        return "\n".join(lines)


# ── who works, and is killed ─────────────────────────────────────────────────────────────────


@dataclass
class Service:
    """One `onrecord poll` or `extract`, kept running as a supervisor would."""

    name: str
    command: str
    folder: Path
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    start_at: float = 0.0
    resume_at: float | None = None

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def start(self) -> None:
        with self.log.open("ab") as log:
            log.write(f"--- {time.strftime('%H:%M:%S')}\n".encode())
            self.process = subprocess.Popen(
                [*TIED_TO_US, COMMAND, self.command],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def is_up(self) -> bool:
        """Whether it runs, and is neither stopped nor about to be started."""
        return self.process is not None and self.resume_at is None and self.process.poll() is None

    def kill(self, *, whole: bool) -> None:
        """`kill -9`, of its extractor processes too or of itself alone."""
        assert self.process is not None
        (os.killpg if whole else os.kill)(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def send(self, number: int) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, number)

    def last_words(self) -> str:
        lines = self.log.read_text("utf-8", "replace").splitlines()
        return " | ".join(lines[-2:])


# ── the run ──────────────────────────────────────────────────────────────────────────────────


class Chaos:
    """One run. `say` is told of each step."""

    def __init__(self, folder: Path, plan: Plan, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._plan = plan
        self._say = say
        self._chance = random.Random(plan.seed)
        self._began = time.monotonic()
        self._kills_left = plan.kills
        self._dead_broker: tuple[Broker, float] | None = None
        self._networks: list[Proxy] = []
        self._repair_at: float | None = None
        self._services: list[Service] = []
        self.found = Found()

    def run(self) -> Found:
        with self._a_log(), Publisher() as publisher:
            self._shown = _Shown(publisher, self._plan, self._chance)
            self._services = self._make_services(publisher)
            self._note("the log is up")
            self._inject_when_there_are_topics()
            self._make_mishaps()
            self._drain()
            self._stop_all()
            self.found.took_s = time.monotonic() - self._began
            self._check()
        return self.found

    @contextmanager
    def _a_log(self) -> Iterator[None]:
        with ExitStack() as stack:
            self._networks = [stack.enter_context(Proxy()) for _ in range(3)]
            cluster = Cluster(self._folder / "cluster", 3, behind=self._networks)
            self._cluster = stack.enter_context(cluster)
            self._url = f"kafka://{cluster.servers_behind}"
            yield

    def _note(self, what: str) -> None:
        self._say(f"{time.monotonic() - self._began:6.1f} s  {what}")

    def _make_services(self, publisher: Publisher) -> list[Service]:
        """Every other has a name that stays, so that it takes over from itself when killed."""
        feeds = publisher.write_list(self._folder / "feeds.txt")
        clean = {k: v for k, v in os.environ.items() if not k.startswith("ONRECORD_")}
        environment = clean | {
            "ONRECORD_LOG__URL": self._url,
            "ONRECORD_LOG__SESSION_S": str(_SESSION_S),
            "ONRECORD_KAFKA__REPLICATION": "3",
            "ONRECORD_EXTRACT__PROCESSES": "1",
            "ONRECORD_FEEDS__LIST": str(feeds),
            "ONRECORD_FEEDS__USUAL_INTERVAL_S": "1",
            "ONRECORD_FEEDS__SHORTEST_INTERVAL_S": "1",
            "ONRECORD_FEEDS__LONGEST_INTERVAL_S": "2",
            "ONRECORD_FEEDS__HOST_SPACING_S": "0",
            "ONRECORD_FEEDS__FULL_TEXT": "feed",
            "ONRECORD_FEEDS__ALLOW_ADDRESSES": "127.0.0.0/8",
        }
        services = []
        for command, count in (("poll", self._plan.pollers), ("extract", self._plan.workers)):
            for number in range(1, count + 1):
                name = f"{command}-{number}"
                named = {"ONRECORD_LOG__NAME": name} if number % 2 else {}
                services.append(Service(name, command, self._folder, environment | named))
        return services

    # ── mishaps ──────────────────────────────────────────────────────────────────────────────

    def _make_mishaps(self) -> None:
        next_at = time.monotonic() + 2 * self._plan.every_s
        pauses = stops = max(1, self._plan.kills // 8)
        while self._kills_left or pauses or stops:
            self._look_after_all()
            self._shown.show(1 - self._kills_left / self._plan.kills)
            if time.monotonic() >= next_at:
                what = self._chance.random()
                if pauses and what < 0.12:
                    pauses -= self._pause()
                elif stops and what < 0.24:
                    stops -= self._tell_to_end()
                elif self._kills_left:
                    self._kills_left -= self._kill()
                else:
                    pauses -= bool(pauses) and self._pause()
                    stops -= bool(stops) and self._tell_to_end()
                next_at = time.monotonic() + self._chance.uniform(0.3, 1.7) * self._plan.every_s
            time.sleep(0.2)

    def _kill(self) -> bool:
        kinds = ("extract", "poll", "broker", "network")
        kind = self._chance.choices(kinds, (4, 3, 3, self._plan.cuts))[0]
        if kind == "network":
            return self._cut_network()
        return self._kill_broker() if kind == "broker" else self._kill_service(kind)

    def _kill_service(self, command: str) -> bool:
        service = self._choose(command)
        if service is None or service.process is None:
            return False
        whole = self._chance.random() < 0.5
        service.kill(whole=whole)
        service.start_at = time.monotonic() + self._chance.uniform(0.1, 8)
        self._did(f"kill -9 of a {_ROLES[command]}", service.name)
        return True

    def _kill_broker(self) -> bool:
        if self._dead_broker is not None or not self._is_whole():
            return False  # one at a time: with two away nobody could promise anything
        broker = self._chance.choice(self._cluster.brokers)
        broker.kill()
        self._dead_broker = (broker, time.monotonic() + self._chance.uniform(1, 8))
        self._did("kill -9 of a broker", f"broker {broker.number}")
        return True

    def _cut_network(self) -> bool:
        """Between everybody and one broker, or all of them; brokers still reach each other."""
        if self._repair_at is not None:
            return False
        networks = self._networks
        if self._chance.random() < 0.7:
            networks = [self._chance.choice(networks)]
        cut = self._chance.choice([state for state in Network if state is not Network.WHOLE])
        for network in networks:
            network.become(cut)
        self._repair_at = time.monotonic() + self._chance.uniform(1, 15)
        self._did(f"network cut: {cut.value}", f"to {len(networks)} brokers")
        return True

    def _pause(self) -> bool:
        service = self._choose("extract")
        if service is None:
            return False
        service.send(signal.SIGSTOP)
        service.resume_at = time.monotonic() + _SESSION_S * self._chance.uniform(1.3, 2.5)
        self._did("worker stopped beyond its session", service.name)
        return True

    def _tell_to_end(self) -> bool:
        service = self._choose(self._chance.choice(("extract", "poll")))
        if service is None or service.process is None:
            return False
        self._did("told to end (SIGTERM)", service.name)
        self._see_it_end(service)
        service.start_at = time.monotonic() + 0.5
        return True

    def _see_it_end(self, service: Service) -> None:
        """It has ten seconds; but the log may be waiting for a new leader just then."""
        assert service.process is not None
        began = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        try:
            code = service.process.wait(60)
        except subprocess.TimeoutExpired:
            service.kill(whole=True)
            self.found.wrong.append(f"{service.name} did not end when told to")
            return
        took_s = time.monotonic() - began
        # Until Python has read the command's modules, the signal itself ends the process.
        if code not in {0, -signal.SIGTERM}:
            self.found.ended.append(f"{service.name}, exit {code}: {service.last_words()}")
        is_well = self._dead_broker is None and self._repair_at is None
        if took_s > _LEAVE_S and is_well:
            self.found.wrong.append(f"{service.name} took {took_s:.0f} s to end")
        service.process = None

    def _choose(self, command: str) -> Service | None:
        up = [s for s in self._services if s.command == command and s.is_up]
        return self._chance.choice(up) if up else None

    def _did(self, what: str, whom: str) -> None:
        self.found.did[what] += 1
        self._note(f"{what}: {whom}")

    # ── looking after them ───────────────────────────────────────────────────────────────────

    def _look_after_all(self) -> None:
        now = time.monotonic()
        if self._dead_broker is not None and now >= self._dead_broker[1]:
            self._dead_broker[0].start()
            self._dead_broker = None
        if self._repair_at is not None and now >= self._repair_at:
            self._repair_at = None
            for network in self._networks:
                network.become(Network.WHOLE)
        for service in self._services:
            if service.resume_at is not None and now >= service.resume_at:
                service.resume_at = None
                service.send(signal.SIGCONT)
            if service.process is not None and service.process.poll() is not None:
                code = service.process.returncode
                self.found.ended.append(f"{service.name}, exit {code}: {service.last_words()}")
                self._note(f"{service.name} ended by itself, exit {code}")
                service.process = None
                service.start_at = now + 1
            if service.process is None and now >= service.start_at:
                service.start()

    def _is_whole(self) -> bool:
        """Whether every partition is at all three brokers."""
        return self._asked(
            lambda admin: all(
                len(partition["isr_nodes"]) == 3
                for topic in admin.describe_topics()
                for partition in topic["partitions"]
            )
        )

    def _asked(self, question: Callable[[Any], bool]) -> bool:
        try:
            admin = KafkaAdminClient(
                bootstrap_servers=self._cluster.servers.split(","), request_timeout_ms=5000
            )
        except KafkaError:
            return False
        try:
            return question(admin)
        except KafkaError:
            return False
        finally:
            admin.close()

    def _inject_when_there_are_topics(self) -> None:
        """Start all, and put what is no article between the articles."""
        until = time.monotonic() + _START_S
        while not self._asked(lambda admin: "onrecord.dead-letters" in admin.list_topics()):
            self._look_after_all()
            if time.monotonic() > until:
                raise AssertionError(f"no topics: {self._services[0].last_words()}")
            time.sleep(0.5)
        producer = KafkaProducer(bootstrap_servers=self._cluster.servers.split(","))
        for number, value in enumerate(self._shown.bad):
            producer.send("onrecord.articles", key=f"bad-{number}".encode(), value=value)
        producer.flush()
        producer.close()
        self.found.did["bad messages published"] = len(self._shown.bad)

    def _drain(self) -> None:
        """Wait until everything came through, with everybody well again."""
        self._shown.show(1.0)
        self._note("everything is shown; waiting until it came through")
        until, so_far = time.monotonic() + _DRAIN_S, 0
        while time.monotonic() < until:
            self._wait_a_while()
            topics = self._read_all() if self._dead_broker is None else {}
            articles = [_json(record) for record in topics.get("onrecord.articles", ())]
            texts = {article["text"] for article in articles if article}
            done = len(topics.get("onrecord.extractions", ()))
            if texts >= self._shown.final and done + len(self._shown.bad) >= len(articles):
                return
            if len(articles) + done > so_far:  # slow is not lost
                until, so_far = time.monotonic() + _DRAIN_S, len(articles) + done
        self.found.wrong.append(f"not everything came through, and nothing for {_DRAIN_S:.0f} s")

    def _wait_a_while(self) -> None:
        for _ in range(20):
            self._look_after_all()
            time.sleep(0.2)

    def _stop_all(self) -> None:
        for service in self._services:
            if service.is_up:
                self._see_it_end(service)
            elif service.process is not None:
                service.kill(whole=True)

    # ── what is there ────────────────────────────────────────────────────────────────────────

    def _read_all(self) -> dict[str, list[Any]]:
        """All committed records of each topic, by a bare consumer."""
        names = ("onrecord.articles", "onrecord.extractions", "onrecord.dead-letters")
        try:
            return {name: _read(self._cluster.servers, name) for name in names}
        except KafkaError:
            return {}

    def _check(self) -> None:
        topics = self._read_all()
        extractions = topics["onrecord.extractions"]
        stamps = sorted(record.timestamp for record in extractions)
        pauses = [(b - a) / 1000 for a, b in pairwise(stamps)]
        self.found.longest_pause_s = max(pauses, default=0.0)
        found = map(_json, topics["onrecord.articles"])
        articles = [article for article in found if article is not None]
        # A tombstone among the articles is one among the extractions, and no dead letter.
        extracted = [json.loads(record.value) for record in extractions if record.value]
        letters = [record.key.decode() for record in topics["onrecord.dead-letters"]]
        self.found.read = Counter(
            {
                "articles": len(articles),
                "extractions": len(extracted),
                "dead letters": len(letters),
            }
        )
        self.found.wrong += _what_is_wrong(self._shown, articles, extracted)
        bad = [f"bad-{n}" for n, value in enumerate(self._shown.bad) if value is not None]
        if Counter(letters) != Counter(bad):
            self.found.wrong.append(f"dead letters: {sorted(letters)}")


class ChaosOnFile(Chaos):
    """The same on a log in one file: there are no brokers to kill."""

    @contextmanager
    def _a_log(self) -> Iterator[None]:
        self._url = f"sqlite:///{self._folder.absolute()}/log.db"
        yield

    def _kill(self) -> bool:
        return self._kill_service(self._chance.choice(("extract", "poll")))

    def _inject_when_there_are_topics(self) -> None:
        with open_log(self._url) as log:
            log.create_topic("onrecord.articles", TopicSettings())
            with log.writer("by hand") as writer, writer.transaction() as tx:
                for number, value in enumerate(self._shown.bad):
                    tx.publish("onrecord.articles", key=f"bad-{number}".encode(), value=value)
        self.found.did["bad messages published"] = len(self._shown.bad)

    def _read_all(self) -> dict[str, list[Any]]:
        with open_log(self._url) as log:
            names = ("onrecord.articles", "onrecord.extractions", "onrecord.dead-letters")
            return {name: [_Read.of(m) for m in everything(log, name)] for name in names}


class _Read(NamedTuple):
    """A record as a consumer of Kafka gives it."""

    key: bytes | None
    value: bytes | None
    timestamp: int

    @classmethod
    def of(cls, message: Message) -> "_Read":
        return cls(message.key, message.value, round(message.timestamp.timestamp() * 1000))


_ROLES = {"extract": "worker", "poll": "poller"}


class _Shown:
    """The articles of the publisher's feeds, more and more of them; of some a second edition."""

    def __init__(self, publisher: Publisher, plan: Plan, chance: random.Random) -> None:
        self._publisher = publisher
        self._first = [story(publisher, number) for number in range(plan.articles)]
        self._second = {
            number: story(publisher, number, edition="corrected")
            for number in range(plan.articles)
            if number % 25 == 3
        }
        # An edit is shown once its first edition was there for so much of the run.
        self._lag = 0.2
        newest = {n: self._second.get(n, first) for n, first in enumerate(self._first)}
        # A first edition may be replaced before anybody is alive to see it.
        self.final = {shown.text for shown in newest.values()}
        self.all = self.final | {first.text for first in self._first}
        self.bad: list[bytes | None] = [
            b"{", b'{"temperature": 3}', None, b"\xff" * 900_000,
            b'{"schema": "onrecord.article", "schema_version": 9, "id": 1}',
        ]  # fmt: skip
        chance.shuffle(self.bad)
        publisher.feeds = {f"feed-{number}": [] for number in range(_FEEDS)}

    def show(self, share: float) -> None:
        """Show so much of everything; 1.0 is all, edits included."""
        upto = int(len(self._first) * min(1.0, share / 0.8))
        edited = len(self._first) if share == 1.0 else int(len(self._first) * (share - self._lag))
        feeds: dict[str, list[Story]] = {name: [] for name in self._publisher.feeds}
        for number, first in enumerate(self._first[:upto]):
            shown = self._second.get(number, first) if number < edited else first
            feeds[f"feed-{number % _FEEDS}"].append(shown)
            if number % 10 == 5:  # carried by two feeds; these are never edited
                feeds[f"feed-{(number + 1) % _FEEDS}"].append(shown)
        self._publisher.feeds.update(feeds)


def _read(servers: str, topic: str) -> list[Any]:
    consumer = KafkaConsumer(
        bootstrap_servers=servers.split(","), isolation_level="read_committed",
        enable_auto_commit=False, auto_offset_reset="earliest", consumer_timeout_ms=30_000,
    )  # fmt: skip
    try:
        partitions = [TopicPartition(topic, n) for n in consumer.partitions_for_topic(topic) or ()]
        consumer.assign(partitions)
        ends = consumer.end_offsets(partitions)
        found: list[Any] = []
        until = time.monotonic() + 60
        while any(consumer.position(p) < ends[p] for p in partitions) and time.monotonic() < until:
            for records in consumer.poll(timeout_ms=500).values():
                found += records
        return found
    finally:
        consumer.close()


def _json(record: Any) -> dict[str, Any] | None:
    if record.key is None or record.key.startswith(b"bad-"):
        return None
    value: dict[str, Any] = json.loads(record.value)
    return value


def _what_is_wrong(
    shown: _Shown, articles: list[dict[str, Any]], extracted: list[dict[str, Any]]
) -> Iterator[str]:
    texts = Counter(article["text"] for article in articles)
    if lost := shown.final - texts.keys():
        yield f"{len(lost)} articles lost, one: {min(lost)[:60]!r}"
    if doubled := [text for text, count in texts.items() if count > 1]:
        yield f"{len(doubled)} articles published twice, one: {doubled[0][:60]!r}"
    if strange := texts.keys() - shown.all:
        yield f"{len(strange)} articles that nobody wrote, one: {min(strange)[:60]!r}"
    revisions = Counter((article["id"], article["revision"]) for article in articles)
    if twice := [key for key, count in revisions.items() if count > 1]:
        yield f"{len(twice)} revisions published twice, the first: {twice[0]}"
    done = Counter((e["article"]["id"], e["article"]["revision"]) for e in extracted)
    if missing := revisions.keys() - done.keys():
        yield f"{len(missing)} revisions not extracted, one: {min(missing)}"
    if repeated := [key for key, count in done.items() if count > 1]:
        yield f"{len(repeated)} revisions extracted twice, the first: {repeated[0]}"
    if unknown := done.keys() - revisions.keys():
        yield f"{len(unknown)} extractions of nothing, one: {min(unknown)}"


@contextmanager
def _folder(wanted: Path | None) -> Iterator[Path]:
    """Where everything of the run is, kept when it fails."""
    folder = wanted or Path(tempfile.mkdtemp(prefix="onrecord-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    yield folder
    if wanted is None:
        shutil.rmtree(folder)


def main() -> int:
    """Run it as told on the command line."""
    plan = Plan()
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=plan.articles)
    parser.add_argument("--kills", type=int, default=plan.kills)
    parser.add_argument("--seed", type=int, default=plan.seed)
    parser.add_argument("--every-s", type=float, default=plan.every_s)
    parser.add_argument("--cuts", type=int, default=plan.cuts, help="of the network, to 10 kills")
    parser.add_argument("--sqlite", action="store_true", help="on a file, without brokers")
    parser.add_argument("--folder", type=Path, help="keep logs and brokers' data here")
    given = parser.parse_args()
    plan = Plan(
        articles=given.articles,
        kills=given.kills,
        seed=given.seed,
        every_s=given.every_s,
        cuts=given.cuts,
    )
    with _folder(given.folder) as folder:
        chaos = ChaosOnFile if given.sqlite else Chaos
        found = chaos(folder, plan, lambda line: print(line, flush=True)).run()
        print(found)
        if found.wrong:
            print(f"everything is kept in {folder}")
            os._exit(1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
