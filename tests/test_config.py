"""The configuration says what is wrong and what would be right, before anything starts."""

import re
import tomllib
from pathlib import Path

import pytest

from onrecord.config import Config, keys, load_config, sections
from onrecord.config.documents import documented
from onrecord.errors import ConfigError
from onrecord.settings import keys_of

DOCUMENTED = Path(__file__).parent.parent / "config" / "onrecord.toml"


def test_the_documented_file_has_every_key_with_its_default() -> None:
    assert tomllib.loads(DOCUMENTED.read_text("utf-8")) == keys()


def test_the_documented_file_is_what_the_sections_say() -> None:
    assert DOCUMENTED.read_text("utf-8") == documented(sections()), "run `make config`"


def test_every_key_is_explained() -> None:
    for section in sections().values():
        for name, key in keys_of(section).items():
            assert re.fullmatch(r"[A-Z0-9].*[.”]", key.metadata["text"]), name


def test_every_number_has_an_upper_limit(tmp_path: Path) -> None:
    for section, name in numbers():
        for value in ("inf", "nan", "1e+300", "9" * 4000):
            fault = mistake_in(tmp_path, f"[{section}]\n{name} = {value}\n")
            assert f"{section}.{name} = {value[:20]}" in fault


ODD_VALUES = {
    "a list": "[]",
    "nested lists": "[" * 3000 + "]" * 3000,
    "a table": "{a = 1}",
    "a date": "1979-05-27",
    "5,000 digits": "9" * 5000,
    "a line break": '"a\\nb"',
    "NUL": '"\\u0000"',
    "an escape sequence": '"\\u001b[31m"',
    "a megabyte": f"'{'x' * 1_000_000}'",
}


@pytest.mark.parametrize("value", ODD_VALUES.values(), ids=ODD_VALUES)
def test_no_value_of_any_key_is_more_than_one_short_line(tmp_path: Path, value: str) -> None:
    for section, table in keys().items():
        for name in table:
            fault = mistake_in(tmp_path, f"[{section}]\n{name} = {value}\n")
            assert fault.isprintable()
            assert len(fault) < 400 + len(str(tmp_path))


@pytest.mark.parametrize("value", ["9" * 5000, "inf", "\udcff", "a\x1bb"])
def test_no_number_of_any_kind_in_the_environment_is_more_than_one_line(
    tmp_path: Path, value: str
) -> None:
    (tmp_path / "empty.toml").write_text("")
    for section, name in numbers():
        variable = f"ONRECORD_{section}__{name}".upper()
        with pytest.raises(ConfigError) as caught:
            load_config({variable: value}, tmp_path / "empty.toml")
        assert str(caught.value).startswith(f"{variable} = ")
        assert str(caught.value).isprintable()


def numbers() -> list[tuple[str, str]]:
    return [
        (section, name)
        for section, table in keys().items()
        for name, default in table.items()
        if type(default) in {int, float}
    ]


def mistake_in(folder: Path, toml: str) -> str:
    file = folder / "c.toml"
    file.write_text(toml)
    with pytest.raises(ConfigError) as caught:
        load_config({}, file)
    return str(caught.value)


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
        ("[kafka]\nsecurity = 'x'", "kafka.security = 'x': expected one of plaintext, ssl, "),
        ("[kafka]\npassword = 3", "kafka.password = …: expected text, got a whole number"),
        ("[feeds]\nwebsub_url = 'x'", "'x': expected an http:// or https:// URL, or nothing"),
        ("'a\\u001b' = 1", "no section ['a"),
        ("[log\n", "is not TOML: "),
        ("log = 3", "log must be a section, [log]"),
        ("[feeds]\nusual_interval_s = 1.0", "feeds.shortest_interval_s <= "),
    ],
)
def test_a_mistake_in_the_file_names_the_key_and_what_would_be_right(
    tmp_path: Path, toml: str, says: str
) -> None:
    fault = mistake_in(tmp_path, toml)
    assert says in fault
    assert "\n" not in fault


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
