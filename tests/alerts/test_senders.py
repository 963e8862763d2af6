"""Alerts reach real receivers: a webhook with a signed post, a mail server with a mail."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from onrecord.alerts.mail import check_address
from onrecord.alerts.policy import MailPolicy
from onrecord.alerts.senders import Senders, Sent
from onrecord.errors import Mistake
from onrecord.records import Alert, ArticleRef, QuoteOnRecord, SavedSearch, from_json, on_record
from onrecord.web.policy import WebhookPolicy
from onrecord.wiring import now
from tests.alerts.mail_server import MailServer, mail_server
from tests.builders import NOON, extraction, quote
from tests.receivers import SECRET, Receiver, receiving


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def senders(server: MailServer | None = None, secret: str = SECRET) -> Senders:
    mail = MailPolicy() if server is None else policy(server)
    # The receiver checks that a post is recent.
    return Senders(WebhookPolicy(secret=secret), mail, user_agent="onrecord/test", clock=now)


def policy(server: MailServer) -> MailPolicy:
    return MailPolicy(
        host="127.0.0.1", port=server.port, security="none", sender="onrecord@paper.example"
    )


def search(**to: Any) -> SavedSearch:
    return SavedSearch(id="s1", name="pier", query="pier", created_at=NOON, **to)


def alert(n: int = 1, title: str = "The pier") -> Alert:
    reference = ArticleRef(id=f"a{n}", title=title, publisher="Harbour Post", published_at=NOON)
    found = on_record(extraction(f"a{n}", article=reference), quote())
    return Alert(id=f"id{n}", search="s1", state="due", partition=0, made_at=NOON, found=found)


def test_a_webhook_gets_the_quote_signed_under_the_id_of_the_alert(receiver: Receiver) -> None:
    assert senders().send(search(webhook=receiver.url), [alert()]) == Sent()
    [(post_id, body)] = receiver.posts
    assert (post_id, body["schema"]) == ("id1", "onrecord.quote")
    assert from_json(json.dumps(body), QuoteOnRecord) == alert().found


def test_what_a_webhook_answers_is_told(receiver: Receiver) -> None:
    receiver.answers = lambda asked: {1: 500, 2: 410}[asked]
    refused = senders().send(search(webhook=receiver.url), [alert()])
    assert refused == Sent("the webhook at 127.0.0.1 answered 500")
    gone = senders().send(search(webhook=receiver.url), [alert()])
    assert (gone.is_over, "410 Gone" in (gone.problem or "")) == (True, True)


def test_without_a_secret_nothing_is_posted(receiver: Receiver) -> None:
    sent = senders(secret="").send(search(webhook=receiver.url), [alert()])
    assert "ONRECORD_WEBHOOK__SECRET" in (sent.problem or "")
    assert receiver.asked == 0


def test_a_mail_holds_the_quotes_with_speaker_and_article(server: MailServer) -> None:
    to = search(mail="desk@paper.example")
    assert senders(server).send(to, [alert(1), alert(2)]) == Sent()
    [mail] = server.mails
    assert server.recipients == ["<desk@paper.example>"]
    assert (mail["From"], mail["To"]) == ("onrecord@paper.example", "desk@paper.example")
    assert mail["Subject"] == "[onrecord] pier: 2 quotes"
    text = mail.get_content()
    assert text.count("“The pier will open in May,”") == 2
    assert "Mara Lind, harbour master" in text
    assert "Harbour Post, 2026-11-20 12:00 UTC: The pier" in text
    assert "onrecord searches remove s1" in text


def test_the_same_alerts_have_the_same_message_id(server: MailServer) -> None:
    for alerts in ([alert(1)], [alert(1)], [alert(2)]):
        senders(server).send(search(mail="desk@paper.example"), alerts)
    first, again, other = (mail["Message-ID"] for mail in server.mails)
    assert first == again != other


def test_what_publishers_write_makes_no_header(server: MailServer) -> None:
    hostile = SavedSearch(
        id="s1", name="a\r\nBcc: x@evil.example", query="x", created_at=NOON, mail="d@p.example"
    )
    title = "The pier\r\nBcc: y@evil.example"
    assert senders(server).send(hostile, [alert(title=title)]) == Sent()
    [mail] = server.mails
    assert mail["Bcc"] is None
    assert server.recipients == ["<d@p.example>"]


def test_a_refused_mail_is_told(server: MailServer) -> None:
    server.refuses = "451 try later"
    sent = senders(server).send(search(mail="desk@paper.example"), [alert()])
    assert (sent.problem or "").startswith("mail server 127.0.0.1: ")
    assert "try later" in (sent.problem or "")


def test_a_mail_server_that_is_not_configured_is_told() -> None:
    sent = senders().send(search(mail="desk@paper.example"), [alert()])
    assert sent == Sent("mail.host is empty: name the mail server")


def test_a_mail_server_with_an_impossible_name_is_told() -> None:
    mail = MailPolicy(host="smtp..example", sender="onrecord@paper.example")
    made = Senders(WebhookPolicy(), mail, user_agent="onrecord/test", clock=now)
    sent = made.send(search(mail="desk@paper.example"), [alert()])
    assert (sent.problem or "").startswith("mail server smtp..example: ")


def test_an_unforeseen_error_is_the_problem_of_one_attempt() -> None:
    def broken() -> datetime:
        raise ZeroDivisionError("no time")

    mail = MailPolicy(host="127.0.0.1", sender="onrecord@paper.example")
    made = Senders(WebhookPolicy(), mail, user_agent="onrecord/test", clock=broken)
    sent = made.send(search(mail="desk@paper.example"), [alert()])
    assert sent == Sent("cannot be sent: ZeroDivisionError: no time")


@pytest.mark.parametrize("address", ["", "desk", "desk@", "@paper.example", "a b@c", "a@b\nc"])
def test_what_is_no_address_is_a_mistake(address: str) -> None:
    with pytest.raises(Mistake, match="--mail"):
        check_address(address)
