"""Writing to the terminal: standard output is data, standard error is for people.

Publishers' text is shown on terminals, and must not control them.
"""

import sys
from typing import TextIO

# Control characters (C0, DEL, C1) but line ends and tabs; marks that turn the direction of what
# follows; deprecated formatting and tag characters, which hide text from people.
_STEERING = dict.fromkeys((
    *(code for code in range(32) if code not in {9, 10}),
    *range(0x7F, 0xA0),
    0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x2070),
    *range(0xE0000, 0xE0080),
))  # fmt: skip


def harmless(text: str) -> str:
    """The text without control characters (`ESC ]0;…` renames a window) and bidi overrides."""
    return text if text.isprintable() else text.translate(_STEERING)


def show(line: str) -> None:
    """One line on standard output, whatever characters it has and the locale lacks."""
    print(_printable(line, sys.stdout))


def write(data: bytes) -> None:
    """Write data to standard output: byte for byte, unless it goes to a terminal."""
    if sys.stdout.isatty():
        data = harmless(data.decode("utf-8", "replace")).encode()
    sys.stdout.buffer.write(data)


def say(line: str) -> None:
    """One line for people."""
    print(_printable(line, sys.stderr), file=sys.stderr, flush=True)


def _printable(line: str, stream: TextIO) -> str:
    encoding = stream.encoding or "utf-8"
    return harmless(line).encode(encoding, "replace").decode(encoding)
