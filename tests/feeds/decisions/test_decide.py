"""What a poll leads to: new, edited and known articles; memory; health."""

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from onrecord.feeds.articles.claims import EVERYTHING
from onrecord.feeds.articles.draft import to_drafts
from onrecord.feeds.articles.revisions import MemoryPolicy
from onrecord.feeds.decisions.conditional import request_for, with_due_forgotten
from onrecord.feeds.decisions.decide import PollDecision, decide
from onrecord.feeds.decisions.freshness import Freshness, freshness_of
from onrecord.feeds.decisions.outcome import Failed, Outcome, Read, Unchanged
from onrecord.feeds.decisions.schedule import PollPolicy
from onrecord.feeds.fetch import Redirect, ServerWishes
from onrecord.feeds.parsing.entry import Entry, Hints, ParsedFeed
from onrecord.records import Article, Feed, FeedState, Hold, PollNote, Seen, id_of

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

    def poll(self, name: str, *entries: Entry, now: datetime = NOW) -> list[tuple[int, str]]:
        """What was published: (revision, text) each."""
        feed = Feed(url=f"https://{name}.example/feed")
        drafts = to_drafts(feed, ParsedFeed(entries=entries), now, EVERYTHING)
        outcome = Read(drafts=drafts, wishes=ServerWishes(), body_hash=str(entries))
        articles = self.take(feed, outcome, now).articles
        return [(article.revision, article.text) for article in articles]

    def take(self, feed: Feed, outcome: Outcome, now: datetime = NOW) -> PollDecision:
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


# ── the same article under another URL ───────────────────────────────────────────────────────

TEXT = "<p>The pier will open in May, the harbour master said on Monday in the crowded hall.</p>"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://harbour.example/a?mod=rss_a", "https://harbour.example/a?mod=rss_b"),
        ("https://harbour.example/a", "https://www.harbour.example/a"),
        ("https://harbour.example/a", "http://harbour.example/a/"),
        ("https://harbour.example/a/?x=1", "https://harbour.example/a?x=1&mc_tc=2"),
    ],
)
def test_one_page_under_two_urls_is_one_article(first: str, second: str) -> None:
    world = World()
    entries = [
        Entry(guid=url, link=url, title_html="t", content_html=TEXT) for url in (first, second)
    ]
    assert len(world.poll("a", entries[0])) == 1
    assert world.poll("a", entries[1]) == []
    assert world.poll("b", *entries) == []


@pytest.mark.parametrize(
    ("first", "second", "title"),
    [
        ("https://e.com/2026/pier-vot", "https://e.com/2026/pier-vote", "Pier vote"),
        ("https://e.com/1234567-pier-vot", "https://e.com/1234567-pier-vote", "Pier vote"),
    ],
)
def test_a_corrected_title_and_url_are_an_edit(first: str, second: str, title: str) -> None:
    world = World()
    was = Entry(
        guid=first,
        link=first,
        title_html="Pier vot",
        content_html=TEXT,
        published_raw="Fri, 20 Nov 2026 10:01:02 GMT",
    )
    world.poll("a", was)
    again = dataclasses.replace(was, guid=second, link=second, title_html=title)
    assert [revision for revision, _ in world.poll("a", again)] == [2]
    assert len({article.id for article in world.topic}) == 1


def test_bulletins_with_the_same_words_are_articles_of_their_own() -> None:
    world = World()
    for hour in (8, 9):
        url = f"https://e.com/bulletin-{hour}"
        at = f"Fri, 20 Nov 2026 0{hour}:00:00 GMT"
        entry = Entry(
            guid=url, link=url, title_html=f"At {hour}", content_html=TEXT, published_raw=at
        )
        assert [revision for revision, _ in world.poll("a", entry)] == [1]


def test_what_an_older_version_published_under_its_url_is_not_published_again() -> None:
    world = World()
    url = "https://www.harbour.example/a/?mc_tc=7"
    entry = Entry(guid="1", link=url, title_html="t", content_html=TEXT)
    world.poll("a", entry)
    old = id_of("url", "www.harbour.example/a/?mc_tc=7")  # as version 0.1 made it
    world.topic = [replace(article, id=old) for article in world.topic]
    state = world.states["https://a.example/feed"]
    seen = {identity: replace(known, article_id=old) for identity, known in state.seen.items()}
    world.states["https://a.example/feed"] = replace(state, seen=seen)
    assert world.poll("a", entry) == []
    assert world.poll("b", entry) == []
    edited = dataclasses.replace(entry, content_html=TEXT + "<p>It will cost a pound.</p>")
    assert [revision for revision, _ in world.poll("a", edited)] == [2]
    assert {article.id for article in world.topic} == {old}


