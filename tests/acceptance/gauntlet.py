"""Publishers of every kind on one loopback server, and what the installed command makes of them.

A scenario is a publisher: given the round, the request's headers and the server's URL, it says what
is answered. Each has a path of its own and is a feed of the list; `others` are what feeds lead to,
as pages and robots.txt. One poll asks all feeds, then the next round begins.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.acceptance.conftest import Onrecord
from tests.http_server import Answer, HttpServer, Request


@dataclass(frozen=True)
class Asked:
    """A request, and the round in which it came."""

    round: int
    request: Request


Scenario = Callable[[int, Mapping[str, str], str], Answer]


class Scenarios(dict[str, Scenario]):
    """Publishers by name."""

    def __call__(self, play: Scenario) -> Scenario:
        """Adds a publisher under the function's name."""
        self[play.__name__] = play
        return play


def item(
    number: object,
    text: str = "",
    *,
    link: str | None = "",
    guid: str | None = "",
    title: str | None = None,
    more: str = "",
) -> str:
    """An entry of RSS: by default with a title, a link and a guid of its own."""
    link = f"https://news.example/{number}" if link == "" else link
    guid = f"guid-{number}" if guid == "" else guid
    parts = [
        f"<title>{title or f'Story {number}'}</title>",
        f"<link>{link}</link>" if link else "",
        f'<guid isPermaLink="false">{guid}</guid>' if guid else "",
        f"<description>{text or f'The text of story {number}.'}</description>",
        more,
    ]
    return f"<item>{''.join(parts)}</item>"


def rss(*items: str, channel: str = "") -> bytes:
    head = "<title>T</title><link>https://news.example/</link><language>en</language>"
    return f'<rss version="2.0"><channel>{head}{channel}{"".join(items)}</channel></rss>'.encode()


def ok(*items: str, **headers: str) -> Answer:
    return Answer(rss(*items), headers={k.replace("_", "-"): v for k, v in headers.items()})


class Server(HttpServer):
    """Plays scenarios, and remembers by name what was asked."""

    def __init__(self, scenarios: Mapping[str, Scenario]) -> None:
        super().__init__(self._play)
        self.scenarios = scenarios
        self.round = 0
        self.asked: defaultdict[str, list[Asked]] = defaultdict(list)
        self.url = f"http://127.0.0.1:{self.port}"

    def _play(self, request: Request) -> Answer:
        name = request.path.lstrip("/").partition("?")[0]
        self.asked[name].append(Asked(self.round, request))
        play = self.scenarios.get(name)
        return play(self.round, request.headers, self.url) if play else Answer(status=404)


@dataclass(frozen=True)
class Outcome:
    """What is on record after all rounds; `listed` is what `feeds list` said after each."""

    url: str
    articles: Mapping[str, list[dict[str, Any]]]
    listed: tuple[Mapping[str, dict[str, Any]], ...]
    asked: Mapping[str, list[Asked]]
    most_at_once: int
    took_s: tuple[float, ...]

    @property
    def feeds(self) -> Mapping[str, dict[str, Any]]:
        return self.listed[-1]

    def titles(self, name: str) -> list[str]:
        return sorted(article["title"] for article in self.articles[name])

    def texts(self, name: str) -> list[str]:
        return [article["text"] for article in self.articles[name]]

    def error(self, name: str, *, round: int = -1) -> str:
        error = self.listed[round][name]["error"]
        assert isinstance(error, str), f"{name} should be failing"
        return error

    def requests(self, name: str) -> list[int]:
        """How often a path was asked in each round."""
        rounds = range(len(self.listed))
        return [sum(asked.round == number for asked in self.asked[name]) for number in rounds]


def play(
    folder: Path,
    scenarios: Mapping[str, Scenario],
    *,
    rounds: int = 1,
    others: Mapping[str, Scenario] | None = None,
    more_feeds: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
) -> Outcome:
    """Poll the scenarios so many times. `more_feeds` are URLs of the list by name."""
    onrecord = Onrecord(folder)
    environment: dict[str, Any] = {
        f"ONRECORD_FEEDS__{name.upper()}": value for name, value in (settings or {}).items()
    }
    with Server({**scenarios, **(others or {})}) as server:
        urls = {f"{server.url}/{name}": name for name in scenarios}
        urls |= {url.format(port=server.port): name for name, url in (more_feeds or {}).items()}
        (folder / "feeds.txt").write_text("\n".join(urls))
        listed: list[Mapping[str, dict[str, Any]]] = []
        took: list[float] = []
        for number in range(rounds):
            server.round = number
            began = time.monotonic()
            onrecord("poll", "--once", "--feeds", "feeds.txt", **environment)
            took.append(time.monotonic() - began)
            lines = onrecord("feeds", "list", "--format", "json").stdout.splitlines()
            listed.append({urls[feed["url"]]: feed for feed in map(json.loads, lines)})
        articles: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for article in onrecord.records("articles"):
            articles[urls[article["feed"]]].append(article)
        return Outcome(
            server.url, articles, tuple(listed), server.asked, server.most_at_once, tuple(took)
        )
