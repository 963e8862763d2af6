from pathlib import Path

import pytest

from onrecord.errors import LogRefused
from onrecord.log.interface import TopicSettings
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


@pytest.mark.parametrize(
    "url",
    [
        "kafka://h:9092?password=hunter2",
        "kafka://u:hunter2@h",
        "kafka://h:9092#hunter2",
        "postgres://u:hunter2@h/x",
        "sqlite://u:hunter2@h/x",
        "sqlite:///data.db?key=hunter2",
    ],
)
def test_a_wrong_url_is_repeated_without_what_may_be_a_secret(url: str) -> None:
    with pytest.raises(LogRefused) as refusal:
        open_log(url)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize("url", ["sqlite://[x", "x\x1b]0;title\a", "\x9b2J", "kafka://\u202eh y"])
def test_no_url_of_a_log_steers_a_terminal_or_ends_in_a_stack(url: str) -> None:
    with pytest.raises(LogRefused) as refusal:
        open_log(url)
    assert str(refusal.value).isprintable()


def test_a_log_to_read_is_refused_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(LogRefused, match="there is no log yet"):
        open_log(f"sqlite:///{tmp_path}/some/onrecord.db", make=False)
    assert list(tmp_path.iterdir()) == []


def test_only_its_owner_may_read_a_new_log(tmp_path: Path) -> None:
    with open_log(f"sqlite:///{tmp_path}/onrecord.db") as log:
        log.create_topic("t", TopicSettings())
        modes = {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {0o600}


def test_a_log_is_made_with_its_folders_and_opened_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/some/where/onrecord.db"
    for _ in range(2):
        with open_log(url) as log:
            assert log.topics() == []
    assert (tmp_path / "some/where/onrecord.db").is_file()
