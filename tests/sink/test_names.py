"""Names are found as people type them."""

import pytest

from onrecord.sink.names import is_called


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
        ("Jürgen Müller", "Mueller", True),
        ("Jürgen Müller", "muller", True),
        ("Jurgen Mueller", "müller", True),
        ("Bjørn Ås", "bjorn aas", True),
        ("Recep İnönü Işık", "inonu isik", True),
        ("Σωκράτης Παπαδόπουλος", "σωκρατης", True),
        ("Сергей Лавров", "лавров", True),
        ("Anne-Marie Weiß", "weiss anne marie", True),
        ("Ｌｉｎ Ｙｕ", "lin", True),
        ("", "lavrov", False),
        ("Sergei Lavrov", "", False),
        ("Sergei Lavrov", "...", False),
    ],
)
def test_case_accents_and_order_do_not_matter(name: str, asked: str, found: bool) -> None:
    assert is_called(name, asked) is found
