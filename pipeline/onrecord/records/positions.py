"""Positions of consumer groups, as they are kept on a topic of a cluster."""

from onrecord.records.base import Count, Record


class GroupPosition(Record, frozen=True, kw_only=True, tag="onrecord.position"):
    """A group's position in one partition: the offset of the next record to process.

    `topic_id` is the cluster's id of the topic, "" where it gives none: a topic that was deleted
    and made again has another.
    """

    group: str
    topic: str
    topic_id: str = ""
    partition: Count
    position: Count
