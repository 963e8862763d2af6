"""French articles written for this project, with who said what, and how much of it is found.

In `tests/data/french/` what stands in braces after a passage names who speaks: alternatives parted
by bars, "-" for no one's words (a title, a term). Rules were made looking at `dev-*`, never at
`kept-*`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from onrecord.nlp.entities.names import fold
from onrecord.records import Extraction, Quote

FOLDER = Path(__file__).parents[2] / "data" / "french"
NO_ONE = "-"
_GOLD = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True)
class Passage:
    """A passage between marks (half-open), and the names that are right for it."""

    start: int
    end: int
    names: tuple[str, ...]


def read_page(file: Path) -> tuple[str, list[Passage]]:
    """The text of an article without its braces, and its passages in order."""
    return read_marked(file.read_text("utf-8"))


def read_marked(marked: str) -> tuple[str, list[Passage]]:
    """A text without its braces, and its passages in order."""
    text, passages = "", []
    for part, names in _parts(marked):
        text += part
        if names:
            start = max(text.rfind("«"), text.rfind("“"))
            end = max(text.rfind("»"), text.rfind("”"))
            passages.append(Passage(start + 1, end, tuple(names.split("|"))))
    return text, passages


def _parts(marked: str) -> Iterator[tuple[str, str]]:
    pieces = _GOLD.split(marked)
    yield from zip(pieces[::2], [*pieces[1::2], ""], strict=True)


def quote_of(extraction: Extraction, passage: Passage) -> Quote | None:
    """The quote that has most of a passage, if any has some of it."""

    def shared(quote: Quote) -> int:
        return sum(
            max(0, min(span.end, passage.end) - max(span.start, passage.start))
            for span in quote.content
        )

    best = max(extraction.quotes, key=shared, default=None)
    return best if best is not None and shared(best) else None


def named(quote: Quote | None) -> str:
    """Who a quote says speaks: the speaker, else the source as it stands, else nobody."""
    if quote is None:
        return NO_ONE
    if quote.speaker is not None:
        return quote.speaker.name
    return quote.source.text if quote.source is not None else NO_ONE


def is_right(extraction: Extraction, passage: Passage) -> bool:
    """Whether a passage has one of its names."""
    said = _plain(named(quote_of(extraction, passage)))
    return said in {_plain(name) for name in passage.names}


def _plain(name: str) -> str:
    return re.sub(r"^(?:le |la |les |l')", "", fold(name))


@dataclass(frozen=True)
class Sentence:
    """A plain sentence with its passages, or with whoever it reports without marks."""

    construction: str
    text: str
    passages: tuple[Passage, ...]
    reports: str | None


def read_sentences(file: Path) -> list[Sentence]:
    """The sentences of a file of constructions."""
    found, construction = [], ""
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("["):
            construction = line.strip("[]")
        elif line and not line.startswith("#"):
            found.append(_sentence(construction, line))
    return found


def _sentence(construction: str, line: str) -> Sentence:
    plain, _, reports = line.partition("{=")
    if reports:
        return Sentence(construction, plain, (), reports.rstrip("}"))
    text, passages = read_marked(line)
    return Sentence(construction, text, tuple(passages), None)


def is_right_sentence(extraction: Extraction, sentence: Sentence) -> bool:
    """Whether every passage of a sentence has one of its names."""
    if sentence.reports is None:
        return all(is_right(extraction, passage) for passage in sentence.passages)
    return any(_plain(named(quote)) == _plain(sentence.reports) for quote in extraction.quotes)
