"""Gold: what people say is right of the quotes of some articles, as JSON lines.

A line is an article: its `text`, and under `gold` the quotes that are right, each with `content`
(spans), and `speaker`, `source`, `type` where they are known. Under `wrong` stand spans that are
nobody's words. With `is_partial`, only these quotes were looked at: others may be right or wrong.
The format is that of public corpora of quotations, to which `wrong` and `is_partial` are added.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from onrecord.errors import Mistake

Spans = tuple[tuple[int, int], ...]


class GoldQuote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A quote that is right. `speaker` is a name; None is nobody known, absent is not judged."""

    content: Spans
    speaker: str | msgspec.UnsetType | None = msgspec.UNSET
    source: Spans = ()
    cue: Spans = ()
    type: str | None = None


class WrongQuote(msgspec.Struct, frozen=True, kw_only=True):
    """A span that is nobody's words."""

    content: Spans


class GoldArticle(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An article with what people say of its quotes."""

    id: str
    text: str
    language: str | None = None
    gold: tuple[GoldQuote, ...] = ()
    wrong: tuple[WrongQuote, ...] = ()
    is_partial: bool = False


_decoder = msgspec.json.Decoder(GoldArticle)


def read_gold(path: Path) -> Iterator[GoldArticle]:
    """The articles of a file of gold. Raises Mistake, which names the line."""
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _article(line, f"{path} line {number}")
    except OSError as error:
        raise Mistake(f"{path}: {error.strerror}") from None


def _article(line: bytes, where: str) -> GoldArticle:
    try:
        found = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Mistake(f"{where}: not an article with gold: {error}") from None
    contents = [quote.content for quote in found.gold] + [span.content for span in found.wrong]
    for content in contents:
        if not content or any(not 0 <= start < end <= len(found.text) for start, end in content):
            raise Mistake(f"{where}: a span lies outside the text")
    return found