def test_a_date_to_come_is_given_by_a_revision_when_it_has_come() -> None:
    world = World()
    entry = Entry(guid="1", title_html="t", content_html=TEXT, published_raw="2026-11-20T15:00:00Z")
    world.poll("a", entry)
    assert world.topic[-1].published_at is None
    assert world.poll("a", entry, now=NOW + timedelta(hours=1)) == []
    state = world.states["https://a.example/feed"]
    assert with_due_forgotten(PLAIN, state, NOW).body_hash is not None
    assert with_due_forgotten(PLAIN, state, NOW + timedelta(hours=4)).body_hash is None
    assert len(world.poll("a", entry, now=NOW + timedelta(hours=4))) == 1
    assert world.topic[-1].published_at == NOW + timedelta(hours=3)
    assert world.poll("a", entry, now=NOW + timedelta(hours=5)) == []


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
    assert world.poll("a", entry("1", "one, edited", "x")) == [(3, "one, edited")]
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


def test_what_is_not_remembered_of_an_archive_is_published_once_all_the_same() -> None:
    world = World(MemoryPolicy(remembered=5, documents=2, most=10))
    document = [entry(f"{number}", "x", f"{number}") for number in range(30)]
    assert len(world.poll("a", *document)) == 30
    assert len(world.poll("a", *document, entry("30", "x", "30"))) == 1
    assert len(world.states["https://a.example/feed"].seen) == 10


# ── health ───────────────────────────────────────────────────────────────────────────────────

FEED = Feed(url="https://a.example/feed")
LATER = NOW + timedelta(hours=1)


def test_a_success_is_remembered_with_its_validators() -> None:
    world = World()
    drafts = to_drafts(FEED, ParsedFeed(entries=(entry("1", "x", "x"),)), NOW, EVERYTHING)
    read = Read(
        drafts=drafts, wishes=ServerWishes(max_age_s=1200), body_hash="h", etag='"1"',
        last_modified="noon", title="Ours", hints=Hints(ttl_s=60.0),
    )  # fmt: skip
    state = world.take(FEED, read).state
    why = "the server asks for it (max-age or Expires)"
    assert replace(state, seen={}) == FeedState(
        url=FEED.url, etag='"1"', last_modified="noon", body_hash="h", title="Ours", ttl_s=60.0,
        next_poll_at=NOW + timedelta(seconds=1200), last_poll_at=NOW, last_success_at=NOW,
        last_new_at=NOW, interval_s=1200.0, polls=1, status=200,
            entries=1, articles=1, pace_s=900.0,
            why=why, history=(PollNote(at=NOW, status=200, new=1, why=why),),
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
    world.take(FEED, Read(drafts=(), wishes=wishes, body_hash="h", hints=Hints(ttl_s=7200.0)))
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
    assert state.next_poll_at == LATER + timedelta(seconds=900 + 225), "nothing was new"


# ── identity ─────────────────────────────────────────────────────────────────────────────────

STORY = "“The pier will open in May,” harbour master Mara Lind said on Monday in the town hall."


def test_servers_that_take_turns_and_do_not_agree_make_no_endless_revisions() -> None:
    world = World()
    one, two = entry("1", "one", "x"), entry("1", "two", "x")
    published = [len(world.poll("a", each)) for each in (one, two) * 5]
    assert published == [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
    assert world.poll("a", entry("1", "three", "x")) == [(5, "three")]
    assert world.topic[-1].supersedes == world.topic[-2].content_hash


def test_an_edit_taken_back_is_a_revision_too() -> None:
    world = World()
    for text in ("one", "two", "one"):
        world.poll("a", entry("1", text, "x"))
    assert [(a.revision, a.text) for a in world.topic] == [(1, "one"), (2, "two"), (3, "one")]
    assert world.topic[2].supersedes == world.topic[1].content_hash


def test_texts_that_come_back_are_believed_again_the_next_day() -> None:
    world = World()
    one, two = entry("1", "one", "x"), entry("1", "two", "x")
    for each in (one, two, one, two):
        world.poll("a", each)
    assert world.poll("a", one, now=NOW + timedelta(hours=23)) == []
    assert world.poll("a", one, now=NOW + timedelta(hours=24)) == [(5, "one")]


def test_an_edit_is_published_whichever_server_answered_last() -> None:
    world = World()
    for text in ("one", "two", "one", "two", "one"):
        world.poll("a", entry("1", text, "x"))
    assert world.poll("a", entry("1", "edited", "x")) == [(5, "edited")]


def test_a_guid_on_another_host_is_the_same_article() -> None:
    world = World()
    world.poll("a", entry("http://old.example/p/1", "one", "http-1"))
    moved = Entry(
        guid="https://new.example/p/1",
        link="https://new.example/1",
        title_html="t",
        content_html="one, edited",
    )
    assert world.poll("a", moved) == [(2, "one, edited")]
    assert len({article.id for article in world.topic}) == 1


def test_hosts_that_share_a_path_in_one_document_are_two_articles() -> None:
    world = World()
    both = [entry(f"https://{host}.example/?p=1", host, host) for host in ("b", "c")]
    assert len(world.poll("a", *both)) == 2
    assert world.poll("a", *both) == []


def test_a_story_with_a_new_guid_and_a_new_link_is_the_same_article() -> None:
    world = World()
    world.poll("a", entry("1", STORY, "old"), entry("2", "two", "two"))
    assert world.poll("a", entry("9", STORY, "new"), entry("2", "two", "two")) == []
    assert world.poll("a", entry("9", f"{STORY} Edited.", "new")) == [(2, f"{STORY} Edited.")]


def test_two_entries_with_the_same_words_in_one_document_are_two() -> None:
    world = World()
    assert len(world.poll("a", entry("1", STORY, "x"), entry("2", STORY, "y"))) == 2


def test_few_words_in_common_make_no_article_the_same() -> None:
    world = World()
    world.poll("a", entry("1", "Today’s cartoon", "x"))
    assert len(world.poll("a", entry("2", "Today’s cartoon", "y"))) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<p>One.</p><p>Updated 12:04</p>", "<p>One.</p><p>Updated 12:05</p>"),
        ("<p>One.</p><p>3 comments</p>", "<p>One.</p><p>14 comments</p>"),
        ("<p>One.<img src='/t.gif?r=1'/></p>", "<p>One.<img src='/t.gif?r=2'/></p>"),
        ("<p>One.</p><!-- 12:04 -->", "<p>One.</p><!-- 12:05 --><script>t=5</script>"),
        ("<p data-at='1'>One.</p>", "<p data-at='2'> One. </p>"),
    ],
)
def test_clocks_counters_and_cache_busters_are_no_edit(before: str, after: str) -> None:
    world = World()
    world.poll("a", entry("1", before, "x"))
    assert world.poll("a", entry("1", after, "x")) == []


