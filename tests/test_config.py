"""The configuration says what is wrong and what would be right, before anything starts."""

import re
import tomllib
from pathlib import Path

import pytest

from onrecord.config import Config, keys, load_config
from onrecord.errors import ConfigError

DOCUMENTED = Path(__file__).parent.parent / "config" / "onrecord.toml"


def test_the_documented_file_has_every_key_with_its_default() -> None:
    assert tomllib.loads(DOCUMENTED.read_text("utf-8")) == keys()


def test_every_key_of_the_documented_file_is_explained() -> None:
    paragraphs = DOCUMENTED.read_text("utf-8").split("\n\n")
    with_keys = [text for text in paragraphs if re.search(r"^\w+ = ", text, re.MULTILINE)]
    assert with_keys
    for text in with_keys:
        assert re.search(r"^# \S", text, re.MULTILINE), f"no reason stands above {text}"


def test_without_a_file_or_environment_the_defaults_hold(tmp_path: Path) -> None:
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    assert load_config({}, empty) == Config()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("[log]\npartitions = 3\nprefix = 'a'\n")
    config = load_config({"ONRECORD_LOG__PARTITIONS": "5"}, file)
    assert (config.log.partitions, config.log.prefix) == (5, "a")


def test_the_environment_can_name_the_file(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("[log]\npartitions = 3\n")
    assert load_config({"ONRECORD_CONFIG": str(file)}).log.partitions == 3


def test_variables_of_the_tests_are_not_settings() -> None:
    assert load_config({"ONRECORD_TEST_KAFKA": "localhost:1"}, DOCUMENTED) == Config()


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[feeds]\nusual_intervall_s = 3", "no key usual_intervall_s in [feeds]; did you mean "),
        ("[feds]\na = 1", "no section [feds]; did you mean feeds?"),
        ("[log]\npartitions = 0", "log.partitions = 0: expected a whole number >= 1 (default: 8)"),
        ("[log]\npartitions = 'x'", "log.partitions = 'x': expected a whole number, got text"),
        ("[log]\nprefix = 'a b'", "log.prefix = 'a b': "),
        ("[log\n", "is not TOML: "),
        ("log = 3", "log must be a section, [log]"),
        ("[feeds]\nusual_interval_s = 1.0", "feeds.shortest_interval_s <= "),
    ],
)
def test_a_mistake_in_the_file_names_the_key_and_what_would_be_right(
    tmp_path: Path, toml: str, says: str
) -> None:
    file = tmp_path / "c.toml"
    file.write_text(toml)
    with pytest.raises(ConfigError) as caught:
        load_config({}, file)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        (
            "ONRECORD_FEED__USUAL_INTERVAL_S",
            "1",
            "did you mean ONRECORD_FEEDS__USUAL_INTERVAL_S?",
        ),
        ("ONRECORD_LOG", "x", "no setting ONRECORD_LOG; "),
        (
            "ONRECORD_FEEDS__CONCURRENCY",
            "many",
            "ONRECORD_FEEDS__CONCURRENCY = 'many': expected a whole number, got text",
        ),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    variable: str, value: str, says: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)):
        load_config({variable: value}, DOCUMENTED)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no configuration file .*missing\.toml"):
        load_config({}, tmp_path / "missing.toml")
