"""A publisher on loopback whose feeds a test writes, and the installed command, run as users do."""

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from tests.acceptance import prepared
from tests.acceptance.prepared import COMMAND
from tests.builders import NOON
from tests.http_server import Answer, HttpServer, Request
from tests.receivers import Receiver, receiving


@dataclass
class Story:
    """An entry of a feed."""

    guid: str
    title: str
    text: str
    link: str

    def to_item(self) -> str:
        paragraphs = "".join(f"<p>{escape(p)}</p>" for p in self.text.split("\n\n"))
        return (
            f"<item><guid isPermaLink='false'>{self.guid}</guid><title>{escape(self.title)}</title>"
            f"<link>{self.link}</link><pubDate>{format_datetime(NOON)}</pubDate>"
            f"<description>{escape(paragraphs)}</description></item>"
        )


class Publisher(HttpServer):
    """Serves feeds by name, each a list of stories, with validators.

    `asked` has the feed and the status of every answer, in order.
    """

    def __init__(self) -> None:
        super().__init__(self._answer_with)
        self.url = f"http://127.0.0.1:{self.port}"
        self.feeds: dict[str, list[Story]] = {}
        self.asked: list[tuple[str, int]] = []

    def feed_url(self, name: str) -> str:
        return f"{self.url}/{name}"

    def write_list(self, path: Path) -> Path:
        path.write_text("".join(f"{self.feed_url(name)}\n" for name in self.feeds))
        return path

    def _answer_with(self, request: Request) -> Answer:
        name = request.path.lstrip("/")
        answer = self._feed(name, request) if name in self.feeds else Answer(status=404)
        self.asked.append((name, answer.status))
        return answer

    def _feed(self, name: str, request: Request) -> Answer:
        body = self._body(name)
        tag = f'"{sha256(body).hexdigest()[:12]}"'
        if request.headers.get("If-None-Match") == tag:
            return Answer(status=304, headers={"ETag": tag})
        kind = "application/rss+xml; charset=utf-8"
        return Answer(body, headers={"ETag": tag, "Content-Type": kind})

    def _body(self, name: str) -> bytes:
        items = "".join(story.to_item() for story in self.feeds[name])
        head = f"<title>{name} news</title><link>{self.url}</link><language>en</language>"
        return f"<rss version='2.0'><channel>{head}{items}</channel></rss>".encode()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as serving:
        yield serving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


class Onrecord:
    """The installed command in a folder of its own, with a log there."""

    command = COMMAND
    stdin: int | None = None  # what is started reads this

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        clean = {k: v for k, v in os.environ.items() if not k.startswith("ONRECORD_")}
        self.environment = clean | {
            "ONRECORD_LOG__URL": f"sqlite:///{folder}/log.db",
            # A machine that stands still for seconds must not change how a process ends.
            "ONRECORD_LOG__END_WITHIN_S": "300",
            "ONRECORD_FEEDS__USUAL_INTERVAL_S": "0",
            "ONRECORD_FEEDS__SHORTEST_INTERVAL_S": "0",
            "ONRECORD_FEEDS__LONGEST_INTERVAL_S": "0",
            "ONRECORD_FEEDS__HOST_SPACING_S": "0",
            "ONRECORD_FEEDS__FULL_TEXT": "feed",
            "ONRECORD_FEEDS__ALLOW_ADDRESSES": "127.0.0.0/8",
            "ONRECORD_EXTRACT__PROCESSES": "1",
        }

    def __call__(
        self, *arguments: str, code: int = 0, stdin: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end and check the exit code."""
        done = prepared.run(
            arguments, cwd=self.folder, env=self.environment | environment, stdin=stdin
        )
        assert done.returncode == code, f"exit {done.returncode}: {done.stderr[-3000:]}"
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start in a process group of its own, with its output in files."""
        out = (self.folder / "out").open("ab")
        err = (self.folder / "err").open("ab")
        with out, err:
            return subprocess.Popen(
                [COMMAND, *arguments],
                cwd=self.folder,
                env=self.environment | environment,
                stdin=self.stdin,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    def records(self, what: str, *options: str) -> list[dict[str, Any]]:
        """Everything a topic holds, through `subscribe`."""
        done = self("subscribe", what, "--from", "earliest", "--until", "end", *options)
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def onrecord(tmp_path: Path) -> Onrecord:
    return Onrecord(tmp_path)


PEOPLE = ("Mara Lind", "Ove Holm", "Ida Brandt", "Karl Wessel", "Nadia Prewett")
ROLES = ("Harbour master", "Mayor", "Transport Minister", "Judge", "Union leader")


def story(publisher: Publisher, number: int, *, edition: str = "first") -> Story:
    """An article with a direct, an indirect and a mixed quote, unlike any other number's."""
    person, role = PEOPLE[number % 5], ROLES[number % 5]
    text = (
        f"The {edition} report on pier {number} was read in the town hall on Monday.\n\n"
        f"“Pier {number} will open in May,” {role} {person} said.\n\n"
        f"She said that work on pier {number} had cost less than planned.\n\n"
        f"According to {person}, the delay was “a matter of {number} bolts”."
    )
    link = f"{publisher.url}/stories/{number}"
    return Story(f"guid-{number}", f"Pier {number} to open", text, link)


def offsets_are_right(extraction: dict[str, Any], text: str) -> bool:
    """Whether every span of an extraction is exactly what the text has there."""
    spans = [m for entity in extraction["entities"] for m in entity["mentions"]]
    for quote in extraction["quotes"]:
        spans += [*quote["content"], quote["context"]]
        spans += [part for part in (quote["cue"], quote["source"]) if part]
    return all(text[span["start"] : span["end"]] == span["text"] for span in spans)


def texts_by_revision(articles: Sequence[dict[str, Any]]) -> dict[tuple[str, int], str]:
    return {(article["id"], article["revision"]): article["text"] for article in articles}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB; skipped where we may not mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system needs privileges that this machine does not give")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)
