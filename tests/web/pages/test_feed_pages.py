"""The pages of feeds: the list as asked for, and one feed with its polls."""

import json
import re
from html import unescape
from urllib.parse import quote

from onrecord import wiring
from onrecord.processing.feeds.subscriptions import followed_feeds
from onrecord.records import ArticleRef, Feed, FeedRule
from tests.builders import extraction
from tests.web.pages.conftest import Site
from tests.web.pages.invented import POST, TIDE, WRONG


def test_feeds_are_listed_as_asked_and_each_has_a_page(site: Site) -> None:
    path = f"/feeds/{quote(TIDE.url, safe='')}"

    listed = site.get("/feeds").text
    assert listed.index("Tide") < listed.index("Post")  # what fails comes first
    assert path in listed
    rows = json.loads(site.get("/feeds.json?category=coast&failing=1").text)["rows"]
    assert [row["url"] for row in rows] == [TIDE.url]
    assert "None of " in site.get("/feeds?word=nowhere").text
    assert site.get("/feeds?silent=soon").status == 400

    answer = site.get(path)
    assert answer.status == 200
    assert "Last polls" in answer.text
    assert "it refuses, failed twice" in answer.text
    assert "block words: pier" in answer.text
    assert WRONG not in answer.text
    assert "&lt;script&gt;wrong" in answer.text
    detail = json.loads(site.get(f"{path}/json").text)
    assert [poll["new"] for poll in detail["polls"]] == [0, 3]
    assert site.get("/feeds/https%3A%2F%2Fnobody.example%2F").status == 404


def test_a_feed_is_paused_and_polled_from_its_page(site: Site) -> None:
    path = f"/feeds/{quote(POST.url, safe='')}"
    for act in ("pause", "poll"):
        key = site.get(path).text.partition('name="form_key" value="')[2].partition('"')[0]
        assert site.post(f"{path}/{act}", {"form_key": key}).status == 303
    feeds = followed_feeds(site.log, wiring.topics_of(site.config))
    (feed,) = (each for each in feeds if each.url == POST.url)
    assert feed.paused
    assert feed.poll_at is not None
    assert site.post(f"{path}/pause", {"form_key": "0"}).status == 403
    assert site.post(f"{path}/burn", {"form_key": key}).status == 404


def followed(site: Site, url: str) -> Feed:
    feeds = followed_feeds(site.log, wiring.topics_of(site.config))
    return next(each for each in feeds if each.url == url)


def shown_mark(site: Site, path: str, part: str) -> str:
    """What a form of a feed's page says of the state it shows; "" for a form that says nothing."""
    form = site.get(path).text.partition(f'/{part}"')[2].partition("</form>")[0]
    found = re.search(r'name="shown" value="(\w+)"', form)
    return found[1] if found else ""


def test_a_form_of_a_page_from_before_a_change_changes_nothing(site: Site) -> None:
    rules = tuple(FeedRule(action="block", of="words", pattern=word) for word in ("one", "two"))
    feed = Feed(url="https://stale.example/feed", title="Old", rules=rules)
    wiring.follow(site.config, site.log, [feed], by_hand=True)
    path = f"/feeds/{quote(feed.url, safe='')}"
    key = site.get(path).text.partition('name="form_key" value="')[2].partition('"')[0]
    mine = {part: shown_mark(site, path, part) for part in ("settings", "rules")}
    changed = {"form_key": key, "shown": mine["settings"], "title": "Of another"}
    assert site.post(f"{path}/settings", changed).status == 303
    removed = {"form_key": key, "shown": mine["rules"], "remove": "1"}
    assert site.post(f"{path}/rules", removed).status == 303
    for part, form in (
        ("settings", {"title": "Old", "time_zone": "Europe/Oslo"}),
        ("settings", {"title": "Mine", "shown": ""}),
        ("rules", {"remove": "1"}),
    ):
        refused = site.post(f"{path}/{part}", {"form_key": key, "shown": mine[part]} | form)
        assert refused.status == 409, form
        assert "load the page again" in refused.text
    assert (followed(site, feed.url).title, followed(site, feed.url).time_zone) == (
        "Of another",
        None,
    )
    assert [rule.pattern for rule in followed(site, feed.url).rules] == ["two"]


def test_a_category_with_a_comma_stays_one(site: Site) -> None:
    feed = Feed(url="https://comma.example/feed", categories=("News, local", 'The "Coast"'))
    wiring.follow(site.config, site.log, [feed], by_hand=True)
    path = f"/feeds/{quote(feed.url, safe='')}"
    text = site.get(path).text
    key = text.partition('name="form_key" value="')[2].partition('"')[0]
    shown = unescape(text.partition('name="categories" value="')[2].partition('"')[0])
    form = {"form_key": key, "shown": shown_mark(site, path, "settings")}
    sent = form | {"categories": f"{shown}, Morning"}
    assert site.post(f"{path}/settings", sent).status == 303
    assert followed(site, feed.url).categories == ("News, local", 'The "Coast"', "Morning")


def test_a_feed_is_added_changed_ordered_and_removed_by_forms(site: Site) -> None:
    feed = Feed(url="https://forms.example/feed", publisher="Forms", categories=("Coast",))
    wiring.follow(site.config, site.log, [feed], by_hand=True)
    path = f"/feeds/{quote(feed.url, safe='')}"
    shown = site.get(path).text
    assert 'name="categories" value="Coast"' in shown
    key = shown.partition('name="form_key" value="')[2].partition('"')[0]

    def send(part: str, **form: str) -> int:
        mark = shown_mark(site, path, part)
        return site.post(f"{path}/{part}", {"form_key": key, "shown": mark, **form}).status

    def now() -> Feed:
        return followed(site, feed.url)

    settings = {"title": "Mine", "categories": "World/Asia, Morning", "interval": "30m"}
    assert send("settings", **settings, publisher="Forms", proxy="") == 303
    assert (now().title, now().publisher, now().interval_s) == ("Mine", "Forms", 1800.0)
    assert now().categories == ("World/Asia", "Morning")
    assert send("settings", title="", interval="30m") == 303
    assert (now().title, now().interval_s) == (None, 1800.0)
    assert send("settings", interval="2 weeks") == 400
    assert send("rules", action="block", of="words", pattern="horoscope") == 303
    assert send("rules", action="keep", of="url", pattern="(") == 400
    assert [rule.pattern for rule in now().rules] == ["horoscope"]
    assert send("rules", remove="2") == 400
    assert send("rules", remove="1") == 303
    assert now().rules == ()
    assert send("remove") == 303
    assert site.get(path).status == 404
    added = {"form_key": key, "urls": feed.url, "categories": "Coast", "unseen": "1"}
    assert site.post("/feeds", added).status == 303
    assert now().categories == ("Coast",)
    assert site.post("/feeds", added | {"urls": "nonsense"}).status == 400
    assert site.post("/feeds", added | {"form_key": "0"}).status == 403
    shown = site.post("/feeds", {"form_key": key, "urls": "http://127.0.0.1:25/feed"}).text
    assert "port 25 is another service" in shown


def test_the_newest_quotes_are_found_by_category_and_section(site: Site) -> None:
    reference = ArticleRef(
        id="filed", title="Pier", feed_categories=("Coast/North",), sections=("Harbours",)
    )
    site.publish(extraction("filed", article=reference))
    for query in ("category=coast", "section=harbours", "category=North&section=Harbours"):
        assert "The pier will open in May," in site.get(f"/?{query}").text
    for query in ("category=harbours", "section=coast"):
        assert "No quote among the newest is like this" in site.get(f"/?{query}").text
