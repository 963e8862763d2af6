"""Work beside the body of a command."""

import threading
from contextlib import suppress

import pytest

from onrecord.beside import beside


@pytest.mark.parametrize("fails", [False, True])
def test_work_beside_ends_with_the_body_however_it_ends(*, fails: bool) -> None:
    done = []

    def work(over: threading.Event) -> None:
        over.wait()
        done.append("ended")

    with suppress(KeyError), beside("test", work):
        assert not done
        if fails:
            raise KeyError
    assert done == ["ended"]
