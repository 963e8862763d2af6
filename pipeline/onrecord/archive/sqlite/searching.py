"""Hits of a query: pages of them, their number, their facets, their course over time.

What would read every hit of a very common word is bounded: facets look at the newest, relevance
ranks the newest, counts stop. The limits are so large that a question of more than a word or two
seldom meets them.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

from onrecord.archive.cursors import from_cursor, to_cursor
from onrecord.archive.marking import marked_words
from onrecord.archive.query import Everything, Node, quoted
from onrecord.archive.results import (
    FacetCounts,
    FacetField,
    FacetValue,
    Hit,
    HitCount,
    HitPage,
    Interval,
    Order,
    Timeline,
    TimelinePoint,
)
from onrecord.archive.sqlite.compiling import Compiled, compile_query
from onrecord.archive.sqlite.packing import TYPES
from onrecord.archive.sqlite.reading import load_names, load_quotes, marks, numbers_in
from onrecord.archive.sqlite.tallies import MINUTE_BITS, first_seq
from onrecord.archive.timelines import intervals_between, next_start
from onrecord.log.sqlite.database import Database

_COUNTED = 10_000
_FACETED = 20_000
_RANKED = 2_000
_TIMED = 2_000_000
_NAMELESS = "\0"  # before a name that belongs to no person


def search(db: Database, query: Node, *, order: Order, cursor: str | None, limit: int) -> HitPage:
    """A page of hits."""
    compiled = compile_query(db, query)
    if order is Order.RELEVANCE:
        seqs, following, is_bounded = _best(db, compiled, cursor, limit)
    else:
        seqs, following = _by_time(db, compiled, order, cursor, limit)
        is_bounded = compiled.is_bounded
    hits = tuple(
        Hit(quote=quote, marks=marked_words(quote.quote, query)) for quote in load_quotes(db, seqs)
    )
    return HitPage(hits=hits, cursor=following, is_bounded=is_bounded)


def _by_time(
    db: Database, compiled: Compiled, order: Order, cursor: str | None, limit: int
) -> tuple[list[int], str | None]:
    at = None if cursor is None else from_cursor(order.value, cursor)
    if order is Order.NEWEST:
        way, given = "DESC", compiled.given(limit + 1, last=None if at is None else at - 1)
    else:
        way, given = "ASC", compiled.given(limit + 1, first=None if at is None else at + 1)
    rows = db.rows(compiled.select("search.rowid", f"ORDER BY search.rowid {way} LIMIT ?"), given)
    seqs = [seq for (seq,) in rows]
    is_more = len(seqs) > limit
    seqs = seqs[:limit]
    return seqs, to_cursor(order.value, seqs[-1]) if is_more and seqs else None


def _best(
    db: Database, compiled: Compiled, cursor: str | None, limit: int
) -> tuple[list[int], str | None, bool]:
    skip = 0 if cursor is None else from_cursor("relevance", cursor)
    oldest = db.row(
        compiled.select("search.rowid", "ORDER BY search.rowid DESC LIMIT 1 OFFSET ?"),
        compiled.given(_RANKED - 1),
    )
    # A word said is worth more than the same word in the speaker's name or in the title.
    rows = db.rows(
        compiled.select(
            "search.rowid",
            "ORDER BY bm25(search, 1.0, 0.5, 0.25, 0.0), search.rowid DESC LIMIT ? OFFSET ?",
        ),
        compiled.given(limit + 1, max(0, skip), first=oldest[0] if oldest else None),
    )
    seqs = [seq for (seq,) in rows]
    is_more = len(seqs) > limit
    following = to_cursor("relevance", skip + limit) if is_more else None
    return seqs[:limit], following, oldest is not None or compiled.is_bounded


def count(db: Database, query: Node) -> HitCount:
    """The number of hits, up to a limit."""
    if isinstance(query, Everything):
        return HitCount(count=db.number("SELECT sum(n) FROM volume"))
    compiled = compile_query(db, query)
    found = _count_between(db, compiled, most=_COUNTED + 1)
    return HitCount(count=min(found, _COUNTED), is_bounded=found > _COUNTED or compiled.is_bounded)


def _count_between(
    db: Database,
    compiled: Compiled,
    *,
    most: int,
    first: int | None = None,
    last: int | None = None,
) -> int:
    inner = compiled.select("search.rowid", "LIMIT ?")
    row = db.row(f"SELECT count(*) FROM ({inner})", compiled.given(most, first=first, last=last))
    return int(row[0]) if row else 0


# ── facets ───────────────────────────────────────────────────────────────────────────────────


def facets(db: Database, query: Node, fields: Collection[FacetField], *, limit: int) -> FacetCounts:
    """The most frequent values among the newest hits."""
    compiled = compile_query(db, query)
    newest = compiled.select("search.rowid AS seq", "ORDER BY search.rowid DESC LIMIT ?")
    rows = db.rows(
        "SELECT speaker, about, publisher, language, type "
        f"FROM ({newest}) AS hit JOIN quote ON quote.seq = hit.seq",
        compiled.given(_FACETED + 1),
    )
    is_bounded = len(rows) > _FACETED or compiled.is_bounded
    rows = rows[:_FACETED]
    speakers, abouts, publishers, languages, types = zip(*rows, strict=True) if rows else [()] * 5
    counted = {
        FacetField.SPEAKER: lambda: named_values(db, "speaker", speakers, limit),
        FacetField.ABOUT: lambda: named_values(
            db, "about", (n for about in abouts if about for n in numbers_in(about)), limit
        ),
        FacetField.PUBLISHER: lambda: values_of(db, "publisher", publishers, limit),
        FacetField.LANGUAGE: lambda: values_of(db, "language", languages, limit),
        FacetField.TYPE: lambda: tuple(
            FacetValue(value=TYPES[kind], count=n, query=f"type:{TYPES[kind]}")
            for kind, n in Counter(types).most_common(limit)
        ),
    }
    return FacetCounts(
        values={field: counted[field]() for field in FacetField if field in fields},
        counted=len(rows),
        is_bounded=is_bounded,
    )


def named_values(
    db: Database, field: str, numbers: Iterable[int | None], limit: int
) -> tuple[FacetValue, ...]:
    """The most frequent names, those of one person counted together."""
    counts = Counter(numbers)
    counts.pop(None, None)
    # Names of one person can each be rare: look at more than are wanted.
    common = counts.most_common(limit * 10)
    names = load_names(db, (n for n, _ in common if n is not None))
    by_person: dict[str, Counter[str]] = {}
    for n, times in common:
        if n is not None:
            name = names[n]
            by_person.setdefault(name.person or f"{_NAMELESS}{name.name}", Counter())[
                name.name
            ] += times
    ranked = sorted(by_person.items(), key=lambda item: -item[1].total())[:limit]
    return tuple(
        FacetValue(
            value=each.most_common(1)[0][0],
            count=each.total(),
            person=None if person.startswith(_NAMELESS) else person,
            query=f"{field}:{quoted(person.removeprefix(_NAMELESS))}",
        )
        for person, each in ranked
    )


def values_of(
    db: Database, table: str, numbers: Iterable[int | None], limit: int
) -> tuple[FacetValue, ...]:
    """The most frequent publishers or languages."""
    common = [(n, times) for n, times in Counter(numbers).most_common(limit + 1) if n is not None]
    wanted = [n for n, _ in common]
    names: dict[int, str] = dict(
        db.rows(f"SELECT n, name FROM {table} WHERE n IN ({marks(wanted)})", wanted)
    )
    return tuple(
        FacetValue(value=names[n], count=times, query=f"{table}:{quoted(names[n])}")
        for n, times in common[:limit]
    )


# ── over time ────────────────────────────────────────────────────────────────────────────────


def timeline(db: Database, query: Node, *, interval: Interval | None) -> Timeline:
    """Hits over time, counted from the newest backwards until the limit."""
    compiled = compile_query(db, query)
    ends = [
        db.row(
            compiled.select("search.rowid", f"ORDER BY search.rowid {way} LIMIT 1"),
            compiled.given(),
        )
        for way in ("ASC", "DESC")
    ]
    if ends[0] is None or ends[1] is None:
        return Timeline(interval=interval or "day", points=())
    first, last = (time_of(row[0]) for row in ends if row is not None)
    fitting, starts, is_cut = intervals_between(first, last, interval)
    points: list[TimelinePoint] = []
    left = _TIMED
    for start in reversed(starts):
        if left <= 0:
            break
        until = next_start(start, fitting)
        found = _counted(db, compiled, start, until)
        left -= found
        points.append(TimelinePoint(start=start, count=found, of=volume(db, start, until)))
    return Timeline(
        interval=fitting,
        points=tuple(reversed(points)),
        is_bounded=is_cut or len(points) < len(starts) or compiled.is_bounded,
    )


def _counted(db: Database, compiled: Compiled, start: datetime, until: datetime) -> int:
    row = db.row(
        compiled.select("count(*)"),
        compiled.given(first=first_seq(start), last=first_seq(until) - 1),
    )
    return int(row[0]) if row else 0


def time_of(seq: int) -> datetime:
    """The minute of publication in a quote's number."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=seq >> MINUTE_BITS)


def volume(db: Database, start: datetime, until: datetime) -> int:
    """The number of all quotes in whole hours."""
    hours = (first_seq(start) >> MINUTE_BITS) // 60, (first_seq(until) >> MINUTE_BITS) // 60
    row = db.row("SELECT sum(n) FROM volume WHERE hour >= ? AND hour < ?", hours)
    return int(row[0] or 0) if row else 0
