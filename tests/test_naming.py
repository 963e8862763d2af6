"""The folded form of a name."""

import pytest

from onrecord.naming import name_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Sergei Lavrov", "sergei lavrov"),
        ("SERGEI LAVROV", "sergei lavrov"),
        ("Lavrov, Sergei", "sergei lavrov"),
        ('Jean-Luc "Jo" Müller, Jr.', "jean luc muller jr"),
        ("Jean Luc Muller Junior", "jean luc muller jr"),
        ("J.K. Rowling", "j k rowling"),
        ("JK Rowling", "j k rowling"),
        ("Conan O’Brien", "conan obrien"),
        ("Conan O'Brien's", "conan obrien"),
        ("Łukasz Żółć", "lukasz zolc"),
        ("Kim Jong-un", "kim jong un"),
        ("Сергей Лавров", "сергей лавров"),  # "й" is no "и" with a mark
        ("Αλέξης Τσίπρας", "αλεξησ τσιπρασ"),
        ("King Mohammed VI", "king mohammed vi"),
        ("…", ""),
    ],
)
def test_a_name_is_folded_to_its_key(name: str, key: str) -> None:
    assert name_key(name) == key
    assert name_key(key) == key
