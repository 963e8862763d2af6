"""Each quote that a saved search finds is sent once, whatever is killed, edited or away."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from onrecord.alerts.policy import AlertPolicy
from onrecord.alerts.searches import SearchBook, search_id
from onrecord.alerts.senders import Sent
from onrecord.alerts.service import AlertService
from onrecord.alerts.standing import standings
from onrecord.errors import LogUnavailable
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log, Start, TopicSettings
from onrecord.measurements import AlertOutcome
from onrecord.processing.forgotten import ForgottenTable
from onrecord.processing.retention import search_settings
from onrecord.records import (
    Alert,
    ArticleRef,
    Extraction,
    Forgotten,
    QuoteOnRecord,
    SavedSearch,
    from_json,
    to_json,
)
from tests.builders import NOON, TEXT, extraction, quote, span
from tests.conftest import TOPICS
from tests.filling import everything, publish

PIER = 'pier "in may"'
PERSON = "1" * 32
OTHER = "2" * 32
NAMES = {PERSON: ("A Former Name", "Mara Lind"), OTHER: ("Mara Lind",)}
LATER = NOON + timedelta(days=300)


@dataclass
class World:
    """A log, a clock, and receivers by search that answer as a test says."""

    log: Log
    now: datetime = NOON
    seconds: float = 0.0
    answers: dict[str, Callable[[], Sent]] = field(default_factory=dict)
    sent: list[tuple[str, list[str]]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    outages: int = 0
    speakers: dict[str, str] = field(default_factory=dict)

    def alerts_attempted(self, outcome: AlertOutcome, alerts: int) -> None:
        pass

    def alerts_waiting(self, alerts: int) -> None:
        self.waiting.append(alerts)

    @property
    def book(self) -> SearchBook:
        return SearchBook(self.log, TOPICS, prefix="onrecord")

    def names_of(self, person: str) -> Sequence[str]:
        """The names of a person, which are read from the log."""
        if self.outages:
            self.outages -= 1
            raise LogUnavailable("away")
        return NAMES.get(person, ())

    def person_of(self, person: str) -> str:
        return person

    def speakers_of(self, extraction: Extraction) -> Sequence[str | None]:
        return [self.speakers.get(extraction.article.id) for _ in extraction.quotes]

    def save(self, name: str, query: str = PIER, **fields: object) -> SavedSearch:
        to: dict = {"webhook": "https://a.example/"} | fields
        search = SavedSearch(id=search_id(name), name=name, query=query, created_at=NOON, **to)
        self.book.add(search, now=NOON)
        return search

    def send(self, search: SavedSearch, alerts: Sequence[Alert]) -> Sent:
        sent = self.answers.get(search.name, Sent)()
        if sent.problem is None:
            found = [a.found for a in alerts if isinstance(a.found, QuoteOnRecord)]
            self.sent.append((search.name, [one.article.id for one in found]))
        return sent

    @contextmanager
    def service(
        self, name: str = "alerts-1", handover_s: float = 0.0, **policy: Any
    ) -> Iterator[AlertService]:
        for topic, settings in search_settings(TOPICS).items():
            self.log.create_topic(topic, settings)
        given: dict = {"wait_s": 0.0, "mail_every_s": 0.0} | policy
        member = self.log.join(
            "onrecord.alerts", [TOPICS.extractions], name=name, start=Start.EARLIEST
        )
        with (
            closing(ForgottenTable(self.log, TOPICS.forgotten)) as forgotten,
            member,
            AlertService(
                self.log,
                member,
                TOPICS,
                group="onrecord.alerts",
                book=self.book,
                send=self.send,
                forgotten=forgotten,
                people=self,
                policy=AlertPolicy(**given),
                handover_s=handover_s,
                clock=lambda: self.now,
                say=self.said.append,
                meter=self,
                monotonic=lambda: self.seconds,
            ) as service,
        ):
            yield service

    def run(self, **policy: Any) -> None:
        """Let a service do all there is to do now, and end it."""
        with self.service(**policy) as service:
            settle(service)

    def alerts(self) -> list[Alert]:
        """The newest record of each alert."""
        newest = {m.key: m.value for m in everything(self.log, TOPICS.alerts)}
        return [from_json(value, Alert) for value in newest.values() if value is not None]


def settle(*services: AlertService) -> None:
    """Until no service has anything to do; each makes a step in each round."""
    while sum(service.step() for service in services):
        pass


def test_a_person_of_an_id_is_found_under_all_names(world: World) -> None:
    world.save("said", f"speaker:{PERSON}")
    world.save("about", f"about:{PERSON}")
    world.save("unknown", f"speaker:{'0' * 32}")
    publish(world.log, TOPICS.extractions, said())
    world.run()
    assert world.sent == [("said", ["a1"])]


def test_a_namesake_of_somebody_followed_is_told_apart(world: World) -> None:
    world.save("one", f"speaker:{PERSON}")
    world.save("other", f"speaker:{OTHER}")
    world.save("anybody", 'speaker:"mara lind"')
    world.speakers = {"a1": PERSON, "a2": OTHER}
    put(world, said("a1"), said("a2"))
    world.run()
    assert sorted(world.sent) == [
        ("anybody", ["a1"]),
        ("anybody", ["a2"]),
        ("one", ["a1"]),
        ("other", ["a2"]),
    ]


@pytest.fixture
def world(log: Log) -> World:
    return World(log)


def said(id: str = "a1", revision: int = 1, **fields: object) -> Extraction:
    given: dict = {"title": "The pier", "published_at": NOON} | fields
    reference = ArticleRef(id=id, revision=revision, **given)
    return extraction(id, article=reference)


def put(world: World, *found: Extraction) -> None:
    publish(world.log, TOPICS.extractions, *found)


def test_what_a_search_finds_is_sent_once(world: World) -> None:
    world.save("pier")
    world.save("other", "lighthouse")
    put(world, said("a1"), said("a2"))
    world.run()
    world.run()
    assert sorted(world.sent) == [("pier", ["a1"]), ("pier", ["a2"])]
    assert {alert.state for alert in world.alerts()} == {"sent"}


def test_neither_a_new_revision_nor_a_copy_of_the_story_is_sent_again(world: World) -> None:
    world.save("pier")
    put(world, said("a1", story="s1"), said("a1", 2, story="s1"), said("a2", story="s1"))
    world.run()
    assert world.sent == [("pier", ["a1"])]


def test_an_outage_between_reading_and_committing_loses_no_alert(world: World) -> None:
    world.save("said", f"speaker:{PERSON}")
    put(world, said("a1"))
    with world.service() as service:
        world.outages = 1
        with pytest.raises(LogUnavailable):
            service.step()
        put(world, said("a2"))
        settle(service)
    assert sorted(world.sent) == [("said", ["a1"]), ("said", ["a2"])]


def test_other_words_of_a_new_revision_are_sent(world: World) -> None:
    world.save("pier")
    put(world, said("a1"))
    world.run()
    words = quote(content=(span(TEXT, "pier"), span(TEXT, "in May,")))
    put(world, extraction("a1", article=ArticleRef(id="a1", revision=2), quotes=(words,)))
    world.run()
    assert world.sent == [("pier", ["a1"]), ("pier", ["a1"])]


def test_a_killed_sender_sends_what_was_due_and_nothing_else(world: World) -> None:
    """Found and published as due; killed before it was sent."""
    world.save("pier")
    put(world, said("a1"))
    world.answers["pier"] = lambda: Sent("is away")
    world.run()
    assert [alert.state for alert in world.alerts()] == ["due"]
    del world.answers["pier"]
    world.run()
    world.run()
    assert world.sent == [("pier", ["a1"])]


def test_a_receiver_that_fails_delays_only_its_own_search(world: World) -> None:
    world.save("pier")
    world.save("away")
    world.answers["away"] = lambda: Sent("answered 500")
    put(world, said("a1"), said("a2"))
    with world.service(first_retry_s=5.0) as service:
        settle(service)
        assert sorted(world.sent) == [("pier", ["a1"]), ("pier", ["a2"])]
        del world.answers["away"]
        settle(service)
        assert len(world.sent) == 2, "it waits before it tries again"
        world.seconds += 5.0
        settle(service)
    assert sorted(world.sent[2:]) == [("away", ["a1"]), ("away", ["a2"])]
    assert world.said == [
        "saved search away: answered 500: trying until it is taken",
        "saved search away: alerts are taken again",
    ]


def test_waits_double_and_a_receiver_may_ask_for_a_longer_one(world: World) -> None:
    world.save("pier")
    put(world, said())
    asked: list[float] = []

    def away() -> Sent:
        asked.append(world.seconds)
        return Sent("is away", retry_after_s=20.0 if len(asked) == 3 else 0.0)

    world.answers["pier"] = away
    with world.service(first_retry_s=1.0, longest_retry_s=30.0) as service:
        while len(asked) < 6:
            settle(service)
            world.seconds += 1.0
    assert asked == [0.0, 1.0, 3.0, 23.0, 31.0, 47.0]


def test_a_receiver_that_wants_no_more_ends_the_search(world: World) -> None:
    world.save("pier")
    put(world, said("a1"), said("a2"))
    world.answers["pier"] = lambda: Sent("answered 410 Gone", is_over=True)
    world.run()
    assert world.book.find("pier").ended == "answered 410 Gone"
    assert {alert.state for alert in world.alerts()} == {"dropped"}


def test_nothing_is_sent_for_a_search_that_was_removed(world: World) -> None:
    world.save("pier")
    put(world, said("a1"))
    world.answers["pier"] = lambda: Sent("is away")
    world.run()
    world.book.remove("pier")
    del world.answers["pier"]
    world.run()
    assert world.sent == []
    assert [alert.state for alert in world.alerts()] == ["dropped"]


def test_a_search_saved_while_it_runs_sends_from_then_on(world: World) -> None:
    with world.service() as service:
        put(world, said("a1"))
        settle(service)
        world.save("pier")
        put(world, said("a2"))
        settle(service)
    assert world.sent == [("pier", ["a2"])]


def test_what_was_extracted_before_the_search_was_saved_is_not_sent(world: World) -> None:
    world.save("pier")
    publish(
        world.log,
        TOPICS.extractions,
        said("a1"),
        said("a2"),
        since=NOON - timedelta(seconds=1),
        every=timedelta(seconds=2),
    )
    world.run()
    assert world.sent == [("pier", ["a2"])]


def test_an_imported_backlog_is_not_sent(world: World) -> None:
    world.save("pier")
    put(world, said("a1", published_at=NOON - timedelta(days=8)), said("a2"))
    world.run(max_age_days=7)
    assert world.sent == [("pier", ["a2"])]


def test_quotes_for_one_mail_are_collected(world: World) -> None:
    world.save("pier", webhook=None, mail="desk@paper.example")
    put(world, said("a1"), said("a2"))
    with world.service(mail_every_s=60.0) as service:
        settle(service)
        put(world, said("a3"), said("a4"))
        settle(service)
        assert len(world.sent) == 1
        world.seconds += 60.0
        settle(service)
    assert [(name, sorted(ids)) for name, ids in world.sent] == [
        ("pier", ["a1", "a2"]),
        ("pier", ["a3", "a4"]),
    ]


def test_of_two_processes_one_sends_what_both_find(world: World) -> None:
    """So that a search gets one mail at a time, whichever partitions its quotes are in."""
    world.save("pier", webhook=None, mail="desk@paper.example")
    with world.service("alerts-1") as one, world.service("alerts-2") as two:
        settle(one, two)
        put(world, *(said(f"a{n}") for n in range(20)))
        while len(world.alerts()) < 20:
            settle(one, two)
        settle(one, two)
        assert sorted((one.sent, two.sent)) == [0, 20]
    assert sorted(one for _, ids in world.sent for one in ids) == sorted(f"a{n}" for n in range(20))


def test_another_process_goes_on_with_what_the_sender_left(world: World) -> None:
    world.save("pier")
    world.answers["pier"] = lambda: Sent("is away")
    with world.service("alerts-2") as two:
        with world.service("alerts-1") as one:
            put(world, *(said(f"a{n}") for n in range(8)))
            while len(world.alerts()) < 8:
                settle(one, two)
        del world.answers["pier"]
        world.seconds += 60.0
        while any(alert.state == "due" for alert in world.alerts()):
            settle(two)
    assert sorted(one for _, [one] in world.sent) == [f"a{n}" for n in range(8)]


def test_a_new_sender_leaves_what_another_process_can_still_be_sending(world: World) -> None:
    world.save("pier")
    world.answers["pier"] = lambda: Sent("is away")
    put(world, said("a1"))
    world.run()
    del world.answers["pier"]
    with (
        world.log.join("onrecord.alerts", [TOPICS.articles], name="alerts-2"),
        world.service(handover_s=90.0) as service,
    ):
        while not world.log.members("onrecord.alerts")["alerts-1"]:
            service.step()
        settle(service)
        put(world, said("a2"))
        settle(service)
        assert world.sent == [("pier", ["a2"])]
        world.seconds += 90.0
        settle(service)
    assert world.sent == [("pier", ["a2"]), ("pier", ["a1"])]


def test_a_sender_without_others_leaves_nothing(world: World) -> None:
    world.save("pier")
    world.answers["pier"] = lambda: Sent("is away")
    put(world, said("a1"))
    world.run()
    del world.answers["pier"]
    world.run(handover_s=90.0)
    assert world.sent == [("pier", ["a1"])]


def test_a_copy_of_the_story_that_another_process_finds_meanwhile_is_not_sent(world: World) -> None:
    """It was published as due after the first had been sent: the newest record says due."""
    world.save("pier")
    put(world, said("a1"))
    world.answers["pier"] = lambda: Sent("is away")
    world.run()
    [due] = world.alerts()
    del world.answers["pier"]
    world.run()
    with world.log.writer("alerts-2") as writer, writer.transaction() as tx:
        tx.publish(TOPICS.alerts, key=due.id.encode(), value=to_json(due))
    world.run()
    world.run()
    assert world.sent == [("pier", ["a1"])]
    assert [alert.state for alert in world.alerts()] == ["sent"]


def test_with_once_each_alert_is_tried_once(world: World) -> None:
    world.save("pier")
    world.save("away")
    world.answers["away"] = lambda: Sent("answered 500")
    put(world, *(said(f"a{n}") for n in range(5)))
    with world.service() as service:
        service.run(lambda: False, Backoff(Outage(world.said.append), "alerts"), once=True)
    assert sorted(one for _, [one] in world.sent) == [f"a{n}" for n in range(5)]
    waiting = next(s for s in standings(world.log, TOPICS, prefix="onrecord") if s.waiting)
    assert (waiting.search.name, waiting.waiting, waiting.sent) == ("away", 5, 0)


def test_with_once_the_mails_of_a_search_follow_each_other(world: World) -> None:
    world.save("pier", webhook=None, mail="desk@paper.example")
    put(world, *(said(f"a{n}") for n in range(5)))
    with world.service(mail_every_s=300.0, in_one_mail=2) as service:
        service.run(lambda: False, Backoff(Outage(world.said.append), "alerts"), once=True)
    assert [len(ids) for _, ids in world.sent] == [2, 2, 1]


def test_what_waits_is_measured_without_what_is_dropped_and_is_0_at_the_end(world: World) -> None:
    world.save("away")
    world.save("removed")
    world.answers |= {"away": lambda: Sent("is away"), "removed": lambda: Sent("is away")}
    put(world, said("a1"))
    with world.service() as service:
        settle(service)
        assert world.waiting[-1] == 2
        world.book.remove("removed")
        service.step()
        assert world.waiting[-1] == 1
    assert world.waiting[-1] == 0


def forget(world: World, article: str, quote: str | None = None) -> None:
    """Record that it was forgotten, and no more: as before the sweep of the topics."""
    gone = Forgotten(id=quote or article, article=article, quote=quote, by="anna", at=NOON)
    world.log.create_topic(TOPICS.forgotten, TopicSettings(partitions=1, compacted=True))
    with world.log.writer("forget") as writer, writer.transaction() as tx:
        tx.publish(TOPICS.forgotten, key=gone.id.encode(), value=to_json(gone))


@pytest.mark.parametrize("quote_id", [quote().id, None])
def test_what_was_forgotten_is_not_found(world: World, quote_id: str | None) -> None:
    world.save("pier")
    forget(world, "a1", quote_id)
    put(world, said("a1"), said("a2"))
    world.run()
    assert world.sent == [("pier", ["a2"])]
    assert len(world.alerts()) == 1


@pytest.mark.parametrize("quote_id", [quote().id, None])
def test_what_was_forgotten_before_it_was_sent_is_dropped(
    world: World, quote_id: str | None
) -> None:
    world.save("pier")
    put(world, said("a1"), said("a2"))
    world.answers["pier"] = lambda: Sent("is away")
    world.run()
    forget(world, "a1", quote_id)
    del world.answers["pier"]
    world.run()
    assert world.sent == [("pier", ["a2"])]
    assert sorted(alert.state for alert in world.alerts()) == ["dropped", "sent"]


def test_alerts_are_forgotten_after_their_time(world: World) -> None:
    world.save("pier")
    put(world, said("a1"))
    world.run()
    world.now = LATER
    world.run(keep_days=90)
    assert world.alerts() == []


def test_a_query_that_cannot_be_read_is_said_and_harms_no_other(world: World) -> None:
    world.save("broken", "speaker:")
    world.save("pier")
    put(world, said("a1"), said("a2"))
    world.run()
    assert sorted(world.sent) == [("pier", ["a1"]), ("pier", ["a2"])]
    [line] = world.said
    assert line.startswith("saved search broken: query, column 1")
