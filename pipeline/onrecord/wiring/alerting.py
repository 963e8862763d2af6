"""Saved searches and their alerts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from onrecord.alerts.policy import check_mail
from onrecord.alerts.searches import SearchBook
from onrecord.alerts.senders import Senders
from onrecord.alerts.service import AlertService
from onrecord.config import Config
from onrecord.log.interface import Log, Start
from onrecord.processing.retention import search_settings
from onrecord.settings import with_secrets
from onrecord.sink.group import begin_at
from onrecord.version import VERSION
from onrecord.web.webhook import key_of
from onrecord.wiring.opening import topics_of
from onrecord.wiring.process import now, own_name


def search_book(config: Config, log: Log) -> SearchBook:
    """The saved searches of a log."""
    return SearchBook(log, topics_of(config), prefix=config.log.prefix)


@contextmanager
def alert_service(
    config: Config, log: Log, *, say: Callable[[str], None]
) -> Iterator[AlertService]:
    """A member of the group that sends alerts. Raises ConfigError for what cannot be sent."""
    topics, book = topics_of(config), search_book(config, log)
    for name, settings in search_settings(topics).items():
        log.create_topic(name, settings)
    webhook, mail = with_secrets(config.webhook, "webhook"), with_secrets(config.mail, "mail")
    searches = book.all()
    if any(search.webhook for search in searches):
        key_of(webhook.secret)
    if any(search.mail for search in searches):
        check_mail(mail)
    senders = Senders(webhook, mail, user_agent=f"onrecord/{VERSION}", clock=now)
    group, name = f"{config.log.prefix}.alerts", own_name("alerts")
    # A search sends what came after it was saved, though nothing ran yet.
    oldest = min((search.created_at for search in searches), default=now())
    begin_at(log, group, topics.extractions, oldest)
    with (
        log.join(group, [topics.extractions], name=name, start=Start.EARLIEST) as member,
        AlertService(
            log,
            member,
            topics,
            book=book,
            send=senders.send,
            policy=config.alerts,
            clock=now,
            say=say,
        ) as service,
    ):
        yield service
