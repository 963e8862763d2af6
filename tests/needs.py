"""What some tests need of the machine they run on.

Where it is missing they are skipped, unless `ONRECORD_TEST_REQUIRE` names it (several are parted by
commas): then they fail, so that a run that must be complete cannot pass without them. `.ci/run`
requires all that it installs.
"""

import os
import shutil
from typing import NoReturn

import pytest


def need_program(name: str, *, of: str | None = None) -> None:
    """Skip or fail where a program is not on the path. `of` names the need it belongs to."""
    if shutil.which(name) is None:
        missing(of or name, f"there is no {name} on this machine")


def missing(what: str, why: str) -> NoReturn:
    """Skip, or fail where this is required."""
    if what in os.environ.get("ONRECORD_TEST_REQUIRE", "").split(","):
        pytest.fail(f"{why}, and ONRECORD_TEST_REQUIRE names {what}")
    pytest.skip(why)
