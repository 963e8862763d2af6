"""A record encoded in advance is the record that would have been published."""

from datetime import UTC, datetime

import pytest
from msgspec import structs

from onrecord.feeds.articles.near_duplicates import Story, StoryWindow
from onrecord.feeds.articles.signatures import signature
from onrecord.processing.importing.ready import ready_all
from onrecord.records import to_json
from tests.builders import article

TEXT = "The harbour pier will open in May, the council said, after two years of repairs to it."
SPLICE = 'He wrote ,"story":null,"story_first_seen":null,"story_share":null,"sketch": on the wall. '


@pytest.mark.parametrize("text", [TEXT, SPLICE + TEXT, "Too short to be compared."])
@pytest.mark.parametrize("share", [None, 0.75])
def test_the_story_is_entered_in_its_place(text: str, share: float | None) -> None:
    one = article("a", text=text, raw={"sketch": "story"})
    story = Story("b", datetime(2026, 5, 1, 8, 30, tzinfo=UTC), share)
    fields = {"story": story.id, "story_first_seen": story.first_seen, "story_share": share}
    expected = structs.replace(one, sketch=signature(text), **fields)
    assert ready_all([one])[0].with_story(story) == to_json(expected)


@pytest.mark.parametrize("name", [None, ""])
def test_what_is_said_of_no_story_gives_way_to_the_story(name: str | None) -> None:
    one = article("a", text=TEXT)
    odd = structs.replace(one, story=name, story_first_seen=one.fetched_at, story_share=0.5)
    story = Story("b", datetime(2026, 5, 1, 8, 30, tzinfo=UTC), None)
    (ready,) = ready_all([odd])
    assert ready.story is None
    assert ready.with_story(story) == ready_all([one])[0].with_story(story)


def test_an_article_with_a_story_keeps_it() -> None:
    one = StoryWindow(1).mark(structs.replace(article("a", text=TEXT), sketch=signature(TEXT)))
    ready = ready_all([one])[0]
    assert ready.story is not None
    assert ready.with_story(Story("other", one.fetched_at)) == to_json(one)
