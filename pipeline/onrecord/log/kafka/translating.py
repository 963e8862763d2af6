"""Translates kafka-python's errors: transient or final, with a message for the operator.

A final error names the configuration key to change, if there is one. Messages never contain the
name of a class of the library.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from kafka import errors as kafka_errors

from onrecord.errors import (
    Fenced,
    LogBroken,
    LogRefused,
    LogUnavailable,
    LostOwnership,
    OnrecordError,
)
from onrecord.log.kafka.unreadable import UnreadableRecord


class UnknownBroker(kafka_errors.KafkaConnectionError):  # type: ignore[misc]
    """The name of a broker, advertised by the cluster or configured, cannot be resolved."""

    def __init__(self, host: str, port: int, why: str) -> None:
        super().__init__(
            f"the broker at {host}:{port} cannot be found: {why}. The name is from log.url, or the "
            "brokers advertise it (advertised.listeners), and this machine must know it"
        )


class WrongSetting(kafka_errors.KafkaConfigurationError):  # type: ignore[misc]
    """The brokers expect another setting than ours, as found out by asking them."""

    def __str__(self) -> str:
        return str(self.args[0])


# Final: the configuration, permissions, a topic or a group must be changed.
_REFUSED = (
    UnknownBroker,
    kafka_errors.AuthorizationError,
    kafka_errors.KafkaConfigurationError,
    kafka_errors.SaslAuthenticationFailedError,
    kafka_errors.UnsupportedSaslMechanismError,
    kafka_errors.IllegalSaslStateError,
    kafka_errors.SecurityDisabledError,
    kafka_errors.UnsupportedVersionError,
    kafka_errors.UnrecognizedBrokerVersion,
    kafka_errors.UnsupportedCompressionTypeError,
    kafka_errors.UnsupportedForMessageFormatError,
    kafka_errors.InvalidSessionTimeoutError,
    kafka_errors.InvalidTransactionTimeoutError,
    kafka_errors.InvalidReplicationFactorError,
    kafka_errors.InvalidPartitionsError,
    kafka_errors.InvalidConfigurationError,
    kafka_errors.InvalidTopicError,
    kafka_errors.InvalidGroupIdError,
    kafka_errors.PolicyViolationError,
    kafka_errors.TopicDeletionDisabledError,
    kafka_errors.InconsistentGroupProtocolError,  # another program uses our group's name
    kafka_errors.GroupMaxSizeReachedError,
    # A topic's limit is looked up in advance, but not every user is permitted to see it.
    kafka_errors.MessageSizeTooLargeError,
    kafka_errors.RecordListTooLargeError,
    kafka_errors.InvalidTimestampError,
    kafka_errors.InvalidRecordError,
)
_LOST = (
    kafka_errors.CommitFailedError,
    kafka_errors.IllegalGenerationError,
    kafka_errors.UnknownMemberIdError,
    kafka_errors.RebalanceInProgressError,
)
_BROKEN = (kafka_errors.CorruptRecordError, kafka_errors.LogTruncationError)
TAKEN_OVER = (
    kafka_errors.FencedInstanceIdError,
    kafka_errors.ProducerFencedError,
    kafka_errors.InvalidProducerEpochError,
)
# Errors while a broker joins, leaves or takes over. kafka-python does not retry all of them.
MOMENTARY = (
    kafka_errors.RetriableError,
    kafka_errors.UnknownBrokerIdError,  # a partition has no known leader: broker -1
    kafka_errors.UnknownError,  # from a broker that has ceased to be the controller
    kafka_errors.BrokerNotAvailableError,
    kafka_errors.BrokerIdNotRegisteredError,
    kafka_errors.StaleBrokerEpochError,
    kafka_errors.StaleControllerEpochError,
    kafka_errors.UnknownControllerIdError,
    kafka_errors.NewLeaderElectedError,
    kafka_errors.ReassignmentInProgressError,
    # kafka-python's own errors: no controller was found, a connection was just closed.
    RuntimeError,
)


# The remedy for each error; `{now}` is this machine's time, `{there}` tells that of the brokers.
_ADVICE: tuple[tuple[type[Exception], str], ...] = (
    (
        kafka_errors.InvalidTransactionTimeoutError,
        (
            "kafka.transaction_timeout_s is more than the brokers allow "
            "(transaction.max.timeout.ms): lower it"
        ),
    ),
    (
        kafka_errors.InvalidSessionTimeoutError,
        (
            "log.session_s is outside of what the brokers allow (group.min.session.timeout.ms to "
            "group.max.session.timeout.ms)"
        ),
    ),
    (
        kafka_errors.InconsistentGroupProtocolError,
        (
            "another program is in the consumer group, with another protocol: stop it, or "
            "choose another log.prefix or --group"
        ),
    ),
    (
        kafka_errors.InvalidTimestampError,
        "the clocks of this machine and of the brokers are too far apart: here it is {now}{there}",
    ),
    (
        kafka_errors.IllegalSaslStateError,
        "the brokers want no password on this port: check kafka.security and the port",
    ),
    (
        kafka_errors.UnsupportedSaslMechanismError,
        "the brokers do not offer kafka.mechanism",
    ),
    (
        kafka_errors.SecurityDisabledError,
        "the brokers have no rights to give: authorizer.class.name is not set there",
    ),
)
_CODE = re.compile(r"\[Error (?:-?\d+|None)\] (\w+)(?::\s*)?")
# What a broker tells of a record that is too far ahead of its clock.
_LATEST = re.compile(r"The timestamp should be within \[-?\d+, (\d+)\]")
_MAY_BE_AHEAD = timedelta(hours=1)
_ERRNO = re.compile(r"\b(\d{1,3}) E[A-Z]{3,}\b")
_CLASS = re.compile(r"\b([A-Z]\w+?)Error\b")
_TLS_TO_PLAIN = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL", "HTTP_REQUEST")

# The alerts of a broker that does not accept the certificate of a client.
_OUR_CERTIFICATE = re.compile(r"ALERT_(UNKNOWN_CA|\w*CERTIFICATE\w*)")


def is_final(error: BaseException) -> bool:
    """Whether retrying is useless until the configuration is changed."""
    told = str(error)
    if isinstance(_meant(error), _REFUSED) or "CERTIFICATE_VERIFY_FAILED" in told:
        return True
    return _speaks_no_tls(told) or bool(_OUR_CERTIFICATE.search(told))


def _speaks_no_tls(told: str) -> bool:
    return any(sign in told.upper() for sign in _TLS_TO_PLAIN)


def _meant(error: BaseException) -> BaseException:
    """The specific error that the library has wrapped in the message of a general one."""
    found = _CODE.search(str(error)) if type(error) is kafka_errors.KafkaError else None
    kind = getattr(kafka_errors, found[1], None) if found else None
    return kind() if kind else error


@contextmanager
def translated(doing: str, *, name: str = "") -> Iterator[None]:
    """Raise kafka-python's errors as ours, naming the operation. `name` is shown in Fenced."""
    try:
        yield
    except (kafka_errors.KafkaError, RuntimeError) as error:
        if name and isinstance(error, TAKEN_OVER):
            raise Fenced(name) from error
        raise as_ours(error, doing) from error


