"""A kept state is the state, and its outline has all that planning polls needs."""

import os
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from typing import IO

import pytest
import zstandard
from msgspec.structs import replace

from onrecord.errors import RecordError, StateLost
from onrecord.feeds.decisions.conditional import held_hosts, is_poll_due
from onrecord.feeds.decisions.health import is_gone
from onrecord.feeds.decisions.schedule import PollPolicy
from onrecord.processing.feeds.kept_states import KeptStates
from onrecord.processing.feeds.state_file import StateFile
from onrecord.records import Feed, FeedState, Hold, PollNote, Seen, to_json
from tests.builders import NOON

STATE = FeedState(
    url="https://a.example/feed",
    etag='"1"',
    next_poll_at=NOON,
    seen={"1": Seen(article_id="a", revision=2, content_hash="c", before=("b",))},
    history=(PollNote(at=NOON, status=200, new=1),),
)


def on_known_disk(monkeypatch: pytest.MonkeyPatch) -> IO[bytes]:
    """The temporary file into which states go from now on."""
    disk = tempfile.TemporaryFile()  # noqa: SIM115  the states' file closes it
    monkeypatch.setattr(
        "onrecord.processing.feeds.state_file.TemporaryFile", lambda **options: disk
    )
    return disk


@pytest.fixture
def states() -> Iterator[KeptStates]:
    file = StateFile()
    yield KeptStates(file)
    file.close()


def test_a_state_is_whole_again(states: KeptStates) -> None:
    states.put(STATE.url, to_json(STATE))
    assert states.whole(STATE.url) == STATE


def test_a_state_that_was_removed_or_never_came_is_not_there(states: KeptStates) -> None:
    states.put(STATE.url, to_json(STATE))
    states.remove(STATE.url)
    states.remove("https://b.example/feed")
    assert (states.outline(STATE.url), states.whole(STATE.url)) == (None, None)


def test_a_state_that_nobody_can_read_takes_the_place_of_none(states: KeptStates) -> None:
    states.put(STATE.url, to_json(STATE))
    with pytest.raises(RecordError):
        states.put(STATE.url, to_json(STATE).replace(b'"status":null', b'"status":"x"'))
    assert states.whole(STATE.url) is None


def test_a_state_whose_entries_cannot_be_read_counts_as_none(states: KeptStates) -> None:
    states.put(STATE.url, to_json(STATE).replace(b'"revision":2', b'"revision":"two"'))
    assert states.outline(STATE.url) is not None
    assert states.whole(STATE.url) is None
    assert states.outline(STATE.url) is None


def state(number: int, entries: int) -> FeedState:
    seen = {
        f"{number} {n}": Seen(article_id=os.urandom(20).hex(), revision=1, content_hash="")
        for n in range(entries)
    }
    return replace(STATE, url=f"https://{number}.example/feed", seen=seen)


def test_states_that_grow_shrink_and_go_stay_themselves(states: KeptStates) -> None:
    newest: dict[str, FeedState] = {}
    for turn in range(20):
        for number in range(turn % 7, 40, 3):
            grown = state(number, entries=(number * turn) % 23)
            states.put(grown.url, to_json(grown))
            newest[grown.url] = grown
        gone = f"https://{turn}.example/feed"
        states.remove(gone)
        newest.pop(gone, None)
    assert {url: states.whole(url) for url in newest} == newest


def test_places_given_up_are_used_again() -> None:
    file = StateFile()
    states = KeptStates(file)
    for _ in range(50):
        states.put(STATE.url, to_json(state(1, entries=30)))
    assert file.size_bytes < 3 * len(to_json(state(1, entries=30)))
    states.clear()
    file.close()


def test_states_that_the_disk_does_not_take_stay_in_memory(
    states: KeptStates, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    for url in (STATE.url, "https://b.example/feed"):
        states.put(url, to_json(replace(STATE, url=url)))
    assert states.whole(STATE.url) == STATE
    assert [record.message for record in caplog.records] == [
        "the states of feeds stay in memory, not in a file: No such file or directory"
    ]


def test_the_file_grows_little_beyond_states_that_all_grow_and_ends_with_them(
    states: KeptStates, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = on_known_disk(monkeypatch)
    for entries in range(1, 25):
        for number in range(20):
            grown = state(number, entries)
            states.put(grown.url, to_json(grown))
    grown_bytes = 20 * len(zstandard.compress(to_json(state(1, entries=24))))
    assert os.fstat(disk.fileno()).st_size < 1.5 * grown_bytes
    states.clear()
    assert os.fstat(disk.fileno()).st_size == 0


def test_states_stay_in_memory_where_no_folder_takes_temporary_files(
    states: KeptStates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("tempfile._candidate_tempdir_list", lambda: ["/nowhere"])
    states.put(STATE.url, to_json(STATE))
    assert states.whole(STATE.url) == STATE


@pytest.mark.parametrize("left", [b"", b"\0" * 4_096])
def test_a_state_that_the_disk_loses_is_missed_and_new_ones_stay_in_memory(
    states: KeptStates, monkeypatch: pytest.MonkeyPatch, left: bytes
) -> None:
    disk = on_known_disk(monkeypatch)
    states.put(STATE.url, to_json(STATE))
    os.ftruncate(disk.fileno(), 0)
    os.pwrite(disk.fileno(), left, 0)
    with pytest.raises(StateLost):
        states.whole(STATE.url)
    states.put(STATE.url, to_json(STATE))
    os.ftruncate(disk.fileno(), 0)
    assert states.whole(STATE.url) == STATE


LATER = NOON + timedelta(hours=1)
FEED = Feed(url=STATE.url)


@pytest.mark.parametrize(
    ("feed", "state"),
    [
        (FEED, STATE),
        (FEED, replace(STATE, next_poll_at=LATER)),
        (FEED, replace(STATE, next_poll_at=NOON + timedelta(days=20))),
        (FEED, replace(STATE, hold=Hold(host="a.example", until=LATER), next_poll_at=LATER)),
        (replace(FEED, poll_at=NOON), replace(STATE, last_poll_at=NOON, next_poll_at=LATER)),
        (replace(FEED, poll_at=NOON), replace(STATE, last_poll_at=LATER, next_poll_at=LATER)),
        (replace(FEED, refetch_at=NOON), replace(STATE, refetched_at=NOON, next_poll_at=LATER)),
        (
            replace(FEED, fill_at=NOON),
            replace(STATE, filled_at=NOON, last_poll_at=NOON, next_poll_at=LATER),
        ),
        (
            FEED,
            replace(
                STATE,
                error="gone",
                status=410,
                failures=90,
                failing_since=NOON - timedelta(days=90),
                last_poll_at=NOON,
                next_poll_at=NOON + timedelta(days=20),
            ),
        ),
    ],
)
def test_the_outline_tells_the_same_of_the_next_poll_as_the_state(
    states: KeptStates, feed: Feed, state: FeedState
) -> None:
    states.put(state.url, to_json(state))
    outline = states.outline(state.url)
    assert outline is not None
    policy = PollPolicy()
    assert is_poll_due(feed, outline, NOON, policy) == is_poll_due(feed, state, NOON, policy)
    assert held_hosts([outline], NOON) == held_hosts([state], NOON)
    assert is_gone(outline) == is_gone(state)
