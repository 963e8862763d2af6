"""What publishers write reaches the terminal without steering it, in any locale."""

import io
import sys

import pytest

from onrecord.cli.output import harmless, say, show

STEERING = "\x1b]0;PWNED\x07 \x9b31m \u202eabc \u2066x\u2069 \u200f \u061c \U000e0041 \x00"


def test_nothing_that_a_terminal_obeys_is_left() -> None:
    assert harmless(STEERING) == "]0;PWNED 31m abc x    "
    assert harmless("“Café” — naïve\tand\nlines") == "“Café” — naïve\tand\nlines"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_line_is_shown_whatever_the_locale(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    out, err = io.BytesIO(), io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding, errors="strict"))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding, errors="strict"))
    show("caf\udce9 “quoted” \x1b[0m")
    say("caf\udce9 “quoted” \x1b[0m")
    sys.stdout.flush()
    sys.stderr.flush()
    for written in (out, err):
        assert b"caf" in written.getvalue()
        assert b"\x1b" not in written.getvalue()