# ── what is asked, and where ─────────────────────────────────────────────────────────────────

PLAIN = Feed(url="http://a.example/feed")


def state(**fields: object) -> FeedState:
    given = {"url": PLAIN.url, "etag": '"1"', "last_modified": "then", "body_hash": "b"} | fields
    return FeedState(**given)  # type: ignore[arg-type]


def test_validators_are_sent_but_for_a_small_share_of_polls() -> None:
    asked = [request_for(PLAIN, state(polls=polls)).is_conditional for polls in range(1000)]
    assert all(asked[:12])
    assert 30 <= asked.count(False) <= 50


def test_feeds_take_turns_in_being_asked_without_validators() -> None:
    feeds = [Feed(url=f"http://{number}.example/feed") for number in range(1000)]
    asked = [request_for(feed, state(polls=20)).is_conditional for feed in feeds]
    assert 10 <= asked.count(False) <= 90


def test_a_server_that_was_caught_lying_is_never_sent_validators_again() -> None:
    world = World()
    drafts = to_drafts(PLAIN, ParsedFeed(entries=(entry("1", "one"),)), NOW, EVERYTHING)
    caught = Read(drafts=drafts, wishes=ServerWishes(), body_hash="b", etag='"1"', lied=True)
    world.take(PLAIN, caught)
    world.take(PLAIN, replace_outcome(caught, lied=False))
    assert not request_for(PLAIN, world.states[PLAIN.url]).is_conditional


def replace_outcome(outcome: Read, **changes: object) -> Read:
    return dataclasses.replace(outcome, **changes)  # type: ignore[arg-type]


def redirected(world: World, now: datetime, *hops: tuple[int, str]) -> str:
    """What is asked after a poll that was redirected so."""
    redirects = tuple(Redirect(status=status, url=url) for status, url in hops)
    world.take(PLAIN, Unchanged(status=304, wishes=ServerWishes(), redirects=redirects), now)
    return request_for(PLAIN, world.states[PLAIN.url]).url


NEW = "http://b.example/feed"


def test_a_permanent_redirect_is_adopted_after_days_of_seeing_nothing_else() -> None:
    world = World()
    asked = [redirected(world, NOW + timedelta(days=day), (301, NEW)) for day in range(9)]
    assert asked == [PLAIN.url] * 7 + [NEW] * 2
    assert {article.feed for article in world.topic} <= {PLAIN.url}


def test_a_permanent_redirect_seen_twice_in_a_week_is_not_steady() -> None:
    world = World()
    redirected(world, NOW, (301, NEW))
    assert redirected(world, NOW + timedelta(days=8), (301, NEW)) == PLAIN.url


