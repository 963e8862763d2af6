"""What the archive knows of one person, from counts and from the newest quotes."""

from collections import Counter
from collections.abc import Sequence

from onrecord.archive.results import PersonSummary, SeenRole, TimelinePoint
from onrecord.archive.sqlite.names import names_of_person
from onrecord.archive.sqlite.reading import load_quotes, marks, numbers_in
from onrecord.archive.sqlite.searching import named_values, time_of, values_of, volume
from onrecord.archive.sqlite.tallies import Kind, month_start
from onrecord.log.sqlite.database import Database

# Whom somebody speaks about, and what they are called, is told by so many of the newest quotes.
_LOOKED_AT = 1_000
_ROLES_OF = 200
_MOST_VALUES = 10


def person(db: Database, who: str, *, limit: int) -> PersonSummary | None:
    """A summary of the person of this id, or of this name."""
    names = names_of_person(db, who)
    if not names:
        return None
    numbers = [n for n, _, _ in names]
    by_month = _months(db, "speaker", numbers)
    spoken = _newest(db, "s", numbers)
    facts = _facts(db, spoken)
    about_them = _facts(db, _newest(db, "a", numbers))
    quotes = load_quotes(db, spoken[:limit])
    total = sum(n for _, n in by_month)
    return PersonSummary(
        name=_usual_name(db, names),
        person=names[0][2],
        names=tuple(sorted({name for _, name, _ in names if name})),
        quotes=total,
        by_month=_points(db, by_month),
        mentions_by_month=_points(db, _months(db, "about", numbers)),
        about=named_values(
            db, "about", (n for _, about, _ in facts for n in numbers_in(about)), _MOST_VALUES
        ),
        quoted_by=values_of(db, "publisher", (p for _, _, p in facts), _MOST_VALUES),
        spoken_of_by=named_values(db, "speaker", (s for s, _, _ in about_them), _MOST_VALUES),
        roles=_roles(db, spoken[:_ROLES_OF]),
        newest=tuple(quotes),
        is_bounded=total > _LOOKED_AT or len(about_them) == _LOOKED_AT,
    )


def _usual_name(db: Database, names: Sequence[tuple[int, str, str | None]]) -> str:
    numbers = [n for n, name, _ in names if name]
    row = db.row(
        f"SELECT name.name FROM tally JOIN name ON name.n = tally.name WHERE tally.name IN "
        f"({marks(numbers)}) GROUP BY name.name ORDER BY sum(tally.n) DESC, name.name LIMIT 1",
        numbers,
    )
    return str(row[0]) if row else names[0][1]


def _months(db: Database, kind: Kind, numbers: Sequence[int]) -> list[tuple[int, int]]:
    return [
        (month, n)
        for month, n in db.rows(
            f"SELECT month, sum(n) FROM tally WHERE kind = ? AND name IN ({marks(numbers)}) "
            "GROUP BY month HAVING sum(n) > 0 ORDER BY month",
            (kind, *numbers),
        )
    ]


def _points(db: Database, months: Sequence[tuple[int, int]]) -> tuple[TimelinePoint, ...]:
    counts = dict(months)
    if not counts:
        return ()
    return tuple(
        TimelinePoint(
            start=month_start(month),
            count=counts.get(month, 0),
            of=volume(db, month_start(month), month_start(month + 1)),
        )
        for month in range(min(counts), max(counts) + 1)
    )


def _newest(db: Database, letter: str, numbers: Sequence[int]) -> list[int]:
    tags = " OR ".join(f'"{letter}{n}"' for n in numbers)
    rows = db.rows(
        "SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?",
        (f"tags : ({tags})", _LOOKED_AT),
    )
    return [seq for (seq,) in rows]


def _facts(db: Database, seqs: Sequence[int]) -> list[tuple[int | None, str | None, int | None]]:
    return [
        (speaker, about, publisher)
        for speaker, about, publisher in db.rows(
            f"SELECT speaker, about, publisher FROM quote WHERE seq IN ({marks(seqs)})", seqs
        )
    ]


def _roles(db: Database, seqs: Sequence[int]) -> tuple[SeenRole, ...]:
    """The roles that articles gave, the most frequent first."""
    seen: dict[str, list[int]] = {}
    for seq, role in db.rows(
        "SELECT seq, coalesce(json_extract(detail, '$[9].speaker.role'), "
        "json_extract(entities, '$[' || json_extract(detail, '$[5]') || '].role')) "
        "FROM body JOIN quote USING (seq) JOIN article ON article.n = quote.article "
        # A speaker given by hand has no name here, and not the role of who was extracted.
        "JOIN name ON name.n = quote.speaker AND name.name != '' "
        f"WHERE seq IN ({marks(seqs)})",
        seqs,
    ):
        if role:
            seen.setdefault(role, []).append(seq)
    ranked = Counter({role: len(found) for role, found in seen.items()}).most_common()
    return tuple(
        SeenRole(
            role=role,
            first_seen=time_of(min(seen[role])),
            last_seen=time_of(max(seen[role])),
            quotes=n,
        )
        for role, n in ranked
    )
