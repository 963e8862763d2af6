"""Reads a site's robots.txt in linear time and bounded memory (RFC 9309).

A robots.txt comes from any site that an entry links to, so it is read in a reader process, and
only the rules of our own group leave it. Rules are matched without regular expressions: a
pattern takes time in proportion to its length and the URL's, however many wildcards it has.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

# Our name in robots.txt.
AGENT = "onrecord"
# RFC 9309, 2.5: at least 500 KiB are to be read.
MOST_ROBOTS_BYTES = 512_000
_MOST_RULES = 5_000
_MOST_RULE_CHARS = 100_000
_LONGEST_PATTERN = 2_000
_MOST_WILDCARDS = 20


@dataclass(frozen=True, slots=True)
class RobotRules:
    """The rules of one site for us. `delay_s` is its Crawl-delay.

    `rules` are patterns and whether they allow, the longest first: the first that matches decides
    (RFC 9309, 2.2.2).
    """

    rules: tuple[tuple[str, bool], ...] = ()
    delay_s: float = 0.0
    size: int = field(default=0, compare=False)

    def allows(self, url: str) -> bool:
        """Whether we may ask for a URL of the site."""
        parts = urlsplit(url)
        path = _normal(parts.path or "/") + (f"?{_normal(parts.query)}" if parts.query else "")
        if path == "/robots.txt":
            return True
        return next((allowed for pattern, allowed in self.rules if matches(pattern, path)), True)


def read_robots(body: bytes) -> RobotRules:
    """The rules for us in a robots.txt: those of our own groups, else those for everybody.

    A site with more rules than are kept allows nothing: leaving out one of them could break it.
    """
    text = body[:MOST_ROBOTS_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
    ours: list[tuple[str, str]] = []
    everybodys: list[tuple[str, str]] = []
    is_named = False
    for agents, key, value in _rules(text):
        if AGENT in agents:
            is_named = True
            ours.append((key, value))
        if "*" in agents:
            everybodys.append((key, value))
    return _as_rules(ours if is_named else everybodys)


def _rules(text: str) -> Iterator[tuple[frozenset[str], str, str]]:
    """Each rule with the agents of its group among "*" and ours; a group may have no rules."""
    agents: frozenset[str] = frozenset()
    is_head = False
    for line in re.split(r"\r\n|\r|\n", text):
        key, separator, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not separator:
            continue
        if key == "user-agent":
            agents = (agents if is_head else frozenset()) | _known_agent(value)
            is_head = True
            yield agents, "", ""
        elif key in ("allow", "disallow", "crawl-delay"):
            is_head = False
            if agents:
                yield agents, key, value


def _known_agent(value: str) -> frozenset[str]:
    """The agent if it is ours or everybody's; "onrecord/0.1" is ours too."""
    name = re.match(r"[a-zA-Z_-]*", value)
    if value.startswith("*"):
        return frozenset("*")
    return frozenset((AGENT,)) if name and name.group().lower() == AGENT else frozenset()


def _as_rules(written: Iterable[tuple[str, str]]) -> RobotRules:
    rules: dict[str, bool] = {}
    delay_s, size = 0.0, 0
    for key, value in written:
        if key == "crawl-delay":
            delay_s = max(delay_s, _seconds(value))
        elif key and value:
            pattern = re.sub(r"\*+", "*", _normal(value[:_LONGEST_PATTERN]))
            if pattern.count("*") > _MOST_WILDCARDS:
                if key == "allow":
                    continue  # what is cut off would allow more than was meant
                pattern = "*".join(pattern.split("*")[: _MOST_WILDCARDS + 1])
            if not pattern.startswith(("/", "*")):
                pattern = f"/{pattern}"
            size += len(pattern)
            # Of an Allow and a Disallow of the same length the Allow counts.
            rules[pattern] = rules.get(pattern, False) or key == "allow"
            if len(rules) > _MOST_RULES or size > _MOST_RULE_CHARS:
                return RobotRules((("/", False),), delay_s, 1)
    ordered = sorted(rules.items(), key=lambda rule: (-len(rule[0]), not rule[1]))
    return RobotRules(tuple(ordered), delay_s, size)


def _seconds(value: str) -> float:
    return float(value) if re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]{1,3})?", value) else 0.0


def _normal(text: str) -> str:
    """A path in one percent-encoding."""
    return quote(unquote(text, errors="replace"), safe="/*$?=&;:@!'(),+~")


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern ("*" is anything, "$" at its end is the end) matches a path's beginning.

    The leftmost place of each piece is enough: if a later one fits, so does the first.
    """
    is_anchored = pattern.endswith("$")
    first, *pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    place = len(first)
    if not pieces:
        return not is_anchored or place == len(path)
    for piece in pieces[:-1]:
        found = path.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    last = pieces[-1]
    if is_anchored:
        return path.endswith(last) and len(path) - len(last) >= place
    return path.find(last, place) >= 0
