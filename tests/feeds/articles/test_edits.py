"""Texts that change by themselves are braked; edits are published."""

from datetime import timedelta

from onrecord.records import Feed
from tests.feeds.decisions.test_claims import World, entry

FEED = Feed(url="https://www.honest.example/feed")
PIECES = [f"Sentence number {number} of the story about the harbour." for number in range(8)]
STORY = " ".join(PIECES)


def test_an_advertisement_that_rotates_makes_a_few_revisions_and_no_more() -> None:
    world = World()
    published = 0
    for number in range(24):
        world.now -= timedelta(minutes=45)  # a poll every quarter of an hour
        published += len(world.poll(FEED, entry(f"{STORY} Buy number {number} now.")))
    assert published <= 6
    assert world.states[FEED.url].restless == 1


def test_an_edit_of_a_text_that_changes_by_itself_is_published_at_once() -> None:
    world = World()
    for number in range(8):
        world.now -= timedelta(minutes=45)
        world.poll(FEED, entry(f"{STORY} Buy number {number} now."))
    corrected = STORY.replace("number 3 of", "number 3, corrected, of")
    assert len(world.poll(FEED, entry(f"{corrected} Buy number 9 now."))) == 1


def test_a_live_blog_that_grows_is_published_as_it_grows() -> None:
    world = World()
    text = STORY
    for number in range(10):
        text = f"Update {number}: the minister spoke again in Vessen. {text}"
        assert len(world.poll(FEED, entry(text))) == 1


def test_a_text_edited_all_day_long_is_published_once_an_hour() -> None:
    world = World()
    published = 0
    for number in range(48):
        world.now -= timedelta(minutes=45)
        words = " ".join(f"Word {number} and {number * place}." for place in range(10))
        published += len(world.poll(FEED, entry(words)))
    assert published <= 12 + 12 + 1