def as_ours(error: BaseException, doing: str, *, detail: str = "") -> OnrecordError:
    """An error of kafka-python as one of ours. `detail` is what was told of a single record."""
    if isinstance(error, UnreadableRecord):
        return (LogBroken if isinstance(error.__cause__, _BROKEN) else LogRefused)(str(error))
    why = f"{doing}: {_in_words(error, detail)}"
    if is_final(error):
        return LogRefused(why)
    if isinstance(error, _LOST):
        return LostOwnership(why)
    if isinstance(error, _BROKEN):
        return LogBroken(why)
    # All other errors are transient or end with a new client; none is a reason to give up.
    return LogUnavailable(why)


def _in_words(error: BaseException, detail: str) -> str:
    meant = _meant(error)
    for kind, advice in _ADVICE:
        if isinstance(meant, kind):
            return advice.format(now=_shown(datetime.now(UTC)), there=_there(f"{error} {detail}"))
    if _speaks_no_tls(str(error)):
        return "the brokers do not speak TLS on this port: check kafka.security and the port"
    if _OUR_CERTIFICATE.search(str(error)):
        return (
            "the brokers do not accept our certificate: check kafka.certificate_file and "
            "kafka.key_file"
        )
    told = _CODE.sub("", " ".join(str(error).split()))
    if told in {"", type(error).__name__, "None"}:
        told = getattr(error, "description", None) or _spaced(type(error).__name__)
    told = told.removeprefix("KafkaConnectionError: ")
    told = _ERRNO.sub(lambda found: os.strerror(int(found[1])).lower(), told)
    return _CLASS.sub(lambda found: _spaced(found[1]), told).rstrip(". ")


def _there(told: str) -> str:
    """What the brokers' clock shows, if they have told it."""
    latest = _LATEST.search(told)
    if latest is None:
        return ""
    there = datetime.fromtimestamp(int(latest[1]) / 1000, UTC) - _MAY_BE_AHEAD
    return (
        f", there {_shown(there)} (the latest time that they take, less the usual hour of "
        "message.timestamp.after.max.ms)"
    )


def _shown(time: datetime) -> str:
    return time.isoformat(timespec="seconds")


def _spaced(name: str) -> str:
    """The name of an error class as words: "KafkaTimeoutError" becomes "timeout"."""
    plain = name.removeprefix("Kafka").removesuffix("Error")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain).lower() or "an error"
