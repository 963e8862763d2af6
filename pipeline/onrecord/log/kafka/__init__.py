"""The log on a Kafka cluster: where one machine is not enough.

Groups, transactions, retention and compaction are Kafka's own. This package adds the safeguards
that the client library leaves to its user, and translates errors into this project's types.

    log           topics, groups, and what is opened through them
    reading       readers         member     a reader that belongs to a group and commits
    publishing    transactions    counting   how many records are left, markers aside
    cluster       what is asked of the cluster, and told to it
    topics        our settings and Kafka's       policy      how a cluster is reached
    client        kafka-python's clients: settings, bounded waits, errors

Ending a transaction writes a control record (a marker) to each of its partitions. A control
record takes an offset and is never delivered: offsets have gaps, and positions advance past
markers automatically. The end of a partition is its last stable offset, up to which a reader of
committed records can read.
"""
