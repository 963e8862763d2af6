"""Sends alerts: one attempt at a time, to a webhook or by mail."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from onrecord.alerts.mail import compose, send
from onrecord.alerts.policy import MailPolicy, check_mail
from onrecord.errors import Mistake
from onrecord.records import Alert, QuoteOnRecord, SavedSearch, to_json
from onrecord.web.policy import WebhookPolicy
from onrecord.web.webhook import Webhook, WebhookGone, key_of

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of an attempt: `problem` is None on success; `is_over` ends the search."""

    problem: str | None = None
    retry_after_s: float = 0.0
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class AlertAbility:
    """What is missing to post to webhooks, and to send mail; None where nothing is."""

    webhook: str | None
    mail: str | None

    def lacks(self, search: SavedSearch) -> str | None:
        """What is missing to send what a search finds."""
        if search.mail is not None:
            return self.mail
        return self.webhook if search.webhook is not None else None


def ability_of(webhook: WebhookPolicy, mail: MailPolicy) -> AlertAbility:
    """What these settings can send."""
    return AlertAbility(
        webhook=_problem(lambda: key_of(webhook.secret)), mail=_problem(lambda: check_mail(mail))
    )


def _problem(check: Callable[[], object]) -> str | None:
    try:
        check()
    except Mistake as error:
        return str(error)
    return None


class Senders:
    """Attempts to send alerts. Threads may share it."""

    def __init__(
        self,
        webhook: WebhookPolicy,
        mail: MailPolicy,
        *,
        user_agent: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._webhook = webhook
        self._mail = mail
        self._user_agent = user_agent
        self._clock = clock

    def send(self, search: SavedSearch, alerts: Sequence[Alert]) -> Sent:
        """Try once to send alerts of a search; a webhook gets one, a mail holds several.

        Raises nothing: whatever goes wrong with one receiver must not end the sending of others.
        """
        try:
            if search.mail is not None:
                return self._send_mail(search, alerts)
            return self._post(search.webhook or "", alerts[0])
        except Mistake as error:
            return Sent(str(error))
        # The libraries raise errors of their own for odd hosts, addresses and answers.
        except Exception as error:
            _logger.warning("saved search %s: an attempt failed", search.id, exc_info=True)
            return Sent(f"cannot be sent: {type(error).__name__}: {error}")

    def _post(self, url: str, alert: Alert) -> Sent:
        body = to_json(alert.found) if isinstance(alert.found, QuoteOnRecord) else b"{}"
        made = Webhook(
            url, self._webhook, user_agent=self._user_agent, clock=self._clock, say=_silent
        )
        with made as webhook:
            try:
                problem, retry_after = webhook.attempt(alert.id, body)
            except WebhookGone as error:
                return Sent(str(error), is_over=True)
        asked = float(retry_after) if retry_after and retry_after.isdecimal() else 0.0
        return Sent(problem and f"{webhook.shown} {problem}", asked)

    def _send_mail(self, search: SavedSearch, alerts: Sequence[Alert]) -> Sent:
        check_mail(self._mail)
        message = compose(search, alerts, sender=self._mail.sender, now=self._clock())
        return Sent(send(message, self._mail))


def _silent(line: str) -> None:
    """The caller tells of problems."""
