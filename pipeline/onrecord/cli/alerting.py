"""Alerts beside other work: `run` and `serve` send what saved searches find."""

import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from onrecord import wiring
from onrecord.alerts.searches import SearchesHeard, sends
from onrecord.alerts.sharing import Share, must_step_in
from onrecord.beside import beside
from onrecord.config import Config
from onrecord.errors import LogRefused, LogUnavailable, OnrecordError, UnknownTopic
from onrecord.health import Health
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log
from onrecord.measurements import Metrics
from onrecord.records import SavedSearch

PART = "alerts"
_LOOK_S = 0.5
# The members of the group are asked for only where something cannot be sent.
_MEMBERS_EVERY_S = 2.0


class AlertSending:
    """Waits until a saved search has somebody to send to, and sends then.

    What cannot be sent from here is left to a process that can send everything.
    """

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
        self._is_needed = False
        self._look_at = 0.0

    def run(self, stopped: Callable[[], bool], backoff: Backoff, *, once: bool) -> None:
        wait = threading.Event().wait
        while not stopped():
            try:
                searches = self._searches()
                if searches is None:
                    break
                if share := self.share(searches):
                    self._send(share, stopped, backoff, once=once)
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

    def share(self, searches: Collection[SavedSearch]) -> Share | None:
        """What this process sends now; None for nothing. Says what cannot be sent."""
        lacking = [self._ability.lacks(search) for search in searches if sends(search)]
        lacks = next((problem for problem in lacking if problem), None)
        if lacks != self._lacks:
            self._lacks = lacks
            self._metrics.alerts_can_be_sent(lacks is None)
            can = "all alerts can be sent from here again"
            self._say(f"some alerts cannot be sent from here: {lacks}" if lacks else can)
        if None not in lacking:
            return None
        if lacks is None:
            return Share.ALL
        return Share.SOME if self._must_step_in() else None

    def _must_step_in(self) -> bool:
        if time.monotonic() >= self._look_at:
            self._is_needed = must_step_in(
                wiring.alert_name(Share.SOME), wiring.alert_members(self._config, self._log)
            )
            self._look_at = time.monotonic() + _MEMBERS_EVERY_S
        return self._is_needed

    def _send(
        self, share: Share, stopped: Callable[[], bool], backoff: Backoff, *, once: bool
    ) -> None:
        def is_over() -> bool:
            if stopped():
                return True
            try:
                return self.share(service.searches) is not share
            except LogUnavailable:
                return False  # the service meets the outage itself, and loses no result

        with (
            wiring.open_log(self._config) as log,
            wiring.alert_service(
                self._config, log, share=share, say=self._say, meter=self._metrics
            ) as service,
        ):
            service.run(is_over, backoff, once=once)


def send_alerts(
    config: Config,
    log: Log,
    *,
    say: Callable[[str], None],
    metrics: Metrics,
    health: Health,
    outage: Outage,
    stopped: Callable[[], bool],
    once: bool = False,
    must_send: bool = True,
) -> None:
    """Send what saved searches find until stopped; with `once`, what there is to send now.

    While no search sends anything, this only looks for one. Returns at once where `alerts.beside`
    is false. An error, as of a log that we cannot write, ends it: it is said, and stands in health
    and metrics. Without `must_send`, raises LogRefused instead for a log that we cannot write.
    """
    if not config.alerts.beside:
        return
    try:
        AlertSending(config, log, say, metrics).run(stopped, Backoff(outage, PART), once=once)
    except OnrecordError as error:
        if isinstance(error, LogRefused) and not must_send:
            raise
        outage.note(PART, None)  # nobody waits for the log there any more
        health.failed(PART, str(error))
        metrics.alerts_can_be_sent(False)
        say(f"alerts are not sent from here: {error}")


@contextmanager
def alerts_beside(
    config: Config, log: Log, say: Callable[[str], None], metrics: Metrics, health: Health
) -> Iterator[None]:
    """Send alerts in a thread while the body runs, where the log lets us write.

    What only reads a log serves all the same: it leaves the alerts to processes that can send.
    """

    def work(over: threading.Event) -> None:
        try:
            send_alerts(
                config,
                log,
                say=say,
                metrics=metrics,
                health=health,
                outage=Outage(say),
                stopped=over.is_set,
                must_send=False,
            )
        except LogRefused as error:
            say(f"alerts are left to other processes: {error}")

    with beside(PART, work):
        yield
