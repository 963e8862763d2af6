"""Posts records to a URL, signed and in order, each until it is accepted.

Signatures follow Standard Webhooks (standardwebhooks.com). `webhook-id` is the same for every
attempt at a record, so that a receiver can detect a repeat; `webhook-signature` is an HMAC-SHA256
of id, time and body. Any response other than 2xx is retried at growing intervals. Only 410 Gone
ends the posts: the receiver wants no more. Redirects are not followed.
"""

import asyncio
import base64
import binascii
import hmac
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp

from onrecord.errors import Mistake, OnrecordError
from onrecord.log.interface import Message
from onrecord.sink.group import GroupReading
from onrecord.sink.selection import Selection
from onrecord.tracing import Tracer, Work, context_of
from onrecord.web.policy import WebhookPolicy

_BLINK_S = 0.1
_PREFIX = "whsec_"
_NOTHING_MORE: Mapping[str, str] = MappingProxyType({})
_SHORTEST_SECRET = 24  # bytes, as the standard has it


class WebhookGone(OnrecordError):
    """The receiver answered 410: it wants no more."""


def check_url(url: str) -> str:
    """The URL, checked. Raises Mistake for a URL that does not accept posts."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # a port that is no number is told only here
    except ValueError:
        raise Mistake("--webhook: write an http:// or https:// URL") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Mistake("--webhook: write an http:// or https:// URL")
    if parts.username is not None or parts.password is not None:
        raise Mistake("--webhook: a password does not belong in a URL; posts are signed instead")
    return url


def key_of(secret: str) -> bytes:
    """The key from `whsec_` and base64. Raises Mistake, which does not reveal the secret."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or len(key) < _SHORTEST_SECRET:
        raise Mistake(
            "a webhook needs a secret to sign with: set ONRECORD_WEBHOOK__SECRET or "
            f"webhook.secret_file to {_PREFIX} and base64 of {_SHORTEST_SECRET} bytes or more, as "
            f'from `echo "{_PREFIX}$(openssl rand -base64 32)"`'
        )
    return key


def sign(key: bytes, post_id: str, timestamp: int, body: bytes) -> str:
    """The `webhook-signature` of a post."""
    signed = b"%b.%d.%b" % (post_id.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.digest(key, signed, sha256)).decode()


def wait_s(failures: int, retry_after: str | None, policy: WebhookPolicy) -> float:
    """Seconds to wait after this many failures in a row; longer if the receiver asks for it."""
    usual = policy.first_retry_s * 2.0 ** min(failures - 1, 30)
    asked = float(retry_after) if retry_after and retry_after.isdecimal() else 0.0
    return float(min(max(usual, asked), policy.longest_retry_s))


class Webhook:
    """Posts to one URL. A context manager; belongs to one thread."""

    def __init__(
        self,
        url: str,
        policy: WebhookPolicy,
        *,
        user_agent: str,
        clock: Callable[[], datetime],
        say: Callable[[str], None],
    ) -> None:
        """Raises Mistake for a URL or a secret that cannot be used."""
        self._url = check_url(url)
        self._key = key_of(policy.secret)
        self._policy = policy
        self._user_agent = user_agent
        self._clock = clock
        self._say = say
        # The path can contain a secret between operator and receiver, so it is not logged.
        self.shown = f"the webhook at {urlsplit(url).hostname}"
        self._runner = asyncio.Runner()
        self._session: aiohttp.ClientSession | None = None
        self.posted = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            self._runner.run(self._session.close())
        self._runner.close()

    def deliver(
        self,
        post_id: str,
        body: bytes,
        *,
        go_on: Callable[[], bool],
        more: Mapping[str, str] = _NOTHING_MORE,
    ) -> bool:
        """Post until accepted; False when `go_on` ends the attempts. Raises WebhookGone.

        `more` are further headers of the post.
        """
        failures = 0
        while True:
            problem, retry_after = self._runner.run(self._post_while(go_on, post_id, body, more))
            if problem is None:
                self.posted += 1
                if failures:
                    self._say(f"{self.shown} takes posts again")
                return True
            if not go_on():
                return False
            failures += 1
            wait = wait_s(failures, retry_after, self._policy)
            if failures == 1:
                self._say(f"{self.shown} {problem}: trying until it is taken")
            if not _waited(wait, go_on):
                return False

    def now(self) -> datetime:
        """The time by this webhook's clock."""
        return self._clock()

    def attempt(self, post_id: str, body: bytes) -> tuple[str | None, str | None]:
        """Post once: the problem (None on success), and the receiver's Retry-After.

        Raises WebhookGone.
        """
        return self._runner.run(self._post(post_id, body, _NOTHING_MORE))

    async def _post_while(
        self, go_on: Callable[[], bool], post_id: str, body: bytes, more: Mapping[str, str]
    ) -> tuple[str | None, str | None]:
        """Post, but abandon it when it is time to stop: it will be posted again."""
        posting = asyncio.ensure_future(self._post(post_id, body, more))
        while not posting.done() and go_on():
            await asyncio.wait({posting}, timeout=_BLINK_S)
        if not posting.done():
            posting.cancel()
            await asyncio.wait({posting})
            return "was not waited for", None
        return posting.result()

    async def _post(
        self, post_id: str, body: bytes, more: Mapping[str, str]
    ) -> tuple[str | None, str | None]:
        """The problem (None on success), and the receiver's Retry-After."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=self._policy.timeout_s)
            # Cookies from receivers are not kept.
            self._session = aiohttp.ClientSession(
                timeout=timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
            )
        timestamp = int(self._clock().timestamp())
        headers = {
            **more,
            "Content-Type": "application/json",
            "User-Agent": self._user_agent,
            "webhook-id": post_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(self._key, post_id, timestamp, body),
        }
        try:
            async with self._session.post(
                self._url, data=body, headers=headers, allow_redirects=False
            ) as response:
                status, retry_after = response.status, response.headers.get("Retry-After")
        except TimeoutError:
            return f"did not answer within {self._policy.timeout_s:g} s", None
        except (aiohttp.ClientError, OSError) as error:
            return f"cannot be reached ({type(error).__name__})", None
        if status == 410:
            raise WebhookGone(f"{self.shown} answered 410 Gone: it wants no more")
        return (None if 200 <= status < 300 else f"answered {status}"), retry_after


def _waited(seconds: float, go_on: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if not go_on():
            return False
        time.sleep(min(left, _BLINK_S))
    return go_on()


def post_all(
    reading: GroupReading,
    selection: Selection,
    webhook: Webhook,
    *,
    limit: int | None,
    stopped: Callable[[], bool],
    tracer: Tracer | None = None,
) -> None:
    """Post the wanted records of the group's share. Raises WebhookGone.

    `tracer` records each post that was taken. The receiver gets the record's `traceparent`.
    """

    def go_on() -> bool:
        return not stopped() and reading.keep_up()

    for message in reading:
        for number, line in enumerate(selection.lines(message)):
            if webhook.posted == limit:
                return
            began_at = webhook.now()
            post_id, more = _post_id(message, number), context_of(message.headers)
            if not webhook.deliver(post_id, line, go_on=go_on, more=more):
                break  # stopped; or it was taken away, and another member posts it
            if tracer is not None:
                work = Work("post", began_at, webhook.now(), {"webhook.id": post_id})
                tracer.record(work, after=message.headers)
        else:
            if webhook.posted == limit:
                reading.accept()
                return
        if stopped():
            return


def _post_id(message: Message, number: int) -> str:
    return f"{message.topic}.{message.partition}.{message.offset}.{number}"
