"""The text as the model reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.nlp.reading.text import as_read, note_of_cut, readable_part


@pytest.mark.parametrize(
    ("text", "limit", "read"),
    [
        ("short", 10, "short"),
        ("exactly ten", 11, "exactly ten"),
        ("one\ntwo\nthree", 9, "one\ntwo"),
        ("one\ntwo\nthree", 7, "one\ntwo"),  # the break itself need not fit
        ("one two three", 9, "one two"),
        ("onlyoneparagraph", 4, "only"),
        ("\nonlyoneparagraph", 4, "\nonl"),
    ],
)
def test_a_text_that_is_too_long_is_read_to_the_last_paragraph_that_fits(
    text: str, limit: int, read: str
) -> None:
    assert readable_part(text, limit) == read


@pytest.mark.parametrize("dense", ['"a ', "“", "1,234.56 ", "a\n", "([ "])
def test_a_text_of_marks_and_single_letters_is_read_as_far_as_its_tokens_allow(dense: str) -> None:
    read = readable_part(dense * 3_000, 3_000)
    assert 0 < sum(not character.isspace() for character in read) <= 3_000 / 3 * 2
    assert dense * 3_000 != read
    assert (dense * 3_000).startswith(read)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("plain", "plain"),
        ("one\ntwo\tthree", "one\ntwo\tthree"),
        ("one\r\ntwo", "one \ntwo"),
        ("one\rtwo", "one\ntwo"),
        ("one\u2028two\u2029three\x85four", "one\ntwo\nthree\nfour"),
        ("a\x00b\x1bc", "a b c"),
        ("\ufeffone\u200btwo", " one two"),
        ("\u200fעברית\u200e", " עברית "),
        ("می\u200cخواهم 👩\u200d🚀", "می\u200cخواهم 👩\u200d🚀"),  # joiners spell
        ("“Go.”―Lind", "“Go.”—Lind"),
    ],
)
def test_what_nobody_sees_is_a_blank_or_a_line_end(text: str, read: str) -> None:
    assert as_read(text) == read


@given(st.text())
def test_every_character_keeps_its_place(text: str) -> None:
    read = as_read(text)
    assert len(read) == len(text)
    assert as_read(read) == read


def test_a_cut_is_said_in_plain_words() -> None:
    assert note_of_cut(10, 10) is None
    assert note_of_cut(5_000_000, 199_919) == (
        "only the first 199,919 of 5,000,000 characters were read (extract.max_text_chars)"
    )
