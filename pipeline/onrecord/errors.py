"""What can go wrong, grouped by what the caller does next.

    OnrecordError
    ├── Mistake                  a person's; one line, exit 2, nothing started
    │   ├── ConfigError            a key of the configuration, named
    │   ├── FeedListError          a line of a feed list, named
    │   ├── LogRefused             a log URL, or a file that is not ours to use
    │   ├── UnknownTopic, GroupActive  a topic or a group that cannot be used so
    │   ├── QueryError             a query of the archive, with the column of the mistake
    │   ├── ArchiveRefused         an archive URL, or an archive that is not ours to use
    │   └── Fenced                 a newer process has our name: stop
    ├── FetchError, ParseError   this feed waits for its next poll; others never notice
    │   └── ReaderNotStarted       no process can read: a poll waits as well, an import ends
    ├── RecordError,             this message becomes a dead letter; the next proceeds
    │   ExtractionError
    ├── LogUnavailable           wait with back-off, commit nothing, say so once
    ├── LogBroken                cannot be waited out (disk full, file damaged): exit 1
    ├── ArchiveUnavailable       wait with back-off; the log keeps what is not indexed yet
    ├── ArchiveBroken            cannot be waited out; `onrecord archive rebuild` makes another
    ├── StateLost                a feed's state on disk: read its partition again
    ├── LostOwnership            drop the batch, go back to what is committed, read again
    ├── OffsetOutOfRange         retained away, or past the end; the reader decides
    ├── RecordTooLarge           this record only; the log is fine
    ├── TooManyDeadLetters       a release is at fault, not the data: stop, exit 1
    └── ExtractorBroken          no extractor process can start: stop, exit 1

Every message is one line that a person can act on. The ids it speaks of are attributes.
"""


class OnrecordError(Exception):
    """Base of everything onrecord raises on purpose."""


class Mistake(OnrecordError):
    """Something a person typed or wrote cannot be used; the message says what would be right."""


class ConfigError(Mistake):
    """A configuration key is unknown or its value cannot be used."""

    def __init__(self, message: str, *, key: str | None = None) -> None:
        super().__init__(message)
        self.key = key


class FeedListError(Mistake):
    """A feed list cannot be read, or one of its lines is not a feed."""

    def __init__(self, message: str, *, file: str, line: int | None = None) -> None:
        super().__init__(message)
        self.file = file
        self.line = line


class LogRefused(Mistake):
    """The log URL is wrong, or names a file that is not an onrecord log we can use."""


class FetchError(OnrecordError):
    """A feed could not be fetched: `reason` for people, HTTP's `status` if it came so far."""

    def __init__(self, url: str, reason: str, *, status: int | None = None) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason
        self.status = status


class ParseError(OnrecordError):
    """What a feed's URL answered is not a feed."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


class ReaderNotStarted(ParseError):
    """No process could be started to read with: it says nothing about the document."""


class RecordError(OnrecordError):
    """Bytes are not the record they should be; the message names the field."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class ExtractionError(OnrecordError):
    """An article could not be extracted: the extractor failed, died or took too long."""

    def __init__(self, message: str, *, article_id: str) -> None:
        super().__init__(message)
        self.article_id = article_id


class LogUnavailable(OnrecordError):
    """The log does not answer now and may answer later."""


class LogBroken(OnrecordError):
    """The log cannot be used and waiting will not mend it."""


class StateLost(OnrecordError):
    """The stored state of a feed cannot be read from the temporary file."""


class LostOwnership(OnrecordError):
    """A partition read by this member belongs to another since; nothing was committed."""


class Overtaken(OnrecordError):
    """Others published a key before us, since we looked it up; nothing was committed."""


class Fenced(Mistake):
    """A newer process of the same name took over; this one must stop."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"another process took over as {name!r}, so this one stops: processes that run at the "
            "same time need names of their own (log.name)"
        )
        self.name = name


class OffsetOutOfRange(OnrecordError):
    """No record can be read at an offset: before the first that is kept, or past the end."""

    def __init__(self, topic: str, partition: int, offset: int, begin: int, end: int) -> None:
        where = "was retained away" if offset < begin else "is past the end"
        super().__init__(
            f"offset {offset} of {topic}/{partition} {where}: offsets {begin} to {end} can be read"
        )
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.begin = begin
        self.end = end


class RecordTooLarge(OnrecordError):
    """A record is larger than its topic takes."""

    def __init__(self, topic: str, size: int, limit: int) -> None:
        super().__init__(f"a record of {size} bytes is too large for {topic}: {limit} at most")
        self.topic = topic
        self.size = size
        self.limit = limit


class UnknownTopic(Mistake):
    """The topic does not exist."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"there is no topic {topic!r}")
        self.topic = topic


class GroupActive(Mistake):
    """A consumer group's positions cannot be reset while it has members."""

    def __init__(self, group: str, members: int) -> None:
        super().__init__(f"group {group!r} has {members} active members: stop them first")
        self.group = group
        self.members = members


class TooManyDeadLetters(OnrecordError):
    """So many messages in a row failed that the fault is not in the data."""


class ExtractorBroken(OnrecordError):
    """An extractor process cannot even start: the extractor is at fault, not an article."""


class QueryError(Mistake):
    """A query cannot be understood. `at` is the column of the mistake, counted from 1."""

    def __init__(self, what: str, *, at: int) -> None:
        super().__init__(f"query, column {at}: {what}")
        self.what = what
        self.at = at


class ArchiveRefused(Mistake):
    """The archive's URL is wrong, or names something that is not an archive we can use."""


class ArchiveUnavailable(OnrecordError):
    """The archive does not answer now and may answer later."""


class ArchiveBroken(OnrecordError):
    """The archive cannot be used and waiting will not mend it."""
