"""The counter of steps sees the loops and the regular expressions of onrecord's code."""

import re
import sys
import types

import pytest

from tests.steps import growth, steps_of

SOURCE = """
import re

WORD = re.compile(r"\\w+")

def once_for_each(text):
    for _ in text:
        pass

def again_for_each(text):
    for _ in text:
        once_for_each(text)

def in_one_line(text):
    return [b for _ in text for b in text]

def rest_for_each(text):
    for start in range(len(text)):
        WORD.search(text, start)

def all_words(text):
    return [word.end() for word in WORD.finditer(text)]
"""


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    made = types.ModuleType("onrecord.invented")
    exec(compile(SOURCE, "invented.py", "exec"), vars(made))
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return made


@pytest.mark.parametrize("name", ["once_for_each", "all_words"])
def test_linear_work_grows_by_one(module: types.ModuleType, name: str) -> None:
    act = getattr(module, name)
    assert growth(lambda size: act("a" * size), 100, 800) == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("name", ["again_for_each", "in_one_line", "rest_for_each"])
def test_squared_work_grows_with_the_size(module: types.ModuleType, name: str) -> None:
    act = getattr(module, name)
    assert growth(lambda size: act("a" * size), 100, 800) == pytest.approx(8, abs=0.5)


def test_the_count_is_the_same_every_time_and_patterns_are_put_back(
    module: types.ModuleType,
) -> None:
    first, second = (steps_of(lambda: module.all_words("one two")) for _ in range(2))
    assert first == second > len("one two")
    assert isinstance(module.WORD, re.Pattern)
