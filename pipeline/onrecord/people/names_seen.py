"""Full names as extractions bring them: in which forms, when, and with which roles.

Everything kept is a minimum, a maximum or a count, and which forms and roles are kept of a name
that has very many is decided by their words alone: the order of reading does not matter.
"""

from collections.abc import Iterator
from datetime import datetime
from heapq import nsmallest
from typing import NamedTuple

import msgspec

from onrecord.naming import name_key
from onrecord.people.offices import has_one_holder, is_telling, office_of
from onrecord.people.spelling import is_full
from onrecord.records import NameSeen, Tenure, Time, WrittenForm, id_of

_FORMS = 12
_ROLES = 24


# ── the fields of an extraction that are read here ───────────────────────────────────────────


class _Named(msgspec.Struct, frozen=True, gc=False):
    name: str
    type: str
    role: str | None = None
    aliases: tuple[str, ...] = ()


class _Dated(msgspec.Struct, frozen=True, gc=False):
    published_at: Time | None = None


class Mentioned(msgspec.Struct, frozen=True, tag_field="schema", tag="onrecord.extraction"):
    """Whom an extraction names, and when."""

    article: _Dated
    extracted_at: Time
    entities: tuple[_Named, ...] = ()


# ── names ────────────────────────────────────────────────────────────────────────────────────


class Sighting(NamedTuple):
    """One full name of an article, with the role that the article gives, if any.

    `at` is when the extraction entered the log, `said_at` when the article was published.
    """

    key: str
    text: str
    role: str | None
    at: datetime
    said_at: datetime


def id_of_name(key: str) -> str:
    """The id of a name, from its key."""
    return id_of("name", key)


def sightings(extraction: Mentioned, at: datetime) -> Iterator[list[Sighting]]:
    """The full names of each person that an extraction names, the main one first."""
    said_at = extraction.article.published_at or extraction.extracted_at
    for entity in extraction.entities:
        if entity.type == "person" and (found := _names_of(entity, at, said_at)):
            yield found


def _names_of(entity: _Named, at: datetime, said_at: datetime) -> list[Sighting]:
    found: dict[str, Sighting] = {}
    for text in (entity.name, *entity.aliases):
        key = name_key(text)
        if key not in found and is_full(key):
            # A role belongs to the person: which of the names stood beside it does not count.
            found[key] = Sighting(key, text, entity.role, at, said_at)
    return list(found.values())


def seen_again(known: NameSeen | None, sighting: Sighting) -> NameSeen:
    """What is known of a name after another sighting of it."""
    key, text, role, at, said_at = sighting
    if known is None:
        forms = (WrittenForm(text=text),)
        roles = (Tenure(role=role, first=said_at, last=said_at),) if role else ()
        return NameSeen(id=id_of_name(key), key=key, forms=forms, first=at, last=at, roles=roles)
    return msgspec.structs.replace(
        known,
        forms=_with_form(known.forms, text),
        first=min(known.first, at),
        last=max(known.last, at),
        roles=_with_role(known.roles, role, said_at) if role else known.roles,
    )


def _with_form(forms: tuple[WrittenForm, ...], text: str) -> tuple[WrittenForm, ...]:
    counts = {form.text: form.articles for form in forms}
    counts[text] = counts.get(text, 0) + 1
    # Never the least frequent: a form that goes and comes again would be counted from one, and
    # how often that happens depends on the order of reading.
    kept = counts if len(counts) <= _FORMS else nsmallest(_FORMS, counts, key=_rank_of_form)
    found = [WrittenForm(text=text, articles=counts[text]) for text in kept]
    return tuple(sorted(found, key=lambda form: (-form.articles, form.text)))


def _rank_of_form(text: str) -> tuple[bool, int, str]:
    """Forms in capitals or lower case last, and those with more marks after those with fewer."""
    return text.isupper() or text.islower(), len(text), text


def _with_role(roles: tuple[Tenure, ...], role: str, at: datetime) -> tuple[Tenure, ...]:
    found = {tenure.role: tenure for tenure in roles}
    known = found.get(role) or Tenure(role=role, first=at, last=at, articles=0)
    found[role] = Tenure(
        role=role, first=min(known.first, at), last=max(known.last, at), articles=known.articles + 1
    )
    kept = found if len(found) <= _ROLES else nsmallest(_ROLES, found, key=_rank_of_role)
    return tuple(sorted((found[it] for it in kept), key=lambda it: (-it.articles, it.role)))


def _rank_of_role(role: str) -> tuple[bool, bool, int, str]:
    """Offices of one holder in a country first: those alone find a person who is not named."""
    office = office_of(role)
    return not (office.country and has_one_holder(office)), not is_telling(office), len(role), role
