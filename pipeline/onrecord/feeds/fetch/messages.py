"""Error messages for people."""

import errno
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import aiohttp

from onrecord.feeds.fetch.exchange import FetchPolicy


def in_words(error: Exception, host: str, policy: FetchPolicy) -> str:
    """The reason why `host` did not respond."""
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return words(error, host, policy)
    return f"{host} could not be asked: {type(error).__name__}"


# The first that fits: aiohttp's errors stand below one another, and below Python's.
_WORDS: tuple[tuple[type[Exception], Callable[[Any, str, FetchPolicy], str]], ...] = (
    (aiohttp.InvalidURL, lambda e, *_: f"{str(e.url)[:200]!r} is not a URL that can be asked"),
    (aiohttp.ClientConnectorDNSError, lambda _, host, __: f"cannot reach {host}: name not found"),
    (
        aiohttp.ClientProxyConnectionError,
        lambda e, *_: f"cannot reach the proxy {e.host}: {_os_error_in_words(e.os_error)}",
    ),
    (
        aiohttp.ClientConnectorCertificateError,
        lambda e, host, _: f"cannot trust {host}: {_certificate_in_words(e.certificate_error)}",
    ),
    (
        aiohttp.ClientConnectorSSLError,
        lambda e, host, _: f"cannot speak securely with {host}: {_tls_in_words(e.os_error)}",
    ),
    (
        aiohttp.ConnectionTimeoutError,
        lambda _, host, policy: (
            f"cannot reach {host}: no connection within "
            f"{policy.connect_timeout_s:g} s (connect_timeout_s)"
        ),
    ),
    (
        TimeoutError,
        lambda _, __, policy: (
            f"no full answer within {policy.total_timeout_s:g} s (total_timeout_s)"
        ),
    ),
    (
        aiohttp.ClientConnectorError,
        lambda e, host, _: f"cannot reach {host}: {_os_error_in_words(e.os_error)}",
    ),
    (
        aiohttp.ServerDisconnectedError,
        lambda _, host, __: f"{host} closed the connection without an answer",
    ),
    (aiohttp.ClientHttpProxyError, lambda e, *_: f"the proxy refused: HTTP {e.status}"),
    (aiohttp.ClientPayloadError, lambda *_: "the answer broke off"),
    (aiohttp.ClientResponseError, lambda _, host, __: f"{host} did not answer in proper HTTP"),
    (OSError, lambda e, host, _: f"cannot reach {host}: {_os_error_in_words(e)}"),
)


def _os_error_in_words(error: OSError) -> str:
    if error.errno == errno.EACCES and "allow_addresses" in str(error):
        return f"it is at {error.strerror}"
    known = {
        errno.ECONNREFUSED: "connection refused",
        errno.ENETUNREACH: "no route to its network",
        errno.EHOSTUNREACH: "no route to it",
        errno.ETIMEDOUT: "it does not answer",
        errno.ECONNRESET: "it closed the connection",
    }
    # aiohttp wraps several failed addresses into one error without a number.
    text = (error.strerror or "").lower()
    return known.get(error.errno or 0) or (
        "connection refused" if "refused" in text else text or "connection failed"
    )


def _certificate_in_words(error: Exception) -> str:
    message = getattr(error, "verify_message", "") or "its certificate is not valid"
    return str(message)[:1].lower() + str(message)[1:].rstrip(".")


def _tls_in_words(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    return str(reason).replace("_", " ").lower() if reason else "the TLS handshake failed"


def status_in_words(status: int) -> str:
    """A status with its name."""
    if status == 304:
        return "HTTP 304: not modified, though nothing was asked that could be"
    try:
        return f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"HTTP {status}"


def refusal_in_words(status: int, mitigated: str | None) -> str:
    """A status that is no answer; `mitigated` is what Cloudflare says it did (cf-mitigated)."""
    if mitigated and mitigated.strip().lower() == "challenge":
        return f"{status_in_words(status)}: a challenge against robots stands before it"
    return status_in_words(status)
