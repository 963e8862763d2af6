"""Writing to the terminal: standard output is data, standard error is for people.

What publishers write is shown there, and must not steer it.
"""

import sys

from onrecord.processing.worker import BatchReport

# C0, DEL and C1 without the ends of lines and tabs; and what turns the order of all that follows.
_STEERING = dict.fromkeys(
    [*(code for code in range(32) if code not in {9, 10}), *range(127, 160), 0x202D, 0x202E]
)


def harmless(text: str) -> str:
    """The text without characters that a terminal obeys (`ESC ]0;…` would rename its window)."""
    return text if text.isprintable() else text.translate(_STEERING)


def write(data: bytes) -> None:
    """Write data to standard output: byte for byte, unless it goes to a terminal."""
    if sys.stdout.isatty():
        data = harmless(data.decode("utf-8", "replace")).encode()
    sys.stdout.buffer.write(data)


def say(line: str) -> None:
    """One line for people."""
    print(harmless(line), file=sys.stderr, flush=True)


def report_dead_letters(report: BatchReport) -> None:
    """A line for each article that was set aside."""
    for message, failure in report.dead_letters:
        key = (message.key or b"").decode("utf-8", "replace")
        say(f"dead letter: article {key or 'without a key'}: {failure.reason}")
