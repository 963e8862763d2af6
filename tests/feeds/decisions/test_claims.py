"""Nobody speaks for somebody else: who may publish, edit or withhold the article of a URL."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from onrecord.feeds.articles.claims import EVERYTHING, Claims, claims_of, registrable_domain
from onrecord.feeds.articles.draft import to_drafts
from onrecord.feeds.articles.revisions import MemoryPolicy
from onrecord.feeds.decisions.decide import decide
from onrecord.feeds.decisions.outcome import Read
from onrecord.feeds.decisions.schedule import PollPolicy
from onrecord.feeds.decisions.site_claims import (
    feed_claims,
    sites_to_look_at,
    unclaimed_hosts,
    with_looks,
)
from onrecord.feeds.fetch import ServerWishes
from onrecord.feeds.parsing.entry import Entry, ParsedFeed
from onrecord.records import Article, Feed, FeedState, Seen, SiteClaim
from tests.builders import NOON

HONEST = Feed(url="https://feeds.honest.example/news.xml")
EVIL = Feed(url="https://evil.example/feed.xml")
DEAL = "https://www.honest.example/2026/deal"
GOOD = "Finance Minister Rhea Olund said the talks had ended. Nobody in Vessen disagreed with her."
FAKE = "Finance Minister Rhea Olund said the talks had collapsed. She would take it all again."


class World:
    """Feeds that are polled one after the other, and the topic that they publish to."""

    def __init__(self) -> None:
        self.topic: dict[str, Article] = {}
        self.states: dict[str, FeedState] = {}
        self.now = NOON

    def poll(self, feed: Feed, *entries: Entry, claims: Claims | None = None) -> list[Article]:
        """The articles that this poll publishes; by default with the claims that the feed has."""
        self.now += timedelta(hours=1)
        state = self.states.get(feed.url) or FeedState(url=feed.url)
        held = claims or feed_claims(feed, state, feed.url, self.now)
        drafts = to_drafts(feed, ParsedFeed(entries=entries), self.now, held)
        outcome = Read(drafts=drafts, wishes=ServerWishes(), body_hash=str(self.now))
        decision = decide(
            feed, state, outcome, self._published, self.now,
            policy=PollPolicy(), memory=MemoryPolicy(),
        )  # fmt: skip
        self.states[feed.url] = decision.state
        self.topic |= {article.id: article for article in decision.articles}
        return list(decision.articles)

    def text_at(self, url: str, *, copies: bool = False) -> list[str]:
        found = (a for a in self.topic.values() if a.url == url and a.is_copy == copies)
        return [article.text for article in found]

    def _published(self, article_id: str) -> Seen | None:
        newest = self.topic.get(article_id)
        if newest is None:
            return None
        return Seen(
            article_id=article_id,
            revision=newest.revision,
            content_hash=newest.content_hash,
            feed=newest.feed,
        )


def entry(text: str, link: str | None = DEAL, guid: str | None = None) -> Entry:
    return Entry(link=link, guid=guid, title_html="Talks end", content_html=text)


def test_a_feed_without_a_claim_cannot_withhold_an_article_nor_its_corrections() -> None:
    world = World()
    world.poll(EVIL, entry(FAKE))
    assert [a.revision for a in world.poll(HONEST, entry(GOOD))] == [1]
    assert [a.revision for a in world.poll(HONEST, entry(f"{GOOD} Corrected."))] == [2]
    assert world.text_at(DEAL) == [f"{GOOD} Corrected."]
    assert world.text_at(DEAL, copies=True) == [FAKE]


def test_a_feed_without_a_claim_cannot_edit_what_it_copied() -> None:
    world = World()
    world.poll(HONEST, entry(GOOD))
    world.poll(EVIL, entry(GOOD))
    world.poll(EVIL, entry(FAKE))
    assert world.text_at(DEAL) == [GOOD]
    assert [a.revision for a in world.poll(HONEST, entry(f"{GOOD} Corrected."))] == [2]


def test_a_guid_is_no_claim() -> None:
    world = World()
    world.poll(EVIL, entry(FAKE, guid=DEAL))
    world.poll(EVIL, entry(FAKE, link=None, guid="tag:honest.example,2026:deal"))
    assert len(world.poll(HONEST, entry(GOOD, link=None, guid="tag:honest.example,2026:deal"))) == 1
    assert len(world.poll(HONEST, entry(f"{GOOD} Later.", guid=DEAL))) == 1


def test_two_feeds_with_a_claim_share_an_article() -> None:
    world = World()
    world.poll(HONEST, entry(GOOD))
    granted = replace(EVIL, url="https://partner.example/feed", claims=("honest.example",))
    assert world.poll(granted, entry(GOOD)) == []


def test_a_copy_is_known_again_and_edited_as_an_article_of_its_own() -> None:
    world = World()
    world.poll(EVIL, entry(GOOD))
    assert world.poll(EVIL, entry(GOOD)) == []
    assert [a.revision for a in world.poll(EVIL, entry(FAKE))] == [2]


def test_a_site_takes_back_its_url_from_an_article_that_an_older_version_published() -> None:
    world = World()
    old = world.poll(EVIL, entry(FAKE), claims=EVERYTHING)[0]  # versions before claims
    assert not old.is_copy
    assert [(a.id, a.revision) for a in world.poll(HONEST, entry(GOOD))] == [(old.id, 2)]
    assert world.poll(EVIL, entry(f"{FAKE} And more.")) == []
    assert world.text_at(DEAL) == [GOOD]


def test_what_an_older_version_published_is_not_published_again() -> None:
    world = World()
    world.poll(EVIL, entry(GOOD), claims=EVERYTHING)
    assert world.poll(EVIL, entry(GOOD)) == []
    world.states.clear()  # the feed was removed and added again
    assert world.poll(EVIL, entry(GOOD)) == []


@pytest.mark.parametrize(
    ("fetched_from", "url", "claim"),
    [
        ("https://feeds.honest.example/a.xml", "https://www.honest.example/1", "site"),
        ("https://ann.blogspot.com/feed", "https://bob.blogspot.com/1", None),
        ("https://a.co.uk/feed", "https://b.co.uk/1", None),
        ("https://203.0.113.7/feed", "https://203.0.113.8/1", None),
        ("https://203.0.113.7/feed", "http://203.0.113.7:8080/1", "site"),
        ("https://evil.example/honest.example", "https://honest.example/1", None),
        ("https://nothonest.example/", "https://honest.example/1", None),
    ],
)
def test_a_feed_speaks_for_the_registrable_domain_it_comes_from(
    fetched_from: str, url: str, claim: str | None
) -> None:
    assert claims_of([fetched_from], [], []).to(url) == claim


def test_a_grant_covers_subdomains_and_a_front_page_its_own_host() -> None:
    claims = claims_of(["https://feeds.bbci.co.uk/x"], ["bbc.co.uk"], ["blog.example"])
    assert claims.to("https://www.bbc.co.uk/1") == "granted"
    assert claims.to("https://news.bbc.co.uk/1") == "granted"
    assert claims.to("https://notbbc.co.uk/1") is None
    assert claims.to("https://www.blog.example/1") == "granted"
    assert claims.to("https://other.blog.example/1") is None


def test_a_front_page_that_names_the_feed_is_looked_for_once_in_a_while() -> None:
    drafts = to_drafts(EVIL, ParsedFeed(entries=(entry(GOOD),)), NOON, Claims())
    state = FeedState(url=EVIL.url)
    assert unclaimed_hosts(drafts) == ("honest.example",)
    page = {"honest.example": "https://www.honest.example/"}
    assert sites_to_look_at(drafts, state, NOON) == page
    looked = replace(state, site_claims={"honest.example": SiteClaim(names=False, looked_at=NOON)})
    assert sites_to_look_at(drafts, looked, NOON + timedelta(days=1)) == {}
    assert sites_to_look_at(drafts, looked, NOON + timedelta(days=8)) == page


@pytest.mark.parametrize(
    ("before", "named", "after", "due_in_days"),
    [
        (True, None, True, 1),
        (True, False, False, 7),
        (True, True, True, 30),
        (False, None, False, 7),
        (None, None, False, 7),
        (None, True, True, 30),
    ],
)
def test_a_front_page_that_cannot_be_had_takes_no_claim_away(
    before: bool | None, named: bool | None, after: bool, due_in_days: int
) -> None:
    month = timedelta(days=30)
    known = (
        {}
        if before is None
        else {"honest.example": SiteClaim(names=before, looked_at=NOON - month)}
    )
    claims = with_looks(known, {"honest.example": named}, NOON)
    assert claims["honest.example"].names == after
    drafts = to_drafts(EVIL, ParsedFeed(entries=(entry(GOOD),)), NOON, Claims())
    state = FeedState(url=EVIL.url, site_claims=claims)
    due = [sites_to_look_at(drafts, state, NOON + timedelta(days=due_in_days - early))
           for early in (0.5, 0)]  # fmt: skip
    assert [bool(sites) for sites in due] == [False, True]


@pytest.mark.parametrize("days_ago", [30, 31, 45, 400])
def test_a_front_page_that_cannot_be_had_is_looked_at_once_a_day(days_ago: int) -> None:
    known = {"honest.example": SiteClaim(names=True, looked_at=NOON - timedelta(days=days_ago))}
    state = FeedState(url=EVIL.url, site_claims=with_looks(known, {"honest.example": None}, NOON))
    drafts = to_drafts(EVIL, ParsedFeed(entries=(entry(GOOD),)), NOON, Claims())
    assert sites_to_look_at(drafts, state, NOON + timedelta(hours=23)) == {}
    assert sites_to_look_at(drafts, state, NOON + timedelta(hours=24)) != {}


def test_registrable_domains_are_those_of_the_public_suffix_list() -> None:
    assert registrable_domain("feeds.bbci.co.uk") == "bbci.co.uk"
    assert registrable_domain("ann.github.io") == "ann.github.io"
    assert registrable_domain("localhost") == "localhost"
