"""Alerts beside other work: `run` and `serve` send what saved searches find."""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from onrecord import wiring
from onrecord.alerts.searches import SearchesHeard, sends
from onrecord.cli.beside import beside
from onrecord.config import Config
from onrecord.errors import LogRefused, LogUnavailable, OnrecordError, UnknownTopic
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log
from onrecord.metrics import Metrics
from onrecord.records import SavedSearch

PART = "alerts"
_LOOK_S = 0.5


class _Sending:
    """Waits until a saved search has somebody to send to, and sends then."""

    def __init__(
        self, config: Config, log: Log, say: Callable[[str], None], metrics: Metrics
    ) -> None:
        self._config = config
        self._log = log
        self._say = say
        self._metrics = metrics
        self._ability = wiring.alert_ability(config)
        self._heard: SearchesHeard | None = None
        self._lacks: str | None = None

    def run(self, stopped: Callable[[], bool], backoff: Backoff, *, once: bool) -> None:
        wait = threading.Event().wait
        while not stopped():
            try:
                searches = self._searches()
                if searches is None:
                    break
                if self._can_send(searches):
                    self._send(stopped, backoff, once=once)
                backoff.reset()
            except LogUnavailable as error:
                self._stop_listening()
                backoff.wait(error, stopped)
                continue
            if once:
                break
            wait(_LOOK_S)
        self._stop_listening()

    def _searches(self) -> list[SavedSearch] | None:
        """The saved searches; None where they are not for us to read."""
        try:
            self._heard = self._heard or wiring.searches_heard(self._config, self._log)
            return self._heard.listen()
        except UnknownTopic:
            return []  # nobody has saved a search yet
        except LogRefused:
            return None

    def _stop_listening(self) -> None:
        if self._heard is not None:
            self._heard.close()
            self._heard = None

    def _can_send(self, searches: Collection[SavedSearch]) -> bool:
        """Whether anything can be sent from here; says what cannot."""
        lacking = [self._ability.lacks(search) for search in searches if sends(search)]
        lacks = next((problem for problem in lacking if problem), None)
        if lacks != self._lacks:
            self._lacks = lacks
            self._metrics.alerts_can_be_sent(lacks is None)
            can = "all alerts can be sent from here again"
            self._say(f"some alerts cannot be sent from here: {lacks}" if lacks else can)
        return None in lacking

    def _send(self, stopped: Callable[[], bool], backoff: Backoff, *, once: bool) -> None:
        def is_over() -> bool:
            return stopped() or not self._can_send(service.searches)

        with (
            wiring.open_log(self._config) as log,
            wiring.alert_service(self._config, log, say=self._say, meter=self._metrics) as service,
        ):
            service.run(is_over, backoff, once=once)


def send_alerts(
    config: Config,
    log: Log,
    *,
    say: Callable[[str], None],
    metrics: Metrics,
    outage: Outage,
    stopped: Callable[[], bool],
    once: bool = False,
) -> None:
    """Send what saved searches find until stopped; with `once`, what there is to send now.

    While no search sends anything, this only looks for one. Returns at once where `alerts.beside`
    is false. A log that we cannot write is said, and ends it.
    """
    if not config.alerts.beside:
        return
    try:
        _Sending(config, log, say, metrics).run(stopped, Backoff(outage, PART), once=once)
    except OnrecordError as error:
        metrics.alerts_can_be_sent(False)
        say(f"alerts are not sent from here: {error}")


@contextmanager
def alerts_beside(
    config: Config, log: Log, say: Callable[[str], None], metrics: Metrics
) -> Iterator[None]:
    """Send alerts in a thread while the body runs."""

    def work(over: threading.Event) -> None:
        send_alerts(config, log, say=say, metrics=metrics, outage=Outage(say), stopped=over.is_set)

    with beside(PART, work):
        yield
