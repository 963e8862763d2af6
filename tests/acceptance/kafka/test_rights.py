"""Each role works with exactly the rights that docs/kafka.md lists for it."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)

from tests.acceptance.conftest import Publisher, story
from tests.acceptance.kafka.conftest import OnKafka, eventually
from tests.kafka.brokers import Cluster
from tests.kafka.fixtures import need_brokers

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery"
PREFIX = "rights"
TOPIC, GROUP = ResourceType.TOPIC, ResourceType.GROUP
ID, CLUSTER = ResourceType.TRANSACTIONAL_ID, ResourceType.CLUSTER
ANY = ACLFilter(
    None,
    None,
    ACLOperation.ANY,
    ACLPermissionType.ANY,
    ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
)
READ, WRITE, DESCRIBE = ACLOperation.READ, ACLOperation.WRITE, ACLOperation.DESCRIBE

# As in docs/kafka.md. A name that ends with * stands for all that begin so.
RIGHTS: dict[str, list[tuple[ResourceType, str, Sequence[ACLOperation]]]] = {
    "reader": [(TOPIC, "rights.extractions", [READ])],
    "member": [
        (TOPIC, "rights.extractions", [READ]),
        (TOPIC, "rights.positions", [READ, WRITE]),
        (GROUP, "desk", [READ]),
        (ID, "desk.*", [WRITE]),
    ],
    "member-of-last-year": [
        (TOPIC, "rights.extractions", [READ]),
        (GROUP, "archive", [READ]),
        (ID, "archive.*", [WRITE]),
    ],
    "poller": [
        (TOPIC, "rights.*", [DESCRIBE]),
        (TOPIC, "rights.feeds", [READ, WRITE]),
        (TOPIC, "rights.feed-states", [READ, WRITE]),
        (TOPIC, "rights.articles", [READ, WRITE]),
        (TOPIC, "rights.positions", [READ, WRITE]),
        (GROUP, "rights.pollers*", [READ]),
        (ID, "rights.*", [WRITE]),
    ],
    "extractor": [
        (TOPIC, "rights.*", [DESCRIBE]),
        (TOPIC, "rights.articles", [READ]),
        (TOPIC, "rights.extractions", [WRITE]),
        (TOPIC, "rights.dead-letters", [WRITE]),
        (TOPIC, "rights.positions", [READ, WRITE]),
        (GROUP, "rights.extract", [READ]),
        (ID, "rights.extract.*", [WRITE]),
    ],
    "operator": [
        (TOPIC, "rights.*", [ACLOperation.ALL]),
        (GROUP, "rights.*", [ACLOperation.ALL]),
        (ID, "rights.*", [WRITE]),
        (CLUSTER, "kafka-cluster", [DESCRIBE]),
    ],
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    need_brokers()
    login = "org.apache.kafka.common.security.plain.PlainLoginModule"
    users = " ".join(f'user_{name}="{PASSWORD}"' for name in RIGHTS)
    settings = {
        "sasl.enabled.mechanisms": "PLAIN",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
        "listener.name.password.plain.sasl.jaas.config": f"{login} required {users};",
    }
    folder = tmp_path_factory.mktemp("rights")
    with Cluster(folder, settings=settings, listeners={"PASSWORD": "SASL_PLAINTEXT"}) as cluster:
        admin = KafkaAdminClient(bootstrap_servers=cluster.servers.split(","))
        given = [
            ACL(f"User:{role}", "*", operation, ACLPermissionType.ALLOW, _named(kind, name))
            for role, rights in RIGHTS.items()
            for kind, name, operations in rights
            for operation in operations
        ]
        admin.create_acls(given)
        # The broker learns them a moment later.
        eventually(lambda: len(admin.describe_acls(ANY)[0]) == len(given), "rights are not known")
        admin.close()
        yield cluster


def _named(kind: ResourceType, name: str) -> ResourcePattern:
    if name.endswith("*"):
        return ResourcePattern(kind, name[:-1], ACLResourcePatternType.PREFIXED)
    return ResourcePattern(kind, name, ACLResourcePatternType.LITERAL)


def test_each_role_works_with_the_rights_of_the_documentation(
    guarded: Cluster, tmp_path: Path, publisher: Publisher
) -> None:
    publisher.feeds = {"north": [story(publisher, n) for n in range(3)]}
    command = OnKafka(tmp_path, guarded.servers_of("PASSWORD"))
    command.environment |= {
        "ONRECORD_LOG__PREFIX": PREFIX,
        "ONRECORD_FEEDS__LIST": "",  # only what the operator adds
        "ONRECORD_KAFKA__SECURITY": "sasl_plaintext",
        "ONRECORD_KAFKA__MECHANISM": "PLAIN",
        "ONRECORD_KAFKA__PASSWORD": PASSWORD,
    }

    def as_role(role: str, *arguments: str, code: int = 0) -> str:
        return command(*arguments, code=code, ONRECORD_KAFKA__USERNAME=role).stdout

    as_role("operator", "feeds", "add", publisher.feed_url("north"))
    as_role("poller", "poll", "--once")
    as_role("extractor", "extract", "--once")
    everything = ["subscribe", "extractions", "--from", "earliest", "--until", "end"]
    assert as_role("reader", *everything).count("\n") == 3
    as_role("reader", *everything, "--group", "desk", code=2)
    assert as_role("member", *everything, "--group", "desk").count("\n") == 3
    without = as_role("member-of-last-year", *everything, "--group", "archive")
    assert without.count("\n") == 3, "positions are kept for ever only with the right to it"
    as_role("reader", "subscribe", "articles", "--until", "end", code=2)
    status = json.loads(as_role("operator", "status"))
    assert [topic["differences"] for topic in status["topics"]] == [[]] * 6
    assert {group["name"]: group["lag"] for group in status["groups"]}["rights.extract"] == 0
    assert all(topic["size_bytes"] for topic in status["topics"] if topic["records"])
