"""The same story under many URLs is marked, and nothing else is."""

import tracemalloc
from binascii import b2a_base64
from datetime import timedelta
from itertools import product
from random import Random
from typing import Any

import pytest

from onrecord.feeds.articles.near_duplicates import StoryWindow
from onrecord.feeds.articles.signatures import signature
from onrecord.records import Article
from tests.builders import NOON, article

WIRE = """The harbour pier will open to the public in May after two years of repairs, the town said
on Monday. “It will open in May,” harbour master Mara Lind told two hundred people in the town hall.
The work cost four million crowns, less than planned, though it took a year longer because bolts
had to be ordered from abroad. The mayor, Ove Holm, said that nobody was to blame for the delay."""
OTHER = """A court in the northern province sentenced three men to prison on Friday for cutting down
protected oaks along the river. Judge Karl Wessel said the damage would be felt for a century. The
men, who sold the wood to a furniture maker, had denied that they knew the trees were protected."""


def sketched(id: str, text: str, hour: int = 0) -> Article:
    return article(id, text=text, sketch=signature(text), fetched_at=NOON + timedelta(hours=hour))


def publish(window: StoryWindow, told: Article) -> Article:
    marked = window.mark(told)
    assert marked.story is not None
    assert marked.story_first_seen is not None
    window.note(marked.id, marked.sketch or "", marked.story, marked.story_first_seen)
    return marked


@pytest.mark.parametrize(
    "copy",
    [
        WIRE,
        WIRE.upper(),
        WIRE.replace("\n", "  "),
        f"STRAND (Wire) - {WIRE} Our reporter adds that it rained.",
        WIRE.rpartition(" The mayor")[0],
    ],
)
def test_a_copy_tells_the_story_of_the_first(copy: str) -> None:
    window = StoryWindow(100)
    first = publish(window, sketched("a", WIRE))
    second = publish(window, sketched("b", copy, hour=3))
    assert (first.story, first.story_share) == ("a", None)
    assert (second.story, second.story_first_seen) == ("a", NOON)
    assert second.story_share is not None
    assert second.story_share >= 0.5


def test_another_story_is_its_own() -> None:
    window = StoryWindow(100)
    assert [publish(window, sketched(*each)).story for each in (("a", WIRE), ("b", OTHER))] == [
        "a",
        "b",
    ]


def test_an_edited_article_stays_in_its_story() -> None:
    window = StoryWindow(100)
    publish(window, sketched("a", WIRE))
    publish(window, sketched("b", WIRE))
    assert window.mark(sketched("b", OTHER)).story == "a"


def test_a_text_too_short_to_be_a_copy_has_no_sketch_and_its_own_story() -> None:
    assert signature("Breaking news: more follows") is None
    window = StoryWindow(100)
    assert window.mark(sketched("a", "Breaking news")).story == "a"
    assert window.mark(sketched("b", "Breaking news")).story == "b"


def test_the_window_is_bounded_and_forgets_the_oldest() -> None:
    window = StoryWindow(3)
    publish(window, sketched("a", WIRE))
    for number in range(3):
        publish(window, sketched(str(number), f"{OTHER} {number} {number * 7} " + OTHER[::-1]))
    assert window.mark(sketched("b", WIRE)).story == "b"
    assert [name in window for name in ("a", "0", "1", "2")] == [False, True, True, True]


def test_a_page_is_in_the_window_as_long_as_an_article_that_stood_there() -> None:
    window = StoryWindow(2)
    note(window, "a", url="https://e.example/pier")
    note(window, "b", url="http://www.e.example/pier/")
    assert story_at(window, "https://e.example/pier") == "a"
    note(window, "c")
    assert story_at(window, "https://e.example/pier") == "b"
    note(window, "d")
    assert story_at(window, "https://e.example/pier") == "new"


def test_an_article_that_moved_is_known_by_its_text_as_long_as_at_its_new_page() -> None:
    window = StoryWindow(3)
    for page in ("pier", "harbour"):
        window.note("a", signature(WIRE), "a", NOON, url=f"https://e.example/{page}")
    for name in "bc":
        note(window, name)
    assert story_at(window, "https://e.example/pier") == "new"
    assert story_at(window, "https://e.example/harbour") == "a"
    assert window.mark(sketched("copy", WIRE)).story == "a"
    note(window, "d")
    assert "a" not in window
    assert window.mark(sketched("copy", WIRE)).story == "copy"


