"""Secrets come from one place, and nothing that cannot be one is taken for one."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from onrecord.errors import ConfigError
from onrecord.settings import key, parse_listen, read_secret, with_secrets


@dataclass(frozen=True, kw_only=True)
class Section:
    token: str = key("", "A token.", secret=True)
    token_file: str = key("", "A file that holds it.")


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_a_secret_file_is_read_without_its_line_ending(
    tmp_path: Path, start: str, ending: str
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(f"{start} to k {ending}".encode())
    assert read_secret(str(file), key="serve.token_file") == " to k "


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"one\ntwo\n", "expected one line and nothing else"),
        (b"a\x00b", "expected one line and nothing else"),
        (b"\xff\xfe", "not UTF-8 text"),
        (None, "No such file or directory"),
    ],
)
def test_a_file_without_a_secret_is_a_mistake(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        with_secrets(Section(token_file=str(file)), "serve")
    assert str(caught.value) == f"serve.token_file = {str(file)!r}: {says}"


def test_a_secret_that_is_given_needs_no_file_and_is_not_shown() -> None:
    section = with_secrets(Section(token="hunter2", token_file="/no/such/file"), "serve")
    assert section.token == "hunter2"
    assert "hunter2" not in repr(section)


@pytest.mark.parametrize("text", ["", ":1", "host", "host:", "host:x", "h:70000", "h:٣", "h:-1"])
def test_what_is_no_address_to_listen_on_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write an address and a port"):
        parse_listen(text)


def test_an_address_to_listen_on_may_be_of_ipv6() -> None:
    assert parse_listen("[::1]:8098") == ("::1", 8098)
