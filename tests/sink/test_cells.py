"""What feeds say is text to a spreadsheet, wherever it splits cells."""

import pytest

from onrecord.sink.cells import cell


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1+2",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "  =1",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
        "a;=cmd",
        'a;"=cmd',
        "a; =cmd",
        "a\n=cmd",
        "a\t@x",
        "a\r\n+1",
    ],
)
def test_no_cell_begins_as_a_formula(text: str) -> None:
    for written in (cell(text), cell(("b", text)), cell(("b;" + text,))):
        for separator in ";\t\r\n":
            for part in written.split(separator):
                assert not part.strip(' "').startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@pytest.mark.parametrize("text", ["plain", "a - b", "1 = 1", "x@y.org", "“Go,” she said; then –"])
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert cell(text) == text
    assert cell(-1.5) == "-1.5"
