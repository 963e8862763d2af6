"""The indexes of an archive in OpenSearch.

`quotes` has a document for each current quote: what is searched, sorted and counted, and the
quote itself under `record`, which is stored and not indexed. `articles` has one for each article,
with all its revisions and quotes. `names` has one for each name, and to which person it belongs;
`people` keeps that for names that no article has yet. `corrections` keeps what people corrected,
by quote, `gone` which articles were removed, and `state` the positions and who writes.

A rebuild makes indexes of another name beside these, and then gives them these names as aliases.
"""

from typing import Any, NamedTuple

from onrecord.archive.opensearch.client import Json, SearchCluster
from onrecord.archive.opensearch.policy import OpenSearchPolicy
from onrecord.errors import ArchiveRefused

# 1: the first. 2: with categories and sections. 3: titles are searched. 4: with roles. An archive
# of another format is rebuilt.
FORMAT = 4

_KEYWORD = {"type": "keyword"}
# Words are split and folded in Python, once for all engines.
_WORDS = {"type": "text", "analyzer": "whitespace", "norms": False}
_STORED = {"type": "object", "enabled": False}
_MAPPINGS: dict[str, dict[str, Any]] = {
    "quotes": {
        "article": _KEYWORD,
        "n": {"type": "integer"},
        "minute": {"type": "long"},
        "at": {"type": "date"},
        "said": _WORDS,
        "who": _WORDS,
        "title": _WORDS,
        "speaker": _KEYWORD,
        "role": _KEYWORD,
        "about": _KEYWORD,
        "publisher": _KEYWORD,
        "publisher_words": _KEYWORD,
        "language": _KEYWORD,
        "language_tag": _KEYWORD,
        "category": _KEYWORD,
        "section": _KEYWORD,
        "type": _KEYWORD,
        "confidence": {"type": "double"},
        "story": _KEYWORD,
        "words_key": _KEYWORD,
        "is_rejected": {"type": "boolean"},
        "record": _STORED,
    },
    "articles": {
        "id": _KEYWORD,
        "at": {"type": "date"},
        "story": _KEYWORD,
        "replaced": _KEYWORD,
        "record": _STORED,
    },
    "names": {
        "name": _KEYWORD,
        "fixed": _KEYWORD,
        "key": _KEYWORD,
        "person": _KEYWORD,
        "words": _KEYWORD,
    },
    "people": {"person": _KEYWORD},
    "gone": {"is_whole": {"type": "boolean"}},
    "corrections": {"person": _KEYWORD, "is_rejected": {"type": "boolean"}},
    "state": {"record": _STORED},
}
# Quotes are stored in the order of "newest first": a search stops as soon as a page is full.
_SORTED = {"sort.field": ["minute", "article", "n"], "sort.order": ["desc", "desc", "asc"]}


class Indexes(NamedTuple):
    """The names of the indexes."""

    quotes: str
    articles: str
    names: str
    people: str
    gone: str
    corrections: str
    state: str

    @classmethod
    def under(cls, prefix: str) -> "Indexes":
        return cls(*(f"{prefix}-{name}" for name in cls._fields))

    @property
    def all(self) -> str:
        """All of them, as a path names them."""
        return ",".join(self)


def make_indexes(cluster: SearchCluster, indexes: Indexes, policy: OpenSearchPolicy) -> None:
    """Make the indexes that are missing. Raises ArchiveRefused for those of another format."""
    for name, index in zip(Indexes._fields, indexes, strict=True):
        if cluster.request("GET", f"/{index}", missing=None) is None:
            _make(cluster, name, index, policy)
    check_format(cluster, indexes)


def check_format(cluster: SearchCluster, indexes: Indexes) -> None:
    """Raises ArchiveRefused where there is no archive, or one of another format."""
    found = cluster.request("GET", f"/{indexes.state}/_mapping", missing=None)
    if found is None:
        raise ArchiveRefused(
            f"{cluster.url}: there is no archive {indexes.state.removesuffix('-state')!r} yet: "
            "`onrecord run`, `serve` and `archive` make it"
        )
    mapping = next(iter(found.values()))["mappings"]
    number = mapping.get("_meta", {}).get("format")
    if number != FORMAT:
        raise ArchiveRefused(
            f"{cluster.url} has an archive of format {number}, and this onrecord reads format "
            f"{FORMAT}: `onrecord archive rebuild` makes it anew"
        )


def _make(cluster: SearchCluster, name: str, index: str, policy: OpenSearchPolicy) -> None:
    settings = {
        "number_of_shards": policy.shards if name in {"quotes", "articles"} else 1,
        "number_of_replicas": policy.replicas,
        # Each batch is shown when it is whole.
        "refresh_interval": "-1",
        **(_SORTED if name == "quotes" else {}),
    }
    mapping = {"dynamic": "strict", "_meta": {"format": FORMAT}, "properties": _MAPPINGS[name]}
    # Two processes can make it at the same time: one finds it there.
    path = f"/{index}?wait_for_active_shards=1"
    cluster.request(
        "PUT", path, {"settings": {"index": settings}, "mappings": mapping}, existing={}
    )


def concrete(cluster: SearchCluster, indexes: Indexes) -> dict[str, str]:
    """The indexes that stand behind these names, which can be aliases; those that are there."""
    found: dict[str, str] = {}
    for index in indexes:
        answer = cluster.request("GET", f"/{index}/_alias", missing={})
        found |= dict.fromkeys(answer, index)
    return found


def put_in_place(cluster: SearchCluster, new: Indexes, names: Indexes) -> None:
    """Give new indexes these names, in one step, and remove the indexes that had them."""
    actions: list[Json] = [{"remove_index": {"index": index}} for index in concrete(cluster, names)]
    actions += [
        {"add": {"index": index, "alias": name}} for index, name in zip(new, names, strict=True)
    ]
    cluster.request("POST", "/_aliases", {"actions": actions})


def remove(cluster: SearchCluster, indexes: Indexes) -> None:
    """Remove indexes and all that is in them; not those that are not there."""
    cluster.request("DELETE", f"/{indexes.all}?ignore_unavailable=true", missing=None)
