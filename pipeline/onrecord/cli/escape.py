"""What publishers write, on a terminal: it is shown there, and must not steer it."""

import sys

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
