"""The queries that are offered where one finds little."""

import pytest

from onrecord.archive.query import parse_query
from onrecord.web.pages.wider import wider_queries


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        (
            "what did the minister say about the dockers?",
            ["minister dockers", "minis* dock*", "dockers", "minister", "minis* OR dock*"],
        ),
        (
            'speaker:"transport minister" dockers',
            [
                'speaker:"transport minister" dockers',
                "transport minister dockers",
                'speaker:"transport minister" dock*',
                "dockers",
                'speaker:"transport minister"',
            ],
        ),
        ("pier publisher:post", ["pier publisher:post", "publisher:post", "pier"]),
        (
            f"speaker:{'f1' * 16} pier",
            [f"speaker:{'f1' * 16} pier", "pier", f"speaker:{'f1' * 16}"],
        ),
        ("pier OR quay", []),
        ("(pier quay) tax", []),
        (" ".join("bcdefghjk"), []),
    ],
)
def test_wider_queries_are_the_closest_first(query: str, offered: list[str]) -> None:
    assert [one for one in dict.fromkeys(wider_queries(query)) if one] == offered


@pytest.mark.parametrize(
    ("query", "closest"),
    [
        ('about:"Mission: Impossible"', '"Mission: Impossible"'),
        ('speaker:"Dr: No"', '"Dr: No"'),
        ('speaker:"AND"', '"AND"'),
        ('about:"OR"', '"OR"'),
        ('speaker:"before:x"', '"before:x"'),
        ('about:"type:zzz"', '"type:zzz"'),
        ('speaker:"-mara"', '"-mara"'),
        ("Speaker:mara", "mara"),
        ('person:"Jean-Luc O’Neil Jr."', "Jean-Luc O’Neil Jr."),
    ],
)
def test_a_name_is_looked_for_as_words_and_never_as_operators(query: str, closest: str) -> None:
    first, *_ = (one for one in wider_queries(query) if one != query)
    assert first == closest


@pytest.mark.parametrize(
    "query",
    [
        'about:"Mission: Impossible" pier',
        '"open the pi"* quay',
        "“open the pier” quay",
        "speaker: lind pier",
        'speaker:"…" pier',
        'speaker:"" pier',
        "NOTHING - pier",
        '"unclosed',
        "type:zzz pier",
    ],
)
def test_every_wider_query_can_be_parsed(query: str) -> None:
    for one in wider_queries(query):
        parse_query(one)


@pytest.mark.parametrize(
    "rest",
    [
        "-weather",
        "-speaker:lind",
        "after:2026-11-01",
        "type:direct",
        "language:en",
        "min_confidence:0.5",
    ],
)
def test_no_wider_query_is_of_exclusions_and_filters_alone(rest: str) -> None:
    assert rest not in list(wider_queries(f"nobodyatall {rest}"))
    assert f"{rest} -rain" not in list(wider_queries(f"nobodyatall {rest} -rain"))
