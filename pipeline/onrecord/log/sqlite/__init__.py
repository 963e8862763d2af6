"""The log in one file of SQLite: no server, nothing to set up, safe to kill at any moment.

It serves one host: any number of its processes can read and write, one writes at a time, and
the throughput is thousands of messages per second. Where one machine is not enough, use Kafka.
Network file systems are refused. A process that is *stopped* (SIGSTOP, a debugger) within a
transaction blocks the other writers until it continues or dies: after ten seconds they get
LogUnavailable. Readers are never blocked.

    log           topics, groups, and what is opened through them
    reading       readers         member     a reader that belongs to a group and commits
    writing       transactions    cleaning   retention, compaction
    groups        members, leases, owners, positions        assignment  the owner of each partition
    topics, records, schema, placement, database            notify      waiting for a commit

Only `database` uses sqlite3. WAL mode with `synchronous=FULL`: acknowledged records survive a
power cut. No transaction stays open between two calls, so the WAL stays small.
"""

from onrecord.log.sqlite.log import SqliteLog

__all__ = ["SqliteLog"]
