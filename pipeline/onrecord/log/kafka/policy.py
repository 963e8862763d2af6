"""How a cluster is reached: its addresses, who we are to it, and how long it may take."""

import re
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from onrecord.errors import ConfigError, LogRefused

_PORT = 9092
_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:]+\]|[^\s:/?#@\[\],]+)(?::(?P<port>[0-9]{1,5}))?")
_RIGHT = "say kafka://host:9092, or kafka://host:9092,host2:9092"


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaPolicy:
    """How a Kafka cluster is reached. Empty texts are what is not needed.

    `ca_file` holds the certificates to trust, else the system's are; `certificate_file` and
    `key_file` are ours, where the cluster asks for them; all in PEM. A secret is given itself
    or as a file that holds nothing else. `replication` is how many brokers keep a topic we
    make, 0 as many as the cluster's default. Within about `timeout_s` a call is answered, or is
    LogUnavailable; a transaction that its writer left open is over after
    `transaction_timeout_s`, and readers wait for that.
    """

    security: Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"] = "plaintext"
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    username: str = ""
    password: str = field(default="", repr=False)
    password_file: str = ""
    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""
    key_password: str = field(default="", repr=False)
    key_password_file: str = ""
    check_hostname: bool = True
    replication: int = 0
    timeout_s: float = 15.0
    transaction_timeout_s: float = 30.0

    @property
    def uses_tls(self) -> bool:
        return self.security in {"ssl", "sasl_ssl"}

    @property
    def uses_sasl(self) -> bool:
        return self.security in {"sasl_plaintext", "sasl_ssl"}


def check(policy: KafkaPolicy) -> None:
    """Raise ConfigError for what cannot work together, and for files that are not there."""
    if policy.uses_sasl and not policy.username:
        raise ConfigError(
            f"kafka.security = {policy.security!r} needs kafka.username", key="kafka.username"
        )
    if policy.uses_sasl and not (policy.password or policy.password_file):
        raise ConfigError(
            f"kafka.security = {policy.security!r} needs a password: set "
            "ONRECORD_KAFKA__PASSWORD, or kafka.password_file",
            key="kafka.password",
        )
    if policy.key_file and not policy.certificate_file:
        raise ConfigError("kafka.key_file needs kafka.certificate_file", key="kafka.key_file")
    for key in ("ca_file", "certificate_file", "key_file", "password_file", "key_password_file"):
        _check_file(key, getattr(policy, key))
    if policy.uses_tls:
        _check_certificates(policy)


def _check_file(key: str, name: str) -> None:
    if not name:
        return
    try:
        Path(name).read_bytes()
    except OSError as error:
        raise ConfigError(
            f"kafka.{key} = {name!r}: {error.strerror}", key=f"kafka.{key}"
        ) from error


def _check_certificates(policy: KafkaPolicy) -> None:
    """Load them as the client will: it would say with a traceback, and late, that it cannot."""
    context = ssl.create_default_context()
    try:
        if policy.ca_file:
            context.load_verify_locations(policy.ca_file)
    except ssl.SSLError as error:
        raise ConfigError(
            f"kafka.ca_file = {policy.ca_file!r}: no certificates in PEM ({_reason(error)})",
            key="kafka.ca_file",
        ) from error
    if not policy.certificate_file:
        return
    password = secret(policy.key_password, policy.key_password_file)
    try:
        # Without a password given, OpenSSL would ask for one on the terminal.
        context.load_cert_chain(policy.certificate_file, policy.key_file or None, lambda: password)
    except (ssl.SSLError, OSError) as error:
        raise ConfigError(
            f"kafka.certificate_file = {policy.certificate_file!r} with kafka.key_file = "
            f"{policy.key_file!r} cannot be used: not a certificate and its key in PEM, or the "
            f"key wants another kafka.key_password ({_reason(error)})",
            key="kafka.certificate_file",
        ) from error


def _reason(error: OSError) -> str:
    told = getattr(error, "reason", None) or error.strerror or str(error)
    return str(told).partition(" (_ssl")[0].replace("_", " ").lower()


def secret(given: str, file: str) -> str:
    """A secret as given, else the content of its file without the end of line."""
    return given or (Path(file).read_text("utf-8").rstrip("\r\n") if file else "")


def servers_of(url: str) -> list[str]:
    """The "host:port" of each broker that a URL names. Raises LogRefused.

    A URL is shown in logs and lists of processes: one with a password in it is not even echoed.
    """
    if "@" in url:
        raise LogRefused(
            f"a password does not belong in the URL of a log: {_RIGHT}, and set kafka.username "
            "and kafka.password_file"
        )
    servers = []
    for part in url.removeprefix("kafka://").removesuffix("/").split(","):
        found = _ADDRESS.fullmatch(part)
        if found is None or int(found["port"] or _PORT) > 65_535:
            raise LogRefused(f"{url} does not name Kafka brokers: {_RIGHT}")
        servers.append(f"{found['host']}:{found['port'] or _PORT}")
    return servers
