"""A publisher to ask."""

from collections.abc import Iterator

import pytest

from tests.feeds.publisher import Publisher


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with Publisher() as serving:
        yield serving
