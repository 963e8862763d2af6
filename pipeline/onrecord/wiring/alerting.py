"""Saved searches and their alerts."""

from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from time import monotonic

from onrecord.alerts.policy import MailPolicy
from onrecord.alerts.searches import SearchBook, SearchesHeard, sends
from onrecord.alerts.senders import AlertAbility, Senders, ability_of
from onrecord.alerts.service import AlertMeter, AlertService
from onrecord.alerts.sharing import Share
from onrecord.alerts.standing import SearchStanding, standings
from onrecord.config import Config
from onrecord.errors import ConfigError
from onrecord.log.interface import Log, Start
from onrecord.people.asked_rarely import PeopleAskedRarely
from onrecord.processing.forgotten import ForgottenTable
from onrecord.processing.retention import search_settings
from onrecord.settings import with_secrets
from onrecord.sink.group import begin_at
from onrecord.version import VERSION
from onrecord.web.policy import WebhookPolicy
from onrecord.wiring.opening import topics_of
from onrecord.wiring.people import live_people
from onrecord.wiring.process import now, own_name


def search_book(config: Config, log: Log) -> SearchBook:
    """The saved searches of a log."""
    return SearchBook(log, topics_of(config), prefix=config.log.prefix)


def search_standings(config: Config, log: Log) -> list[SearchStanding]:
    """The saved searches of a log, with what each sent and what waits."""
    return standings(log, topics_of(config), prefix=config.log.prefix)


def searches_heard(config: Config, log: Log) -> SearchesHeard:
    """The saved searches of a log, kept up to date. Raises UnknownTopic before the first."""
    return SearchesHeard(log, topics_of(config))


def alert_ability(config: Config) -> AlertAbility:
    """What these settings lack to send alerts."""
    return ability_of(*_policies(config))


def check_alerts(config: Config, log: Log) -> None:
    """Raise ConfigError where these settings cannot send what saved searches find."""
    ability = alert_ability(config)
    for search in filter(sends, search_book(config, log).all()):
        if problem := ability.lacks(search):
            raise ConfigError(problem)


def alert_name(share: Share) -> str:
    """The name of this process in the group of alerts."""
    return own_name(share.value)


def alert_members(config: Config, log: Log) -> Collection[str]:
    """The names of the processes in the group of alerts."""
    return log.members(_group(config))


@contextmanager
def alert_service(
    config: Config,
    log: Log,
    *,
    share: Share,
    say: Callable[[str], None],
    meter: AlertMeter | None = None,
) -> Iterator[AlertService]:
    """A member of the group that finds and sends alerts."""
    topics, book = topics_of(config), search_book(config, log)
    for name, settings in search_settings(topics).items():
        log.create_topic(name, settings)
    webhook, mail = _policies(config)
    senders = Senders(webhook, mail, user_agent=f"onrecord/{VERSION}", clock=now)
    group, name = _group(config), alert_name(share)
    # A search sends what came after it was saved, though nothing ran yet.
    oldest = min((search.created_at for search in book.all()), default=now())
    begin_at(log, group, topics.extractions, oldest)
    with (
        closing(ForgottenTable(log, topics.forgotten)) as forgotten,
        closing(PeopleAskedRarely(lambda: live_people(config, log), monotonic=monotonic)) as people,
        log.join(group, [topics.extractions], name=name, start=Start.EARLIEST) as member,
        AlertService(
            log,
            member,
            topics,
            group=group,
            book=book,
            send=senders.send,
            forgotten=forgotten,
            people=people,
            policy=config.alerts,
            handover_s=max(webhook.timeout_s, mail.attempt_s),
            clock=now,
            say=say,
            meter=meter,
        ) as service,
    ):
        yield service


def _group(config: Config) -> str:
    return f"{config.log.prefix}.alerts"


def _policies(config: Config) -> tuple[WebhookPolicy, MailPolicy]:
    return with_secrets(config.webhook, "webhook"), with_secrets(config.mail, "mail")
