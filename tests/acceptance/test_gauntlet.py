"""Every kind of broken, hostile and merely odd publisher, through the installed command.

One server on loopback plays them all, each under a path of its own; one poll asks them all, then
the server moves on to the next round, and they are asked again. Each test below is one guarantee
about one of them, read from the topic of articles, from `feeds list` and from what was asked.
"""

import gzip
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.acceptance.gauntlet import Outcome, Scenarios, item, ok, play, rss
from tests.http_server import Answer

ROUNDS = 4
LIMIT_BYTES = 400_000
TIMEOUT_S = 20.0
# Nobody waits for a drip that takes longer than this.
DRIP_S = 1200

scenario = SCENARIOS = Scenarios()


# ── the publishers ───────────────────────────────────────────────────────────────────────────


@scenario
def plain(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("plain"))


@scenario
def validators(round: int, asked: Mapping[str, str], url: str) -> Answer:
    tag, date = 'W/"odd "tag""', "Thu, 19 Nov 2026 10:00:00 +0000 (about)"
    if asked.get("If-None-Match") == tag and asked.get("If-Modified-Since") == date:
        return Answer(status=304)
    return ok(item("validators"), ETag=tag, Last_Modified=date)


@scenario
def same_etag_new_body(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(*(item(f"etag-{n}") for n in range(round + 1)), ETag='"same"')


@scenario
def etag_of_2041(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(
        *(item(f"2041-{n}") for n in range(round + 1)),
        Last_Modified="Fri, 01 Feb 2041 00:00:00 GMT",
    )


@scenario
def gone_then_back(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(status=410) if round in (1, 2) else ok(item("gone"), item(f"gone-{round}"))


@scenario
def missing(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(status=404)


@scenario
def forbidden(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(b"<html>Access denied</html>", status=403)


@scenario
def broken_server(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(status=500) if round % 2 == 0 else ok(item("500"))


@scenario
def odd_status(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(status=418)


@scenario
def not_modified_unasked(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(status=304)


@scenario
def moved_for_good(round: int, asked: Mapping[str, str], url: str) -> Answer:
    if round == ROUNDS - 1:
        return ok(item("home"))
    return Answer(status=301, headers={"Location": "/plain_elsewhere"})


@scenario
def plain_elsewhere(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("elsewhere"))


@scenario
def circle(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(status=302, headers={"Location": "/circle"})


@scenario
def endless_redirects(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(status=302, headers={"Location": f"/endless_redirects?{time.monotonic_ns()}"})


@scenario
def to_a_file(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(status=302, headers={"Location": "file:///etc/passwd"})


@scenario
def to_metadata(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"})


@scenario
def to_our_network(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(status=307, headers={"Location": "http://[::ffff:10.0.0.1]/admin"})


@scenario
def too_large(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(rss(item("large", "x" * LIMIT_BYTES)))


@scenario
def bomb(round: int, asked: Mapping[str, str], url: str) -> Answer:
    packed = gzip.compress(b"\0" * 50_000_000)
    return Answer(packed, headers={"Content-Encoding": "gzip"})


@scenario
def zipped(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(gzip.compress(rss(item("zipped"))), headers={"Content-Encoding": "gzip"})


@scenario
def zipped_twice_and_padded(round: int, asked: Mapping[str, str], url: str) -> Answer:
    packed = gzip.compress(gzip.compress(rss(item("twice")))) + b"\0" * 99
    return Answer(packed, headers={"Content-Encoding": "gzip, gzip"})


@scenario
def not_zipped(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(rss(item("unzipped")), headers={"Content-Encoding": "gzip"})


@scenario
def half_zipped(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(gzip.compress(rss(item("half")))[:-40], headers={"Content-Encoding": "gzip"})


@scenario
def odd_encoding(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(b"\xfd7zXZ\0", headers={"Content-Encoding": "lzma"})


@scenario
def slow_drip(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return (
        Answer(pieces=(b"<rss>",) + (b" ",) * DRIP_S, pause_s=1.0)
        if round == 0
        else ok(item("drip"))
    )


@scenario
def never_answers(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(delay_s=3 * TIMEOUT_S) if round == 0 else ok(item("late"))


@scenario
def breaks_off(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(rss(item("half")), headers={"Content-Length": "99999"})


@scenario
def login_page(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(b"<!doctype html><title>Log in</title><form><input type=password></form>")


@scenario
def challenge_page(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(b"<html><head><title>Just a moment...</title></head></html>")


@scenario
def empty_answer(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(b"")


@scenario
def feed_without_entries(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(rss())


@scenario
def billion_laughs(round: int, asked: Mapping[str, str], url: str) -> Answer:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    body = rss(item("laughs", "&a9;&secret;")).decode()
    declared = (
        f'<!DOCTYPE r [<!ENTITY a0 "ha"><!ENTITY secret SYSTEM "file:///etc/passwd">{laughs}]>'
    )
    return Answer((declared + body).encode())


@scenario
def nested_tags(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(rss(item("nested", "&lt;b&gt;" * 20_000 + "deep words")))


@scenario
def bare_ampersand(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(rss(item("amp", "“Fish & chips &ldquo;cost&rdquo; £5,” the cook said.")))


@scenario
def cut_within_a_text(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(rss(item("cut-1"), item("cut-2"))[:-60])


@scenario
def cut_within_an_entry(round: int, asked: Mapping[str, str], url: str) -> Answer:
    whole = rss(item("half-1"), item("half-2", "A text that is whole in the second round."))
    return Answer(whole[:-70] if round == 0 else whole)


@scenario
def cut_after_an_entry(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(rss(item("always-1"), item("always-2")).removesuffix(b"</channel></rss>"))


@scenario
def length_in_characters(round: int, asked: Mapping[str, str], url: str) -> Answer:
    body = rss(item("counted"), item("cut", "“Très bien,” said Zoë. " * 9))
    return Answer(body, headers={"Content-Length": str(len(body.decode()))})


@scenario
def cut_and_then_304(round: int, asked: Mapping[str, str], url: str) -> Answer:
    if "If-None-Match" in asked:
        return Answer(status=304)
    whole = rss(item("rest-1"), item("rest-2"))
    return Answer(whole[: len(whole) if round > 1 else -80], headers={"ETag": '"whole"'})


@scenario
def cut_before_any_entry(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(b'<rss version="2.0"><channel><title>Brok')


@scenario
def characters_in_halves(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("halves", "Glad &#xD83D;&#xDE00; &ldquo;tidings&rdquo;&#xDC00; &#0;all"))


@scenario
def utf8_called_latin1(round: int, asked: Mapping[str, str], url: str) -> Answer:
    kind = "text/xml; charset=iso-8859-1"
    return Answer(rss(item("utf8", "“Café” — naïve")), headers={"Content-Type": kind})


@scenario
def windows_called_utf8(round: int, asked: Mapping[str, str], url: str) -> Answer:
    text = rss(item("cp1252", "“Café” — naïve")).decode()
    return Answer(b'<?xml version="1.0" encoding="utf-8"?>' + text.encode("cp1252"))


@scenario
def utf16(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(rss(item("utf16", "“Café” — naïve")).decode().encode("utf-16"))


@scenario
def atom_relative(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(
        b'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://atom.example/news/">'
        b"<title>A</title><id>a</id><entry><id>tag:atom.example,2026:1</id>"
        b"<title>Atom &lt;b></title>"
        b'<link href="one.html?utm_source=atom"/><author><name>Ann Li</name></author>'
        b"<updated>2026-11-20T10:00:00+02:00</updated>"
        b'<content type="html">&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two&lt;/p&gt;</content>'
        b"</entry></feed>"
    )


@scenario
def json_feed(round: int, asked: Mapping[str, str], url: str) -> Answer:
    entry = {"id": 7, "url": "https://json.example/7", "content_html": "<p>JSON says</p>"}
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": [entry]}
    return Answer(json.dumps(feed).encode(), headers={"Content-Type": "application/feed+json"})


@scenario
def rdf(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return Answer(
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        b'xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><title>R</title></channel>'
        b'<item rdf:about="https://rdf.example/1"><title>RDF</title>'
        b"<link>https://rdf.example/1</link><description>Old and well.</description></item>"
        b"</rdf:RDF>"
    )


@scenario
def one_guid_for_all(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(*(item(f"one-{n}", guid="https://news.example/") for n in range(5)))


@scenario
def guids_change(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(*(item(f"change-{n}", guid=f"g{round}-{n}") for n in range(5)))


@scenario
def guid_moves_host(round: int, asked: Mapping[str, str], url: str) -> Answer:
    host = f"www{round}.moving.example"
    return ok(item("m", "Answer.", guid=f"http://{host}/p/1", link=f"http://{host}/x{round}/1"))


@scenario
def all_new_names(round: int, asked: Mapping[str, str], url: str) -> Answer:
    text = "“The bridge will stay closed until Friday,” engineer Ida Brandt said in the town hall."
    return ok(item("names", text, guid=f"n{round}", link=f"https://names.example/{round}"))


@scenario
def no_guids(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(*(item(f"bare-{n}", guid=None) for n in range(3)))


@scenario
def no_guids_no_links(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(*(item(f"lone-{n}", guid=None, link=None) for n in range(3)))


@scenario
def one_link_for_all(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(*(item(f"front-{n}", link="https://front.example/") for n in range(4)))


@scenario
def tracking(round: int, asked: Mapping[str, str], url: str) -> Answer:
    scheme = "https" if round % 2 else "http"
    link = f"{scheme}://Track.example:{443 if round % 2 else 80}/a?b=1&amp;utm_source=r{round}#x"
    return ok(item("track", guid=f"t{round}", link=link))


@scenario
def shared_north(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("shared", link="https://wire.example/s?utm_medium=north"), item("north"))


@scenario
def shared_south(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("shared", guid="other", link="https://wire.example/s"), item("south"))


@scenario
def counts_from_one(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("one", "Of one feed.", guid="1", link=None))


@scenario
def counts_from_one_too(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("another", "Of another.", guid="1", link=None))


@scenario
def front_page(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("front-north", link="https://city.example/"))


@scenario
def front_page_too(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("front-south", link="https://city.example/"))


WIRE = " ".join(
    f"The {n}th bolt of the pier was ordered from abroad in week {n}." for n in range(9)
)


@scenario
def wire_north(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("wire-north", WIRE))


@scenario
def wire_south(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("wire-south", f"STRAND (Wire) - {WIRE} It rained."), item("no-wire"))


@scenario
def edited(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("edited", f"The text as of version {min(round, 2)}."))


@scenario
def clock_in_markup(round: int, asked: Mapping[str, str], url: str) -> Answer:
    markup = f"<p id='t{round}'>News.</p><img src='/p.gif?{round}'><script>at={round}</script>"
    clock = f"<p>Updated 12:0{round}</p><p>{round + 3} comments</p>"
    return ok(item("clock", (markup + clock).replace("<", "&lt;")))


@scenario
def clock_at_the_end(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(
        item("clock-end", f"“It rains,” she said. Page generated at 2026-11-20 12:00:0{round}")
    )


@scenario
def session_in_the_link(round: int, asked: Mapping[str, str], url: str) -> Answer:
    link = f"https://session.example/a?id=1&amp;PHPSESSID=r{round}"
    return ok(item("session", guid=link, link=link))


@scenario
def edit_undone(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("undone", f"The {'second' if round == 1 else 'first'} text."))


@scenario
def dates(round: int, asked: Mapping[str, str], url: str) -> Answer:
    future = format_datetime(datetime.now(UTC) + timedelta(days=30))
    return ok(
        item("d-cest", more="<pubDate>Fri, 20 Nov 2026 12:00:00 CEST</pubDate>"),
        item("d-none", more="<pubDate>yesterday, about noon</pubDate>"),
        item("d-future", more=f"<pubDate>{future}</pubDate>"),
        item("d-nozone", more="<pubDate>Fri, 20 Nov 2026 12:00:00</pubDate>"),
    )


@scenario
def hostile_links(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(item("js", link="javascript:alert(1)"), item("rel", link="/rel/1"))


@scenario
def furniture(round: int, asked: Mapping[str, str], url: str) -> Answer:
    text = (
        "<p>By Ann Li</p><p>“We waited,” she said.</p><figure><figcaption>A pier</figcaption>"
        "</figure><p>Share this article</p><p>“Read more,” he said. Read more »</p>"
    )
    return ok(item("furniture", text.replace("<", "&lt;")))


@scenario
def french_undeclared(round: int, asked: Mapping[str, str], url: str) -> Answer:
    text = (
        "Le pont restera fermé jusqu’à vendredi, a déclaré la ministre des Transports lundi soir."
    )
    return Answer(rss(item("fr", text)).replace(b"<language>en</language>", b""))


@scenario
def throttled(round: int, asked: Mapping[str, str], url: str) -> Answer:
    if round == 0:
        return Answer(status=429, headers={"Retry-After": "3600"})
    return ok(item("throttled"))


@scenario
def freshness_of_a_year(round: int, asked: Mapping[str, str], url: str) -> Answer:
    return ok(*(item(f"year-{n}") for n in range(round + 1)), Cache_Control="max-age=31536000")


@scenario
def liar(round: int, asked: Mapping[str, str], url: str) -> Answer:
    if "If-None-Match" in asked:
        return Answer(status=304)
    return ok(item("liar"), ETag='"x"')


@pytest.fixture(scope="module")
def gauntlet(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return play(
        tmp_path_factory.mktemp("gauntlet"),
        SCENARIOS,
        rounds=ROUNDS,
        settings={
            "max_body_bytes": str(LIMIT_BYTES),
            "total_timeout_s": str(TIMEOUT_S),
            "per_host": "8",
        },
    )


# ── every one of them ────────────────────────────────────────────────────────────────────────


def test_there_are_many_kinds_of_trouble() -> None:
    assert len(SCENARIOS) >= 50


def test_every_feed_is_asked_once_a_round_whatever_the_others_do(gauntlet: Outcome) -> None:
    redirecting = {"endless_redirects", "plain_elsewhere", "circle"}
    counts = {name: gauntlet.requests(name) for name in SCENARIOS if name not in redirecting}
    assert {name: c for name, c in counts.items() if c != [1] * ROUNDS} == {}


def test_no_round_waits_for_who_never_ends(gauntlet: Outcome) -> None:
    assert max(gauntlet.took_s) < DRIP_S / 2


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_no_revision_of_an_article_is_on_record_twice(gauntlet: Outcome, name: str) -> None:
    revisions = [(a["id"], a["revision"]) for a in gauntlet.articles[name]]
    assert len(revisions) == len(set(revisions))
    for article in gauntlet.articles[name]:
        assert article["feed"] == f"{gauntlet.url}/{name}"
        assert (article["revision"] == 1) == (article["supersedes"] is None)


# ── HTTP ─────────────────────────────────────────────────────────────────────────────────────


def test_validators_go_back_byte_for_byte_and_304_is_a_success(gauntlet: Outcome) -> None:
    feed = gauntlet.feeds["validators"]
    assert (feed["status"], feed["error"], feed["http_status"]) == ("ok", None, 304)
    assert gauntlet.titles("validators") == ["Story validators"]


@pytest.mark.parametrize(
    ("name", "key"), [("same_etag_new_body", "etag"), ("etag_of_2041", "2041")]
)
def test_a_200_is_read_whatever_its_validators_say(gauntlet: Outcome, name: str, key: str) -> None:
    assert gauntlet.titles(name) == [f"Story {key}-{n}" for n in range(ROUNDS)]


def test_a_feed_that_was_gone_is_asked_on_and_recovers(gauntlet: Outcome) -> None:
    assert gauntlet.titles("gone_then_back") == ["Story gone", "Story gone-0", "Story gone-3"]
    assert gauntlet.feeds["gone_then_back"]["error"] is None


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing", "404"),
        ("forbidden", "403"),
        ("odd_status", "418"),
        ("not_modified_unasked", "304"),
        ("circle", "circle"),
        ("endless_redirects", "max_redirects"),
        ("to_a_file", "HTTP 302: it leads to 'file:///etc/passwd': only http and https"),
        ("to_metadata", "link-local address"),
        ("to_our_network", "private address"),
        ("too_large", f"{LIMIT_BYTES} bytes (max_body_bytes)"),
        ("bomb", f"{LIMIT_BYTES} bytes (max_body_bytes)"),
        ("half_zipped", "broke off"),
        ("odd_encoding", "encoded as 'lzma'"),
        ("login_page", "a login page, not a feed"),
        ("challenge_page", "a challenge page against robots, not a feed"),
        ("empty_answer", "empty"),
        ("cut_before_any_entry", "breaks off before the end of its first entry"),
    ],
)
def test_a_failure_is_named_and_brings_no_articles(gauntlet: Outcome, name: str, says: str) -> None:
    assert says in gauntlet.error(name)
    assert gauntlet.feeds[name]["status"] == "failing"
    assert gauntlet.feeds[name]["failures"] == ROUNDS
    assert gauntlet.articles[name] == []


@pytest.mark.parametrize("name", ["slow_drip", "never_answers"])
def test_the_slow_are_cut_off_at_the_limit_and_come_back(gauntlet: Outcome, name: str) -> None:
    assert "total_timeout_s" in gauntlet.error(name, round=0)
    assert gauntlet.feeds[name]["error"] is None
    assert len(gauntlet.articles[name]) == 1


def test_a_server_that_fails_now_and_then_loses_nothing(gauntlet: Outcome) -> None:
    assert "500" in gauntlet.error("broken_server", round=0)
    assert gauntlet.titles("broken_server") == ["Story 500"]


def test_a_permanent_redirect_is_followed_and_not_believed_at_once(gauntlet: Outcome) -> None:
    assert "Story home" in gauntlet.titles("moved_for_good")
    assert gauntlet.feeds["moved_for_good"]["address"] is None
    assert len(gauntlet.asked["moved_for_good"]) == ROUNDS


@pytest.mark.parametrize(
    ("name", "key"),
    [("zipped", "zipped"), ("zipped_twice_and_padded", "twice"), ("not_zipped", "unzipped")],
)
def test_compressed_answers_are_read_whatever_their_labels_say(
    gauntlet: Outcome, name: str, key: str
) -> None:
    assert gauntlet.titles(name) == [f"Story {key}"]


def test_a_throttled_feed_says_so_and_the_longest_interval_caps_its_wait(gauntlet: Outcome) -> None:
    assert "429" in gauntlet.error("throttled", round=0)
    assert gauntlet.titles("throttled") == ["Story throttled"]
    assert len(gauntlet.asked["throttled"]) == ROUNDS


def test_a_wish_for_a_year_is_capped_by_the_longest_interval(gauntlet: Outcome) -> None:
    assert len(gauntlet.titles("freshness_of_a_year")) == ROUNDS


def test_the_request_says_who_asks(gauntlet: Outcome) -> None:
    agent = gauntlet.asked["plain"][0].request.headers["User-Agent"]
    assert agent.startswith("onrecord/")


# ── documents ────────────────────────────────────────────────────────────────────────────────


def test_a_feed_without_entries_is_no_failure(gauntlet: Outcome) -> None:
    assert gauntlet.feeds["feed_without_entries"]["error"] is None


def test_entities_neither_grow_nor_reach_files(gauntlet: Outcome) -> None:
    text = "".join(gauntlet.texts("billion_laughs"))
    assert len(text) < 10_000
    assert "root:" not in text


def test_twenty_thousand_nested_tags_are_nothing_special(gauntlet: Outcome) -> None:
    assert gauntlet.texts("nested_tags") == ["deep words"]


def test_a_bare_ampersand_and_an_html_entity_cost_nothing(gauntlet: Outcome) -> None:
    assert gauntlet.texts("bare_ampersand") == ["“Fish & chips “cost” £5,” the cook said."]


def test_a_document_that_breaks_off_is_read_up_to_its_last_whole_entry(gauntlet: Outcome) -> None:
    assert gauntlet.titles("cut_within_a_text") == ["Story cut-1"]  # in every round
    assert gauntlet.titles("cut_after_an_entry") == ["Story always-1", "Story always-2"]
    assert gauntlet.titles("length_in_characters") == ["Story counted"]


def test_a_document_with_its_end_is_whole_whatever_length_was_promised(
    gauntlet: Outcome,
) -> None:
    assert gauntlet.titles("breaks_off") == ["Story half"]


def test_half_an_entry_waits_for_the_rest_of_it(gauntlet: Outcome) -> None:
    articles = gauntlet.articles["cut_within_an_entry"]
    assert [(a["title"], a["revision"]) for a in articles] == [
        ("Story half-1", 1),
        ("Story half-2", 1),
    ]
    assert articles[1]["text"] == "A text that is whole in the second round."


def test_the_validators_of_half_a_document_do_not_hide_the_rest(gauntlet: Outcome) -> None:
    whole = [(a["title"], a["text"]) for a in gauntlet.articles["cut_and_then_304"]]
    assert ("Story rest-2", "The text of story rest-2.") in whole


def test_characters_in_halves_are_characters(gauntlet: Outcome) -> None:
    assert gauntlet.texts("characters_in_halves") == ["Glad 😀 “tidings” all"]


@pytest.mark.parametrize("name", ["utf8_called_latin1", "windows_called_utf8", "utf16"])
def test_the_encoding_is_what_the_bytes_are(gauntlet: Outcome, name: str) -> None:
    assert gauntlet.texts(name) == ["“Café” — naïve"]


def test_atom_with_a_base_and_escaped_markup(gauntlet: Outcome) -> None:
    (article,) = gauntlet.articles["atom_relative"]
    assert (article["title"], article["text"]) == ("Atom <b>", "One\n\nTwo")
    assert article["url"] == "https://atom.example/news/one.html?utm_source=atom"
    assert article["canonical_url"] == "https://atom.example/news/one.html"
    assert (article["authors"], article["published_at"][:16]) == (["Ann Li"], "2026-11-20T08:00")


@pytest.mark.parametrize(("name", "text"), [("json_feed", "JSON says"), ("rdf", "Old and well.")])
def test_other_formats_are_read(gauntlet: Outcome, name: str, text: str) -> None:
    assert gauntlet.texts(name) == [text]


def test_dates_are_read_with_their_zones_and_doubtful_ones_are_none(gauntlet: Outcome) -> None:
    dates = {a["title"]: (a["published_at"] or "")[:16] for a in gauntlet.articles["dates"]}
    assert dates == {
        "Story d-cest": "2026-11-20T10:00",
        "Story d-none": "",
        "Story d-future": "",
        "Story d-nozone": "2026-11-20T12:00",
    }


def test_only_links_of_the_web_are_links(gauntlet: Outcome) -> None:
    links = {a["title"]: a["url"] for a in gauntlet.articles["hostile_links"]}
    assert links == {"Story js": None, "Story rel": f"{gauntlet.url}/rel/1"}


def test_the_text_is_the_articles_own_words(gauntlet: Outcome) -> None:
    assert gauntlet.texts("furniture") == ["“We waited,” she said.\n\n“Read more,” he said."]


def test_the_language_is_detected_when_the_feed_does_not_say(gauntlet: Outcome) -> None:
    assert [a["language"] for a in gauntlet.articles["french_undeclared"]] == ["fr"]
    assert [a["language"] for a in gauntlet.articles["plain"]] == ["en"]


# ── identity and revisions ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("one_guid_for_all", 5),
        ("guids_change", 5),
        ("guid_moves_host", 1),
        ("all_new_names", 1),
        ("no_guids", 3),
        ("no_guids_no_links", 3),
        ("one_link_for_all", 4),
        ("tracking", 1),
        ("clock_in_markup", 1),
        ("clock_at_the_end", 1),
        ("session_in_the_link", 1),
        ("counts_from_one", 1),
        ("counts_from_one_too", 1),
        ("front_page", 1),
        ("front_page_too", 1),
    ],
)
def test_every_article_is_published_once(gauntlet: Outcome, name: str, count: int) -> None:
    assert [a["revision"] for a in gauntlet.articles[name]] == [1] * count


def test_a_story_in_two_feeds_is_one_article(gauntlet: Outcome) -> None:
    both = gauntlet.titles("shared_north") + gauntlet.titles("shared_south")
    assert sorted(both) == ["Story north", "Story shared", "Story south"]


def test_a_wire_story_under_two_urls_is_two_articles_of_one_story(gauntlet: Outcome) -> None:
    told = {
        article["title"]: article["story"]
        for name in ("wire_north", "wire_south")
        for article in gauntlet.articles[name]
    }
    assert told["Story wire-north"] == told["Story wire-south"]
    assert told["Story no-wire"] not in (None, told["Story wire-north"])


def test_an_edit_is_a_revision_that_names_what_it_supersedes(gauntlet: Outcome) -> None:
    first, second, third = gauntlet.articles["edited"]
    assert [a["revision"] for a in (first, second, third)] == [1, 2, 3]
    assert len({a["id"] for a in (first, second, third)}) == 1
    assert (second["supersedes"], third["supersedes"]) == (
        first["content_hash"],
        second["content_hash"],
    )


def test_an_edit_that_is_taken_back_is_a_revision_too(gauntlet: Outcome) -> None:
    revisions = [(a["revision"], a["text"]) for a in gauntlet.articles["edit_undone"]]
    texts = ("The first text.", "The second text.", "The first text.")
    assert revisions == list(enumerate(texts, start=1))
