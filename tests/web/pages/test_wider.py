"""The queries that are offered where one finds little."""

import pytest

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
