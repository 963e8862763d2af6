"""Two versions of onrecord in one consumer group: does an upgrade lose or double anything?

    python tests/benchmarks/rolling_upgrade.py OLD/bin/onrecord NEW/bin/onrecord [--kafka]

An extractor of the old version works on a backlog; one of the new version joins it; the old one
is killed in the middle; an old one comes back, for a rollback in the middle of an upgrade; the
new one ends the work alone. By hand: the old version needs an environment of its own.
Exit code 1 when an article has no extraction, or two.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from tests.kafka.brokers import Cluster

WORDS = ("ferries", "harbours", "tunnels", "libraries", "orchards", "markets", "bridges", "schools")


def articles(count: int) -> str:
    dice = random.Random(7)
    lines = []
    for n in range(count):
        said = " ".join(dice.choices(WORDS, k=8))
        text = f"“We need more {said},” Mayor Ove Holm said on Monday. " * 12
        lines.append(json.dumps({"url": f"https://news.example/{n}", "title": "T", "text": text}))
    return "\n".join(lines)


class Version:
    """The command of one version, in a folder."""

    def __init__(self, command: str, folder: Path, url: str) -> None:
        self.command = command
        self.folder = folder
        self.environment = os.environ | {
            "ONRECORD_LOG__URL": url,
            "ONRECORD_LOG__PARTITIONS": "4",
            "ONRECORD_LOG__SESSION_S": "6",
            "ONRECORD_EXTRACT__PROCESSES": "1",
        }

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        return subprocess.run(
            [self.command, *arguments],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            text=True,
            capture_output=True,
            check=True,
        ).stdout

    def extract(self) -> subprocess.Popen[bytes]:
        with (self.folder / "err").open("ab") as err:
            return subprocess.Popen(
                [self.command, "extract"],
                cwd=self.folder,
                env=self.environment,
                stderr=err,
                start_new_session=True,
            )

    def extracted(self) -> Counter[str]:
        lines = self.run("subscribe", "extractions", "--from", "earliest", "--until", "end")
        return Counter(json.loads(line)["article"]["id"] for line in lines.splitlines())


def wait_until(version: Version, share: float, count: int) -> None:
    while (done := version.extracted().total()) < share * count:
        print(f"  {done} of {count} extracted", flush=True)
        time.sleep(2)


def end(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    os.killpg(process.pid, number)
    process.wait(60)


def upgrade(old: Version, new: Version, count: int) -> Counter[str]:
    old.run("import", "-", stdin=articles(count))
    first = old.extract()
    wait_until(old, 0.1, count)
    print("the new version joins")
    second = new.extract()
    wait_until(new, 0.35, count)
    print("the old one is killed")
    end(first, signal.SIGKILL)
    wait_until(new, 0.5, count)
    print("an old one comes back")
    third = old.extract()
    wait_until(new, 0.75, count)
    print("the old one is told to stop")
    end(third, signal.SIGTERM)
    wait_until(new, 1.0, count)
    time.sleep(3)
    end(second, signal.SIGTERM)
    return new.extracted()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--kafka", action="store_true", help="on a real broker, not SQLite")
    parser.add_argument("--articles", type=int, default=400)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = f"sqlite:///{folder}/log.db"
        if options.kafka:
            cluster = stack.enter_context(Cluster(folder / "kafka"))
            url = f"kafka://{cluster.servers}"
        old, new = (
            Version(str(Path(command).absolute()), folder, url)
            for command in (options.old, options.new)
        )
        found = upgrade(old, new, options.articles)
    doubled = {name: n for name, n in found.items() if n > 1}
    print(f"{len(found)} of {options.articles} articles extracted, {len(doubled)} more than once")
    sys.exit(len(found) != options.articles or bool(doubled))


if __name__ == "__main__":
    main()
