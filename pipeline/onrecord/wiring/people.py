"""People across articles, as configured."""

from time import monotonic

from onrecord.config import Config
from onrecord.log.interface import Log
from onrecord.people.editing import Editor
from onrecord.people.judgement_book import JudgementBook
from onrecord.people.keeping import Keeper
from onrecord.people.known import KnownList, built_in, read_known
from onrecord.people.live import LivePeople
from onrecord.people.readers import PeopleReader
from onrecord.people.registry import Registry
from onrecord.wiring.opening import topics_of
from onrecord.wiring.process import now, own_name, user_name


def known_people(config: Config) -> KnownList:
    """The known people: the built-in list and the user's. Raises ConfigError."""
    return KnownList((*built_in(), *read_known(config.people.list)))


def live_people(config: Config, log: Log, *, until: int | None = None) -> LivePeople:
    """The registry as read from the log; `until` pins it to a position in the judgements."""
    return LivePeople(log, topics_of(config), known_people(config), until=until)


def people_reader(
    config: Config, log: Log, *, until: int | None = None, by_itself: bool = True
) -> PeopleReader:
    """Who is who, for readers of the log; `until` pins it to a position in the judgements."""
    live = live_people(config, log, until=until)
    return PeopleReader(live, monotonic=monotonic, by_itself=by_itself)


def people_keeper(config: Config, log: Log) -> Keeper:
    """Keeps the people topic of the log up to date."""
    return Keeper(
        log=log,
        topics=topics_of(config),
        known=known_people(config),
        group=f"{config.log.prefix}.people",
        name=own_name("people"),
        now=now,
    )


def judgement_book(config: Config, log: Log) -> JudgementBook:
    """Writes judgements into the log."""
    return JudgementBook(log, topics_of(config), writer=f"{config.log.prefix}.judgements")


def editor(registry: Registry, by: str | None = None) -> Editor:
    """Makes judgements in somebody's name; by default the user of this process."""
    return Editor(registry=registry, by=by or user_name(), now=now)
