"""The log on a Kafka cluster that lets nobody in without a name, a password or a certificate."""

import base64
import gc
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import pytest
from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ResourcePattern,
    ResourceType,
    UserScramCredentialUpsertion,
)

from onrecord.errors import LogRefused, LogUnavailable
from onrecord.log.interface import Log, TopicSettings
from onrecord.log.kafka.log import KafkaLog
from onrecord.log.kafka.policy import KafkaPolicy
from tests.kafka.brokers import Cluster
from tests.kafka.certificates import Certificate, authority, signed
from tests.kafka.fixtures import need_brokers
from tests.kafka.tokens import CLIENT_SECRET, jwt, provider, token_policy
from tests.log.contract import eventually, gather, publish, read_all, topic, values
from tests.needs import need_program

# kafka-python leaves sockets with TLS to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

PASSWORD = "correct horse battery"
USERS = ("alice", "bob")
Scram = Literal["SCRAM-SHA-256", "SCRAM-SHA-512"]
SCRAM: tuple[Scram, ...] = get_args(Scram)


@dataclass(frozen=True)
class Guarded:
    cluster: Cluster
    ca: Certificate
    client: Certificate

    def url(self, listener: str) -> str:
        return f"kafka://{self.cluster.servers_of(listener)}"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Listeners of every kind. alice may do all; bob may not make topics."""
    need_brokers()
    need_program("openssl")
    folder = tmp_path_factory.mktemp("guarded")
    ca = authority(folder)
    broker, client = signed(folder, "broker", ca), signed(folder, "client", ca)
    store = folder / "broker-store.pem"
    store.write_text(broker.key.read_text() + broker.certificate.read_text())
    login = "org.apache.kafka.common.security"
    users = " ".join(f'user_{name}="{PASSWORD}"' for name in USERS)
    plain = f"{login}.plain.PlainLoginModule required {users};"
    scram = f"{login}.scram.ScramLoginModule required;"
    settings = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(store),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(ca.certificate),
        "listener.name.tls.ssl.client.auth": "required",
        "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS;User:alice;User:CN=client",
    }
    for listener in ("password", "both"):
        for mechanism, module in (
            ("plain", plain), ("scram-sha-256", scram), ("scram-sha-512", scram),
        ):  # fmt: skip
            settings[f"listener.name.{listener}.{mechanism}.sasl.jaas.config"] = module
    settings["listener.name.token.sasl.enabled.mechanisms"] = "OAUTHBEARER"
    settings["listener.name.token.oauthbearer.sasl.jaas.config"] = (
        f"{login}.oauthbearer.OAuthBearerLoginModule required "
        'unsecuredLoginStringClaim_sub="broker";'
    )
    listeners = {
        "TLS": "SSL", "PASSWORD": "SASL_PLAINTEXT", "BOTH": "SASL_SSL", "TOKEN": "SASL_PLAINTEXT",
    }  # fmt: skip
    with Cluster(folder, settings=settings, listeners=listeners) as cluster:
        admin = KafkaAdminClient(bootstrap_servers=cluster.servers.split(","))
        for user in USERS:
            for mechanism in SCRAM:
                admin.alter_user_scram_credentials(
                    [UserScramCredentialUpsertion(user, mechanism, PASSWORD)]
                )
        admin.close()
        guarded = Guarded(cluster, ca, client)
        eventually(lambda: all(lets_in_with(guarded, mechanism) for mechanism in SCRAM))
        yield guarded
        gc.collect()


def lets_in_with(guarded: Guarded, mechanism: Scram) -> bool:
    """Whether the broker knows the passwords already: it learns them a moment later."""
    policy = KafkaPolicy(
        security="sasl_plaintext", mechanism=mechanism, username=USERS[-1], password=PASSWORD
    )
    with KafkaLog(guarded.url("PASSWORD"), policy=policy) as log:
        try:
            log.topics()
        except (LogRefused, LogUnavailable):
            return False
    return True


def allow(guarded: Guarded, user: str, operation: ACLOperation, topic: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=guarded.cluster.servers.split(","))
    where = ResourcePattern(ResourceType.TOPIC, topic)
    admin.create_acls([ACL(f"User:{user}", "*", operation, ACLPermissionType.ALLOW, where)])
    admin.close()


def may_see(log: Log, topic: str) -> bool:
    """What is allowed takes a moment to be known to the broker that is asked."""
    try:
        return bool(log.bounds(topic))
    except LogRefused:
        return False


@pytest.mark.parametrize(
    ("listener", "policy"),
    [
        ("PASSWORD", KafkaPolicy(security="sasl_plaintext", mechanism="PLAIN")),
        ("PASSWORD", KafkaPolicy(security="sasl_plaintext", mechanism="SCRAM-SHA-256")),
        ("PASSWORD", KafkaPolicy(security="sasl_plaintext", mechanism="SCRAM-SHA-512")),
        ("BOTH", KafkaPolicy(security="sasl_ssl", mechanism="PLAIN")),
        ("BOTH", KafkaPolicy(security="sasl_ssl", mechanism="SCRAM-SHA-512")),
        ("TLS", KafkaPolicy(security="ssl")),
    ],
)
def test_whoever_has_what_it_takes_comes_in(
    guarded: Guarded, tmp_path: Path, listener: str, policy: KafkaPolicy
) -> None:
    (tmp_path / "password").write_text(PASSWORD + "\n")
    if policy.uses_sasl:
        policy = replace(policy, username="alice", password_file=str(tmp_path / "password"))
    if policy.uses_tls:
        policy = replace(policy, ca_file=str(guarded.ca.certificate))
    if listener == "TLS":
        policy = replace(
            policy,
            certificate_file=str(guarded.client.certificate),
            key_file=str(guarded.client.key),
        )
    name = f"{listener}-{policy.mechanism}"
    with KafkaLog(guarded.url(listener), policy=policy) as log:
        log.create_topic(name, TopicSettings(partitions=1))
        publish(log, name, b"1")
        with log.join(f"g-{name}", [name], name="m") as member:
            messages = gather(member, 1)
            with member.transaction() as tx:
                tx.commit({message.source: message.next_offset for message in messages})
        assert values(read_all(log, name)) == [b"1"]


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
def test_a_wrong_password_is_not_let_in_and_shown_nowhere(
    guarded: Guarded,
    caplog: pytest.LogCaptureFixture,
    mechanism: Literal["PLAIN", "SCRAM-SHA-512"],
) -> None:
    """A broker says so, or hangs up without a word."""
    policy = KafkaPolicy(
        security="sasl_plaintext",
        mechanism=mechanism,
        username="alice",
        password="wrong-and-secret",
        timeout_s=15,
    )
    assert "wrong-and-secret" not in repr(policy)
    caplog.set_level(logging.DEBUG)
    with (
        KafkaLog(guarded.url("PASSWORD"), policy=policy) as log,
        pytest.raises(
            (LogRefused, LogUnavailable), match=r"(?i)invalid (user|cred)|check kafka.username"
        ) as refusal,
    ):
        log.bounds("t")
    assert "wrong-and-secret" not in str(refusal.value) + caplog.text


def test_a_broker_that_nobody_we_trust_vouches_for_is_not_talked_to(guarded: Guarded) -> None:
    policy = KafkaPolicy(security="sasl_ssl", username="alice", password=PASSWORD, timeout_s=15)
    with (
        KafkaLog(guarded.url("BOTH"), policy=policy) as log,
        pytest.raises(LogRefused, match=r"(?i)certificate"),
    ):
        log.bounds("t")


WITH_PASSWORD = KafkaPolicy(username="alice", password=PASSWORD, mechanism="PLAIN", timeout_s=2)
SPEAK_TLS, NO_TLS = "the brokers speak TLS on this port", "the brokers do not speak TLS"


@pytest.mark.parametrize(
    ("listener", "policy", "told"),
    [
        ("PLAINTEXT", replace(WITH_PASSWORD, security="ssl"), NO_TLS),
        ("PLAINTEXT", replace(WITH_PASSWORD, security="sasl_plaintext"), "want no password"),
        ("TLS", replace(WITH_PASSWORD, security="plaintext"), SPEAK_TLS),
        ("TLS", replace(WITH_PASSWORD, security="ssl"), "do not accept our certificate"),
        ("PASSWORD", replace(WITH_PASSWORD, security="plaintext"), "want a name and a password"),
        ("PASSWORD", replace(WITH_PASSWORD, security="sasl_ssl"), NO_TLS),
        ("BOTH", replace(WITH_PASSWORD, security="sasl_plaintext"), SPEAK_TLS),
        ("BOTH", replace(WITH_PASSWORD, security="ssl"), "want a name and a password"),
    ],
)
def test_a_port_that_expects_another_protocol_is_told_from_one_without_a_broker(
    guarded: Guarded, listener: str, policy: KafkaPolicy, told: str
) -> None:
    if policy.uses_tls:
        policy = replace(policy, ca_file=str(guarded.ca.certificate))
    said: list[str] = []

    def is_refused() -> bool:
        """A broker on a loaded machine can need longer than we wait for it at first."""
        patient = replace(policy, timeout_s=min(0.5 * 2 ** len(said), 16))
        with KafkaLog(guarded.url(listener), policy=patient) as log:
            try:
                log.bounds("t")
            except LogUnavailable as error:
                said.append(str(error))
                return False
            except LogRefused as error:
                said.append(str(error))
                return True
        raise AssertionError("it was let in")

    eventually(is_refused)
    assert told in said[-1], said


def test_a_topic_that_is_there_is_used_where_none_may_be_made(guarded: Guarded) -> None:
    everything = KafkaPolicy(security="sasl_plaintext", mechanism="PLAIN", password=PASSWORD)
    with KafkaLog(guarded.url("PASSWORD"), policy=replace(everything, username="alice")) as owner:
        owner.create_topic("there", TopicSettings(partitions=3))
    allow(guarded, "bob", ACLOperation.DESCRIBE, "there")
    with KafkaLog(guarded.url("PASSWORD"), policy=replace(everything, username="bob")) as log:
        eventually(lambda: may_see(log, "there"))
        log.create_topic("there", TopicSettings(partitions=9))
        assert len(log.bounds("there")) == 3
        assert log.differences("there", TopicSettings(partitions=9)) == ["3 partitions, not 9"]
        with pytest.raises(LogRefused, match="not-there"):
            log.create_topic("not-there", TopicSettings())


# ── tokens ───────────────────────────────────────────────────────────────────────────────────


def lets_in(url: str, policy: KafkaPolicy) -> None:
    with KafkaLog(url, policy=policy) as log:
        topic(log, "tokens", partitions=1)
        publish(log, "tokens", b"1")
        with log.reader(["tokens"]) as reader:
            gather(reader, 1)


def test_a_token_from_any_source_lets_us_in(guarded: Guarded, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(jwt() + "\n")
    lets_in(guarded.url("TOKEN"), token_policy(token=jwt()))
    lets_in(guarded.url("TOKEN"), token_policy(token_file=str(file)))
    lets_in(guarded.url("TOKEN"), token_policy(token_command=f"cat '{file}'"))
    with provider(lambda: (200, {"access_token": jwt(), "expires_in": 3600})) as granting:
        lets_in(guarded.url("TOKEN"), granting.policy(token_scope="kafka"))
    [(headers, form)] = granting.asked
    assert form == {"grant_type": ["client_credentials"], "scope": ["kafka"]}
    assert base64.b64decode(headers["Authorization"].split()[1]).decode() == f"desk:{CLIENT_SECRET}"


def test_a_token_that_has_expired_is_refused_and_shown_nowhere(
    guarded: Guarded, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    old = jwt(lasts_s=-30)
    assert old not in repr(token_policy(token=old))
    with (
        KafkaLog(guarded.url("TOKEN"), policy=token_policy(token=old)) as log,
        pytest.raises((LogRefused, LogUnavailable)) as refusal,
    ):
        log.topics()
    assert old not in str(refusal.value) + caplog.text


def test_a_provider_that_refuses_us_ends_with_one_line_that_names_the_keys(
    guarded: Guarded,
) -> None:
    with (
        provider(lambda: (401, {"error": "invalid_client"})) as refusing,
        KafkaLog(guarded.url("TOKEN"), policy=refusing.policy()) as log,
        pytest.raises(LogRefused, match=r"127\.0\.0\.1.*HTTP 401.*kafka\.username") as refusal,
    ):
        log.topics()
    assert CLIENT_SECRET not in str(refusal.value)


def test_a_provider_that_is_away_is_waited_for_as_brokers_are(guarded: Guarded) -> None:
    with (
        provider(lambda: (503, b"")) as away,
        KafkaLog(guarded.url("TOKEN"), policy=away.policy(timeout_s=3)) as log,
        pytest.raises(LogUnavailable),
    ):
        log.topics()
