"""The quotes that `onrecord run` shows."""

from onrecord.cli.events import Events
from onrecord.cli.live_quotes import LiveQuotes
from onrecord.cli.operating import Operating
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log, TopicSettings
from onrecord.logging_policy import LoggingPolicy
from onrecord.sink.filters import Floor


def test_showing_quotes_gives_signs_of_life_while_none_come(log: Log) -> None:
    operations = Operating(Events(LoggingPolicy()))
    log.create_topic("extractions", TopicSettings(partitions=1))
    rounds = iter([False, False, True])
    LiveQuotes(log, "extractions", pretty=False, floor=Floor()).follow(
        Backoff(Outage(lambda _: None), "show"),
        over=lambda: next(rounds),
        stopped=operations.asked("show", lambda: False),
    )
    assert operations.health.report().is_ready
