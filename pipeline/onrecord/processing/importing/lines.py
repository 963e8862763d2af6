"""Reads an article from a JSON line.

A line is either a complete Article record or as little as `{"url", "title", "text",
"published_at"}`; other fields of Article are used when present. A mapping finds fields that have
other names.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec.structs import replace

from onrecord.errors import Mistake, ParseError, ReaderNotStarted, RecordError
from onrecord.feeds.articles.draft import article_id, content_hash, not_in_future
from onrecord.feeds.articles.urls import canonical_url
from onrecord.feeds.feed_urls import site_of
from onrecord.feeds.parsing.dates import parse_date
from onrecord.feeds.text.html import clean
from onrecord.feeds.text.language import detect_language, normal_language
from onrecord.processing.importing.ready import ReadyArticle, ready_all
from onrecord.records import Article, from_json, schema_name

# This much text identifies the language, in half the time that reading the rest of the line takes.
_LANGUAGE_CHARS = 300
# Seconds since 1970 stay below this for two thousand years; more is milliseconds.
_MOST_SECONDS = 10**11
_REASON_CHARS = 300
# The language of an article until its text has been looked at; no record has it.
_NOT_STATED = "\0"


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    """What a JSON line must have (`text`), and may have, to become an Article."""

    text: Annotated[str, msgspec.Meta(min_length=1)]
    schema: str | None = None
    id: str | int | None = None
    url: str | None = None
    feed: str | None = None
    publisher: str | None = None
    title: str | None = None
    authors: list[str] | str | None = None
    published_at: str | float | None = None
    updated_at: str | float | None = None
    fetched_at: str | float | None = None
    language: str | None = None
    summary: str | None = None
    raw: dict[str, str] = {}


FIELDS = tuple(name for name in _Line.__struct_fields__ if name not in ("schema", "raw"))

_decoder = msgspec.json.Decoder(_Line)


class LineReader:
    """Reads JSON lines. `names` maps Article fields to the names used in the lines.

    `{"text": "body", "published_at": "meta.date"}`: dots lead into objects. Raises Mistake for
    a name that is not a field of Article.
    """

    def __init__(self, names: Mapping[str, str] | None = None) -> None:
        for ours in names or {}:
            if ours not in FIELDS:
                raise Mistake(f"no field {ours!r}; an article has {', '.join(FIELDS)}")
        self._paths = {ours: theirs.split(".") for ours, theirs in (names or {}).items()}

    def read_all(self, lines: Sequence[bytes], now: datetime) -> list[ReadyArticle | str]:
        """The articles of these lines; for a line without an article, the reason.

        Each kind of work is done for all lines in turn: the model of languages and the rest take
        turns in the processor's cache otherwise, and need twice the time.
        """
        found = [self._article_or_reason(line, now) for line in lines]
        articles = [_with_language(one) for one in found if isinstance(one, Article)]
        ready = iter(ready_all(articles))
        return [one if isinstance(one, str) else next(ready) for one in found]

    def _article_or_reason(self, line: bytes, now: datetime) -> Article | str:
        try:
            return self._read(line.removeprefix(b"\xef\xbb\xbf"), now)
        except RecordError as error:
            return str(error)
        # Libraries can raise any error on foreign input; the rest of the source is still read.
        except Exception as error:  # noqa: BLE001
            return f"it cannot be read ({type(error).__name__}: {error})"[:_REASON_CHARS]

    def read(self, data: bytes, now: datetime) -> Article:
        """The article of one line. Dates without a zone are UTC. Raises RecordError."""
        return _with_language(self._read(data, now))

    def _read(self, data: bytes, now: datetime) -> Article:
        """The article of one line, without the language of a text that does not state it."""
        try:
            line = self._mapped(data) if self._paths else _decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise RecordError(_in_words(error, data)) from error
        if line.schema == schema_name(Article):
            article = from_json(data, Article)
            for name in ("url", "canonical_url", "feed"):
                check_url(getattr(article, name), field=name)
            return article
        if line.schema is not None and line.schema.startswith("onrecord."):
            raise RecordError(f"an {line.schema}, not an article", field="schema")
        return _to_article(line, now)

    def _mapped(self, data: bytes) -> _Line:
        found = msgspec.json.decode(data)
        if not isinstance(found, dict):
            return _decoder.decode(data)  # says what it is
        own = {name: found[name] for name in _Line.__struct_fields__ if name in found}
        theirs = {ours: _at(found, path) for ours, path in self._paths.items()}
        if theirs.get("text", "") is None:
            raise RecordError(f"no text: there is no {'.'.join(self._paths['text'])}", field="text")
        return msgspec.convert(own | theirs, _Line)


def read_lines(
    names: Mapping[str, str], lines: Sequence[bytes], now: datetime
) -> list[ReadyArticle | str]:
    """The articles of lines, as `LineReader.read_all`; for a separate process."""
    return LineReader(names).read_all(lines, now)


def read_lines_apart(
    do: Callable[..., Sequence[ReadyArticle | str]],
    names: Mapping[str, str],
    lines: Sequence[bytes],
    now: datetime,
) -> Sequence[ReadyArticle | str]:
    """What lines hold, read by a separate process; each alone if one of them breaks it.

    `do` runs a function there, naming a URL in its errors: ParseError. Raises ReaderNotStarted,
    which is not the fault of any line.
    """
    try:
        return do("", read_lines, names, lines, now)
    except ReaderNotStarted:
        raise
    except ParseError as error:
        if len(lines) == 1:
            return [error.reason]
    return [one for line in lines for one in read_lines_apart(do, names, [line], now)]


def _at(value: Any, path: list[str]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _in_words(error: Exception, data: bytes) -> str:
    if data.lstrip().startswith(b"["):
        return "a JSON array; an article a line is wanted, as `jq -c '.[]'` writes them"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16; JSON lines are UTF-8, as `iconv -f UTF-16 -t UTF-8` writes them"
    try:
        data.decode()
    except UnicodeDecodeError as first:
        return f"not UTF-8: byte {first.start} is 0x{data[first.start]:02x}"
    return str(error)


def check_url(url: str | None, *, field: str = "url") -> None:
    """Raise RecordError for a URL that is not safe as a link for readers."""
    if url and not url.lower().startswith(("http://", "https://")):
        raise RecordError(f"{field} is no http:// or https:// URL: {url!r:.100}", field=field)


def _to_article(line: _Line, now: datetime) -> Article:
    url = clean(line.url).strip() if line.url else None
    check_url(url)
    check_url(line.feed, field="feed")
    canonical = canonical_url(url) if url else None
    publisher = _line_of(line.publisher) or (site_of(canonical) if canonical else None)
    title, text = _line_of(line.title), clean(line.text)
    if not text.strip():
        raise RecordError("the text is empty", field="text")
    content = content_hash(title, text)
    # An id of another system distinguishes its articles only within one publisher.
    guid = str(line.id) if line.id is not None else None
    return Article(
        id=article_id(
            canonical=canonical,
            guid=guid if publisher else None,
            publisher=publisher or "",
            content=content,
        ),
        url=url,
        canonical_url=canonical,
        feed=line.feed,
        publisher=publisher or None,
        title=title,
        authors=_authors(line.authors),
        published_at=not_in_future(_date(line.published_at, "published_at"), now),
        updated_at=not_in_future(_date(line.updated_at, "updated_at"), now),
        fetched_at=_date(line.fetched_at, "fetched_at") or now,
        language=normal_language(line.language) or _NOT_STATED,
        text=text,
        text_from="import",
        summary=clean(line.summary or ""),
        content_hash=content,
        raw=line.raw | ({"guid": guid} if guid else {}),
    )


def _with_language(article: Article) -> Article:
    """The article with the language of its text, where the line does not state it."""
    if article.language != _NOT_STATED:
        return article
    text = f"{article.title}\n{article.text}"[:_LANGUAGE_CHARS]
    return replace(article, language=detect_language(text))


def _line_of(text: str | None) -> str:
    return " ".join(clean(text).split()) if text else ""


def _authors(written: list[str] | str | None) -> tuple[str, ...]:
    names = [written] if isinstance(written, str) else written or []
    return tuple(name for name in map(_line_of, names) if name)


def _date(written: str | float | None, field: str) -> datetime | None:
    """A date in ISO 8601, in the format of e-mail headers, or in (milli)seconds since 1970."""
    if written is None or written == "":
        return None
    date = _written_date(written) if isinstance(written, str) else _counted_date(written)
    if date is None:
        raise RecordError(f"{field} is no date: {written!r}"[:200], field=field)
    return date


def _written_date(written: str) -> datetime | None:
    try:
        date = datetime.fromisoformat(written)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return parse_date(written)


def _counted_date(counted: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(
            counted / 1000 if abs(counted) >= _MOST_SECONDS else counted, UTC
        )
    except (ValueError, OverflowError, OSError):
        return None
