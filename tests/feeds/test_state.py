"""What a poll leads to: new, edited and known articles; memory; health."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from pipeline.feeds.article import to_drafts
from pipeline.feeds.parse import Entry, ParsedFeed
from pipeline.feeds.schedule import PollPolicy, ServerWishes
from pipeline.feeds.state import Decision, Failed, MemoryPolicy, Outcome, Read, Unchanged, decide
from pipeline.records import Article, Feed, FeedState, Seen

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def entry(guid: str | None, text: str, link: str | None = None, title: str = "t") -> Entry:
    return Entry(
        guid=guid, link=link and f"https://e.com/{link}", title_html=title, content_html=text
    )


class World:
    """A topic of articles and the states of some feeds; each poll is published at once."""

    def __init__(self, memory: MemoryPolicy | None = None) -> None:
        self.topic: list[Article] = []
        self.states: dict[str, FeedState] = {}
        self.forgets = False
        self._memory = memory or MemoryPolicy()

    def poll(self, name: str, *entries: Entry) -> list[tuple[int, str]]:
        """What was published: (revision, text) each."""
        feed = Feed(url=f"https://{name}.example/feed")
        drafts = to_drafts(feed, ParsedFeed(entries=entries), NOW)
        outcome = Read(drafts=drafts, wishes=ServerWishes(), body_hash=str(entries))
        return [(article.revision, article.text) for article in self.take(feed, outcome).articles]

    def take(self, feed: Feed, outcome: Outcome, now: datetime = NOW) -> Decision:
        before = self.states.get(feed.url, FeedState(url=feed.url))
        decision = decide(
            feed,
            before,
            outcome,
            self._published,
            now,
            policy=PollPolicy(),
            memory=self._memory,
        )
        self.states[feed.url] = decision.state
        self.topic += decision.articles
        return decision

    def _published(self, article_id: str) -> Seen | None:
        if self.forgets:
            return None
        newest: Mapping[str, Seen] = {
            a.id: Seen(article_id=a.id, revision=a.revision, content_hash=a.content_hash)
            for a in self.topic
        }
        return newest.get(article_id)


# ── articles ─────────────────────────────────────────────────────────────────────────────────


def test_a_new_article_is_revision_one_and_supersedes_nothing() -> None:
    world = World()
    assert world.poll("a", entry("1", "one", "x")) == [(1, "one")]
    assert world.topic[0].supersedes is None


def test_an_unchanged_feed_publishes_nothing() -> None:
    world = World()
    world.poll("a", entry("1", "one", "x"), entry("2", "two", "y"))
    assert world.poll("a", entry("1", "one ", "x"), entry("2", "<p>two</p>", "y")) == []
    assert world.states["https://a.example/feed"].articles == 2


def test_an_edit_is_a_new_revision_that_names_what_it_supersedes() -> None:
    world = World()
    world.poll("a", entry("1", "one", "x"))
    assert world.poll("a", entry("1", "one, corrected", "x")) == [(2, "one, corrected")]
    assert world.poll("a", entry("1", "one, corrected", "x")) == []
    assert world.poll("a", entry("1", "one", "x")) == [(3, "one")]
    first, second, third = world.topic
    assert first.id == second.id == third.id
    assert second.supersedes == first.content_hash
    assert third.supersedes == second.content_hash


def test_a_changed_title_is_an_edit() -> None:
    world = World()
    world.poll("a", entry("1", "one", "x", title="Before"))
    assert world.poll("a", entry("1", "one", "x", title="After")) == [(2, "one")]


def test_two_feeds_that_carry_one_article_publish_it_once() -> None:
    world = World()
    assert world.poll("a", entry("1", "one", "x?utm_source=a")) == [(1, "one")]
    assert world.poll("b", entry("b-1", "one", "x?utm_source=b")) == []


def test_two_feeds_with_different_texts_of_one_article_do_not_correct_each_other() -> None:
    world = World()
    world.poll("a", entry("1", "the full text", "x"))
    for _ in range(3):
        assert world.poll("b", entry("b-1", "the teaser", "x")) == []
        assert world.poll("a", entry("1", "the full text", "x")) == []
    assert world.poll("b", entry("b-1", "another teaser", "x")) == []
    assert world.poll("a", entry("1", "the full text, edited", "x")) == [
        (2, "the full text, edited")
    ]


def test_two_feeds_that_edit_one_article_alike_publish_one_revision() -> None:
    world = World()
    world.poll("a", entry("1", "one", "x"))
    world.poll("b", entry("b-1", "one", "x"))
    assert world.poll("b", entry("b-1", "edited", "x")) == [(2, "edited")]
    assert world.poll("a", entry("1", "edited", "x")) == []
    assert world.poll("a", entry("1", "edited again", "x")) == [(3, "edited again")]


def test_a_feed_that_lags_behind_does_not_bring_back_the_text_before() -> None:
    world = World()
    world.poll("a", entry("1", "one", "x"))
    world.poll("b", entry("b-1", "one", "x"))
    world.poll("a", entry("1", "edited", "x"))
    assert world.poll("b", entry("b-1", "one", "x")) == []


def test_an_entry_whose_link_changes_stays_one_article() -> None:
    world = World()
    world.poll("a", entry("1", "one", "old-slug"))
    assert world.poll("a", entry("1", "one", "new-slug")) == []
    assert world.poll("a", entry("1", "edited", "newer-slug")) == [(2, "edited")]
    assert len({article.id for article in world.topic}) == 1


def test_an_entry_whose_guid_changes_stays_one_article() -> None:
    world = World()
    world.poll("a", entry("1", "one", "x"))
    assert world.poll("a", entry("uuid-1", "one", "x")) == []
    assert world.poll("a", entry("uuid-2", "edited", "x")) == [(2, "edited")]


def test_one_guid_for_all_entries_loses_none_of_them() -> None:
    world = World()
    assert len(world.poll("a", entry("g", "one", "x"), entry("g", "two", "y"))) == 2
    assert world.poll("a", entry("g", "two", "y"), entry("g", "one", "x")) == []
    more = entry("g", "three", "z"), entry("g", "two, edited", "y"), entry("g", "one", "x")
    assert world.poll("a", *more) == [(1, "three"), (2, "two, edited")]


def test_an_article_listed_twice_in_a_document_is_published_once() -> None:
    world = World()
    twice = entry("1", "one", "x"), entry("2", "one, shorter", "x?utm_source=y")
    assert world.poll("a", *twice) == [(1, "one")]
    assert world.poll("a", *twice) == []
    assert world.poll("a", *reversed(twice)) == []


def test_an_entry_that_comes_back_is_known() -> None:
    world = World()
    world.poll("a", entry("1", "one", "x"), entry("2", "two", "y"))
    world.poll("a", entry("2", "two", "y"))
    world.forgets = True
    assert world.poll("a", entry("1", "one", "x")) == []
    assert world.poll("a", entry("1", "edited", "x")) == [(2, "edited")]


def test_entries_without_guid_and_link_are_told_apart_by_their_words() -> None:
    world = World()
    assert len(world.poll("a", entry(None, "one"), entry(None, "two"))) == 2
    assert world.poll("a", entry(None, "two"), entry(None, "one"), entry(None, "one")) == []


# ── memory ───────────────────────────────────────────────────────────────────────────────────


def test_what_is_remembered_is_bounded_and_the_oldest_go_first() -> None:
    world = World(MemoryPolicy(remembered=5, documents=2))
    for number in range(20):
        world.poll("a", entry(f"{number}", "x", f"{number}"))
    state = world.states["https://a.example/feed"]
    assert len(state.seen) == 5
    world.forgets = True
    assert world.poll("a", *(entry(f"{n}", "x", f"{n}") for n in range(15, 20))) == []
    assert len(world.poll("a", entry("3", "x", "3"))) == 1


def test_all_of_a_large_document_is_remembered() -> None:
    world = World(MemoryPolicy(remembered=5, documents=2))
    document = [entry(f"{number}", "x", f"{number}") for number in range(30)]
    world.poll("a", *document)
    world.forgets = True
    assert world.poll("a", *document) == []
    assert len(world.states["https://a.example/feed"].seen) == 30


# ── health ───────────────────────────────────────────────────────────────────────────────────

FEED = Feed(url="https://a.example/feed")
LATER = NOW + timedelta(hours=1)


def test_a_success_is_remembered_with_its_validators() -> None:
    world = World()
    drafts = to_drafts(FEED, ParsedFeed(entries=(entry("1", "x", "x"),)), NOW)
    read = Read(
        drafts=drafts, wishes=ServerWishes(max_age_s=1200), body_hash="h", etag='"1"',
        last_modified="noon", title="Ours", ttl_s=60.0,
    )  # fmt: skip
    state = world.take(FEED, read).state
    assert replace(state, seen={}) == FeedState(
        url=FEED.url, etag='"1"', last_modified="noon", body_hash="h", title="Ours", ttl_s=60.0,
        next_poll_at=NOW + timedelta(seconds=1200), last_poll_at=NOW, last_success_at=NOW,
        last_new_at=NOW, interval_s=1200.0, status=200, entries=1, articles=1,
    )  # fmt: skip


def test_an_answer_without_validators_clears_them_and_304_keeps_them() -> None:
    world = World()
    wishes = ServerWishes()
    world.take(FEED, Read(drafts=(), wishes=wishes, body_hash="h", etag="e", last_modified="m"))
    state = world.take(FEED, Unchanged(status=304, wishes=wishes, etag="e2"), LATER).state
    assert (state.etag, state.last_modified, state.body_hash) == ("e2", "m", "h")
    assert (state.status, state.last_success_at) == (304, LATER)
    state = world.take(FEED, Read(drafts=(), wishes=wishes, body_hash="i"), LATER).state
    assert (state.etag, state.last_modified, state.body_hash) == (None, None, "i")


def test_a_feeds_ttl_counts_after_304_too() -> None:
    world = World()
    wishes = ServerWishes()
    world.take(FEED, Read(drafts=(), wishes=wishes, body_hash="h", ttl_s=7200.0))
    state = world.take(FEED, Unchanged(status=304, wishes=wishes)).state
    assert state.next_poll_at == NOW + timedelta(seconds=7200)


def test_failures_are_counted_and_explained_and_forget_nothing() -> None:
    world = World()
    world.poll("a", entry("1", "x", "x"))
    good = world.states[FEED.url]
    failed = Failed(error="HTTP 503 Service Unavailable", status=503)
    world.take(FEED, failed, LATER)
    state = world.take(FEED, failed, LATER).state
    assert (state.failures, state.status, state.error) == (2, 503, "HTTP 503 Service Unavailable")
    assert state.next_poll_at == LATER + timedelta(seconds=3600)
    assert (state.seen, state.body_hash, state.last_success_at) == (good.seen, good.body_hash, NOW)
    state = world.take(FEED, Unchanged(status=304, wishes=ServerWishes()), LATER).state
    assert (state.failures, state.error) == (0, None)
    assert state.next_poll_at == LATER + timedelta(seconds=900)
