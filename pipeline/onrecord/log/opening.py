"""Opening the log that a URL names."""

from pathlib import Path
from urllib.parse import unquote

from onrecord.errors import LogRefused
from onrecord.log.interface import Log, SessionPolicy
from onrecord.log.kafka.policy import KafkaPolicy
from onrecord.log.shown_url import shown_url
from onrecord.log.sqlite import SqliteLog
from onrecord.log.sqlite.backup import look_at_file

_RIGHT = "say sqlite:///data/onrecord.db, sqlite:////absolute/path.db, or kafka://host:9092"


def open_log(
    url: str,
    *,
    session: SessionPolicy = SessionPolicy(),  # noqa: B008 (immutable)
    kafka: KafkaPolicy = KafkaPolicy(),  # noqa: B008 (immutable)
    positions: str | None = None,
    most_bytes: int | None = None,
    make: bool = True,
) -> Log:
    """The log at `url`; a missing file is created, or refused without `make`.

    `kafka` configures the connection to a cluster, and `positions` is a topic there that keeps
    the positions of groups for ever, as a file does without one. `most_bytes` limits a file. Raises
    LogRefused, ConfigError.
    """
    scheme = url.partition(":")[0]
    if scheme == "sqlite":
        return SqliteLog(file_of(url), session=session, make=make, most_bytes=most_bytes)
    if scheme == "kafka":
        # Importing kafka-python takes 0.2 seconds, which users of a file need not wait for.
        from onrecord.log.kafka.log import KafkaLog

        return KafkaLog(url, session=session, policy=kafka, positions=positions)
    raise LogRefused(f"{shown_url(url)} is not the URL of a log: {_RIGHT}")


def look(
    url: str,
    *,
    session: SessionPolicy = SessionPolicy(),  # noqa: B008 (immutable)
    kafka: KafkaPolicy = KafkaPolicy(),  # noqa: B008 (immutable)
) -> str:
    """A description of the log at `url`, without changing anything there.

    Raises LogRefused, LogUnavailable, LogBroken.
    """
    if url.startswith("sqlite:"):
        return look_at_file(file_of(url))
    with open_log(url, session=session, kafka=kafka) as log:
        return f"{len(log.topics())} topics on the cluster"


def is_there(url: str) -> bool:
    """Whether a log exists at a URL; always true for a cluster. Raises LogRefused."""
    return not url.startswith("sqlite:") or file_of(url).exists()


def file_of(url: str) -> Path:
    """The path in `sqlite:///relative/path` or `sqlite:////absolute/path`. Raises LogRefused."""
    rest = url.removeprefix("sqlite:///")
    if rest == url or "?" in rest or "#" in rest:
        raise LogRefused(f"{shown_url(url)} is not the URL of a file: {_RIGHT}")
    path = unquote(rest)
    if path in {"", ":memory:"} or path.endswith("/") or "\0" in path:
        raise LogRefused(f"{shown_url(url)} names no file: {_RIGHT}")
    return Path(path)
