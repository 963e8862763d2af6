"""A passage between quotation marks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Quoted:
    """A passage between two marks: half-open offsets into the text, marks excluded.

    `outer_start` and `outer_end` include the marks. `closed` is False if the closing mark is
    missing, and the end of the paragraph or the next opening mark ends the quotation.
    """

    start: int
    end: int
    outer_start: int
    outer_end: int
    closed: bool = True
    single: bool = False
