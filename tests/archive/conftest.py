from collections.abc import Iterator
from pathlib import Path

import pytest

from onrecord.archive.interface import Archive
from onrecord.archive.opening import open_archive


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with open_archive(f"sqlite:///{tmp_path / 'archive.db'}") as opened:
        yield opened
