"""The door to OpenSearch: requests in JSON to whichever node answers.

A node that does not answer is passed over for the next, and the one that answered last is asked
first. All requests of the archive can be repeated, so none is lost with its node.
"""

import ssl
from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

import msgspec
import urllib3

from onrecord.archive.opensearch.policy import OpenSearchPolicy, nodes_of
from onrecord.errors import ArchiveBroken, ArchiveRefused, ArchiveUnavailable, ConfigError
from onrecord.settings import with_secrets

# A node says so when it is too busy, starting, or without a manager.
_AWAY = frozenset({429, 502, 503, 504})
_CONFLICT = 409
_CONNECTIONS = 8
_CHUNK_BYTES = 5_000_000

Json = Mapping[str, Any]


class SearchCluster:
    """The nodes of one cluster. Threads may share it."""

    def __init__(self, url: str, policy: OpenSearchPolicy) -> None:
        """Connects to nothing yet. Raises ArchiveRefused for a URL, ConfigError for a key."""
        self.url = url
        policy = with_secrets(policy, "opensearch")
        scheme = "https" if policy.tls else "http"
        self._nodes = [f"{scheme}://{host}:{port}" for host, port in nodes_of(url)]
        self._first = 0
        self._lock = Lock()
        self._headers = {"Accept-Encoding": "gzip"} | _credentials(policy)
        self._timeout = urllib3.Timeout(connect=min(policy.timeout_s, 5.0), read=policy.timeout_s)
        self._pool = urllib3.PoolManager(
            maxsize=_CONNECTIONS, retries=False, timeout=self._timeout, **_tls(policy)
        )

    def request(
        self,
        method: str,
        path: str,
        body: Json | bytes | None = None,
        *,
        missing: Any = ...,
        existing: Any = ...,
    ) -> Any:
        """The answer of a node, decoded.

        `missing` is returned for 404, and `existing` for what is there already, where given.

        Raises ArchiveUnavailable when no node answers, ArchiveRefused when we have no rights,
        ArchiveBroken for any other refusal.
        """
        status, answer = self._ask(method, path, body)
        if status == 404 and missing is not ...:
            return missing
        if existing is not ... and (status == _CONFLICT or _is_existing(answer)):
            return existing
        if status in {401, 403}:
            raise ArchiveRefused(
                f"{self.url} refuses us ({status}): check opensearch.username and its password, "
                "and the rights of that user"
            )
        if status >= 400:
            raise ArchiveBroken(f"{self.url} refuses {method} {path} ({status}): {_why(answer)}")
        return answer

    def bulk(self, actions: Sequence[Json]) -> list[str]:
        """Index or delete documents, durably: actions as OpenSearch has them, with their documents.

        Returns the ids of the documents that were not written because a newer version is there, or
        the same: with external versions, the record was indexed before. Raises as `request`.
        """
        conflicts: list[str] = []
        for chunk in _chunks(actions):
            answer = self.request("POST", "/_bulk", chunk)
            for item in answer["items"] if answer["errors"] else ():
                (result,) = item.values()
                if "error" not in result:
                    continue
                if result["status"] == _CONFLICT:
                    conflicts.append(result["_id"])
                    continue
                why = f"{result['_index']}/{result['_id']}: {_why(result)}"
                if result["status"] in _AWAY:
                    raise ArchiveUnavailable(f"{self.url} cannot index now: {why}")
                raise ArchiveBroken(f"{self.url} refuses a document ({result['status']}): {why}")
        return conflicts

    def many(self, index: str, ids: Sequence[str]) -> dict[str, Json]:
        """The documents of these ids that are there, with `_source` and their versions."""
        if not ids:
            return {}
        answer = self.request("POST", f"/{index}/_mget", {"ids": list(ids)})
        return {doc["_id"]: doc for doc in answer["docs"] if doc.get("found")}

    def search(self, index: str, body: Json) -> Any:
        """The answer to a search."""
        return self.request("POST", f"/{index}/_search", body)

    def searches(self, index: str, bodies: Sequence[Json]) -> list[Any]:
        """The answers to several searches, asked for at once. Raises as `request`."""
        lines = [line for body in bodies for line in (b"{}", msgspec.json.encode(body))]
        path = f"/{index}/_msearch"
        answers: list[Any] = self.request("POST", path, b"\n".join([*lines, b""]))["responses"]
        for one in answers:
            if one["status"] in _AWAY:
                raise ArchiveUnavailable(f"{self.url} cannot search now: {_why(one)}")
            if one["status"] >= 400:
                raise ArchiveBroken(f"{self.url} refuses a search ({one['status']}): {_why(one)}")
        return answers

    def close(self) -> None:
        self._pool.clear()

    def _ask(self, method: str, path: str, body: Json | bytes | None) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) or body is None else msgspec.json.encode(body)
        kind = "application/x-ndjson" if isinstance(body, bytes) else "application/json"
        headers = self._headers | {"Content-Type": kind}
        with self._lock:
            first = self._first
        problems = []
        for number in range(len(self._nodes)):
            at = (first + number) % len(self._nodes)
            try:
                found = self._pool.request(
                    method, self._nodes[at] + path, body=data, headers=headers
                )
            except urllib3.exceptions.HTTPError as error:
                problems.append(f"{self._nodes[at]}: {_short(error)}")
                continue
            if found.status in _AWAY:
                problems.append(f"{self._nodes[at]}: answered {found.status}")
                continue
            with self._lock:
                self._first = at
            return found.status, _decoded(found.data)
        raise ArchiveUnavailable(f"{self.url} does not answer: {'; '.join(problems)}")


