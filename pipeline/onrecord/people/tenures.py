"""Who held which office when, from the roles that articles gave and from the list of known people.

An office finds a person only where exactly one held it at the time, and a surname with an office
only where exactly one of that family name did.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from onrecord.people.known import KnownList
from onrecord.people.names_seen import id_of_name
from onrecord.people.offices import Office, has_one_holder, is_telling, office_of
from onrecord.people.spelling import spelling_of, without_suffix
from onrecord.records import NameSeen

# An office is somebody's for so long before an article first said so, and after one last did.
_BEFORE = timedelta(days=30)
_AFTER = timedelta(days=60)


class _Held(NamedTuple):
    name_id: str
    key: str
    country: str
    since: datetime | None
    until: datetime | None

    def at(self, when: datetime) -> bool:
        return (self.since is None or self.since <= when) and (
            self.until is None or when < self.until
        )


class Tenures:
    """The holders of offices, by the words of the office."""

    def __init__(self, known: KnownList) -> None:
        self._held: dict[tuple[str, ...], dict[tuple[str, str], _Held]] = defaultdict(dict)
        for person in known.people:
            key = person.keys[0]
            for one in person.offices:
                found = _Held(id_of_name(key), key, one.office.country, one.since, one.until)
                self._held[one.office.words][found.name_id, str(one)] = found

    def see(self, name: NameSeen, before: NameSeen | None) -> None:
        """Know the roles of a name, in place of those of `before`."""
        kept = {tenure.role for tenure in name.roles}
        for tenure in before.roles if before is not None else ():
            if tenure.role not in kept:
                self._held.get(office_of(tenure.role).words, {}).pop((name.id, tenure.role), None)
        for tenure in name.roles:
            office = office_of(tenure.role)
            if _tells_of_few(office):
                self._held[office.words][name.id, tenure.role] = _Held(
                    name.id,
                    name.key,
                    office.country,
                    _moved(tenure.first, -_BEFORE),
                    _moved(tenure.last, _AFTER),
                )

    def holders(self, office: Office, when: datetime) -> Iterator[str]:
        """The names that held an office of a country then; none for an office of many."""
        if office.country and not office.is_former and has_one_holder(office):
            for held in self._held.get(office.words, {}).values():
                if held.country == office.country and held.at(when):
                    yield held.name_id

    def bearers(self, surname: str, office: Office, when: datetime) -> Iterator[str]:
        """The names with this family name (a key) that held the office then."""
        if not _tells_of_few(office):
            return
        family = family_of(surname)
        for held in self._held.get(office.words, {}).values():
            fits = held.country == office.country or not (held.country and office.country)
            if fits and held.at(when) and family_of(held.key) == family:
                yield held.name_id


def _tells_of_few(office: Office) -> bool:
    """Whether an office, with a surname or a country, can find somebody who holds it."""
    return (
        bool(office.words)
        and not office.is_former
        and (is_telling(office) or has_one_holder(office))
    )


def _moved(when: datetime, by: timedelta) -> datetime | None:
    """A time so much earlier or later; None where no year has it."""
    try:
        return when + by
    except OverflowError:
        return None  # .NET's first and last moments, as imported articles have them


def offices_of(name: NameSeen) -> set[Office]:
    """The offices that the roles of a name tell, over or not, that few people hold."""
    found = {office_of(tenure.role)._replace(is_former=False) for tenure in name.roles}
    return {office for office in found if is_telling(office)}


def family_of(key: str) -> str:
    """The last word of a name in its one spelling, without a generation suffix."""
    words, _ = without_suffix(spelling_of(key))
    return words[-1] if words else ""
