"""The door to OpenSearch: which node is asked, and what its answers mean."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from onrecord.archive.opensearch.client import SearchCluster
from onrecord.archive.opensearch.policy import OpenSearchPolicy
from onrecord.errors import ArchiveBroken, ArchiveRefused, ArchiveUnavailable, ConfigError
from tests.http_server import Answer, HttpServer

POLICY = OpenSearchPolicy()


@contextmanager
def dead_node() -> Iterator[str]:
    """An address where nobody listens: the port is held, so that nobody can come to."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


def test_another_node_is_asked_when_one_is_away_and_stays_the_first() -> None:
    with dead_node() as dead, HttpServer(lambda request: Answer(b'{"ok": 1}')) as alive:
        cluster = SearchCluster(f"opensearch://{dead},127.0.0.1:{alive.port}", POLICY)
        assert cluster.request("GET", "/") == {"ok": 1}
        assert cluster._first == 1
        assert cluster.request("GET", "/again") == {"ok": 1}


def test_a_busy_node_is_passed_over() -> None:
    with (
        HttpServer(lambda request: Answer(b"{}", status=503)) as busy,
        HttpServer(lambda request: Answer(b'{"ok": 1}')) as other,
    ):
        url = f"opensearch://127.0.0.1:{busy.port},127.0.0.1:{other.port}"
        assert SearchCluster(url, POLICY).request("GET", "/") == {"ok": 1}
    assert len(busy.requests) == 1


def test_no_node_is_an_outage_that_can_be_waited_out() -> None:
    with dead_node() as dead, pytest.raises(ArchiveUnavailable, match="does not answer"):
        SearchCluster(f"opensearch://{dead}", POLICY).request("GET", "/")


@pytest.mark.parametrize(
    ("status", "body", "error", "says"),
    [
        (401, b"", ArchiveRefused, "check opensearch.username and its password"),
        (403, b"{}", ArchiveRefused, "the rights of that user"),
        (400, b'{"error":{"root_cause":[{"reason":"no such field"}]}}', ArchiveBroken, "no such"),
        (500, b"<html>gateway</html>", ArchiveBroken, "<html>gateway"),
        (429, b"{}", ArchiveUnavailable, "answered 429"),
    ],
)
def test_a_refusal_says_what_to_do(
    status: int, body: bytes, error: type[Exception], says: str
) -> None:
    with HttpServer(lambda request: Answer(body, status=status)) as node:
        cluster = SearchCluster(f"opensearch://127.0.0.1:{node.port}", POLICY)
        with pytest.raises(error, match=says):
            cluster.request("GET", "/")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("opensearch://", "does not name OpenSearch nodes"),
        ("opensearch://host:99999", "does not name OpenSearch nodes"),
        ("opensearch://host:9200/path", "does not name OpenSearch nodes"),
        ("opensearch://anna:hunter2@host", "a password does not belong in the URL"),
    ],
)
def test_a_url_that_names_no_nodes_is_a_mistake(url: str, says: str) -> None:
    with pytest.raises(ArchiveRefused, match=says) as told:
        SearchCluster(url, POLICY)
    assert "hunter2" not in str(told.value)


def test_keys_that_do_not_go_together_are_a_mistake() -> None:
    with pytest.raises(ConfigError, match="ONRECORD_OPENSEARCH__PASSWORD"):
        SearchCluster("opensearch://host", OpenSearchPolicy(username="anna"))
    with pytest.raises(ConfigError, match=r"opensearch\.ca_file"):
        SearchCluster("opensearch://host", OpenSearchPolicy(tls=True, ca_file="/no/such/file"))


def test_a_password_is_never_shown() -> None:
    assert "hunter2" not in repr(OpenSearchPolicy(username="anna", password="hunter2"))
