"""Names, publishers and languages as numbers."""

from collections.abc import Iterable, Mapping
from typing import Literal

from onrecord.archive.query import words_of
from onrecord.log.sqlite.database import Database
from onrecord.naming import name_key

Table = Literal["publisher", "language", "reason"]

# No name has so many words, and SQLite puts at most 500 SELECTs together.
_MOST_WORDS = 400


class Numbers:
    """The numbers of names while writing, each looked up once; unknown names get one.

    After a transaction that failed, `forget` what it added.
    """

    MOST_KEPT = 200_000

    def __init__(self, db: Database) -> None:
        self._db = db
        self._names: dict[tuple[str, str], int] = {}
        self._others: dict[tuple[Table, str], int] = {}

    def forget(self) -> None:
        self._names.clear()
        self._others.clear()

    def of_name(self, name: str, fixed: str = "") -> int:
        """The number of a name; another for the same name where it is `fixed` to a person."""
        found = self._names.get((name, fixed))
        if found is None:
            if len(self._names) >= self.MOST_KEPT:
                self._names.clear()
            found = self._names[name, fixed] = self._look_up(name, fixed)
        return found

    def _look_up(self, name: str, fixed: str) -> int:
        row = self._db.row("SELECT n FROM name WHERE name = ? AND fixed = ?", (name, fixed))
        if row is not None:
            return int(row[0])
        key = name_key(name)
        person = (
            self._db.row("SELECT person FROM person_of WHERE key = ?", (key,))
            if not fixed
            else (fixed,)
        )
        n = self._db.execute(
            "INSERT INTO name (name, fixed, key, person) VALUES (?, ?, ?, ?)",
            (name, fixed, key, person[0] if person else None),
        )
        self._db.execute_many(
            "INSERT OR IGNORE INTO name_word (word, name) VALUES (?, ?)",
            [(word, n) for word in words_of(name)],
        )
        return n

    def of(self, table: Table, name: str | None) -> int | None:
        """The number of a publisher, a language or a reason; None for None."""
        if name is None:
            return None
        found = self._others.get((table, name))
        if found is None:
            row = self._db.row(f"SELECT n FROM {table} WHERE name = ?", (name,))
            found = (
                int(row[0])
                if row is not None
                else self._db.execute(f"INSERT INTO {table} (name) VALUES (?)", (name,))
            )
            self._others[table, name] = found
        return found


def resolve_names(db: Database, people: Mapping[str, str | None]) -> None:
    """Give names to persons: folded name → id of a person, None for nobody."""
    rows = list(people.items())
    db.execute_many("DELETE FROM person_of WHERE key = ?", [(key,) for key, _ in rows])
    db.execute_many(
        "INSERT INTO person_of (key, person) VALUES (?, ?)",
        [(key, person) for key, person in rows if person is not None],
    )
    db.execute_many(
        "UPDATE name SET person = ? WHERE key = ? AND fixed = ''",
        [(person, key) for key, person in rows],
    )


def names_called(db: Database, value: str, words: Iterable[str], *, most: int) -> list[int]:
    """The numbers of names with all these words, or of the person of this id; `most` at most.

    A person is found under all names as soon as one of them has the words.
    """
    wanted = list(dict.fromkeys(words))
    if len(wanted) > _MOST_WORDS:
        return []
    having = " INTERSECT ".join(["SELECT name FROM name_word WHERE word = ?"] * len(wanted))
    return [
        int(n)
        for (n,) in db.rows(
            f"WITH called (n) AS (SELECT n FROM name WHERE person = ? UNION {having}) "
            "SELECT n FROM called UNION SELECT other.n FROM called "
            "JOIN name ON name.n = called.n JOIN name AS other ON other.person = name.person "
            "LIMIT ?",
            (value, *wanted, most),
        )
    ]


def names_of_person(db: Database, who: str) -> list[tuple[int, str, str | None]]:
    """The names of the person of this id, or of this whole name: numbers, names, persons."""
    return db.rows(
        "SELECT n, name, person FROM name WHERE person = ? OR (key = ? AND person IS NULL)",
        (who, name_key(who)),
    ) or db.rows(
        "SELECT other.n, other.name, other.person FROM name "
        "JOIN name AS other ON other.person = name.person WHERE name.key = ? AND name.fixed = ''",
        (name_key(who),),
    )


def publishers_called(db: Database, words: Iterable[str]) -> list[int]:
    """The numbers of publishers with all these words in their names."""
    wanted = set(words)
    return [
        n for n, name in db.rows("SELECT n, name FROM publisher") if wanted <= set(words_of(name))
    ]


def languages_of(db: Database, value: str) -> list[int]:
    """The numbers of a language and its variants: "pt" finds "pt-BR"."""
    return [
        n
        for n, name in db.rows("SELECT n, name FROM language")
        if name.lower() == value or name.lower().startswith(f"{value}-")
    ]
