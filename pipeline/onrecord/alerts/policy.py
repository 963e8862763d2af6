"""How alerts are sent, and how mail leaves this machine."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from onrecord.errors import ConfigError
from onrecord.settings import Days, Seconds, SecondsOrZero, key


@dataclass(frozen=True, kw_only=True)
class AlertPolicy:
    """Which quotes saved searches send, and how failures are retried.

    `wait_s` is the longest wait for new extractions before alerts are looked at again.
    """

    beside: bool = key(
        True,
        "Whether `run` and `serve` send alerts too; false leaves it to `onrecord alerts`. One of "
        "all processes sends.",
    )
    max_age_days: Days = key(
        7,
        "Alerts are sent for articles published at most so many days ago, so that an imported "
        "backlog does not send thousands. 0 sends all.",
    )
    keep_days: Days = key(
        90,
        "Days for which a sent alert is remembered: the same words in a later revision or copy of "
        "the story are not sent again. 0 is for ever.",
    )
    mail_every_s: SecondsOrZero = key(
        300.0, "The least seconds between two mails of one search; quotes meanwhile are collected."
    )
    first_retry_s: Seconds = key(
        5.0, "Seconds until a failed alert is tried again; each further wait is twice as long."
    )
    longest_retry_s: Seconds = key(600.0, "The longest wait between two tries, in seconds.")
    in_one_mail: int = 50
    threads: int = 8
    wait_s: float = 0.5


@dataclass(frozen=True, kw_only=True)
class MailPolicy:
    """The mail server that takes our mail."""

    host: str = key("", "The mail server (SMTP) that takes mail from us; empty sends none.")
    port: Annotated[int, Meta(ge=1, le=65_535)] = key(587, "The port of the mail server.")
    security: Literal["none", "starttls", "tls"] = key(
        "starttls", "How the connection is protected: starttls (587), tls (465) or none (25)."
    )
    username: str = key("", "Our name at the mail server; empty signs in nowhere.")
    password: str = key(
        "",
        "The password. It belongs into the environment (ONRECORD_MAIL__PASSWORD) or into a file "
        "of its own.",
        secret=True,
    )
    password_file: str = key("", "A file that holds the password and that only we may read.")
    sender: str = key("", "The address that mail is sent from, as onrecord@newsroom.example.")
    timeout_s: Seconds = key(
        30.0, "Seconds in which the mail server must answer; all of a mail takes three times that."
    )

    @property
    def attempt_s(self) -> float:
        """The longest that sending one mail takes."""
        return 3.0 * self.timeout_s


def check_mail(policy: MailPolicy) -> None:
    """Raise ConfigError for mail that cannot be sent."""
    if not policy.host:
        raise ConfigError("mail.host is empty: name the mail server", key="mail.host")
    if not policy.sender:
        raise ConfigError("mail.sender is empty: name the address to send from", key="mail.sender")
    if policy.username and not policy.password:
        raise ConfigError(
            "mail.username needs a password: set ONRECORD_MAIL__PASSWORD or mail.password_file",
            key="mail.password",
        )
