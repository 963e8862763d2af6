"""Articles, as published."""

from typing import Annotated, Literal

import msgspec

from onrecord.records.base import Part, Record, Share, Time


class Article(Record, frozen=True, kw_only=True, tag="onrecord.article"):
    """An entry with a stable id, a canonical URL and plain text, as published.

    `text` is what all offsets index: plain, paragraphs separated by an empty line, without the
    title. `revision` counts from 1; `supersedes` is the `content_hash` of the revision before.
    `published_at` is None when the feed gives no usable date. `feed` is the feed's URL as
    subscribed, None for an imported article. `page_error` says why the text is the feed's though
    its page's was wanted, None when it was not or could be had. `story` is shared by articles
    that have most of their text in common, as a wire report under many URLs: the id of the one
    seen first, at `story_first_seen`; `story_share` is how much it has in common with the nearest
    of them, and `sketch` tells that (see `feeds.articles.near_duplicates`). `categories` are the
    entry's own, as its publisher files it; `sections` name sections of the outlet, by the entry or
    its page; `feed_categories` are the user's own of the feed when it was published. `withdrawn_at`
    is when it turned out that the publisher had withdrawn it, `withdrawn_why` how; the text stays.
    `is_copy` marks an
    article of a feed without a claim to its URL: it has an id of its own, and the `story` of the
    article that the site itself publishes there. `raw` holds the entry's identifying
    fields as the feed wrote them (guid, link, dates).
    """

    id: str
    revision: Annotated[int, msgspec.Meta(ge=1)] = 1
    url: str | None = None
    canonical_url: str | None = None
    feed: str | None = None
    publisher: str | None = None
    title: str = ""
    authors: tuple[str, ...] = ()
    published_at: Time | None = None
    updated_at: Time | None = None
    fetched_at: Time
    language: str | None = None
    text: str
    text_from: Literal["feed", "page", "import"] = "feed"
    page_error: str | None = None
    summary: str = ""
    content_hash: str
    supersedes: str | None = None
    story: str | None = None
    story_first_seen: Time | None = None
    story_share: Share | None = None
    sketch: str | None = None
    is_copy: bool = False
    categories: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    feed_categories: tuple[str, ...] = ()
    withdrawn_at: Time | None = None
    withdrawn_why: str | None = None
    raw: dict[str, str] = msgspec.field(default_factory=dict)


class ArticleRef(Part, frozen=True, kw_only=True):
    """Which article, and which revision of it, something was extracted from.

    `story`, the categories and `withdrawn_at` are those of the `Article`.
    """

    id: str
    revision: Annotated[int, msgspec.Meta(ge=1)] = 1
    url: str | None = None
    feed: str | None = None
    title: str = ""
    publisher: str | None = None
    published_at: Time | None = None
    fetched_at: Time | None = None
    language: str | None = None
    story: str | None = None
    categories: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    feed_categories: tuple[str, ...] = ()
    withdrawn_at: Time | None = None


def reference_to(article: Article) -> ArticleRef:
    """The reference that an extraction of this article has."""
    return ArticleRef(
        id=article.id,
        revision=article.revision,
        url=article.canonical_url or article.url,
        feed=article.feed,
        title=article.title,
        publisher=article.publisher,
        published_at=article.published_at,
        fetched_at=article.fetched_at,
        language=article.language,
        story=article.story,
        categories=article.categories,
        sections=article.sections,
        feed_categories=article.feed_categories,
        withdrawn_at=article.withdrawn_at,
    )
