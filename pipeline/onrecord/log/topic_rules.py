"""Rules for topics on every log: their names, their limits, and the comparison of settings."""

import re

from onrecord.errors import Mistake
from onrecord.log.interface import TopicSettings

# Kafka's limits, so that every log can be moved to Kafka.
_NAME = re.compile(r"[A-Za-z0-9._-]{1,249}")
_DAY_S = 86_400


def check_new(name: str, settings: TopicSettings) -> None:
    """Raise Mistake unless a topic can have this name and these settings."""
    if not _NAME.fullmatch(name) or name in {".", ".."}:
        raise Mistake(
            f"{name!r} cannot name a topic: use letters, digits, '.', '_' and '-', 249 at most"
        )
    if settings.partitions < 1:
        raise Mistake(f"topic {name} needs at least one partition, not {settings.partitions}")


def check_growth(name: str, present: int, wanted: int) -> None:
    """Raise Mistake when a topic with `present` partitions would have fewer."""
    if wanted < present:
        raise Mistake(f"topic {name} has {present} partitions: there can be more, not {wanted}")


def differences(wanted: TopicSettings, present: TopicSettings) -> list[str]:
    """Differences between a topic and its configuration, each as in "4 partitions, not 8"."""
    found = []
    if present.partitions != wanted.partitions:
        found.append(f"{present.partitions} partitions, not {wanted.partitions}")
    if present.compacted != wanted.compacted:
        found.append("compacted" if present.compacted else "not compacted")
    if present.retention_s != wanted.retention_s:
        found.append(f"kept {_age(present.retention_s)}, not {_age(wanted.retention_s)}")
    if present.retention_bytes != wanted.retention_bytes:
        there, asked = _size(present.retention_bytes), _size(wanted.retention_bytes)
        found.append(f"kept up to {there}, not {asked}")
    if present.max_record_bytes != wanted.max_record_bytes:
        there, asked = _size(present.max_record_bytes), _size(wanted.max_record_bytes)
        found.append(f"records of up to {there}, not {asked}")
    return found


def _age(seconds: int | None) -> str:
    if seconds is None:
        return "for ever"
    return f"{seconds // _DAY_S} days" if seconds % _DAY_S == 0 else f"{seconds} s"


def _size(size: int | None) -> str:
    return "any size" if size is None else f"{size:,} bytes"