def test_what_was_not_committed_is_forgotten_and_what_was_stays() -> None:
    window = StoryWindow(3)
    for name in "ab":
        note(window, name, url=f"https://e.example/{name}")
    for name in "cdefg":
        note(window, name, url=f"https://e.example/{name}", is_committed=False)
    window.take_back()
    assert [name in window for name in "abcdefg"] == [False] * 7, "they made room, and went"
    note(window, "h", url="https://e.example/h", is_committed=False)
    window.keep()
    window.take_back()
    assert "h" in window
    assert story_at(window, "https://e.example/g") == "new"


def test_a_saved_window_goes_on_as_if_it_had_not_been_saved() -> None:
    window = StoryWindow(3)
    published = [
        sketched("a", WIRE),
        sketched("b", OTHER),
        sketched("c", f"{WIRE} It rained."),
        sketched("d", WIRE),
    ]
    for number, told in enumerate(published):
        copy = restored(window)
        assert copy.mark(told) == window.mark(told), number
        publish(window, told)
    note(window, "e", url="https://e.example/e")
    note(window, "f", url="https://e.example/e")
    copy = restored(window)
    assert [name in copy for name in "abcdef"] == [name in window for name in "abcdef"]
    assert story_at(copy, "https://e.example/e") == "e"
    assert not StoryWindow(4).restore(window.saved())


def test_a_saved_window_knows_each_article_and_page_by_the_slot_that_counts() -> None:
    random = Random(7)
    window = StoryWindow(6)
    texts = [signature(text) for text in (WIRE, OTHER, f"{WIRE} It rained.")]
    names, urls = "abcdefgh", [f"https://e.example/{number}" for number in range(8)]
    for number in range(120):
        window.note(
            random.choice(names),
            random.choice(texts),
            f"of {number}",
            NOON,
            url=random.choice(urls),
            is_committed=number % 3 > 0,
        )
        if number % 7 == 0:
            window.take_back() if number % 2 else window.keep()
        copy = restored(window)
        assert [name in copy for name in names] == [name in window for name in names], number
        for name in (*names, "new"):
            for text, url in product((None, *texts), (None, *urls)):
                asked = name, text, url, NOON
                assert copy.story_of(*asked) == window.story_of(*asked), number


def test_what_entered_the_log_before_a_moment_is_forgotten() -> None:
    window = StoryWindow(4)
    for hour, name in enumerate("abcdef"):
        url = f"https://e.example/{name}"
        entered_at = NOON + timedelta(hours=hour % 5)
        window.note(name, signature(WIRE), "a", NOON, url=url, entered_at=entered_at)
    window.forget_before(NOON + timedelta(hours=3))
    assert [name in window for name in "abcdef"] == [False, False, False, True, True, False]
    assert story_at(window, "https://e.example/c") == "new"
    assert window.story_of("new", signature(WIRE), None, NOON).id == "a"
    for name in "ghij":
        note(window, name)
    assert [name in window for name in "defghij"] == [False] * 3 + [True] * 4
    assert window.story_of("new", signature(WIRE), None, NOON).id == "new"


@pytest.mark.parametrize("is_committed", [True, False])
def test_an_article_is_as_young_as_its_last_revision_that_was_committed(is_committed: bool) -> None:
    window = StoryWindow(4)
    for hour, name in enumerate("aba"):
        window.note(
            name,
            signature(WIRE if name == "a" else OTHER),
            name,
            NOON,
            url=f"https://e.example/{name}",
            entered_at=NOON + timedelta(hours=hour),
            is_committed=is_committed or hour < 2,
        )
    window.take_back()
    window = restored(window)
    window.forget_before(NOON + timedelta(hours=2))
    assert [name in window for name in "ab"] == [is_committed, False]
    told = "a" if is_committed else "new"
    assert window.story_of("new", signature(WIRE), None, NOON).id == told
    assert story_at(window, "https://e.example/a") == told


