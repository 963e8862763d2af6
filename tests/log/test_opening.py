from pathlib import Path

import pytest

from onrecord.errors import LogRefused
from onrecord.log.opening import file_of, open_log


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///data/onrecord.db", "data/onrecord.db"),
        ("sqlite:////var/lib/onrecord.db", "/var/lib/onrecord.db"),
        ("sqlite:///a%20b/c.db", "a b/c.db"),
        ("sqlite:///c.db", "c.db"),
    ],
)
def test_a_url_names_a_file(url: str, path: str) -> None:
    assert file_of(url) == Path(path)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "is not the URL of a log"),
        ("data/onrecord.db", "is not the URL of a log"),
        ("postgres://host/db", "is not the URL of a log"),
        ("sqlite:data.db", "is not the URL of a file"),
        ("sqlite://data/onrecord.db", "is not the URL of a file"),
        ("sqlite:///data.db?mode=ro", "is not the URL of a file"),
        ("sqlite:///", "names no file"),
        ("sqlite:///data/", "names no file"),
        ("sqlite:///:memory:", "names no file"),
    ],
)
def test_any_other_url_is_refused_in_one_line_that_says_what_is_right(url: str, says: str) -> None:
    with pytest.raises(LogRefused, match=says) as refusal:
        open_log(url)
    assert "sqlite:///data/onrecord.db" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_log_is_made_with_its_folders_and_opened_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/some/where/onrecord.db"
    for _ in range(2):
        with open_log(url) as log:
            assert log.topics() == []
    assert (tmp_path / "some/where/onrecord.db").is_file()
