"""What publishers write cannot steer a terminal, and data for programs is not touched."""

import io
import sys

import pytest

from onrecord.cli.output import harmless, say, write


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain “quotes” – é 報", "plain “quotes” – é 報"),
        ("\x1b]0;title\x07", "]0;title"),
        ("a\tb\nc", "a\tb\nc"),
        ("turned \u202eback", "turned back"),
        ("\x9b31m", "31m"),
    ],
)
def test_what_a_terminal_obeys_is_left_out(text: str, shown: str) -> None:
    assert harmless(text) == shown


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("kind", "written"), [(io.TextIOWrapper, b"\x1b[1m"), (Terminal, b"[1m")])
def test_data_is_written_byte_for_byte_unless_to_a_terminal(
    monkeypatch: pytest.MonkeyPatch, kind: type[io.TextIOWrapper], written: bytes
) -> None:
    output = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", kind(output))
    write(b"\x1b[1m")
    sys.stdout.flush()
    assert output.getvalue() == written


def test_lines_for_people_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    say("done\x1b[2J")
    assert capsys.readouterr() == ("", "done[2J\n")
