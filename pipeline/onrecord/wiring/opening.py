"""The log and its topics, as configured."""

from onrecord.config import Config
from onrecord.errors import LogRefused, UnknownTopic
from onrecord.log.interface import Log, TopicSettings
from onrecord.log.opening import open_log as open_log_at
from onrecord.processing.retention import settings_of
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


def open_log(config: Config) -> Log:
    """The configured log, with all topics. Raises LogRefused, LogUnavailable, LogBroken."""
    log = open_log_at(config.log.url, session=config.log, kafka=config.kafka)
    for name, settings in topic_settings(config).items():
        log.create_topic(name, settings)
    return log


def open_to_read(config: Config) -> Log:
    """The configured log for a command that only reads. Raises as `open_log`.

    No file and no topic is made; on a cluster, the right to read what is read is enough. Raises
    LogRefused for a file that is not there.
    """
    return open_log_at(config.log.url, session=config.log, kafka=config.kafka, make=False)


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
