"""A replay sees exactly its stretch, at its rate, and never moves anyone else's positions."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from threading import Barrier, Thread

import msgspec
import pytest

from onrecord.errors import LogUnavailable, LostOwnership, Mistake
from onrecord.log.backoff import Outage
from onrecord.log.interface import Log, Member, Message, Partition, Start
from onrecord.log.read_to_end import everything
from onrecord.processing.bounded import BoundedMember
from onrecord.processing.dead_letters import DeadLetterPolicy
from onrecord.processing.replays.bounds import stretch
from onrecord.processing.replays.jobs import Replays
from onrecord.processing.replays.progress import ReplayTally
from onrecord.processing.replays.run import Completion
from onrecord.processing.replays.standing import Standing, bounds_of, with_state
from onrecord.processing.replays.survey import survey, wanted_messages
from onrecord.processing.worker import BatchReport, Worker, WorkerPolicy
from onrecord.records import Extraction, OffsetRange, ReplayJob, from_json
from tests.builders import NOON, article
from tests.conftest import TOPICS
from tests.fakes import InlinePool
from tests.filling import HOUR, T0, publish
from tests.patience import PATIENCE_S
from tests.processing.test_worker import Troubled

INTO = TOPICS.replay("try")


def fill(log: Log, numbers: range) -> None:
    articles = [article(f"{n}", publisher=f"Paper {n % 3}") for n in numbers]
    publish(log, TOPICS.articles, *articles, since=T0 + numbers.start * HOUR, every=HOUR)


def after(looks: int) -> Callable[[], bool]:
    """Says stop when it has been asked `looks` times."""
    asked = count()
    return lambda: next(asked) >= looks


def is_of_paper_0(message: Message) -> bool:
    return wanted_messages(lambda found: found.publisher == "Paper 0")(message)


class Replay:
    """A job on a log, worked at by as many processes as are made."""

    def __init__(self, log: Log, wants: Callable[[Message], bool] | None = None) -> None:
        self.log = log
        self.wants = wants
        self.replays = Replays(log, TOPICS.replays, prefix=TOPICS.prefix)
        bounds = stretch(log, TOPICS.articles, Start.EARLIEST, None)
        found = survey(log, TOPICS.articles, bounds, wants)
        self.job = ReplayJob(
            name="try",
            source=TOPICS.articles,
            into=INTO,
            since="earliest",
            stretch={
                p.number: OffsetRange(begin=begin, end=bounds.end[p])
                for p, begin in bounds.begin.items()
            },
            articles=found.articles,
            created_at=NOON,
        )
        log.create_topic(INTO, log.topics()[0].settings)
        self.replays.make(self.job, now=NOON)
        self.runs = count(1)

    def standing(self) -> Standing:
        return self.replays.find("try")

    def work(
        self,
        name: str = "w",
        *,
        stopped: Callable[[], bool] = lambda: False,
        wrap: Callable[[Member], Member] = lambda member: member,
    ) -> None:
        group, end = self.replays.group("try"), bounds_of(self.job).end
        tally = ReplayTally(
            name="try",
            topic=TOPICS.replays,
            clock=lambda: NOON,
            new_run=lambda: f"{name}-{next(self.runs)}",
        )

        def report(batch: BatchReport) -> None:
            if batch.extractions or batch.dead_letters:
                tally.confirm()

        with self.log.join(group, [TOPICS.articles], name=name) as member:
            begin = self.standing().positions
            bounded = BoundedMember(wrap(member), end, begin=begin, wants=self.wants)
            worker = Worker(
                bounded,
                InlinePool(),
                topics=TOPICS,
                into=INTO,
                policy=WorkerPolicy(commit_interval_s=0.05, commit_every=3, read_ahead=7),
                dead_letters=DeadLetterPolicy(),
                report=report,
                outage=Outage(lambda line: None),
                also=tally.add,
            )
            worker.run(stopped, Completion(self.log, group, bounded, end, tally))

    def extracted(self) -> Counter[int]:
        return Counter(
            int(from_json(m.value or b"", Extraction).article.id)
            for m in everything(self.log, INTO)
        )


def once(numbers: range) -> Counter[int]:
    return Counter(numbers)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (Start.EARLIEST, None, range(40)),
        (T0 + timedelta(hours=10), None, range(10, 40)),
        (T0 + timedelta(hours=10), T0 + timedelta(hours=20), range(10, 20)),
        (T0 + timedelta(hours=10), T0 + timedelta(days=2000), range(10, 40)),
        (T0 + timedelta(hours=20), T0 + timedelta(hours=10), range(0)),
        (T0 + timedelta(days=2000), None, range(0)),
        (Start.LATEST, None, range(0)),
    ],
)
def test_the_stretch_holds_what_entered_in_that_time_and_nothing_else(
    log: Log, since: datetime | Start, until: datetime | None, expected: range
) -> None:
    fill(log, range(40))
    bounds = stretch(log, TOPICS.articles, since, until)
    found = survey(log, TOPICS.articles, bounds, sample=1000)
    assert found.articles == len(expected)
    assert sorted(int(from_json(value, type(article())).id) for value in found.sample) == [
        *expected
    ]
    if expected:
        assert found.entered == tuple(T0 + timedelta(hours=n) for n in (expected[0], expected[-1]))


def test_a_survey_counts_by_feed_and_samples_evenly(log: Log) -> None:
    fill(log, range(300))
    bounds = stretch(log, TOPICS.articles, Start.EARLIEST, None)
    found = survey(log, TOPICS.articles, bounds, sample=30)
    assert found.feeds == {(None, f"Paper {n}"): 100 for n in range(3)}
    assert found.undated == 300
    numbers = sorted(int(from_json(value, type(article())).id) for value in found.sample)
    assert len(set(numbers)) == 30
    assert 90 < sum(numbers) / 30 < 210
    assert survey(log, TOPICS.articles, bounds, is_of_paper_0).articles == 100


def test_every_article_is_extracted_once_and_the_replay_is_done(log: Log) -> None:
    fill(log, range(40))
    replay = Replay(log)
    assert not replay.standing().is_done
    replay.work()
    assert replay.extracted() == once(range(40))
    standing = replay.standing()
    assert (standing.is_done, standing.articles, standing.dead_letters) == (True, 40, 0)
    replay.work()
    assert replay.extracted() == once(range(40)), "once it is done, it is done"


def test_what_arrives_meanwhile_is_not_in_it(log: Log) -> None:
    fill(log, range(10))
    replay = Replay(log)
    fill(log, range(10, 30))
    replay.work()
    assert replay.extracted() == once(range(10))
    assert replay.standing().is_done


def test_what_is_not_wanted_is_passed_over_and_the_replay_is_done_all_the_same(log: Log) -> None:
    fill(log, range(40))
    replay = Replay(log, is_of_paper_0)
    replay.work()
    assert replay.extracted() == Counter(range(0, 40, 3))
    assert replay.standing().is_done
    assert replay.standing().articles == replay.job.articles == 14


def test_with_nothing_wanted_at_all_it_is_done_at_once(log: Log) -> None:
    fill(log, range(40))
    replay = Replay(log, lambda message: False)
    replay.work()
    assert replay.standing().is_done
    assert replay.extracted() == Counter()


def test_stopped_at_any_moment_it_goes_on_where_it_stopped(log: Log) -> None:
    fill(log, range(40))
    replay = Replay(log)
    for patience in (2, 1, 4, 3, 2):
        replay.work(stopped=after(patience))
        done = replay.extracted()
        assert set(done.values()) <= {1}
        assert replay.standing().articles == done.total()
    replay.work()
    assert replay.extracted() == once(range(40))
    assert replay.standing().articles == 40


def test_a_group_that_the_log_forgot_goes_on_from_the_replays_own_record(log: Log) -> None:
    fill(log, range(40))
    replay = Replay(log)
    replay.work(stopped=after(4))
    assert 0 < replay.extracted().total() < 40
    log.delete_group(replay.replays.group("try"))
    replay.work()
    assert replay.extracted() == once(range(40))


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [LogUnavailable("away"), LostOwnership("taken")])
def test_counts_are_as_exact_as_results_when_a_commit_fails_or_only_seems_to(
    log: Log, when: str, error: Exception
) -> None:
    fill(log, range(40))
    replay = Replay(log)
    errors = [(when, error), ("", error), (when, error)]
    replay.work(wrap=lambda member: Troubled(member, errors))
    assert replay.extracted() == once(range(40))
    assert replay.standing().articles == 40
    assert replay.standing().is_done
    assert len(replay.standing().runs) > 1


def test_several_processes_share_a_replay_and_all_of_them_end(log: Log) -> None:
    fill(log, range(200))
    replay = Replay(log)
    threads = [Thread(target=replay.work, args=(f"w{n}",), daemon=True) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    assert replay.extracted() == once(range(200))
    assert replay.standing().articles == 200


def test_a_live_group_never_notices(log: Log) -> None:
    fill(log, range(10))
    with log.join("live", [TOPICS.articles], name="m") as member:
        first = member.poll(limit=4, timeout_s=1.0)
        with member.transaction() as tx:
            tx.commit({message.source: message.next_offset for message in first})
    before = log.committed("live")
    Replay(log).work()
    assert log.committed("live") == before


@pytest.mark.parametrize("state", ["paused", "cancelled"])
def test_a_running_replay_hears_what_people_want_of_it(log: Log, state: str) -> None:
    fill(log, range(10))
    replay = Replay(log)
    with replay.replays.watch(replay.job) as watch:
        assert not watch()
        replay.replays.write(with_state(replay.job, state), now=NOON)  # type: ignore[arg-type]
        watch._next = 0.0
        assert watch()
        assert watch.state == state
    assert replay.standing().state(0) == state


def test_a_replay_that_is_forgotten_while_it_runs_stops(log: Log) -> None:
    fill(log, range(10))
    replay = Replay(log)
    with replay.replays.watch(replay.job) as watch:
        replay.replays.forget(replay.standing())
        assert watch()
    assert replay.replays.all() == {}
    with pytest.raises(Mistake, match="no replay 'try'; there are: none yet"):
        replay.standing()


def test_a_replay_that_was_dropped_and_made_anew_is_not_this_one(log: Log) -> None:
    fill(log, range(10))
    replay = Replay(log)
    with replay.replays.watch(replay.job) as watch:
        replay.replays.forget(replay.standing())
        anew = msgspec.structs.replace(replay.job, created_at=NOON + timedelta(seconds=1))
        assert replay.replays.make(anew, now=NOON).job == anew
        assert watch()
        assert watch.state == "cancelled"


def test_of_several_made_at_once_one_comes_to_be_and_all_the_others_know(log: Log) -> None:
    replays = Replays(log, TOPICS.replays, prefix=TOPICS.prefix)
    together = Barrier(6)

    def make(n: int) -> ReplayJob | str:
        job = ReplayJob(
            name="try",
            source=TOPICS.articles,
            into=INTO,
            since=f"-{n}h",
            stretch={},
            articles=0,
            created_at=NOON,
        )
        together.wait()
        try:
            return replays.make(job, now=NOON).job
        except Mistake as mistake:
            return str(mistake)

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(make, range(6)))
    standing = replays.find("try").job
    assert standing in made
    others = [one for one in made if one != standing]
    assert all("another process makes a replay 'try'" in str(one) for one in others)


def test_no_more_is_read_than_the_rate_allows(log: Log) -> None:
    fill(log, range(40))
    clock = [100.0]
    with log.join("r", [TOPICS.articles], name="m") as member:
        member.poll(limit=0, timeout_s=0.0)
        ends: dict[Partition, int] = {p: end for p, (_, end) in log.bounds(TOPICS.articles).items()}
        slow = BoundedMember(member, ends, rate=4.0, clock=lambda: clock[0], pause=lambda _: None)
        read_at = []
        for _ in range(12):
            read_at.append(len(slow.poll(limit=50, timeout_s=0.0)))
            clock[0] += 0.5
    assert read_at[0] == 0
    assert all(count <= 2 for count in read_at)
    assert 20 <= sum(read_at) <= 22


def test_partitions_added_since_are_not_in_it(log: Log) -> None:
    fill(log, range(20))
    replay = Replay(log)
    settings = next(s.settings for s in log.topics() if s.name == TOPICS.articles)
    log.alter_topic(TOPICS.articles, type(settings)(partitions=settings.partitions + 3))
    fill(log, range(20, 60))
    replay.work()
    assert replay.extracted() == once(range(20))
    assert replay.standing().is_done
