"""robots.txt: the rules for us, read and matched in linear time and bounded memory."""

import pytest

from onrecord.feeds.pages.robots import RobotRules, matches, read_robots

SITE = "https://e.example"


def allows(robots: str, path: str) -> bool:
    return read_robots(robots.encode()).allows(SITE + path)


@pytest.mark.parametrize(
    ("robots", "path", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: onrecord\nDisallow: /x\nUser-agent: *\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: OnRecord/0.1\nDisallow:", "/a", True),
        ("user-agent: a\nuser-agent: onrecord\ndisallow: /a", "/a/b", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),  # the longer one decides
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),  # of equals the one that allows
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", True),
        ("User-agent: *\nDisallow: /*?print", "/a?print=1", False),
        ("User-agent: *\nDisallow: /%7Eann", "/~ann", False),
        ("User-agent: *\nDisallow: /caf\u00e9", "/caf%C3%A9", False),
        ("\ufeffUser-agent: *\r\nDisallow: /a # no robots\r\n", "/a", False),
        ("User-agent: *\nDisallow: /", "/robots.txt", True),
        ("Disallow: /", "/a", True),  # a rule of nobody's
        ("User-agent: *\nDisallow: a", "/a", False),  # written without its slash
    ],
)
def test_a_path_is_allowed_as_the_standard_says(robots: str, path: str, allowed: bool) -> None:
    assert allows(robots, path) is allowed


def test_the_longest_crawl_delay_of_our_groups_counts() -> None:
    robots = b"User-agent: *\nCrawl-delay: 2.5\n\nUser-agent: *\nCrawl-delay: 10\nCrawl-delay: inf"
    assert read_robots(robots).delay_s == 10


class CountingPath(str):
    """A path that counts how many characters are searched in it."""

    __slots__ = ()
    steps = 0

    def find(self, sub: str, start: int = 0, *_: object) -> int:  # type: ignore[override]
        found = super().find(sub, start)
        type(self).steps += (len(self) if found < 0 else found + len(sub)) - start
        return found


def test_a_pattern_of_many_wildcards_takes_time_linear_in_the_path() -> None:
    def steps(length: int) -> int:
        CountingPath.steps = 0
        assert not matches("/" + "*a" * 20 + "*b", CountingPath("/" + "a" * length))
        return CountingPath.steps

    assert steps(8_000) < 10 * steps(1_000)


def test_many_agents_before_many_rules_are_one_group() -> None:
    agents = "".join(f"User-agent: bot{number}\n" for number in range(20_000))
    rules = "".join(f"Disallow: /{number}\n" for number in range(20_000))
    assert read_robots((agents + rules).encode()) == RobotRules()


def test_a_site_with_more_rules_than_are_kept_allows_nothing() -> None:
    rules = "".join(f"Disallow: /{number}\n" for number in range(20_000))
    kept = read_robots(b"User-agent: *\n" + rules.encode())
    assert kept.size < 100_000
    assert not kept.allows(SITE + "/anything")
