"""Lines for people, on standard error."""

import sys

from onrecord.cli.escape import harmless
from onrecord.processing.worker import BatchReport


def say(line: str) -> None:
    """One line for people, with whatever could steer a terminal made visible."""
    print(harmless(line), file=sys.stderr, flush=True)


def report_dead_letters(report: BatchReport) -> None:
    """A line for each article that was set aside."""
    for message, failure in report.dead_letters:
        key = (message.key or b"").decode("utf-8", "replace")
        say(f"dead letter: article {key or 'without a key'}: {failure.reason}")
