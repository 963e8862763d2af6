"""An extractor of the user's own is found by its name, and held to what it must return."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from onrecord.errors import ConfigError, ExtractionError
from onrecord.processing.own_extractor import make_extractor
from onrecord.processing.pool import Extract
from tests.builders import article, extraction

MODULE = """
from onrecord import Extraction
from tests.builders import extraction

not_a_function = 3

def make(section):
    return lambda articles: [extraction(article.id) for article in articles]

def failing(section):
    raise ValueError("no such\\nmodel")

def none(section):
    return None

def one_too_few(section):
    return lambda articles: [extraction(article.id) for article in articles[1:]]

def another(section):
    return lambda articles: [extraction("x") for _ in articles]

def words(section):
    return lambda articles: [section.greeting for _ in articles]

def by_generator(section):
    return lambda articles: (extraction(article.id) for article in articles)
"""


@dataclass(frozen=True)
class Section:
    greeting: str = "hello"


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A module in the working folder, and a package that registered one of its factories."""
    (tmp_path / "my_extractor.py").write_text(MODULE)
    (tmp_path / "broken_extractor.py").write_text("import no_such_package\n")
    info = tmp_path / "mine-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[onrecord.extractors]\nmine = my_extractor:make\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    for name in ("my_extractor", "broken_extractor"):
        sys.modules.pop(name, None)


def made(name: str) -> Extract:
    return make_extractor(name, Section())


@pytest.mark.parametrize("name", ["my_extractor:make", "mine"])
def test_it_is_found_in_a_module_or_by_what_a_package_registered(name: str) -> None:
    sys.path.append(str(Path.cwd()))
    articles = [article("a"), article("b")]
    assert made(name)(articles) == [extraction("a"), extraction("b")]


def test_the_working_folder_is_searched_last() -> None:
    Path("json.py").write_text("raise SystemExit('not this one')")
    with pytest.raises(ConfigError, match="'json:nothing': cannot be imported: AttributeError"):
        made("json:nothing")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("no_such_module:make", "cannot be imported: ModuleNotFoundError: No module named"),
        ("my_extractor:maker", "has no attribute 'maker'"),
        ("my_extractor:", "has no attribute ''"),
        (":make", "cannot be imported: ValueError"),
        ("broken_extractor:make", "No module named 'no_such_package'"),
        ("my_extractor:not_a_function", "not_a_function is not a function"),
        ("my_extractor:failing", "the factory failed: ValueError: no such model"),
        ("my_extractor:none", "the factory must return a function from articles to extractions"),
        ("nobodys", "no extractor of this name is installed; write package.module:factory"),
    ],
)
def test_a_name_that_cannot_be_used_is_one_line(name: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        made(name)
    assert str(caught.value).startswith(f"extract.extractor = {name!r}: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("my_extractor:one_too_few", "each of 2 articles, and returned 1 results"),
        ("my_extractor:another", "something else than the Extraction of a"),
        ("my_extractor:words", "something else than the Extraction of a"),
        ("my_extractor:by_generator", "and returned generator"),
    ],
)
def test_results_that_are_none_are_a_failed_extraction(name: str, says: str) -> None:
    with pytest.raises(ExtractionError, match=says):
        made(name)([article("a"), article("b")])
