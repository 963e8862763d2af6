"""The same story under many URLs is marked, and nothing else is."""

from datetime import timedelta

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
