"""The log in one file of SQLite: no server, nothing to set up, safe to kill at any moment.

It is for one host: any number of processes there may read and write, one writes at a time, and
thousands of messages a second pass. Where one machine is not enough, use Kafka. It is not for
network file systems, which it refuses. A process that is *stopped* (SIGSTOP, a debugger) within
a transaction holds up the other writers until it goes on or dies: after ten seconds they get
LogUnavailable. Readers are never held up.

    log           topics, groups, and what is opened through them
    reading       readers         member     a reader that belongs to a group and commits
    writing       transactions    cleaning   retention, compaction
    groups        members, leases, owners, positions        assignment  the owner of each partition
    topics, records, schema, placement, database            notify      waiting for a commit

Only `database` knows sqlite3. WAL mode with `synchronous=FULL`: what was acknowledged survives
a power cut. Nothing holds a transaction open between two calls, so the WAL stays small.
"""

from onrecord.log.sqlite.log import SqliteLog

__all__ = ["SqliteLog"]
