"""Single things: a quote, the same words elsewhere, an article, a story."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from onrecord.archive.documents import found_at, words_said
from onrecord.archive.results import (
    ArchivedArticle,
    ArchivedQuote,
    ArchivedStory,
    ArticleRevision,
    ReplacedQuote,
    SameWords,
)
from onrecord.archive.sqlite.cuts import cuts_of
from onrecord.archive.sqlite.quotes import id_key, words_key
from onrecord.archive.sqlite.reading import ArticleRow, load_articles, load_quotes, marks
from onrecord.log.sqlite.database import Database
from onrecord.naming import name_key
from onrecord.records import Article

_articles = msgspec.json.Decoder(Article)
_MOST_CANDIDATES = 1_000
_ARTICLES = 200
_FIRST, _LAST = -(1 << 62), 1 << 62


def quote(db: Database, quote_id: str) -> ArchivedQuote | ReplacedQuote | None:
    """The quote of this id, or what became of it."""
    rows = db.rows("SELECT seq FROM quote WHERE id_key = ?", (id_key(quote_id),))
    for found in load_quotes(db, [seq for (seq,) in rows]):
        if found.id == quote_id:
            return found
    replaced = _replaced(db, "replaced.id = ?", quote_id)
    return replaced[0] if replaced else None


def _replaced(db: Database, condition: str, value: str | int) -> list[ReplacedQuote]:
    return [
        ReplacedQuote(
            id=old, article=article, revision=revision, words=words, speaker=speaker, became=became
        )
        for old, article, revision, words, speaker, became in db.rows(
            "SELECT replaced.id, article.id, replaced.revision, words, speaker, became "
            f"FROM replaced JOIN article ON article.n = replaced.article WHERE {condition} "
            "ORDER BY replaced.revision, replaced.id",
            (value,),
        )
    ]


def same_words(db: Database, quote_id: str, *, limit: int) -> SameWords:
    """All quotes of the same words, and of longer and shorter cuts of them, oldest first."""
    found = quote(db, quote_id)
    if not isinstance(found, ArchivedQuote):
        return SameWords(quotes=())
    said = words_said(found.quote)
    rows = db.rows(
        "SELECT seq FROM quote WHERE words_key = ? AND is_rejected IS NULL ORDER BY seq LIMIT ?",
        (words_key(said), _MOST_CANDIDATES),
    )
    seqs = [seq for (seq,) in rows]
    same = [
        other for other in load_quotes(db, seqs[: limit + 1]) if words_said(other.quote) == said
    ]
    cuts = cuts_of(db, found, without={other.id for other in same})
    every = sorted([*same, *cuts], key=lambda other: other.at)
    return SameWords(
        quotes=tuple(every[:limit]), is_bounded=len(seqs) > limit or len(every) > limit
    )


def article(db: Database, article_id: str) -> ArchivedArticle | None:
    """An article with its revisions and quotes."""
    row = db.row("SELECT n FROM article WHERE id = ?", (article_id,))
    return None if row is None else _article(db, load_articles(db, [row[0]])[row[0]])


def articles(
    db: Database,
    after: datetime | None,
    before: datetime | None,
    at: tuple[int, int] | None,
) -> tuple[list[ArchivedArticle], tuple[int, int] | None]:
    """The next articles by time of publication, and where to go on; None after the last."""
    first = _FIRST if after is None else int(after.timestamp())
    rows = db.rows(
        "SELECT at, n FROM article WHERE (at, n) > (?, ?) AND at >= ? AND at <= ? "
        "ORDER BY at, n LIMIT ?",
        (
            *(at or (_FIRST, 0)),
            first,
            _LAST if before is None else int(before.timestamp()),
            _ARTICLES,
        ),
    )
    found = load_articles(db, (n for _, n in rows))
    wanted = [
        shown
        for shown in (_article(db, found[n]) for _, n in rows)
        # `at` is in whole seconds
        if (after is None or shown.at >= after) and (before is None or shown.at < before)
    ]
    return wanted, rows[-1] if len(rows) == _ARTICLES else None


def _article(db: Database, row: ArticleRow) -> ArchivedArticle:
    quotes = load_quotes(db, _seqs_of(db, row.n))
    quotes.sort(key=lambda found: found.quote.content[0].start)
    texts = {
        revision: msgspec.structs.replace(_articles.decode(record), text=text)
        for revision, record, text in db.rows(
            "SELECT revision, record, text FROM revision WHERE article = ?", (row.n,)
        )
    }
    replaced = _replaced(db, "replaced.article = ?", row.n)
    numbers = {row.revision, *texts, *(old.revision for old in replaced)}
    newest = texts.get(row.revision)
    read_at = row.extracted_at or (newest.fetched_at if newest else None)
    assert read_at is not None  # noqa: S101 - a row is made by an article or an extraction
    return ArchivedArticle(
        ref=row.ref,
        at=found_at(row.ref, read_at),
        revisions=tuple(
            ArticleRevision(
                revision=number,
                article=texts.get(number),
                quotes=tuple(quotes) if number == row.revision else (),
                replaced=tuple(old for old in replaced if old.revision == number),
            )
            for number in sorted(numbers)
        ),
        entities=tuple(row.entities),
        extractor=row.extractor,
        extracted_at=row.extracted_at,
        notes=row.notes,
        people=_people(db, row),
        story=row.story,
    )


def _seqs_of(db: Database, n: int) -> list[int]:
    rows = db.rows("SELECT seq FROM quote WHERE article = ? ORDER BY seq DESC", (n,))
    return [seq for (seq,) in rows]


def _people(db: Database, row: ArticleRow) -> dict[str, str]:
    """To which persons the entities of an article belong, by their names."""
    keys = {entity.id: name_key(entity.name) for entity in row.entities if entity.type == "person"}
    wanted: Sequence[str] = sorted(set(keys.values()))
    found: dict[str, str] = dict(
        db.rows(f"SELECT key, person FROM person_of WHERE key IN ({marks(wanted)})", wanted)
    )
    return {entity: found[key] for entity, key in keys.items() if key in found}


def story(db: Database, story_id: str, *, limit: int) -> ArchivedStory | None:
    """The copies of one story, oldest first."""
    rows = db.rows(
        "SELECT n FROM article WHERE story = ? ORDER BY at, n LIMIT ?", (story_id, limit + 1)
    )
    if not rows:
        return None
    numbers = [n for (n,) in rows][:limit]
    found = load_articles(db, numbers)
    return ArchivedStory(
        id=story_id,
        articles=tuple(_article(db, found[n]) for n in numbers),
        is_bounded=len(rows) > limit,
    )
