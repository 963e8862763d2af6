"""The log on a Kafka cluster: where one machine is not enough.

Nothing here is home-made: groups, transactions, retention and compaction are Kafka's. What this
adds is the care that the client library leaves to its user, and our words for what goes wrong.

    log           topics, groups, and what is opened through them
    reading       readers         member     a reader that belongs to a group and commits
    publishing    transactions    counting   how many records are left, markers aside
    cluster       what is asked of the cluster, and told to it
    topics        our settings and Kafka's       policy      how a cluster is reached
    client        kafka-python's clients: settings, bounded waits, errors

A transaction's end leaves a marker in every partition it wrote to. A marker takes an offset and
is never read: so offsets have gaps, and a position passes over markers by itself. The end of a
partition is its last stable offset: what a reader of committed records can get to.
"""
