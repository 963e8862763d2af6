"""Custom extractors: `extract.extractor` names one, and nothing here is edited for it.

    # mine.py                                        extract.extractor = "mine:make"
    def make(section):
        def extract(articles):
            return [Extraction(…) for article in articles]
        return extract

The name is `package.module:factory`, or one that an installed package registered under the
entry-point group `onrecord.extractors`. The factory is called in every worker process with the
configuration's extract section, once.
"""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from onrecord.errors import ConfigError, ExtractionError
from onrecord.processing.pool import Extract
from onrecord.records import Article, Extraction

GROUP = "onrecord.extractors"
KEY = "extract.extractor"
_RIGHT = f"write package.module:factory, or a name that a package registered as {GROUP}"


def find_factory(name: str) -> Callable[[Any], Any]:
    """The factory that `extract.extractor` names, imported. Raises ConfigError."""
    _import_from_the_working_folder()
    reference = name if ":" in name else _registered(name)
    module, _, attribute = reference.partition(":")
    try:
        factory: Any = import_module(module)
        for part in attribute.split("."):
            factory = getattr(factory, part)
    except Exception as error:
        # Importing a module can raise any error; all are reported under this key.
        raise _mistake(name, f"cannot be imported: {_reason(error)}") from error
    if not callable(factory):
        raise _mistake(name, f"{attribute} is not a function; {_RIGHT}")
    return factory  # type: ignore[no-any-return]


def make_extractor(name: str, section: object) -> Extract:
    """The extractor that the factory makes from the extract section, with its results checked.

    Raises ConfigError; the extractor raises ExtractionError for invalid results.
    """
    try:
        extract = find_factory(name)(section)
    except ConfigError:
        raise
    except Exception as error:
        raise _mistake(name, f"the factory failed: {_reason(error)}") from error
    if not callable(extract):
        raise _mistake(name, "the factory must return a function from articles to extractions")

    def checked(articles: Sequence[Article]) -> list[Extraction]:
        return _checked(extract(articles), articles, name)

    return checked


def _import_from_the_working_folder() -> None:
    """Like `python -m`, but last: files in the folder never shadow installed packages."""
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.append(folder)


def _registered(name: str) -> str:
    """The reference that an installed package registered under this name."""
    found = {entry.name: entry.value for entry in entry_points(group=GROUP)}
    if name not in found:
        there = f"; registered are {', '.join(sorted(found))}" if found else ""
        raise _mistake(name, f"no extractor of this name is installed; {_RIGHT}{there}")
    return found[name].partition("[")[0].strip()


def _checked(found: object, articles: Sequence[Article], name: str) -> list[Extraction]:
    """One Extraction for each article, in their order, or ExtractionError."""
    if not isinstance(found, list) or len(found) != len(articles):
        given = f"{len(found)} results" if isinstance(found, list) else type(found).__name__
        raise ExtractionError(
            f"{KEY} = {name!r} must return a list with one Extraction for each of "
            f"{len(articles)} articles, and returned {given}",
            article_id=articles[0].id,
        )
    for article, extraction in zip(articles, found, strict=True):
        if not isinstance(extraction, Extraction) or extraction.article.id != article.id:
            raise ExtractionError(
                f"{KEY} = {name!r} returned something else than the Extraction of {article.id}",
                article_id=article.id,
            )
    return found


def _reason(error: Exception) -> str:
    told = " ".join(str(error).split())
    return f"{type(error).__name__}: {told}" if told else type(error).__name__


def _mistake(name: str, reason: str) -> ConfigError:
    return ConfigError(f"{KEY} = {name!r}: {reason}", key=KEY)
