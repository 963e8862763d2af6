"""What can be imported from `onrecord` is listed here, and importing it costs next to nothing."""

import subprocess
import sys
from types import ModuleType

import pytest

import onrecord
from onrecord import wiring
from onrecord.feeds import fetch

PUBLIC = {
    "Article",
    "ArticleRef",
    "ConfigError",
    "Decision",
    "Entity",
    "Extraction",
    "ExtractionError",
    "Extractor",
    "LogBroken",
    "LogRefused",
    "LogUnavailable",
    "Mention",
    "Mistake",
    "OnrecordError",
    "Option",
    "PassedOver",
    "Quote",
    "QuoteOnRecord",
    "Reason",
    "Span",
    "Speaker",
    "Subscription",
    "UnknownTopic",
    "annotate",
    "subscribe",
}


def test_the_public_names_are_these() -> None:
    assert set(onrecord.__all__) == PUBLIC
    assert onrecord.__all__ == sorted(onrecord.__all__)
    assert set(dir(onrecord)) >= PUBLIC


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(onrecord, name).__name__ == name


@pytest.mark.parametrize("package", [fetch, wiring], ids=["fetch", "wiring"])
def test_every_name_that_is_imported_on_first_use_is_found(package: ModuleType) -> None:
    assert [name for name in package.__all__ if not hasattr(package, name)] == []


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'subscrib'"):
        _ = onrecord.subscrib


@pytest.mark.parametrize(
    ("program", "heavy"),
    [
        ("import onrecord", {"msgspec", "aiohttp", "numpy", "spacy"}),
        ("from onrecord import Article, Mistake", {"aiohttp", "numpy", "spacy", "lxml"}),
        ("import onrecord.cli", {"msgspec", "aiohttp", "numpy", "spacy", "kafka", "trafilatura"}),
        ("import onrecord.config", {"aiohttp", "numpy", "spacy", "kafka", "trafilatura"}),
        ("import onrecord.cli.subscribe", {"aiohttp", "numpy", "spacy", "kafka", "trafilatura"}),
        ("import onrecord.cli.subscribe", {"asyncio", "lxml", "rich.console", "ssl", "w3lib"}),
        ("import onrecord.cli.subscribe", {"onrecord.archive.query", "onrecord.archive.indexing"}),
        ("import onrecord.cli.importing", {"aiohttp", "numpy", "spacy", "w3lib"}),
        ("from onrecord.wiring import follow, ledger, poller, read_feeds", {"numpy", "spacy"}),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(program: str, heavy: set[str]) -> None:
    check = f"import sys\n{program}\nprint({heavy!r} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