def _chunks(actions: Sequence[Json]) -> Iterator[bytes]:
    """The lines of a bulk request, in requests of some megabytes."""
    lines: list[bytes] = []
    size = 0
    for line in map(msgspec.json.encode, actions):
        # An action and its document stay together: an action's line is the shorter one.
        if size > _CHUNK_BYTES and line.startswith((b'{"index":', b'{"create":', b'{"delete":')):
            yield b"\n".join([*lines, b""])
            lines, size = [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield b"\n".join([*lines, b""])


def _credentials(policy: OpenSearchPolicy) -> dict[str, str]:
    if not policy.username:
        return {}
    if not policy.password:
        raise ConfigError(
            "opensearch.username needs a password: set ONRECORD_OPENSEARCH__PASSWORD, or "
            "opensearch.password_file",
            key="opensearch.password",
        )
    return urllib3.make_headers(basic_auth=f"{policy.username}:{policy.password}")


def _tls(policy: OpenSearchPolicy) -> dict[str, Any]:
    if not policy.tls:
        return {}
    context = ssl.create_default_context()
    try:
        if policy.ca_file:
            context.load_verify_locations(policy.ca_file)
    except (ssl.SSLError, OSError) as error:
        raise ConfigError(
            f"opensearch.ca_file = {policy.ca_file!r}: no certificates in PEM can be read there",
            key="opensearch.ca_file",
        ) from error
    context.check_hostname = policy.check_hostname
    return {"ssl_context": context, "assert_hostname": None if policy.check_hostname else False}


def _decoded(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data) if data else {}
    except msgspec.DecodeError:
        return {"error": data[:200].decode("utf-8", "replace")}


def _is_existing(answer: Any) -> bool:
    error = answer.get("error") if isinstance(answer, dict) else None
    return isinstance(error, dict) and error.get("type") == "resource_already_exists_exception"


def _why(answer: Any) -> str:
    """The reason that OpenSearch gives, which stands at several depths."""
    error = answer.get("error", answer) if isinstance(answer, dict) else answer
    if isinstance(error, dict):
        causes = error.get("root_cause") or [error]
        return str(causes[0].get("reason") or causes[0].get("type") or "no reason given")[:300]
    return str(error)[:300]


def _short(error: urllib3.exceptions.HTTPError) -> str:
    """What went wrong, without the addresses of objects in memory."""
    cause = getattr(error, "reason", None) or error
    return f"{type(cause).__name__}"
