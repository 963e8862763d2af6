"""Conversion between our topic settings and Kafka's."""

from collections.abc import Mapping

from onrecord.log.interface import TopicSettings

_WEEK_MS = 7 * 86_400_000
_HOUR_MS = 3_600_000
_UNLIMITED = "-1"

# The smallest segment that brokers allow since Kafka 4, and their default.
_SMALLEST_SEGMENT = 1 << 20
_SEGMENT_BYTES = 1 << 30

# The overhead in bytes of a single-record batch beyond its key, value and headers.
_FRAME_BYTES = 1024


def to_configs(settings: TopicSettings) -> dict[str, str]:
    """A topic's configuration in Kafka's terms.

    Kafka removes and compacts whole segments, except the newest. So a segment spans a small
    part of the retention time and of the size limit, and an hour in a compacted topic: a poller
    reads such a topic from its beginning, and must not read a week of overwritten records.
    Without a size limit the brokers' own `segment.bytes` holds: a cluster can have a minimum.
    """
    limits = [f"{'compact' if settings.compacted else ''}"]
    if settings.retention_s is not None or settings.retention_bytes is not None:
        limits.append("delete")
    policy = ",".join(limit for limit in limits if limit) or "delete"
    configs = {
        "cleanup.policy": policy,
        "retention.ms": _UNLIMITED,
        "retention.bytes": _UNLIMITED,
        "max.message.bytes": str(settings.max_record_bytes + _FRAME_BYTES),
        "message.timestamp.type": "CreateTime",
        "segment.ms": str(_segment_ms(settings)),
    }
    if settings.retention_s is not None:
        configs["retention.ms"] = str(settings.retention_s * 1000)
    if settings.retention_bytes is not None:
        configs["retention.bytes"] = str(_partition_bytes(settings))
        configs["segment.bytes"] = str(_segment_bytes(settings))
    if settings.compacted:
        configs["min.cleanable.dirty.ratio"] = "0.2"
    return configs


def safety_configs(replication: int) -> dict[str, str]:
    """With three replicas, an acknowledged record is on at least two brokers."""
    return {"min.insync.replicas": "2"} if replication >= 3 else {}


def _segment_ms(settings: TopicSettings) -> int:
    longest = _HOUR_MS if settings.compacted else _WEEK_MS
    if settings.retention_s is None:
        return longest
    return max(1000, min(longest, settings.retention_s * 1000 // 10))


def _segment_bytes(settings: TopicSettings) -> int:
    least = max(_SMALLEST_SEGMENT, settings.max_record_bytes + _FRAME_BYTES)
    return max(least, min(_SEGMENT_BYTES, _partition_bytes(settings) // 10))


def _partition_bytes(settings: TopicSettings) -> int:
    return -(-(settings.retention_bytes or 0) // settings.partitions)


def from_configs(configs: Mapping[str, str], partitions: int) -> TopicSettings:
    """The topic settings that correspond to a topic's configuration in Kafka."""
    policy = configs.get("cleanup.policy", "delete")
    deletes = "delete" in policy
    retention_ms = _limit(configs.get("retention.ms")) if deletes else None
    retention_bytes = _limit(configs.get("retention.bytes")) if deletes else None
    return TopicSettings(
        partitions=partitions,
        retention_s=None if retention_ms is None else retention_ms // 1000,
        retention_bytes=None if retention_bytes is None else retention_bytes * partitions,
        compacted="compact" in policy,
        max_record_bytes=int(configs.get("max.message.bytes", 1_048_588)) - _FRAME_BYTES,
    )


def _limit(value: str | None) -> int | None:
    return None if value is None or int(value) < 0 else int(value)


def advice(configs: Mapping[str, str], copies: int) -> list[str]:
    """What an operator would want to know of a topic's other settings, each in a few words."""
    found = []
    compression = configs.get("compression.type", "producer")
    if compression not in {"producer", "zstd"}:
        found.append(f"brokers recompress it (compression.type {compression}, not producer)")
    least = int(configs.get("min.insync.replicas", 0))  # 0: not for us to see
    if copies >= 3 and least == 1:
        found.append(
            f"min.insync.replicas 1, not 2: of {copies} copies, one has what is acknowledged"
        )
    if copies >= 2 and least >= copies:
        found.append(f"min.insync.replicas {least} of {copies} copies: no broker may be away")
    return found
