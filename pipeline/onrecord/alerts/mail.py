"""Alerts as mail: plain text, several quotes of one search in one mail."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from onrecord.alerts.policy import MailPolicy
from onrecord.errors import Mistake
from onrecord.records import Alert, QuoteOnRecord, SavedSearch, id_of, shown_content

_SUBJECT_CHARS = 100


def check_address(address: str) -> str:
    """The address, checked. Raises Mistake."""
    try:
        found = Address(addr_spec=address)
    except (ValueError, IndexError, MessageError):
        found = Address()
    if not (found.username and found.domain and address.isprintable()):
        raise Mistake(f"--mail {address!r}: write an address, as newsdesk@paper.example")
    return address


def compose(
    search: SavedSearch, alerts: Sequence[Alert], *, sender: str, now: datetime
) -> EmailMessage:
    """The mail for some alerts of a search.

    Its Message-ID is a function of the alerts: a mail that is sent twice is recognised by it.
    """
    found = [alert.found for alert in alerts if isinstance(alert.found, QuoteOnRecord)]
    message = EmailMessage()
    message["Subject"] = _one_line(f"[onrecord] {search.name}: {_summary(found)}")
    message["From"] = sender
    message["To"] = search.mail
    message["Date"] = format_datetime(now.astimezone(UTC))
    domain = sender.rpartition("@")[2] or "onrecord.invalid"
    message["Message-ID"] = f"<{id_of(*(alert.id for alert in alerts))}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    quotes = "\n\n".join(map(_quote, found))
    message.set_content(
        f"{quotes}\n\n-- \nSaved search {search.name}: {search.query}\n"
        f"To get no more of these: onrecord searches remove {search.id}\n"
    )
    return message


def send(message: EmailMessage, policy: MailPolicy) -> str | None:
    """Hand a mail to the mail server. Returns the problem, None on success."""
    try:
        asyncio.run(_send(message, policy))
    # A host such as "smtp..example" is a UnicodeError, which is a ValueError.
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        return f"mail server {policy.host}: {_one_line(str(error) or type(error).__name__)}"
    return None


async def _send(message: EmailMessage, policy: MailPolicy) -> None:
    async with asyncio.timeout(policy.attempt_s):
        await aiosmtplib.send(
            message,
            hostname=policy.host,
            port=policy.port,
            use_tls=policy.security == "tls",
            start_tls=policy.security == "starttls",
            username=policy.username or None,
            password=policy.password or None,
            timeout=policy.timeout_s,  # of each answer
        )


def _summary(found: Sequence[QuoteOnRecord]) -> str:
    if len(found) != 1:
        return f"{len(found)} quotes"
    speaker = found[0].quote.speaker
    return f"{speaker.name + ': ' if speaker else ''}“{_words(found[0])}”"


def _quote(found: QuoteOnRecord) -> str:
    speaker, article = found.quote.speaker, found.article
    who = "unknown" if speaker is None else speaker.name
    role = f", {speaker.role}" if speaker is not None and speaker.role else ""
    at = article.published_at
    when = "" if at is None else f", {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    where = f"{article.publisher or 'unknown publisher'}{when}: {article.title}"
    lines = [f"“{_words(found)}”", f"  {who}{role}", f"  {where}", f"  {article.url or ''}"]
    return "\n".join(" ".join(line.split()) if "\n" in line else line.rstrip() for line in lines)


def _words(found: QuoteOnRecord) -> str:
    return " … ".join(" ".join(part.text.split()) for part in shown_content(found.quote))


def _one_line(text: str) -> str:
    """The text as a header can have it: one line, not too long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _SUBJECT_CHARS else line[: _SUBJECT_CHARS - 1] + "…"
