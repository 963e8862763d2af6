"""Tokens for OAUTHBEARER: where they come from, and when they are renewed.

That brokers take them is tested in `test_kafka_security.py`.
"""

import sys
from pathlib import Path
from typing import Any

import pytest
from kafka import errors as kafka_errors

from onrecord.errors import ConfigError
from onrecord.log.kafka.policy import KafkaPolicy, checked
from onrecord.log.kafka.tokens import TokenSource
from tests.kafka.tokens import jwt, provider, token_policy


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("lasts_s", "answer"),
    [
        (100, {"expires_in": 100, "access_token": "opaque"}),
        (100, {"access_token": jwt(lasts_s=100, now=Clock.now)}),
        (60, {"access_token": "it does not say"}),
        (60, {"access_token": "a.!.b"}),
    ],
)
def test_a_token_is_asked_for_again_before_it_expires_and_not_sooner(
    lasts_s: float, answer: dict[str, Any]
) -> None:
    clock = Clock()
    with provider(lambda: (200, answer)) as granting:
        source = TokenSource(granting.policy(), clock)
        for after_s, asked in ((0, 1), (0.7 * lasts_s, 1), (0.9 * lasts_s, 2)):
            clock.now = Clock.now + after_s
            assert source.token() == answer["access_token"]
            assert len(granting.asked) == asked


def test_a_file_that_was_renewed_counts_at_once(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")
    source = TokenSource(checked(token_policy(token_file=str(file))))
    assert source.token() == "first"
    file.write_text("second\n")
    assert source.token() == "second"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((200, b"<html>"), kafka_errors.SaslAuthenticationFailedError),
        ((200, {}), kafka_errors.SaslAuthenticationFailedError),
        ((200, [1]), kafka_errors.SaslAuthenticationFailedError),
        ((200, {"access_token": "two\nlines"}), kafka_errors.SaslAuthenticationFailedError),
        ((403, b""), kafka_errors.SaslAuthenticationFailedError),
        ((429, b""), kafka_errors.KafkaConnectionError),
        ((500, b""), kafka_errors.KafkaConnectionError),
    ],
)
def test_what_a_person_must_mend_is_told_from_what_passes(
    answer: tuple[int, Any], error: type[Exception]
) -> None:
    with provider(lambda: answer) as strange, pytest.raises(error):
        TokenSource(strange.policy()).token()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import sys; sys.exit(3)", kafka_errors.KafkaConnectionError),
        ("pass", kafka_errors.SaslAuthenticationFailedError),
        ("print('two'); print('lines')", kafka_errors.SaslAuthenticationFailedError),
        ("import time; time.sleep(60)", kafka_errors.KafkaConnectionError),
    ],
)
def test_a_command_that_gives_no_token_is_named(code: str, error: type[Exception]) -> None:
    given = KafkaPolicy(
        security="sasl_ssl",
        mechanism="OAUTHBEARER",
        timeout_s=0.5 if "sleep" in code else 60,
        token_command=f'{sys.executable} -c "{code}"',
    )
    with pytest.raises(error, match=r"kafka\.token_command"):
        TokenSource(given).token()


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({}, "kafka.mechanism"),
        ({"token": "x", "token_file": "y"}, "kafka.mechanism"),
        ({"token": "x", "mechanism": "PLAIN"}, "kafka.token"),
        ({"token_command": "x", "security": "ssl"}, "kafka.token_command"),
        ({"token_url": "https://id.example/token"}, "kafka.username"),
        ({"token_url": "https://id.example/token", "username": "desk"}, "kafka.password"),
        ({"token_url": "http://id.example/token", "username": "d", "password": "p"}, "token_url"),
        ({"token_url": "https://u:p@id.example/", "username": "d", "password": "p"}, "token_url"),
        ({"token_url": "id.example", "username": "d", "password": "p"}, "token_url"),
        ({"token_url": "https://[", "username": "d", "password": "p"}, "token_url"),
        ({"token_file": "/not/there"}, "kafka.token_file"),
        ({"token_command": '"unclosed'}, "kafka.token_command"),
    ],
)
def test_keys_that_do_not_fit_together_are_named(fields: dict[str, Any], key: str) -> None:
    given = {"security": "sasl_ssl", "mechanism": "OAUTHBEARER"} | fields
    with pytest.raises(ConfigError) as refusal:
        checked(KafkaPolicy(**given))
    assert (refusal.value.key or "").endswith(key)
    assert "u:p@" not in str(refusal.value)
