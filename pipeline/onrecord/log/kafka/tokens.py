"""Tokens for OAUTHBEARER: from the configuration, a file, a command, or an OpenID provider.

A token is used until shortly before it expires, and for a minute if it does not say when. A file
is read again for every connection: what renews it may replace it at any time. The clients of
one log share one source, so a provider is asked once for all of them.
"""

import base64
import binascii
import json
import shlex
import ssl
import subprocess
import time
from collections.abc import Callable
from threading import Lock
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from kafka import errors as kafka_errors
from kafka.net.sasl.oauth import AbstractTokenProvider

from onrecord.errors import ConfigError
from onrecord.log.kafka.policy import KafkaPolicy
from onrecord.settings import read_secret

# A token is renewed when this share of its time has passed.
_RENEWED_AFTER = 0.8
_UNKNOWN_S = 60.0
_MOST_BYTES = 1 << 20


class TokenSource(AbstractTokenProvider):  # type: ignore[misc]  # kafka-python ships no types
    """The token for a connection, as kafka-python asks for it.

    Raises SaslAuthenticationFailedError, which is final, when the configuration must be changed,
    and KafkaConnectionError when the provider may answer later.
    """

    def __init__(self, policy: KafkaPolicy, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._policy = policy
        self._clock = clock
        self._lock = Lock()
        self._token = ""
        self._renew_at = 0.0

    def token(self) -> str:
        """A token that has not expired."""
        policy = self._policy
        if policy.token_file:
            return self._from_file()
        if policy.token:
            return policy.token
        with self._lock:
            now = self._clock()
            if now >= self._renew_at:
                fetched, lasts_s = self._from_command() if policy.token_command else self._granted()
                if lasts_s is None:
                    lasts_s = _lifetime_s(fetched, now)
                self._token, self._renew_at = fetched, now + _RENEWED_AFTER * lasts_s
            return self._token

    def _from_file(self) -> str:
        try:
            return read_secret(self._policy.token_file, key="kafka.token_file")
        except ConfigError as error:
            raise kafka_errors.SaslAuthenticationFailedError(str(error)) from error

    def _from_command(self) -> tuple[str, None]:
        command = shlex.split(self._policy.token_command)
        said = f"kafka.token_command ({command[0]})"
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self._policy.timeout_s / 2,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise kafka_errors.KafkaConnectionError(f"{said} did not end in time") from error
        except OSError as error:
            raise kafka_errors.SaslAuthenticationFailedError(f"{said}: {error.strerror}") from error
        if done.returncode:
            # Its output is not shown: it can hold a token or a password.
            raise kafka_errors.KafkaConnectionError(f"{said} ended with {done.returncode}")
        token = done.stdout.decode("utf-8", "replace").strip()
        if not token or not token.isprintable():
            raise kafka_errors.SaslAuthenticationFailedError(f"{said} printed no token on one line")
        return token, None

    def _granted(self) -> tuple[str, float | None]:
        """What the provider grants for our credentials (OAuth 2.0, RFC 6749, section 4.4)."""
        answer = self._ask_provider()
        token, lasts_s = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token.isprintable():
            raise kafka_errors.SaslAuthenticationFailedError(
                f"{self._provider} granted no access_token: check kafka.token_url"
            )
        return token, float(lasts_s) if isinstance(lasts_s, int | float) else None

    def _ask_provider(self) -> dict[str, Any]:
        policy = self._policy
        scope = {"scope": policy.token_scope} if policy.token_scope else {}
        form = urlencode({"grant_type": "client_credentials", **scope})
        secret = f"{policy.username}:{policy.password}".encode()
        request = Request(  # noqa: S310 - an http or https URL: `policy.checked`
            policy.token_url,
            data=form.encode(),
            headers={
                "Authorization": f"Basic {base64.b64encode(secret).decode()}",
                "Accept": "application/json",
            },
        )
        context = ssl.create_default_context(cafile=policy.ca_file or None)
        try:
            with urlopen(request, timeout=policy.timeout_s / 2, context=context) as response:  # noqa: S310
                found = json.loads(response.read(_MOST_BYTES))
        except HTTPError as error:
            with error:
                raise self._refusal(error.code) from error
        except ValueError as error:
            raise kafka_errors.SaslAuthenticationFailedError(
                f"{self._provider} answered with something else than JSON: check kafka.token_url"
            ) from error
        except (URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            raise kafka_errors.KafkaConnectionError(f"{self._provider}: {reason}") from error
        return found if isinstance(found, dict) else {}

    def _refusal(self, code: int) -> Exception:
        told = f"{self._provider} answered with HTTP {code}"
        refused: type[Exception] = kafka_errors.SaslAuthenticationFailedError
        if code == 429 or code >= 500:
            refused = kafka_errors.KafkaConnectionError
        else:
            told += ": check kafka.token_url, kafka.username and the password"
        return refused(told)

    @property
    def _provider(self) -> str:
        return f"the provider of tokens, {urlsplit(self._policy.token_url).hostname},"


def _lifetime_s(token: str, now: float) -> float:
    """The seconds until a JSON Web Token expires; for any other token, a minute."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return max(0.0, float(claims["exp"]) - now)
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return _UNKNOWN_S
