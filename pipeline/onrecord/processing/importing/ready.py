"""Articles ready to be published: encoded where they are read, outside the importing process.

What remains for the importer is to look the article up, to compare its signature with those of
recent articles, and to enter the story into the encoded record.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec import structs

from onrecord.feeds.articles.near_duplicates import Story
from onrecord.records import Article, to_json


class _StoryFields(msgspec.Struct, kw_only=True):
    """The fields of an article that tell its story, in their order in the record."""

    story: str | None = None
    story_first_seen: datetime | None = None
    story_share: float | None = None


_encoder = msgspec.json.Encoder()
# As they stand in a record without a story. A text cannot contain this: its quotation marks are
# escaped.
_NO_STORY = b"," + _encoder.encode(_StoryFields())[1:-1] + b',"sketch":'


class ReadyArticle(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The encoded record of an article, and the fields that decide on its publication.

    `url` is the canonical URL. `story` is set for an article of another log, which keeps it.
    `chars` is the length of its text.
    """

    id: str
    revision: int
    content_hash: str
    feed: str | None
    url: str | None
    fetched_at: datetime
    sketch: str | None
    story: Story | None
    chars: int
    record: bytes

    def with_story(self, story: Story) -> bytes:
        """The record with its story."""
        if self.story is not None:
            return self.record
        fields = _StoryFields(
            story=story.id, story_first_seen=story.first_seen, story_share=story.share
        )
        before, marker, after = self.record.partition(_NO_STORY)
        if not marker:
            raise ValueError(f"no place for the story in the record of article {self.id}")
        return b"".join((before, b",", _encoder.encode(fields)[1:-1], b',"sketch":', after))


def ready_all(articles: Iterable[Article]) -> list[ReadyArticle]:
    """Articles as they are published, with the signatures of their texts."""
    # numpy: the importing process leaves large sources to its readers, and does without.
    from onrecord.feeds.articles.signatures import signatures

    all_ = list(articles)
    computed = iter(signatures([article.text for article in all_ if not article.sketch]))
    return [_ready(article, article.sketch or next(computed)) for article in all_]


def _ready(article: Article, sketch: str | None) -> ReadyArticle:
    if article.story:
        article = structs.replace(article, sketch=sketch)
    else:
        # A time or a share without a story says nothing, and `with_story` looks for three nulls.
        article = structs.replace(
            article, sketch=sketch, story=None, story_first_seen=None, story_share=None
        )
    return ReadyArticle(
        id=article.id,
        revision=article.revision,
        content_hash=article.content_hash,
        feed=article.feed,
        url=article.canonical_url,
        fetched_at=article.fetched_at,
        sketch=sketch,
        story=_story_of(article),
        chars=len(article.text),
        record=to_json(article),
    )


def _story_of(article: Article) -> Story | None:
    if not article.story:
        return None
    return Story(article.story, article.story_first_seen or article.fetched_at)
