"""The start of a long-running command: brokers may not be up yet, as after a power failure."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from onrecord import wiring
from onrecord.cli.operating import Operating
from onrecord.cli.signals import Stop
from onrecord.config import Config
from onrecord.log.backoff import Backoff
from onrecord.log.interface import Log

PART = "start"


@contextmanager
def topics_there(
    config: Config, log: Log, stop: Stop, operations: Operating, *, once: bool
) -> Iterator[None]:
    """Run the body once the log has its topics; without `once`, wait for a log that is away.

    Ends the command when it is stopped meanwhile.
    """

    def make() -> bool:
        wiring.make_topics(config, log)
        for topic, different in wiring.differences(config, log).items():
            operations.say(
                f"{topic} is not as configured, and used as it is: {', '.join(different)}"
            )
        return True

    if once:
        make()
    else:
        waiting = Backoff(operations.outage, PART)
        if not waiting.answered(make, operations.asked(PART, stop)):
            raise typer.Exit
        operations.ended(PART)
    yield
