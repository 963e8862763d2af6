"""How a topic is kept otherwise than was wanted, in words."""

from onrecord.log.interface import TopicSettings

_DAY_S = 86_400


def differences(wanted: TopicSettings, present: TopicSettings) -> list[str]:
    """What differs, each as in "4 partitions, not 8"; empty when nothing does."""
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
