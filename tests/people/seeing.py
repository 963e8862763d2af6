"""Extractions that name people, for the tests of who is who."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from onrecord.log.interface import Log
from onrecord.people.deriving import Deriver
from onrecord.people.known import KnownList
from onrecord.people.live import LivePeople
from onrecord.people.registry import PersonKnown, Registry
from onrecord.people.resolving import PeopleResolver
from onrecord.records import ArticleRef, Entity, Extraction, Mention, Quote, Span, Speaker, to_json
from onrecord.topics import Topics
from tests.builders import NOON, extraction, quote

TOPICS = Topics()


def naming(
    id: str, *people: str | tuple[str, str | None], at: datetime = NOON, **fields: Any
) -> Extraction:
    """An extraction that names people, each with a role or without; each says something."""
    pairs = [(it, None) if isinstance(it, str) else it for it in people]
    entities = tuple(
        Entity(
            id=f"e{n}",
            name=name,
            type="person",
            role=role,
            mentions=(Mention(start=0, end=len(name), text=name),),
        )
        for n, (name, role) in enumerate(pairs)
    )
    quotes = tuple(said_by(id, n, name, role) for n, (name, role) in enumerate(pairs))
    reference = ArticleRef(id=id, title=id, publisher="Post", published_at=at, language="en")
    given = {"entities": entities, "quotes": quotes, "article": reference} | fields
    return extraction(id, **given)


def said_by(article: str, n: int, name: str, role: str | None = None, **fields: Any) -> Quote:
    content = (Span(start=100 * n, end=100 * n + 7, text=f"word {n:02}"),)
    given: dict[str, Any] = {
        "id": f"{article}-q{n}",
        "content": content,
        "speaker": Speaker(entity=f"e{n}", name=name, role=role),
    } | fields
    return quote(**given)


def publish(log: Log, *extractions: Extraction) -> None:
    """Publish extractions, each a second after the one before."""
    with log.writer("tests") as writer, writer.transaction() as tx:
        for n, found in enumerate(extractions):
            tx.publish(
                TOPICS.extractions,
                key=found.article.id.encode(),
                value=to_json(found),
                timestamp=NOON + timedelta(seconds=n),
            )


def seen(log: Log, known: KnownList | None = None) -> LivePeople:
    """The registry of all that the log has, derived or not."""
    people = LivePeople(log, TOPICS, known or KnownList(()))
    people.refresh()
    people.catch_up()
    return people


def names_of(registry: Registry) -> list[list[str]]:
    """The names of each person, as their keys."""
    return sorted(sorted(name.key for name in person.names) for person in registry.people())


def person_called(registry: Registry, key: str) -> PersonKnown:
    found = registry.person(registry.person_of_key(key))
    assert found is not None, key
    return found


def deriver(known: Sequence[Any] = ()) -> Deriver:
    return Deriver(PeopleResolver(Registry(), KnownList(known)))
