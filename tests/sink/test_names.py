"""Names are found as people type them."""

import pytest

from pipeline.sink.names import is_called, words_of


@pytest.mark.parametrize(
    ("name", "asked", "found"),
    [
        ("Sergei Lavrov", "lavrov", True),
        ("Sergei Lavrov", "Lavrov Sergei", True),
        ("Sergei Lavrov", "LAVROV, SERGEI", True),
        ("Łukasz Żółć", "lukasz zolc", True),
        ("Søren Åkesson", "soren akesson", True),
        ("Ana Müller-Voss", "voss", True),
        ("Sean O'Hara", "o'hara", True),
        ("Sergei Lavrov", "lav", False),
        ("Sergei Lavrov", "Sergei Ivanov", False),
        ("", "lavrov", False),
    ],
)
def test_case_accents_and_order_do_not_matter(name: str, asked: str, found: bool) -> None:
    assert is_called(name, words_of(asked)) is found
