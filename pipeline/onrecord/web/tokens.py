"""The file of named tokens: who can sign in, to read or to write."""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from onrecord.errors import ConfigError

SHORTEST_TOKEN = 16

_KEY = "serve.tokens_file"
_NAME = re.compile(r"[\w.-]{1,60}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NamedToken:
    """A token with the name of its holder; `can_write` allows judgements and other changes."""

    name: str
    can_write: bool
    token: str = field(repr=False)


def read_tokens(file: str) -> tuple[NamedToken, ...]:
    """The tokens in a file, one a line: `NAME read|write TOKEN`. Raises ConfigError.

    Empty lines and lines that begin with # are ignored. Messages name the line, never the token.
    """
    if not file:
        return ()
    try:
        lines = Path(file).read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise ConfigError(f"{_KEY} = {file!r}: {error.strerror}", key=_KEY) from error
    except ValueError as error:
        raise ConfigError(f"{_KEY} = {file!r}: not UTF-8 text", key=_KEY) from error
    found: dict[str, NamedToken] = {}
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            token = _parse(line, f"{_KEY} = {file!r}, line {number}")
            if token.name in found:
                raise ConfigError(
                    f"{_KEY} = {file!r}, line {number}: {token.name} has a token already", key=_KEY
                )
            found[token.name] = token
    if not found:
        # Without tokens, everybody who reaches the server could write.
        raise ConfigError(f"{_KEY} = {file!r}: the file has no token", key=_KEY)
    return tuple(found.values())


def holder_of(given: str, tokens: Iterable[NamedToken]) -> NamedToken | None:
    """The token that was given, compared in constant time; None when it is unknown."""
    written = given.strip().encode("utf-8", "replace")
    return next((one for one in tokens if hmac.compare_digest(written, one.token.encode())), None)


def _parse(line: str, where: str) -> NamedToken:
    words = line.split()
    if len(words) != 3 or words[1] not in {"read", "write"}:
        raise ConfigError(f"{where}: expected NAME, then read or write, then TOKEN", key=_KEY)
    name, right, token = words
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{where}: a name has up to 60 ASCII letters, digits and . _ -", key=_KEY)
    if len(token) < SHORTEST_TOKEN or not token.isascii():
        raise ConfigError(
            f"{where}: the token of {name} needs {SHORTEST_TOKEN} ASCII characters or more, as "
            "from `openssl rand -hex 24`",
            key=_KEY,
        )
    return NamedToken(name, right == "write", token)
