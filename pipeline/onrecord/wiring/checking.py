"""Looking at everything that a configuration names, without changing any of it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from onrecord.config import Config
from onrecord.errors import OnrecordError
from onrecord.log.opening import look
from onrecord.settings import with_secrets
from onrecord.wiring.extracting import check_model
from onrecord.wiring.polling import read_feeds
from onrecord.wiring.serving import check_serve


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


def _feeds(config: Config) -> str:
    path = config.feeds.list_path
    faults: list[str] = []
    count = len(read_feeds(config, None, lambda fault: faults.append(str(fault))))
    if path is None:
        return "only feeds that were added by hand"
    return "; ".join((f"{count} feeds in {path}", *(f"passed over: {each}" for each in faults)))


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


_EXAMINATIONS: tuple[tuple[str, Callable[[Config], str]], ...] = (
    ("feeds", _feeds),
    ("log", _log),
    ("extraction", _extraction),
    ("serve", _server),
    ("webhook", _webhook),
)
