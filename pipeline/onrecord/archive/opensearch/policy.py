"""How an OpenSearch cluster is reached, and how its indexes are laid out."""

import re
from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from onrecord.errors import ArchiveRefused
from onrecord.log.shown_url import shown_url
from onrecord.settings import Seconds, key

SCHEME = "opensearch://"
_PORT = 9200
_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:]+\]|[^\s:/?#@\[\],]+)(?::(?P<port>[0-9]{1,5}))?")
_RIGHT = "say opensearch://host:9200, or opensearch://host:9200,host2:9200"


@dataclass(frozen=True, kw_only=True)
class OpenSearchPolicy:
    """How an OpenSearch cluster is reached, where archive.url names one."""

    tls: bool = key(
        False,
        "Whether the nodes of archive.url = opensearch://host:9200,host2:9200 are reached through "
        "TLS. true on a network that others use.",
    )
    ca_file: str = key(
        "",
        "With tls: a PEM file of the certificates to trust. Empty trusts those of the system.",
    )
    check_hostname: bool = key(
        True,
        "Whether a node's certificate must name the host we connect to. false only to try things "
        "out.",
    )
    username: str = key("", "Our name for basic authentication; empty sends none.")
    password: str = key(
        "",
        "The password. It belongs into the environment (ONRECORD_OPENSEARCH__PASSWORD) or into a "
        "file of its own; what stands here is read by everyone who reads this file.",
        secret=True,
    )
    password_file: str = key("", "A file that holds the password and that only we may read.")
    index: Annotated[
        str,
        Meta(
            pattern=r"^[a-z0-9][a-z0-9_.-]*\Z",
            max_length=100,
            description="small letters, digits, _, - and dots",
        ),
    ] = key(
        "onrecord",
        "The first part of the names of the indexes: onrecord-quotes, onrecord-articles and so "
        "on. Another name is another archive in the same cluster.",
    )
    shards: Annotated[int, Meta(ge=1, le=1_000)] = key(
        1,
        "Shards of an index that is created. About one for each 20 million quotes.",
    )
    replicas: Annotated[int, Meta(ge=0, le=100)] = key(
        0,
        "Copies of each shard beside the first. 1 survives the loss of a node.",
    )
    timeout_s: Seconds = key(
        15.0, "Seconds within which a node must answer before another is asked."
    )


def nodes_of(url: str) -> list[tuple[str, int]]:
    """Host and port of each node that a URL names. Raises ArchiveRefused.

    A URL with a password in it is not even echoed.
    """
    if "@" in url:
        raise ArchiveRefused(
            f"a password does not belong in the URL of an archive: {_RIGHT}, and set "
            "opensearch.username and opensearch.password_file"
        )
    nodes = []
    for part in url.removeprefix(SCHEME).removesuffix("/").split(","):
        found = _ADDRESS.fullmatch(part)
        if found is None or int(found["port"] or _PORT) > 65_535:
            raise ArchiveRefused(f"{shown_url(url)} does not name OpenSearch nodes: {_RIGHT}")
        nodes.append((found["host"], int(found["port"] or _PORT)))
    return nodes
