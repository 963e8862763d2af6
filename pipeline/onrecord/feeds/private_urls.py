"""Keeps secrets of feed URLs private: a feed has a public URL, and is fetched by the whole URL.

A password before the host, or a token in the query, opens a paid feed. Subscriptions, states and
articles travel on topics that others read, so they carry the URL without it; the whole URL stays
in one file of the machine that polls, which only its user can read.
"""

import fcntl
import hmac
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import NotRequired, TypedDict
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from onrecord.errors import Mistake

_SECRET_NAMES = re.compile(
    r"(?:^|[_.-])(?:auth|authorization|api_?key|key|token|access_?token|secret|pass|passwd|password|"
    r"pwd|sig|signature|session|hash|h?mac|credential|user_?hash)s?$",
    re.IGNORECASE,
)
_HIDDEN = "hidden-"
_IN_TEXT = re.compile(r"([a-z][a-z0-9+.-]{0,20}://)[^\s/@]*@", re.IGNORECASE)
_PARAMETER = re.compile(r"([?&;])([\w.-]{1,40})=([^&;#\s'\"]+)")


def public_url(url: str) -> str:
    """The URL without password and tokens; the same URL when it has none.

    A token is replaced by a few digits of its hash, so that two feeds stay two.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    netloc = parts.netloc.rpartition("@")[2]
    query = parts.query
    pairs = parse_qsl(query, keep_blank_values=True)
    if any(_is_secret(name, value) for name, value in pairs):
        query = urlencode(
            [(name, _hidden(value) if _is_secret(name, value) else value) for name, value in pairs],
            errors="replace",
        )
    if (netloc, query) == (parts.netloc, parts.query):
        return url
    return parts._replace(netloc=netloc, query=query).geturl()


def without_secrets(text: str) -> str:
    """A message without the passwords and tokens of URLs that it repeats."""
    text = _IN_TEXT.sub(r"\1", text)
    return _PARAMETER.sub(
        lambda found: (
            f"{found[1]}{found[2]}={_hidden(found[3])}"
            if _is_secret(found[2], found[3])
            else found[0]
        ),
        text,
    )


def _is_secret(name: str, value: str) -> bool:
    is_named = _SECRET_NAMES.search(name) is not None
    return is_named and bool(value) and not value.startswith(_HIDDEN)


def _hidden(value: str) -> str:
    return _HIDDEN + sha256(value.encode("utf-8", "replace")).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class PrivateFile:
    """The file of one machine's secrets: whole URLs by public URL, and the key of hub secrets."""

    path: Path

    def urls(self) -> Mapping[str, str]:
        """Every whole URL by its public one. Raises Mistake when the file cannot be read."""
        return self._read()["urls"]

    def version(self) -> tuple[int, int, int] | None:
        """A value that changes with the file; None while there is none."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def keep(self, urls: Mapping[str, str]) -> None:
        """Add URLs to the file. Raises Mistake."""
        known = self.urls()
        if all(known.get(public) == whole for public, whole in urls.items()):
            return
        with self._locked():
            held = self._read()
            self._write({**held, "urls": {**held["urls"], **urls}})

    def secrets(self) -> Mapping[str, Mapping[str, str]]:
        """The secrets of each feed by kind, by the feed's public URL. Raises Mistake."""
        return self._read().get("secrets", {})

    def keep_secrets(self, url: str, secrets: Mapping[str, str | None]) -> None:
        """Keep secrets of a feed by kind; None forgets one. Raises Mistake."""
        with self._locked():
            held = self._read()
            feeds = dict(held.get("secrets", {}))
            kept = {**feeds.get(url, {}), **secrets}
            feeds[url] = {kind: value for kind, value in kept.items() if value is not None}
            self._write({**held, "secrets": {url: each for url, each in feeds.items() if each}})

    def has_hub_key(self) -> bool:
        """Whether the key of hub secrets is there. Raises Mistake when the file cannot be read."""
        return bool(self._read()["hub_key"])

    def hub_key(self) -> bytes:
        """The key that hub secrets are derived from, made when first needed. Raises Mistake."""
        if known := self._read()["hub_key"]:
            return bytes.fromhex(known)
        with self._locked():
            held = self._read()
            if not held["hub_key"]:
                held = {**held, "hub_key": token_hex(32)}
                self._write(held)
            return bytes.fromhex(held["hub_key"])

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Nobody else changes the file meanwhile: commands and pollers run at once."""
        beside = self.path.with_name(f"{self.path.name}.lock")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(beside, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise Mistake(
                f"feeds.private_file: {beside} cannot be written: {error.strerror}"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _read(self) -> "_Held":
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=_Held)
        except FileNotFoundError:
            return {"urls": {}, "hub_key": ""}
        except (OSError, ValueError, msgspec.MsgspecError, RecursionError) as error:
            raise Mistake(f"feeds.private_file: {self.path} cannot be read: {error}") from error

    def _write(self, held: "_Held") -> None:
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as written:
                written.write(msgspec.json.encode(held))
            draft.replace(self.path)
        except OSError as error:
            raise Mistake(
                f"feeds.private_file: {self.path} cannot be written: {error.strerror}"
            ) from error


class WholeUrls:
    """The whole URL for each public one. The file is read again when it has changed."""

    def __init__(self, file: PrivateFile) -> None:
        self._file = file
        self._version: tuple[int, int, int] | None = None
        self._urls: Mapping[str, str] = {}
        self._secrets: Mapping[str, Mapping[str, str]] = {}

    def __call__(self, url: str) -> str:
        """The whole URL; the same one when it hides nothing."""
        self._catch_up()
        return self._urls.get(url, url)

    def secrets_of(self, url: str) -> Mapping[str, str]:
        """The secrets of a feed by kind, by its public URL."""
        self._catch_up()
        return self._secrets.get(url, {})

    def _catch_up(self) -> None:
        version = self._file.version()
        if version != self._version:
            self._urls = {} if version is None else self._file.urls()
            self._secrets = {} if version is None else self._file.secrets()
            self._version = version


class _Held(TypedDict):
    urls: dict[str, str]
    hub_key: str
    secrets: NotRequired[dict[str, dict[str, str]]]


def hub_secret(key: bytes, feed_url: str) -> str:
    """The secret that a feed's hub signs with: the same each time, and kept nowhere."""
    return hmac.new(key, f"hub {feed_url}".encode(), "sha256").hexdigest()
