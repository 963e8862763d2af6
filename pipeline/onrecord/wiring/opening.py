"""The log and its topics, as configured."""

from contextlib import suppress

from onrecord.config import Config
from onrecord.errors import LogRefused, UnknownTopic
from onrecord.log.interface import Log, TopicSettings
from onrecord.log.opening import open_log as open_log_at
from onrecord.processing.retention import positions_settings, settings_of
from onrecord.sink.selection import What
from onrecord.topics import Topics


def topics_of(config: Config) -> Topics:
    """The names of the topics under the configured prefix."""
    return Topics(config.log.prefix)


def topic_of(config: Config, what: What) -> str:
    """The topic of the records of this kind."""
    topics = topics_of(config)
    return topics.articles if what is What.ARTICLES else topics.extractions


def extract_group(config: Config) -> str:
    """The consumer group of the live extractors."""
    return f"{config.log.prefix}.extract"


def promote_group(config: Config, topic: str) -> str:
    """The consumer group that promotes a replay's topic."""
    return f"{config.log.prefix}.promote.{topic}"


def open_log(config: Config) -> Log:
    """The configured log, with all topics. Raises LogRefused, LogUnavailable, LogBroken."""
    log = connected(config)
    make_topics(config, log)
    return log


def connected(config: Config) -> Log:
    """The configured log for `make_topics`; a cluster is not asked yet. Raises as `open_log`."""
    return _open(config)


def make_topics(config: Config, log: Log) -> None:
    """Make the topics that are missing. Raises as `open_log`."""
    for name, settings in topic_settings(config).items():
        log.create_topic(name, settings)
    if is_on_kafka(config):
        # Without it, and without the right to make it, everything works as long as no group
        # rests for longer than the cluster keeps its positions.
        with suppress(LogRefused):
            log.create_topic(topics_of(config).positions, positions_settings())


def open_to_read(config: Config) -> Log:
    """The configured log for a command that only reads. Raises as `open_log`.

    No file and no topic is made; on a cluster, the right to read what is read is enough. Raises
    LogRefused for a file that is not there.
    """
    return _open(config, make=False)


def is_on_kafka(config: Config) -> bool:
    """Whether the configured log is a cluster."""
    return config.log.url.startswith("kafka:")


def _open(config: Config, *, make: bool = True) -> Log:
    return open_log_at(
        config.log.url,
        session=config.log,
        kafka=config.kafka,
        positions=topics_of(config).positions,
        most_bytes=config.log.max_size or None,
        make=make,
    )


def topic_settings(config: Config) -> dict[str, TopicSettings]:
    """How each topic keeps its records, by name."""
    return settings_of(topics_of(config), config.log)


def differences(config: Config, log: Log) -> dict[str, list[str]]:
    """What differs from the configuration, in words, for each topic that differs."""
    found = {
        name: _difference(log, name, settings) for name, settings in topic_settings(config).items()
    }
    return {name: different for name, different in found.items() if different}


def _difference(log: Log, name: str, settings: TopicSettings) -> list[str]:
    try:
        return log.differences(name, settings)
    except (UnknownTopic, LogRefused):
        return []  # not made yet, or not for us to see


def topic_named(config: Config, log: Log, name: str) -> str:
    """The topic that a person means by a name."""

    def is_there(topic: str) -> bool:
        try:
            log.bounds(topic)
        except UnknownTopic:
            return False
        return True

    return topics_of(config).named(name, is_there)


def topic_to_read(config: Config, log: Log, what: What, name: str | None) -> str:
    """The topic named, else the usual one of these records."""
    return topic_of(config, what) if name is None else topic_named(config, log, name)
