"""Every metric with its name, unit and meaning, and what a rise of it means."""

from typing import Literal, NamedTuple

Kind = Literal["counter", "gauge", "histogram"]


class Described(NamedTuple):
    """A metric: its name without a suffix, kind, labels, meaning, and what a rise means."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    meaning: str
    rise: str


POLLS = Described(
    "onrecord_polls",
    "counter",
    ("outcome",),
    "Polls of feeds, by outcome: read, unchanged, failed.",
    "of failed: publishers or our network; of read against unchanged: validators are ignored.",
)
POLL_SECONDS = Described(
    "onrecord_poll_seconds",
    "histogram",
    (),
    "Seconds from asking a feed until its articles were published.",
    "publishers answer slowly, pages are fetched, or the log is slow.",
)
ARTICLES = Described(
    "onrecord_articles_published",
    "counter",
    ("kind",),
    "Articles published by pollers: new, or edited ones.",
    "more news; a sudden rise of edited: a publisher changes its texts at every poll.",
)
EXTRACTION_SECONDS = Described(
    "onrecord_extraction_seconds",
    "histogram",
    (),
    "Seconds an extractor process spent on one article.",
    "longer articles, a slower model, or processors shared with other work.",
)
QUOTES = Described(
    "onrecord_quotes",
    "counter",
    ("type", "language"),
    "Quotes extracted, by type and by the language of the article.",
    "more news; a fall while articles rise: an extractor that finds less than it did.",
)
DEAD_LETTERS = Described(
    "onrecord_dead_letters",
    "counter",
    ("reason",),
    "Messages set aside, by reason code.",
    "articles that cannot be extracted: `onrecord dead-letters list` shows why.",
)
PUBLISH_TO_SINK_SECONDS = Described(
    "onrecord_publish_to_sink_seconds",
    "histogram",
    (),
    "Seconds from an article entering the log until its quotes were published.",
    "extractors do not keep up: start more, up to the number of partitions.",
)
ARCHIVE_QUOTES = Described(
    "onrecord_archive_quotes",
    "counter",
    (),
    "Quotes written into the archive by this process, again after a replay or a new revision.",
    "more news, or a replay that was promoted.",
)
ARCHIVE_SKIPPED = Described(
    "onrecord_archive_skipped",
    "counter",
    (),
    "Records of the log that could not be put into the archive.",
    "records of another program, or a fault of ours: the log's lines say which and why.",
)
ARCHIVE_UP = Described(
    "onrecord_archive_up",
    "gauge",
    (),
    "1 while this process can write the archive or waits for its turn, 0 while it cannot.",
    "the archive can be written again.",
)
PEOPLE_UP = Described(
    "onrecord_people_up",
    "gauge",
    (),
    "1 while this process derives people or waits for its turn, 0 once an error ended that.",
    "people are derived again, after a restart.",
)
PEOPLE_LEFT = Described(
    "onrecord_people_extractions_left",
    "gauge",
    (),
    "Extractions from which no process has derived people yet.",
    "nobody derives people, or not fast enough: new names are not joined.",
)
ALERTS = Described(
    "onrecord_alerts",
    "counter",
    ("outcome",),
    "Alerts of saved searches, by outcome: sent, failed (once for each attempt), dropped.",
    "of sent: more news, or a broad query; of failed: a receiver or the mail server is away.",
)
ALERTS_WAITING = Described(
    "onrecord_alerts_waiting",
    "gauge",
    (),
    "Alerts that this process has to send; 0 in all but the one process that sends.",
    "a receiver is away, or mails are collected: `/searches` shows whose.",
)
ALERTS_UP = Described(
    "onrecord_alerts_up",
    "gauge",
    (),
    "0 while a saved search asks for what this process cannot send, and once an error ended the "
    "sending; else 1.",
    "alerts can be sent again.",
)
OUTAGES = Described(
    "onrecord_outages",
    "counter",
    (),
    "Times the log stopped answering this process.",
    "brokers restart, or the network between them and us fails.",
)
LOG_UP = Described(
    "onrecord_log_up",
    "gauge",
    (),
    "1 while the log answers this process, 0 while it waits for it.",
    "the log is back.",
)
LAG = Described(
    "onrecord_consumergroup_lag",
    "gauge",
    ("group", "topic"),
    "Records that a consumer group has not processed yet.",
    "the group does not keep up, or none of its members runs.",
)
WAITING_SECONDS = Described(
    "onrecord_consumergroup_waiting_seconds",
    "gauge",
    ("group",),
    "Seconds that the oldest record a group has not processed has waited.",
    "the group does not keep up, or none of its members runs.",
)
MEMBERS = Described(
    "onrecord_consumergroup_members",
    "gauge",
    ("group",),
    "Members of a consumer group that are alive. Not for the archive: it reads without joining.",
    "more workers share the partitions.",
)
FEEDS = Described(
    "onrecord_feeds",
    "gauge",
    ("health",),
    "Feeds followed, by health as `onrecord feeds list` tells it.",
    "of anything but ok: feeds that fail or fell silent.",
)
STREAMS = Described(
    "onrecord_streams",
    "gauge",
    (),
    "Readers that follow a stream of this server.",
    "more subscribers; at serve.streams, one more is told to come back later.",
)
PARTS_LATE = Described(
    "onrecord_parts_late",
    "gauge",
    (),
    "Parts of this process that have not shown a sign of life in time.",
    "something hangs: /health/live fails, and a supervisor restarts the process.",
)

PROCESSES = Described(
    "onrecord_processes",
    "gauge",
    ("kind",),
    "Child processes that run: extractors of articles, readers of feeds and pages.",
    "more of them were configured; a fall: processes end faster than they are replaced.",
)
PROCESSES_STARTED = Described(
    "onrecord_processes_started",
    "counter",
    ("kind",),
    "Child processes started, at the beginning and in the place of others.",
    "processes are lost (killed, out of memory or out of time) or have done their share of work.",
)
QUEUE = Described(
    "onrecord_queue",
    "gauge",
    ("work",),
    "Work in hand and not finished: polls of feeds that are due, articles read to be extracted.",
    "of polls: more feeds are due than are polled; of articles: extractors have enough to do.",
)

ALL: tuple[Described, ...] = (
    POLLS,
    POLL_SECONDS,
    ARTICLES,
    EXTRACTION_SECONDS,
    QUOTES,
    DEAD_LETTERS,
    PUBLISH_TO_SINK_SECONDS,
    ARCHIVE_QUOTES,
    ARCHIVE_SKIPPED,
    ARCHIVE_UP,
    PEOPLE_UP,
    PEOPLE_LEFT,
    ALERTS,
    ALERTS_WAITING,
    ALERTS_UP,
    OUTAGES,
    LOG_UP,
    LAG,
    WAITING_SECONDS,
    MEMBERS,
    FEEDS,
    STREAMS,
    PARTS_LATE,
    PROCESSES,
    PROCESSES_STARTED,
    QUEUE,
)
