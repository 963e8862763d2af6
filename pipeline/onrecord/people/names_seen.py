"""Full names as extractions bring them: in which forms, when, and with which roles.

Everything kept is a minimum, a maximum or a count: the order of reading does not matter, but for
which of the rare forms and roles are kept of a name that has very many.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec

from onrecord.naming import name_key
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
    found = [WrittenForm(text=text, articles=count) for text, count in counts.items()]
    return tuple(sorted(found, key=lambda form: (-form.articles, form.text))[:_FORMS])


def _with_role(roles: tuple[Tenure, ...], role: str, at: datetime) -> tuple[Tenure, ...]:
    found = {tenure.role: tenure for tenure in roles}
    known = found.get(role) or Tenure(role=role, first=at, last=at, articles=0)
    found[role] = Tenure(
        role=role, first=min(known.first, at), last=max(known.last, at), articles=known.articles + 1
    )
    return tuple(sorted(found.values(), key=lambda it: (-it.articles, it.role))[:_ROLES])
