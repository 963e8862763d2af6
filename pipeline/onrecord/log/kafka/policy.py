"""How a cluster is reached: its addresses, who we are to it, and how long it may take."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from msgspec import Meta

from onrecord.errors import ConfigError, LogRefused
from onrecord.log.shown_url import shown_url
from onrecord.settings import Seconds, key, with_secrets

_PORT = 9092
_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:]+\]|[^\s:/?#@\[\],]+)(?::(?P<port>[0-9]{1,5}))?")
# The keys that can give a token, of which one is set.
_TOKENS = ("token", "token_file", "token_command", "token_url")
_RIGHT = "say kafka://host:9092, or kafka://host:9092,host2:9092"


@dataclass(frozen=True, kw_only=True)
class KafkaPolicy:
    """How a Kafka cluster is reached, where log.url names one.

    Within about `timeout_s` a call is answered or raises LogUnavailable.
    """

    security: Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"] = key(
        "plaintext",
        "How the brokers of log.url = kafka://host:9092,host2:9092 are reached: plaintext, ssl, "
        "sasl_plaintext or sasl_ssl. Anything but plaintext on a network that others use.",
    )
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] = key(
        "SCRAM-SHA-512", "With sasl: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER."
    )
    username: str = key(
        "", "With sasl: who we are to the cluster; with kafka.token_url, the client id."
    )
    password: str = key(
        "",
        "The password. It belongs into the environment (ONRECORD_KAFKA__PASSWORD) or into a file "
        "of its own; what stands here is read by everyone who reads this file.",
        secret=True,
    )
    password_file: str = key("", "A file that holds the password and that only we may read.")
    token: str = key(
        "",
        "With OAUTHBEARER: a token that does not change. It belongs into the environment "
        "(ONRECORD_KAFKA__TOKEN).",
        secret=True,
    )
    token_file: str = key(
        "", "A file with the token, which is read again for every connection: it may be renewed."
    )
    token_command: str = key(
        "",
        "A command that prints the token, without a shell. It is run again before the token "
        "expires, as the token itself says (JWT), and every minute if it does not.",
    )
    token_url: str = key(
        "",
        "The address at which an OpenID provider grants tokens for client credentials: "
        "kafka.username is the client's id, kafka.password its secret. https only.",
    )
    token_scope: str = key("", "The scope to ask the provider for, if it wants one.")
    ca_file: str = key(
        "",
        "With ssl: a PEM file of the certificates to trust. Empty trusts those of the system.",
    )
    certificate_file: str = key("", "Our own certificate in PEM, where the cluster asks for one.")
    key_file: str = key("", "The private key of our certificate, in PEM.")
    key_password: str = key("", "The password of the private key.", secret=True)
    key_password_file: str = key("", "A file that holds the password of the private key.")
    check_hostname: bool = key(
        True,
        "Whether a broker's certificate must name the host we connect to. false only to try "
        "things out.",
    )
    replication: Annotated[int, Meta(ge=0, le=32_767)] = key(
        0,
        "How many brokers keep a topic that we create. 0 is the cluster's default; 3 survives the "
        "loss of a broker.",
    )
    timeout_s: Seconds = key(
        15.0, "Seconds within which the cluster must answer before it counts as away."
    )
    transaction_timeout_s: Seconds = key(
        30.0,
        "Seconds after which the cluster ends a transaction whose writer died. Readers wait for "
        "it.",
    )

    index_folder: str = key(
        "data/index",
        "A folder of this machine for what is looked up by key, such as the newest revision of "
        "each article (about 300 bytes each). A file that is lost is built again from the topic.",
    )
    connect_schemas: bool = key(
        False,
        "Whether records of the topic of quotes (log.quotes_topic) carry their schema in the JSON "
        "of Kafka Connect, as sinks for JDBC need it. About 2 kB a record, before compression.",
    )

    @property
    def uses_tls(self) -> bool:
        return self.security in {"ssl", "sasl_ssl"}

    @property
    def uses_sasl(self) -> bool:
        return self.security in {"sasl_plaintext", "sasl_ssl"}


def checked(policy: KafkaPolicy) -> KafkaPolicy:
    """The policy with its secrets read from their files.

    Raises ConfigError for keys that contradict each other and for files that cannot be used.
    """
    _check_sasl(policy)
    if policy.key_file and not policy.certificate_file:
        raise ConfigError("kafka.key_file needs kafka.certificate_file", key="kafka.key_file")
    for name in ("ca_file", "certificate_file", "key_file", "token_file"):
        _check_file(name, getattr(policy, name))
    policy = with_secrets(policy, "kafka")
    if policy.uses_tls:
        _check_certificates(policy)
    return policy


def _check_sasl(policy: KafkaPolicy) -> None:
    sources = [name for name in _TOKENS if getattr(policy, name)]
    uses_tokens = policy.uses_sasl and policy.mechanism == "OAUTHBEARER"
    if sources and not uses_tokens:
        raise ConfigError(
            f"kafka.{sources[0]} needs kafka.mechanism = 'OAUTHBEARER' and kafka.security = "
            "'sasl_ssl'",
            key=f"kafka.{sources[0]}",
        )
    if uses_tokens and len(sources) != 1:
        named = ", ".join(f"kafka.{name}" for name in _TOKENS)
        raise ConfigError(
            f"kafka.mechanism = 'OAUTHBEARER' needs one of {named}", key="kafka.mechanism"
        )
    if policy.token_url:
        _check_token_url(policy.token_url)
    _check_command(policy.token_command)
    if not policy.uses_sasl or (uses_tokens and not policy.token_url):
        return
    what = "kafka.token_url" if policy.token_url else f"kafka.security = {policy.security!r}"
    if not policy.username:
        raise ConfigError(f"{what} needs kafka.username", key="kafka.username")
    if not (policy.password or policy.password_file):
        raise ConfigError(
            f"{what} needs a password: set ONRECORD_KAFKA__PASSWORD, or kafka.password_file",
            key="kafka.password",
        )


def _check_command(command: str) -> None:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ConfigError(
            f"kafka.token_command: {str(error).lower()}", key="kafka.token_command"
        ) from error
    if command and not words:
        raise ConfigError("kafka.token_command names no command", key="kafka.token_command")


def _check_token_url(url: str) -> None:
    """A secret is sent there: over TLS, unless the provider is on this machine."""
    try:
        parts = urlsplit(url)
        is_here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
        is_right = bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_right, is_here, parts = False, False, urlsplit("")
    if not is_right or parts.scheme not in ({"https", "http"} if is_here else {"https"}):
        raise ConfigError(
            "kafka.token_url: expected an https URL without a password in it", key="kafka.token_url"
        )


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
    """Load them as the client will: the client would fail late and with a traceback."""
    # Every command reads the policy above; few use certificates.
    import ssl

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
    try:
        # Without a password given, OpenSSL would ask for one on the terminal.
        context.load_cert_chain(
            policy.certificate_file, policy.key_file or None, lambda: policy.key_password
        )
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
            raise LogRefused(f"{shown_url(url)} does not name Kafka brokers: {_RIGHT}")
        servers.append(f"{found['host']}:{found['port'] or _PORT}")
    return servers


def host_and_port(server: str) -> tuple[str, int]:
    """The host, without brackets, and the port of one of `servers_of`."""
    host, _, port = server.rpartition(":")
    return host.strip("[]"), int(port)
