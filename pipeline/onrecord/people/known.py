"""Known people, as data: full names, aliases and offices, from a table that a user can extend.

The table is CSV with a head line. Only `name` is needed; aliases and offices are separated by
semicolons, `from` and `until` are dates (2024, 2024-03 or 2024-03-01):

    name,aliases,office,country,from,until,wikidata
    Mara Lind,M. A. Lind;Lindy,harbour minister,skelm,2021-05,,Q1
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from io import StringIO
from pathlib import Path

from onrecord.errors import ConfigError
from onrecord.naming import name_key
from onrecord.nlp.lexicon import word_lists
from onrecord.people.names_seen import id_of_name
from onrecord.people.offices import Office, country_of, office_of

KEY = "people.list"
COLUMNS = ("name", "aliases", "office", "country", "from", "until", "wikidata")


@dataclass(frozen=True, slots=True)
class KnownOffice:
    """An office of a known person and when it was held; None is not known, or still held."""

    office: Office
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A line of the table; names are keys, the main one first."""

    name: str
    keys: tuple[str, ...]
    offices: tuple[KnownOffice, ...] = ()
    wikidata: str | None = None


def read_known(path: str) -> tuple[ListedPerson, ...]:
    """The people of a user's table; none for an empty path. Raises ConfigError."""
    if not path:
        return ()
    try:
        text = Path(path).read_text("utf-8-sig")
    except OSError as error:
        raise _mistake(path, f"{error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _mistake(path, "not UTF-8 text") from error
    return parse_known(text, path)


def parse_known(text: str, path: str) -> tuple[ListedPerson, ...]:
    """The people of a table's text. Raises ConfigError naming the line."""
    rows = csv.DictReader(StringIO(text))
    columns = [column.strip() for column in rows.fieldnames or ()]
    if "name" not in columns:
        raise _mistake(path, f"the first line names the columns: {','.join(COLUMNS)}")
    if unknown := [column for column in columns if column not in COLUMNS]:
        raise _mistake(path, f"no column {unknown[0]!r}; there are {', '.join(COLUMNS)}")
    rows.fieldnames = columns
    try:
        return tuple(_read(row, path, rows.line_num) for row in rows)
    except csv.Error as error:
        raise _mistake(path, f"line {rows.line_num + 1}: {error}") from error


def _read(row: dict[str, str | None], path: str, line: int) -> ListedPerson:
    if None in row:
        raise _mistake(path, f"line {line}: more values than columns; quote those with commas")
    fields = {column: (value or "").strip() for column, value in row.items()}
    name = fields["name"]
    keys = tuple(key for text in (name, *_listed(fields.get("aliases"))) if (key := name_key(text)))
    if not name_key(name):
        raise _mistake(path, f"line {line}: a person has a name")
    since = _date(fields.get("from"), path, line)
    until = _date(fields.get("until"), path, line)
    country = fields.get("country", "")
    offices = tuple(
        KnownOffice(_in_country(text, country), since, until)
        for text in _listed(fields.get("office"))
    )
    return ListedPerson(name, keys, offices, fields.get("wikidata") or None)


def _in_country(text: str, country: str) -> Office:
    office = office_of(text)
    return office if office.country else office._replace(country=country_of(country) or country)


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(";") if part.strip()]


def _date(text: str | None, path: str, line: int) -> datetime | None:
    if not text:
        return None
    for form in ("%Y-%m-%d", "%Y-%m", "%Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise _mistake(path, f"line {line}: {text!r} is not a date such as 2024, 2024-03 or 2024-03-01")


@cache
def built_in() -> tuple[ListedPerson, ...]:
    """The people of the word list with which extraction reads surnames: without offices' dates."""
    found = []
    for line in word_lists("en").sections("known_people").get("people", ()):
        rest = line.partition(" = ")[2]
        name = rest.partition(" @ ")[0].partition(" !")[0].partition(" : ")[0].strip()
        found.append(ListedPerson(name, (name_key(name),)))
    return tuple(found)


class KnownList:
    """The known people by name key and by office."""

    def __init__(self, people: Iterable[ListedPerson]) -> None:
        self.people: Sequence[ListedPerson] = tuple(people)
        self._by_key = {key: person for person in self.people for key in person.keys}
        self._names = {id_of_name(person.keys[0]): person.name for person in self.people}

    def main_key(self, key: str) -> str | None:
        """The key of the main name of the person so listed, also for a name of one word."""
        found = self._by_key.get(key)
        return found.keys[0] if found else None

    def name_of(self, name_id: str) -> str | None:
        """The name of the person whose main name has this id."""
        return self._names.get(name_id)

    def of(self, key: str) -> ListedPerson | None:
        """The person listed under a name key."""
        return self._by_key.get(key)


def _mistake(path: str, reason: str) -> ConfigError:
    return ConfigError(f"{KEY} = {path!r}: {reason}", key=KEY)
