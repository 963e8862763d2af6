"""Looking at everything that a configuration names, without changing any of it."""

import errno
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from onrecord.config import Config
from onrecord.errors import ConfigError, OnrecordError
from onrecord.feeds.feed_list import each_once
from onrecord.feeds.private_urls import PrivateFile
from onrecord.log.opening import file_of, look
from onrecord.settings import parse_listen, with_secrets
from onrecord.wiring.archiving import archive_url, keeps_archive
from onrecord.wiring.extracting import check_model
from onrecord.wiring.opening import is_on_kafka
from onrecord.wiring.polling import listed_feeds
from onrecord.wiring.serving import check_serve

_MAY_MAKE = os.W_OK | os.X_OK  # files in a folder


class Checked(NamedTuple):
    """One thing that was looked at: its name, what was found, and whether that is a problem."""

    what: str
    found: str
    is_problem: bool


def check_all(config: Config) -> Iterator[Checked]:
    """What is found for each part that is configured, in the order an article meets them."""
    for what, examine in _EXAMINATIONS:
        try:
            yield Checked(what, examine(config), is_problem=False)
        except OnrecordError as error:
            yield Checked(what, str(error), is_problem=True)
        except OSError as error:  # a folder that this user must not search, for one
            yield Checked(what, _told(error), is_problem=True)


def _told(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def _feeds(config: Config) -> str:
    path = config.feeds.list_path
    if path is None:
        return "only feeds that were added by hand"
    faults: list[str] = []
    feeds = listed_feeds(path, lambda fault: faults.append(str(fault)), lambda feed, _: feed)
    found = f"{len(each_once(feeds))} feeds in {path}"
    return "; ".join((found, *(f"passed over: {each}" for each in faults)))


def _log(config: Config) -> str:
    return f"{config.log.url}: {look(config.log.url, session=config.log, kafka=config.kafka)}"


def _extraction(config: Config) -> str:
    check_model(config)
    return config.extract.extractor or ", ".join(
        [config.extract.model, *config.extract.other_model_names]
    )


def _server(config: Config) -> str:
    check_serve(config)
    token = "with a token" if with_secrets(config.serve, "serve").token else "without a token"
    return f"{config.serve.host} port {config.serve.port}, {token}"


def _webhook(config: Config) -> str:
    return "signed" if with_secrets(config.webhook, "webhook").secret else "no secret: not signed"


def _archive(config: Config) -> str:
    if not keeps_archive(config):
        return "none is kept"
    url = archive_url(config)
    if not url.startswith("sqlite:"):
        return url
    path = file_of(url)
    _refuse_unwritable("archive.url", path)
    return f"{url}{'' if path.exists() else ', not there yet'}"


def _folders(config: Config) -> str:
    named = {
        "feeds.keep_answers": config.feeds.keep_answers,
        "kafka.index_folder": config.kafka.index_folder if is_on_kafka(config) else "",
    }
    used = {name: path for name, path in named.items() if path}
    for name, path in used.items():
        _refuse_unwritable(name, Path(path))
    found = (_private_file(config), *(f"{path} ({name})" for name, path in used.items()))
    return ", ".join(found)


def _private_file(config: Config) -> str:
    """What is found of the private file: a Secret of Kubernetes, for one, can only be read."""
    key, path = "feeds.private_file", Path(config.feeds.private_file)
    if not path.exists():
        _refuse_unwritable(key, path)
        return f"{path} ({key})"
    has_hub_key = PrivateFile(path).has_hub_key()
    if os.access(path.absolute().parent, _MAY_MAKE):  # it is replaced, not written to
        return f"{path} ({key})"
    if config.feeds.callback_url is not None and not has_hub_key:
        raise ConfigError(
            f"{key} = '{path}': it can only be read, and has no hub_key, which "
            "feeds.websub_url needs",
            key=key,
        )
    return f"{path} ({key}, which can only be read)"


def _refuse_unwritable(key: str, path: Path) -> None:
    """Raise ConfigError where a file or folder can neither be written nor be made.

    Beside a file others are made, of SQLite, so its folder must be writable too.
    """
    absolute = path.absolute()
    there = next(place for place in (absolute, *absolute.parents) if place.exists())
    rights = {there: _MAY_MAKE} if there.is_dir() else {there: os.W_OK, there.parent: _MAY_MAKE}
    refused = [place for place, right in rights.items() if not os.access(place, right)]
    if there != absolute and not there.is_dir():
        refused = [there]
    if refused:
        raise ConfigError(f"{key} = '{path}': {refused[0]} cannot be written", key=key)


def _metrics(config: Config) -> str:
    listen = config.metrics.listen
    if not listen:
        return "nowhere: metrics.listen is empty"
    host, port = parse_listen(listen)
    try:
        with socket.create_server((host, port), family=_family_of(host)):
            return f"on {listen}"
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return f"on {listen}, where a process listens now: one at a time can"
        raise ConfigError(
            f"metrics.listen = '{listen}': {error.strerror or error}", key="metrics.listen"
        ) from error


def _family_of(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


_EXAMINATIONS: tuple[tuple[str, Callable[[Config], str]], ...] = (
    ("feeds", _feeds),
    ("log", _log),
    ("extraction", _extraction),
    ("archive", _archive),
    ("folders", _folders),
    ("serve", _server),
    ("webhook", _webhook),
    ("metrics and health", _metrics),
)
