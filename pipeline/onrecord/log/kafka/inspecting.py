"""What is looked up for people alone: the sizes of topics, and transactions left open."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from kafka.structs import TopicPartition

from onrecord.errors import LogRefused
from onrecord.log.interface import Partition
from onrecord.log.kafka.cluster import Cluster
from onrecord.log.timestamps import from_ms


def sizes(cluster: Cluster, topics: Iterable[str]) -> dict[str, int]:
    """The size in bytes of one replica of each topic, without topics hidden from us."""
    try:
        found = cluster.ask(
            "looking up sizes", lambda client: client.describe_log_dirs(list(topics))
        )
    except LogRefused:
        return {}
    copies: dict[Partition, int] = {}
    for folder in (folder for broker in found for folder in broker["log_dirs"]):
        for topic in folder["topics"]:
            for partition in topic["partitions"]:
                where = Partition(topic["name"], partition["partition_index"])
                copies[where] = max(copies.get(where, 0), partition["partition_size"])
    sizes: dict[str, int] = {}
    for partition, size in copies.items():
        sizes[partition.topic] = sizes.get(partition.topic, 0) + size
    return sizes


def open_since(
    cluster: Cluster, bounds: Mapping[Partition, tuple[int, int]]
) -> dict[str, datetime]:
    """Since when readers of topics wait for an open transaction, for topics where they do.

    `bounds` ends with the last stable offset. The time is that of the transaction's last record:
    when a writer that died wrote last.
    """
    try:
        ends = cluster.written(bounds)
        held = [p for p in bounds if ends[p] > bounds[p][1]]
        producers = cluster.ask(
            "looking up open transactions",
            lambda client: client.describe_producers([TopicPartition(*p) for p in held]),
        )
    except LogRefused:
        return {}  # not for us to see, or not told by so old a cluster
    found: dict[str, datetime] = {}
    for where, state in producers.items():
        for producer in state.active_producers:
            if producer.current_transaction_start_offset >= 0:
                at = from_ms(producer.last_timestamp)
                found[where.topic] = min(at, found.get(where.topic, at))
    return found
