"""What the operators' pages show and do, as the commands of the same names."""

from functools import partial

from onrecord import wiring
from onrecord.cli.replay_control import shown_replays
from onrecord.cli.status import status_of
from onrecord.config import Config
from onrecord.errors import UnknownTopic
from onrecord.log.interface import Log
from onrecord.processing.dead_letters import by_id, dead_letters, drop, retry
from onrecord.processing.replays.view import ReplayView
from onrecord.records import DeadLetter
from onrecord.sink.comparison import compare
from onrecord.sink.report import to_html
from onrecord.web.pages.operations import Operations


def operations_of(config: Config, log: Log) -> Operations:
    """The functions behind `/status`, `/replays` and `/dead-letters`."""
    return Operations(
        status=partial(status_of, config, log),
        replays=partial(_replays, config, log),
        comparison=partial(_comparison, config, log),
        dead_letters=partial(_letters, config, log),
        retry=partial(_retry, config),
        drop=partial(_drop, config),
    )


# A log that is new, or that we only read, has not every topic.


def _replays(config: Config, log: Log) -> list[ReplayView]:
    try:
        return shown_replays(wiring.replays(config, log))
    except UnknownTopic:
        return []


def _letters(config: Config, log: Log) -> list[DeadLetter]:
    try:
        return dead_letters(log, wiring.topics_of(config))
    except UnknownTopic:
        return []


def _comparison(config: Config, log: Log, name: str) -> str:
    topics = wiring.topics_of(config)
    into = wiring.replays(config, log).find(name).job.into
    found = compare(log, topics.extractions, into, articles=topics.articles)
    return to_html(found, at=wiring.now())


def _retry(config: Config, letter_id: str) -> str | None:
    """Put a letter back; why it cannot be, if so."""
    reasons: list[str] = []
    topics = wiring.topics_of(config)
    with (
        wiring.open_log(config) as log,
        log.writer(f"{topics.prefix}.{wiring.own_name('dead-letters')}") as writer,
    ):
        chosen = by_id([letter_id], dead_letters(log, topics))
        retry(log, topics, writer, chosen, pass_over=lambda _, reason: reasons.append(reason))
    return reasons[0] if reasons else None


def _drop(config: Config, letter_id: str) -> None:
    topics = wiring.topics_of(config)
    with (
        wiring.open_log(config) as log,
        log.writer(f"{topics.prefix}.{wiring.own_name('dead-letters')}") as writer,
    ):
        drop(log, topics, writer, by_id([letter_id], dead_letters(log, topics)))
