"""`onrecord promote`: a replay's results become the live ones."""

from contextlib import ExitStack, closing
from typing import Annotated

import typer

from onrecord import wiring
from onrecord.cli.options import ConfigOption, LogOption, settings
from onrecord.cli.output import say
from onrecord.cli.printing import SkippedRecords
from onrecord.cli.progress import Pace
from onrecord.cli.signals import INTERRUPTED, Stop, stopping
from onrecord.config import Config
from onrecord.errors import Mistake
from onrecord.log.backoff import Outage
from onrecord.log.interface import Log
from onrecord.processing.promotion import Promoted, Promotion
from onrecord.processing.quotes.publishing import QuotePublisher


def promote(
    topic: Annotated[str, typer.Argument(help="A replay's name, or a topic of extractions.")],
    config: ConfigOption = None,
    log: LogOption = None,
) -> None:
    """Publish a replay's results to the subscribers of the live ones, which they overwrite.

    Each article's results are replaced in one step. Killed and started again, it goes on.

    Example: onrecord promote try
    """
    loaded = settings(config, log)
    with wiring.open_log(loaded) as opened, stopping(loaded, opened) as stop:
        source = wiring.topic_named(loaded, opened, topic)
        into = wiring.topics_of(loaded).extractions
        _check(loaded, opened, source)
        report = _promote(loaded, opened, source, into, stop)
    _say_what_was_done(report, source, into)
    if stop():
        say(f"stopped; `onrecord promote {topic}` goes on")
        raise typer.Exit(INTERRUPTED)


def _check(config: Config, log: Log, source: str) -> None:
    """Raise Mistake for a topic that cannot be promoted."""
    if source in wiring.topic_settings(config):
        raise Mistake(f"{source} is a live topic: promote a replay's")
    wiring.replays(config, log).refuse_unfinished(source)


def _promote(config: Config, log: Log, source: str, into: str, stop: Stop) -> Promoted:
    skipped = SkippedRecords(say)
    group, name = wiring.promote_group(config, source), wiring.own_name("promote")
    total = sum(status.records for status in log.topics(source) if status.name == source)
    with (
        ExitStack() as stack,
        closing(wiring.forgotten_table(config, log)) as forgotten,
        log.join(group, [source], name=name) as member,
        Promotion(
            log,
            member,
            topic=source,
            into=into,
            forgotten=forgotten,
            outage=Outage(say),
            skipped=skipped,
            quotes=_quotes(config, log, stack),
        ) as promotion,
        Pace(f"promoting {source}", total, say=say) as pace,
    ):
        promotion.run(stopped=stop, done=pace.add)
        return promotion.report


def _quotes(config: Config, log: Log, stack: ExitStack) -> QuotePublisher | None:
    if not config.log.quotes_topic:
        return None
    return stack.enter_context(wiring.quote_publisher(config, log))


def _say_what_was_done(report: Promoted, source: str, into: str) -> None:
    notes = [f"{report.promoted} results of {source} promoted into {into}"]
    if report.newer:
        notes.append(f"{report.newer} left out, because the article was edited since")
    if report.withdrawn:
        notes.append(f"{report.withdrawn} left out, because the article was taken out of the log")
    if report.foreign:
        notes.append(f"{report.foreign} passed over, because they are no extractions")
    if report.too_large:
        notes.append(f"{report.too_large} left out, because they are too large for it")
    say("; ".join(notes))