def test_an_article_at_several_pages_is_forgotten_as_a_whole_or_not_at_all() -> None:
    """Else its text could be forgotten alone: an article that is known enters none again."""
    window = StoryWindow(5)
    long_text = sketched("a", WIRE).sketch
    for page, day in (("x", 0), ("y", 0), ("z", 0), ("z", 30)):
        note_at(window, "a", page, day, sketch=long_text)
    for number in range(3):  # the first page makes room
        note_at(window, f"o{number}", f"o{number}", 30)
    window.forget_before(NOON + timedelta(days=10))
    assert "a" in window
    assert window.story_of("copy", long_text, None, NOON).id == "a"
    window.forget_before(NOON + timedelta(days=31))
    assert "a" not in window
    assert window.story_of("copy", long_text, None, NOON).id == "copy"


def note_at(
    window: StoryWindow, id: str, page: str, day: int, *, sketch: str | None = None
) -> None:
    window.note(
        id,
        sketch,
        id,
        NOON,
        url=f"https://news.example/{page}",
        entered_at=NOON + timedelta(days=day),
    )


def test_a_page_is_as_young_as_the_last_revision_that_stood_there() -> None:
    window = StoryWindow(4)
    for hour, (name, page) in enumerate((("a", "p"), ("b", "q"), ("b", "p"))):
        entered_at = NOON + timedelta(hours=hour)
        window.note(name, None, "a", NOON, url=f"https://e.example/{page}", entered_at=entered_at)
    window.forget_before(NOON + timedelta(hours=2))
    assert story_at(window, "https://e.example/p") == "a"


def test_a_copy_is_found_by_the_ninth_once_eight_before_it_are_forgotten() -> None:
    window = StoryWindow(20)
    for hour in range(9):
        entered_at = NOON + timedelta(hours=hour)
        window.note(f"a{hour}", signature(WIRE), "a0", NOON, entered_at=entered_at)
    window.forget_before(NOON + timedelta(hours=8))
    assert window.mark(sketched("copy", WIRE)).story == "a0"


def test_a_window_that_forgot_answers_as_one_filled_with_the_rest() -> None:
    random = Random(11)
    for _ in range(60):
        names = [f"a{number}" for number in range(random.choice((3, 12, 30)))]
        # A few alike: only some of the nearest are compared.
        sketches = [random_sketch(random) for _ in names[::4]] * 4
        urls = [f"https://e.example/{random.randrange(len(names))}" for _ in names]
        window, published = StoryWindow(100), list[tuple[Any, ...]]()
        for minute in range(random.choice((10, 50))):
            number = random.randrange(len(names))
            about = names[number], sketches[number]
            entered_at = NOON + timedelta(minutes=minute)
            story = window.story_of(*about, urls[number], entered_at)
            published.append((*about, story.id, story.first_seen, urls[number], entered_at))
            note_published(window, published[-1])
            if minute % 5 == 0:
                window = restored(window)
        since = NOON + timedelta(minutes=random.randrange(minute))
        window.forget_before(since)
        anew = StoryWindow(100)
        for each in published:
            if each[-1] >= since:
                note_published(anew, each)
        for name, text, url in product(("new", *names), (None, *sketches[:8]), (None, *urls[:8])):
            assert window.story_of(name, text, url, NOON) == anew.story_of(name, text, url, NOON)


def note_published(window: StoryWindow, published: tuple[Any, ...]) -> None:
    *about, url, entered_at = published
    window.note(*about, url=url, entered_at=entered_at)


def random_sketch(random: Random) -> str:
    return b2a_base64(random.randbytes(128), newline=False).decode()


def test_restoring_takes_no_more_memory_than_what_is_restored() -> None:
    window = StoryWindow(5_000)
    random = Random(5)
    for number in range(5_000):
        name, url = f"{number:032}", f"https://e.example/{number}"
        window.note(name, random_sketch(random), name, NOON, url=url)
    pieces = list(window.saved())
    assert max(map(len, pieces)) < 200_000
    tracemalloc.start()
    try:
        copy = StoryWindow(5_000)
        assert copy.restore(iter(pieces))
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < held + 200_000
    assert held < 500 * 5_000


def restored(window: StoryWindow) -> StoryWindow:
    copy = StoryWindow(window.size)
    assert copy.restore(window.saved())
    return copy


def note(
    window: StoryWindow, name: str, *, url: str | None = None, is_committed: bool = True
) -> None:
    window.note(name, None, name, NOON, url=url, is_committed=is_committed)


def story_at(window: StoryWindow, url: str) -> str:
    return window.story_of("new", None, url, NOON).id
