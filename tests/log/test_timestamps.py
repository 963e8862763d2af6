"""Times as logs keep them: no rounding towards a record that is too old."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.log.timestamps import from_ms, to_ms, to_ms_or_later

TIMES = st.datetimes(datetime(1600, 1, 1), datetime(3000, 1, 1)).map(  # noqa: DTZ001
    lambda when: when.replace(tzinfo=UTC)
)


@given(TIMES)
def test_a_time_is_in_its_millisecond_and_not_after_the_next(when: datetime) -> None:
    assert from_ms(to_ms(when)) <= when < from_ms(to_ms(when) + 1)
    assert timedelta(0) <= from_ms(to_ms_or_later(when)) - when < timedelta(milliseconds=1)


@pytest.mark.parametrize("ms", [-(2**63), -1, 2**63 - 1])
def test_any_number_that_a_record_has_for_its_time_is_some_time(ms: int) -> None:
    assert from_ms(ms).tzinfo is UTC
