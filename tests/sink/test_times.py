"""Times as people write them, and stretches that hold something."""

from datetime import UTC, datetime, timedelta

import pytest

from onrecord.errors import Mistake
from onrecord.log.interface import Start
from onrecord.sink.times import parse_stretch, parse_time

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
OPTIONS = ("--from", "--until")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01 12:00", datetime(2026, 11, 1, 12, tzinfo=UTC)),
        ("2026-11-01T12:00+05:30", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
        ("2026-11-01T12:00Z", datetime(2026, 11, 1, 12, tzinfo=UTC)),
        ("-90m", NOW - timedelta(minutes=90)),
        ("-1.5h", NOW - timedelta(minutes=90)),
    ],
)
def test_times(text: str, expected: datetime) -> None:
    assert parse_time(text, at=NOW, option="--from") == expected


@pytest.mark.parametrize(
    "text", ["", "yesterday", "-1y", "2026-13-01", "-999999999w", "1e9", "12:00", "\ud800"]
)
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(Mistake, match="not a time; write 2026-11-01"):
        parse_time(text, at=NOW, option="--from")


@pytest.mark.parametrize(
    ("since", "until", "says"),
    [
        ("2026-11-26", None, "--from 2026-11-26: that is still to come; `latest` begins with now"),
        ("9999-12-31", "end", "still to come"),
        ("2026-11-20", "2026-11-19", "--until 2026-11-19: that is before --from 2026-11-20"),
        ("-1h", "-2h", "--until -2h: that is before --from -1h"),
        ("end", None, "--from end: not a time"),
        ("latest", "latest", "--until latest: not a time"),
    ],
)
def test_a_stretch_that_can_hold_nothing_is_a_mistake(
    since: str, until: str | None, says: str
) -> None:
    with pytest.raises(Mistake) as error:
        parse_stretch(since, until, at=NOW, options=OPTIONS)
    assert says in str(error.value)


def test_a_clock_may_be_ahead_of_ours_and_an_end_may_be_to_come() -> None:
    found = parse_stretch("2026-11-25T12:01", "2026-12-24", at=NOW, options=OPTIONS)
    assert found.start == NOW + timedelta(minutes=1)
    assert parse_stretch("earliest", "0001-01-01", at=NOW, options=OPTIONS).start is Start.EARLIEST
