"""How people look: for people on a terminal, and for programs."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from rich.table import Table

from onrecord.cli.output import show, write
from onrecord.cli.people_asked import ID_DIGITS
from onrecord.cli.render import console
from onrecord.people.registry import PersonKnown
from onrecord.records import Judgement, QuoteOnRecord, shown_content


class ListedPersonView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person, as programs are given them."""

    id: str
    name: str
    names: list[dict[str, Any]]
    roles: list[str]
    extractions: int
    first: datetime
    last: datetime
    judgements: list[Judgement] = []
    quotes: list[QuoteOnRecord] = []


def write_people(
    people: Iterable[PersonKnown],
    judgements: Sequence[Judgement] = (),
    quotes: Sequence[QuoteOnRecord] = (),
) -> None:
    """A line of JSON for each person."""
    for person in people:
        view = ListedPersonView(
            id=person.id,
            name=person.name,
            names=[
                {"id": name.id, "key": name.key, "forms": [form.text for form in name.forms]}
                for name in person.names
            ],
            roles=[tenure.role for tenure in person.roles],
            extractions=person.articles,
            first=person.first,
            last=person.last,
            judgements=list(judgements),
            quotes=list(quotes),
        )
        write(msgspec.json.encode(view) + b"\n")


def print_people(people: Sequence[PersonKnown]) -> None:
    """A table of people."""
    table = Table("id", "name", "also", "role", "articles", "last")
    for person in people:
        table.add_row(
            person.id[:ID_DIGITS],
            person.name,
            ", ".join(_other_names(person)),
            person.roles[0].role if person.roles else "",
            str(person.articles),
            f"{person.last:%Y-%m-%d}",
        )
    console().print(table, markup=False)


def print_person(
    person: PersonKnown, judgements: Sequence[Judgement], quotes: Sequence[QuoteOnRecord]
) -> None:
    """A person's names, roles, judgements and latest quotes."""
    show(f"{person.name}  {person.id}")
    for name in person.names:
        forms = ", ".join(f"{form.text} ({form.articles})" for form in name.forms)
        show(f"  name {name.id[:ID_DIGITS]}: {forms}, first seen {name.first:%Y-%m-%d}")
    for tenure in person.roles:
        show(f"  role: {tenure.role}, {tenure.first:%Y-%m-%d} to {tenure.last:%Y-%m-%d}")
    for judgement in judgements:
        show(f"  {shown_judgement(judgement)}")
    print_quotes(quotes)


def print_quotes(quotes: Sequence[QuoteOnRecord]) -> None:
    """Quotes, one a line, with where and when they were printed."""
    for found in quotes:
        when = found.article.published_at or found.extracted_at
        where = found.article.publisher or found.article.url or found.article.id
        words = " … ".join(span.text for span in shown_content(found.quote))
        show(f'  "{words}" ({where}, {when:%Y-%m-%d})')


def shown_judgement(judgement: Judgement) -> str:
    """A judgement on one line."""
    names = " and ".join(it[:ID_DIGITS] for it in (judgement.left, judgement.right) if it)
    about = names or judgement.quote or judgement.undoes or ""
    why = f": {judgement.why}" if judgement.why else ""
    return (
        f"judgement {judgement.id[:ID_DIGITS]}: {judgement.kind} {about} "
        f"by {judgement.by}, {judgement.at:%Y-%m-%d %H:%M}{why}"
    )


def _other_names(person: PersonKnown) -> list[str]:
    return [name.forms[0].text for name in person.names if name.forms[0].text != person.name]
