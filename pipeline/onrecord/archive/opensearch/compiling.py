"""Queries in the language of OpenSearch."""

from typing import Any

from onrecord.archive.opensearch.client import Json, SearchCluster
from onrecord.archive.opensearch.indexes import Indexes
from onrecord.archive.opensearch.names import names_called, names_of_person
from onrecord.archive.opensearch.quotes import minute_of
from onrecord.archive.query import (
    After,
    And,
    AnyWord,
    Before,
    Everything,
    MinConfidence,
    Named,
    NameField,
    Node,
    Not,
    Or,
    WordPhrase,
)

# A word said is worth more than the same word in the speaker's name or in the title.
_WEIGHTS = {"said": 1.0, "who": 0.5, "title": 0.25}
# The beginnings of words that one prefix stands for.
_MOST_EXPANSIONS = 1_000


class ClusterQuery:
    """A query in OpenSearch's language; `is_bounded` where it names more than can be searched."""

    def __init__(self, cluster: SearchCluster, indexes: Indexes, query: Node) -> None:
        self._cluster = cluster
        self._indexes = indexes
        self.is_bounded = False
        self.body: Json = {
            "bool": {
                "must": [self._compiled(query)],
                "filter": [{"term": {"is_rejected": False}}],
            }
        }

    def _compiled(self, node: Node) -> Json:
        match node:
            case And(operands):
                return {"bool": {"must": [self._compiled(operand) for operand in operands]}}
            case Or(operands):
                return _any_of([self._compiled(operand) for operand in operands])
            case Not(operand):
                return {"bool": {"must_not": [self._compiled(operand)]}}
            case WordPhrase(words, is_prefix):
                fields = [_phrase(field, words, is_prefix=is_prefix) for field in _WEIGHTS]
                return {"dis_max": {"queries": fields}}
            case AnyWord(words):
                return {"dis_max": {"queries": [_any_word(field, words) for field in _WEIGHTS]}}
            case _:
                return {"constant_score": {"filter": self._condition(node), "boost": 0.0}}

    def _condition(self, node: Node) -> Json:
        match node:
            case Named():
                return self._named(node)
            case Before(at):
                return {"range": {"minute": {"lt": minute_of(at)}}}
            case After(at):
                return {"range": {"minute": {"gte": minute_of(at)}}}
            case MinConfidence(least):
                return {"range": {"confidence": {"gte": least * 1000}}}
            case _:
                assert isinstance(node, Everything)  # noqa: S101 - all others are above
                return {"match_all": {}}

    def _named(self, node: Named) -> Json:
        match node.field:
            case NameField.SPEAKER | NameField.ABOUT:
                return {"terms": {node.field.value: self._names(node)}}
            case NameField.PUBLISHER:
                words = [{"term": {"publisher_words": word}} for word in node.words]
                return {"bool": {"filter": words}}
            case NameField.LANGUAGE:
                variants = {"prefix": {"language_tag": f"{node.value}-"}}
                return _any_of([{"term": {"language_tag": node.value}}, variants])
            case NameField.TYPE | NameField.STORY | NameField.CATEGORY | NameField.SECTION:
                return {"term": {node.field.value: node.value}}

    def _names(self, node: Named) -> list[str]:
        if node.is_whole:
            return sorted(names_of_person(self._cluster, self._indexes, node.value))
        ids, is_more = names_called(self._cluster, self._indexes, node.value, node.words)
        self.is_bounded |= is_more
        return ids


def _any_of(queries: list[Json]) -> Json:
    return {"bool": {"should": queries, "minimum_should_match": 1}}


def _any_word(field: str, words: tuple[str, ...]) -> Json:
    return {"match": {field: {"query": " ".join(words), "boost": _WEIGHTS[field]}}}


def _phrase(field: str, words: tuple[str, ...], *, is_prefix: bool) -> Json:
    boost = _WEIGHTS[field]
    if is_prefix and len(words) == 1:
        return {"prefix": {field: {"value": words[0], "boost": boost}}}
    asked: dict[str, Any] = {"query": " ".join(words), "boost": boost}
    if is_prefix:
        asked["max_expansions"] = _MOST_EXPANSIONS
        return {"match_phrase_prefix": {field: asked}}
    return {"match_phrase": {field: asked}}
