"""What a test needs and the machine lacks is a skip, or a failure where it is required."""

import pytest

from tests.needs import need_program

NOWHERE = "a-program-that-is-nowhere"


def test_a_missing_program_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_TEST_REQUIRE", "other")
    with pytest.raises(pytest.skip.Exception, match=NOWHERE):
        need_program(NOWHERE)


def test_a_required_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONRECORD_TEST_REQUIRE", "other,kafka")
    with pytest.raises(pytest.fail.Exception, match="ONRECORD_TEST_REQUIRE names kafka"):
        need_program(NOWHERE, of="kafka")


def test_a_program_that_is_there_is_fine() -> None:
    need_program("sh")