@pytest.mark.parametrize(
    "hops",
    [
        [(302, NEW)],
        [(307, NEW)],
        [(301, "http://c.example/"), (302, NEW)],
        [(302, "http://c.example/"), (301, NEW)],
    ],
)
def test_a_redirect_that_is_not_permanent_in_all_its_hops_is_never_adopted(
    hops: list[tuple[int, str]],
) -> None:
    world = World()
    days = [NOW + timedelta(days=day) for day in range(20)]
    assert {redirected(world, day, *hops) for day in days} == {PLAIN.url}


def test_one_poll_without_the_redirect_begins_the_count_anew() -> None:
    world = World()
    for day in range(7):
        redirected(world, NOW + timedelta(days=day), (301, NEW))
    redirected(world, NOW + timedelta(days=6, hours=12))
    assert redirected(world, NOW + timedelta(days=8), (301, NEW)) == PLAIN.url


@pytest.mark.parametrize(
    ("target", "adopted"),
    [
        ("https://a.example/feed", True),
        ("https://www.a.example/feed", False),
        ("https://a.example/other", False),
        ("https://a.example:8443/feed", False),
    ],
)
def test_the_same_address_over_tls_is_adopted_at_once(target: str, adopted: bool) -> None:
    assert redirected(World(), NOW, (301, target)) == (target if adopted else PLAIN.url)


def test_an_adopted_address_that_fails_is_given_up_for_the_subscribed_one() -> None:
    world = World()
    world.states[PLAIN.url] = state(address=NEW)
    asked = []
    for _ in range(4):
        world.take(PLAIN, Failed(error="HTTP 404", status=404))
        asked.append(request_for(PLAIN, world.states[PLAIN.url]).url)
    assert asked == [NEW, NEW, PLAIN.url, PLAIN.url]


def test_a_held_host_is_remembered_for_as_long_as_the_longest_wait() -> None:
    world = World()
    held = Failed(
        error="HTTP 429", status=429, wishes=ServerWishes(retry_after_s=9e6), held_host="a.example"
    )
    hold = world.take(PLAIN, held).state.hold
    assert hold == Hold(host="a.example", until=NOW + timedelta(days=1))
    assert world.take(PLAIN, Unchanged(status=304, wishes=ServerWishes())).state.hold is None


# ── rhythm, latency and completeness ─────────────────────────────────────────────────────────


def dated(number: int, age: timedelta) -> Entry:
    return Entry(
        guid=str(number), content_html=f"text {number}", published_raw=(NOW - age).isoformat()
    )


def taken(world: World, *entries: Entry, now: datetime = NOW) -> FeedState:
    drafts = to_drafts(PLAIN, ParsedFeed(entries=entries), now, EVERYTHING)
    return world.take(PLAIN, Read(drafts=drafts, wishes=ServerWishes(), body_hash="b"), now).state


def test_a_feed_that_turns_over_between_two_polls_is_seen_to_lose_entries() -> None:
    world = World()
    hour = timedelta(hours=1)
    assert taken(world, *(dated(n, hour) for n in range(4))).overlap is None
    assert taken(world, *(dated(n, hour) for n in range(3, 7))).overlap == 0.25
    lost = taken(world, *(dated(n, hour) for n in range(10, 14)))
    assert (lost.overlap, lost.pace_s) == (0, 300)


def test_the_time_from_publication_to_the_topic_is_measured() -> None:
    world = World()
    first = taken(world, dated(1, timedelta(days=3)))
    assert first.delay_s is None, "what was published before we came tells nothing"
    second = taken(world, dated(2, timedelta(seconds=100)), dated(1, timedelta(days=3)))
    assert second.delay_s == 100
    third = taken(world, dated(3, timedelta(seconds=200)))
    assert third.delay_s == 120


def test_the_share_of_entries_seen_within_one_interval_is_measured() -> None:
    world = World()
    assert taken(world, dated(1, timedelta(days=3))).prompt is None
    later = NOW + timedelta(minutes=15)
    since, before = dated(2, timedelta(minutes=-14)), dated(3, timedelta(minutes=1))
    assert taken(world, since, before, now=later).prompt == 0.5
    assert taken(world, dated(4, timedelta(minutes=-15)), now=later).prompt == pytest.approx(0.6)


def test_the_figures_of_all_feeds_count_each_feed_once() -> None:
    states = [
        FeedState(url=f"{n}", delay_s=100.0 * n, prompt=n / 10, overlap=0.0 if n > 8 else 0.5)
        for n in range(11)
    ]
    assert freshness_of([*states, FeedState(url="new")]) == Freshness(
        delay_s=500.0, delay_s_95=900.0, prompt=0.5, losing=2
    )
    assert freshness_of([]) == Freshness(delay_s=None, delay_s_95=None, prompt=None, losing=0)
