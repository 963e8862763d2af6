"""The pages over HTTP: what they show, what they refuse, and what they say in other formats."""

import csv
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from http.client import IncompleteRead
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from urllib.request import Request
from xml.etree import ElementTree as ET

import pytest

from onrecord.archive.query import Node
from onrecord.archive.results import HitPage
from onrecord.archive.sqlite.archive import SqliteArchive
from onrecord.errors import ArchiveUnavailable
from onrecord.naming import name_key
from onrecord.people.names_seen import id_of_name
from onrecord.records import quote_id
from onrecord.web.pages.rendering import sureness
from tests.archive.reports import Said, report
from tests.builders import span
from tests.patience import PATIENCE_S
from tests.web.pages.conftest import Site, config_in, serving
from tests.web.pages.invented import ATTACK, PIER, PIER_EDITED, SCRIPT, TIDE

ATOM = "{http://www.w3.org/2005/Atom}"
MAY = quote_id("gazette", 1, (span(PIER, "The pier will open in May,"),))
OLD = quote_id("post", 1, (span(PIER, "The pier will open in May,"),))
JUNE = quote_id("post", 2, (span(PIER_EDITED, "The pier will open in June,"),))
HOSTILE = quote_id("attack", 1, (span(ATTACK, "Trust <b>me</b> & mine,"),))
FEED = "/feeds/" + quote(TIDE.url, safe="")
PAGES = [
    "/",
    "/?speaker=lind",
    "/search",
    "/search?q=pier",
    "/searches",
    f"/quotes/{JUNE}",
    f"/quotes/{HOSTILE}",
    "/articles/post",
    "/articles/attack",
    "/people/" + id_of_name(name_key("Mara Lind")),
    "/people/" + id_of_name(name_key("Mallory </script> Quill")),
    "/stories/pier",
    "/compare?q=pier&q=dockers",
    "/feeds",
    FEED,
    "/status",
    "/replays",
    "/dead-letters",
    "/docs/api",
    "/sign-in",
]
LISTS = [
    "/latest",
    "/search",
    "/searches",
    f"/quotes/{HOSTILE}",
    "/articles/attack",
    "/people/" + id_of_name(name_key("Mara Lind")),
    "/stories/pier",
    "/feeds",
    "/status",
    "/replays",
    "/dead-letters",
    "/compare",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_comes_with_its_headers(site: Site, path: str) -> None:
    answer = site.get(path)
    assert answer.status == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    assert "Server" not in answer.headers


@pytest.mark.parametrize("path", PAGES)
def test_what_publishers_write_is_text_and_never_markup(site: Site, path: str) -> None:
    text = site.get(path).text
    assert SCRIPT not in text
    assert "<b>me</b>" not in text
    assert "<i>heir</i>" not in text
    assert "javascript:" not in re.sub(
        r"<script type=\"application/ld\+json\">.*?</script>", "", text
    )
    assert 'onmouseover="' not in text
    assert re.search(r"\sstyle=|\son\w+=\"", text) is None


@pytest.mark.parametrize("query", ["<script>alert(1)</script>", '"', "speaker:", "((", "a" * 2_000])
def test_a_hostile_or_mistaken_query_is_answered_in_words(site: Site, query: str) -> None:
    answer = site.get("/search?" + _query(q=query))
    assert answer.status in {200, 400}
    assert "<script>alert" not in answer.text


def test_a_mistake_in_a_query_is_shown_where_it_is(site: Site) -> None:
    answer = site.get("/search?" + _query(q='pier "open'))
    assert answer.status == 400
    assert "column 6" in answer.text
    assert "\n     ^</pre>" in answer.text


def test_a_pasted_headline_is_offered_as_its_words(site: Site) -> None:
    text = site.get("/search?" + _query(q='Breaking: "pier to open')).text
    assert f'<a href="/search?{_query(q="breaking pier to open")}"' in text
    for without_words in ("((", "(_"):
        assert "its words alone" not in site.get("/search?" + _query(q=without_words)).text


def test_fields_of_the_form_become_one_query(site: Site) -> None:
    fields = {"q": "pier OR quay", "speaker": 'Mara "M" Lind', "after": "2026-11-01", "type": ""}
    answer = site.get("/search?" + _query(**fields))
    assert answer.status == 302
    where = answer.headers["Location"]
    assert where.startswith("/search?")
    wanted = '(pier OR quay) speaker:"Mara M Lind" after:2026-11-01'
    assert parse_qs(urlsplit(where).query)["q"] == [wanted]
    assert site.get(where).status == 200


def test_a_search_marks_the_words_and_counts_by_speaker(site: Site) -> None:
    text = site.get("/search?" + _query(q="pier speaker:lind")).text
    assert '<mark class="hit">pier</mark>' in text
    assert "Harbour Post" in text
    assert "2 quotes" in text


def test_a_question_offers_a_search_for_its_own_words(site: Site) -> None:
    asked = "what did the harbour master say about the pier?"
    text = site.get("/search?" + _query(q=asked)).text
    assert "0 quotes" in text
    assert f'{_query(q="harbour master pier")}">'.replace("&", "&amp;") in text
    # What the closest of them finds is there at once.
    assert '<mark class="hit">pier</mark>' in text
    assert "The newest for <a" in text
    oldest = site.get("/search?" + _query(q=asked, order="oldest")).text
    where = unescape(oldest.partition('The oldest for <a href="')[2].partition('"')[0])
    assert where == "/search?" + _query(q="harbour master pier", order="oldest")


def test_a_search_that_finds_little_offers_wider_ones(site: Site) -> None:
    text = site.get("/search?" + _query(q="docking weather")).text
    assert "0 quotes" in text
    assert _query(q="dock* OR weat*").replace("&", "&amp;") in text
    assert "Finds more" not in site.get("/search?" + _query(q="docking OR weather")).text


def test_an_office_in_the_field_of_the_speaker_is_looked_for_as_words(site: Site) -> None:
    text = site.get("/search?" + _query(q='speaker:"harbour master" pier')).text
    assert "0 quotes" in text
    assert f'{_query(q="harbour master pier")}">'.replace("&", "&amp;") in text


def test_a_name_with_a_colon_is_searched_for_though_nobody_has_it(site: Site) -> None:
    for query in ('about:"Mission: Impossible"', 'speaker:"AND"', 'about:"type:zzz"'):
        assert site.get("/search?" + _query(q=query)).status == 200


def test_a_quote_tells_where_it_was_printed_first(site: Site) -> None:
    assert 'Harbour Post <span class="tag">first printed</span>' in site.get(f"/quotes/{MAY}").text
    text = site.get(f"/quotes/{HOSTILE}").text
    assert '<span class="tag">first printed</span>' in text
    assert "No other article has these words." in text


def test_a_quote_shows_its_context_with_each_part_marked(site: Site) -> None:
    text = site.get(f"/quotes/{JUNE}").text
    assert '<mark class="content">The pier will open in June,</mark>' in text
    assert '<mark class="cue">said</mark>' in text
    assert '<mark class="source speaker">Mara Lind</mark>' in text
    assert "97% sure" in text
    assert "named here" in text


@pytest.mark.parametrize(
    ("share", "words"),
    [(1.0, "over 99% sure"), (0.996, "over 99% sure"), (0.99, "99% sure"), (0.04, "4% sure")],
)
def test_nothing_is_told_as_quite_sure(share: float, words: str) -> None:
    assert sureness(share) == words


def test_a_quote_is_described_as_a_quotation_of_schema_org(site: Site) -> None:
    text = site.get(f"/quotes/{HOSTILE}").text
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    told = json.loads(found[1])
    assert told["@type"] == "Quotation"
    assert told["text"] == "Trust <b>me</b> & mine,"
    assert told["spokenByCharacter"]["name"] == "Mallory </script> Quill"
    assert "url" not in told["isPartOf"]


def test_an_old_link_leads_to_what_became_of_the_quote(site: Site) -> None:
    answer = site.get(f"/quotes/{OLD}")
    assert (answer.status, answer.headers["Location"]) == (302, f"/quotes/{JUNE}")


def test_offsets_hold_behind_characters_that_are_two_in_a_browser(site: Site) -> None:
    assert "👍.</p>" in site.get("/articles/gazette").text.replace("\n", "")


def test_an_article_shows_what_its_revision_changed(site: Site) -> None:
    text = site.get("/articles/post").text
    assert "Revision 2" in text
    assert "<del>May,&#34; </del><ins>June,&#34; </ins>" in text
    assert "changed" in text
    assert "“The pier will open in June,”" in text


def test_a_story_tells_who_printed_which_quotes(site: Site) -> None:
    text = site.get("/stories/pier").text
    assert "2 copies of one story, first printed by Harbour Post" in text
    assert text.count("2 of 2") == 1  # the dockers; the pier opens in May or in June


@pytest.mark.parametrize("path", LISTS)
def test_every_list_is_there_for_programs(site: Site, path: str) -> None:
    query = "?q=pier" if path == "/compare" else ""
    assert isinstance(json.loads(site.get(f"{path}.json{query}").text)["rows"], list)
    rows = list(csv.reader(io.StringIO(site.get(f"{path}.csv{query}").text)))
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    feed = ET.fromstring(site.get(f"{path}.atom{query}").text)
    assert feed.tag == f"{ATOM}feed"
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    for link in feed.iter(f"{ATOM}link"):
        assert link.get("href", "").startswith(site.url)


def test_a_list_for_programs_goes_on_with_its_cursor(site: Site) -> None:
    ids: list[str] = []
    path: str | None = "/search.json?limit=2"
    while path:
        page = json.loads(site.get(path).text)
        ids += [row["id"] for row in page["rows"]]
        path = page["cursor"] and "/search.json?" + _query(limit="2", cursor=page["cursor"])
    assert len(ids) == len(set(ids)) == 5


def test_static_files_can_be_kept_for_ever_under_their_hash(site: Site) -> None:
    path = re.search(r"/static/site\.[0-9a-f]{12}\.css", site.get("/").text)
    assert path is not None
    answer = site.get(path[0])
    assert answer.status == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert site.get("/static/site.000000000000.css").status == 404


def test_a_program_gets_its_errors_as_before(site: Site) -> None:
    answer = site.get("/quotes/unknown", Accept="*/*")
    assert answer.status == 404
    assert json.loads(answer.text)["status"] == 404
    assert "<h1>Not found</h1>" in site.get("/quotes/unknown").text


def test_explanations_that_take_long_hold_up_no_other_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_begun, goes_on = Event(), Event()

    def explain(*_: object) -> tuple[()]:
        has_begun.set()
        goes_on.wait()
        return ()

    monkeypatch.setattr("onrecord.wiring.serving._explainer", lambda config: explain)
    with serving(config_in(tmp_path)) as site, ThreadPoolExecutor(40) as readers:
        try:
            asked = [readers.submit(site.get, f"/quotes/{JUNE}?explain=1") for _ in range(40)]
            assert has_begun.wait(PATIENCE_S)
            assert site.get(f"/quotes/{JUNE}").status == 200
        finally:
            goes_on.set()
        assert {one.result().status for one in asked} == {200}


def test_a_query_as_the_name_of_a_column_is_no_formula(site: Site) -> None:
    table = csv.reader(io.StringIO(site.get("/compare.csv?" + _query(q="=pier")).text))
    assert next(table)[1:] == ["'=pier"]


def test_a_query_called_as_another_column_is_has_one_of_its_own(site: Site) -> None:
    table = csv.reader(io.StringIO(site.get("/compare.csv?q=start&q=pier").text))
    assert next(table) == ["start", "q=start", "pier"]


def test_an_empty_list_is_a_csv_file_with_the_names_of_its_columns(tmp_path: Path) -> None:
    with serving(config_in(tmp_path), filled=False) as empty:
        for path, column in (
            ("/searches", "query"),
            ("/replays", "state"),
            ("/dead-letters", "reason"),
        ):
            lines = empty.get(f"{path}.csv").text.splitlines()
            assert [column in line.split(",") for line in lines] == [True], (path, lines)


def test_a_csv_file_has_every_hit_and_a_link_to_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onrecord.web.pages.whole_csv.MOST_HITS", 1)
    with serving(config_in(tmp_path)) as site:
        person = id_of_name(name_key("Mara Lind"))
        for path in ("/search.csv?q=speaker:lind", f"/people/{person}.csv"):
            answer = site.get(path)
            rows = list(csv.DictReader(io.StringIO(answer.text)))
            assert len({row["id"] for row in rows}) == len(rows) == 2, path
            assert site.get(rows[0]["permalink"].removeprefix(site.url)).status == 200
        nothing = site.get("/search.csv?q=nothing").text.splitlines()
        assert (len(nothing), nothing[0].startswith("id,words,speaker,")) == (1, True)
        assert site.get("/search.csv?q=speaker:lind&limit=1").text.count("\n") == 2


@pytest.mark.parametrize("name", ["Lind", "Ana “Nan” Lind", "Lone « Lind"])
def test_the_csv_file_of_a_name_has_the_quotes_of_its_page(tmp_path: Path, name: str) -> None:
    with serving(config_in(tmp_path)) as site:
        late = report("late", Said(name, "The ferry is late."))
        site.keep([(late.article, late.extraction)])
        path = "/people/" + quote(name, safe="")
        listed = json.loads(site.get(f"{path}.json").text)["rows"]
        rows = list(csv.DictReader(io.StringIO(site.get(f"{path}.csv").text)))
        assert [row["id"] for row in rows] == [row["id"] for row in listed]
        assert [row["words"] for row in rows] == ["The ferry is late."]


def test_a_whole_csv_file_is_in_order_of_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onrecord.archive.sqlite.searching._RANKED", 1)
    with serving(config_in(tmp_path)) as site:
        newest = site.get("/search.csv?q=pier").text
        assert newest.count("\n") > 2
        assert site.get("/search.csv?q=pier&order=relevance").text == newest


def test_a_csv_file_that_could_not_be_whole_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onrecord.archive.sqlite.compiling._MOST_NAMES", 0)
    with serving(config_in(tmp_path)) as site:
        answer = site.get("/search.csv?q=speaker:lind", Accept="*/*")
        assert (answer.status, "limit=1000" in answer.text) == (400, True)
        assert site.get("/search.csv?q=speaker:lind&limit=5").status == 200


def test_a_csv_file_that_the_archive_cannot_end_breaks_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onrecord.web.pages.whole_csv.MOST_HITS", 1)
    search = SqliteArchive.search

    def fail_later(self: SqliteArchive, query: Node, **asked: Any) -> HitPage:
        if asked.get("cursor"):
            raise ArchiveUnavailable("gone")
        return search(self, query, **asked)

    monkeypatch.setattr(SqliteArchive, "search", fail_later)
    with serving(config_in(tmp_path)) as site, pytest.raises((ConnectionError, IncompleteRead)):
        site.get("/search.csv")


def test_the_head_of_a_csv_file_reads_no_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def search(*_: object, **__: object) -> None:
        raise AssertionError("the archive is read")

    with serving(config_in(tmp_path)) as site:
        monkeypatch.setattr(SqliteArchive, "search", search)
        answer = site.ask(Request(site.url + "/search.csv", method="HEAD"))
        assert (answer.status, answer.text) == (200, "")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize("path", ["/search.json", "/quotes/page"])
@pytest.mark.parametrize("limit", ["0" * 8 + "1" * 9, "0" * 19 + "1" * 6_000])
def test_a_limit_counts_as_a_whole_however_many_digits_it_has(
    site: Site, path: str, limit: str
) -> None:
    answer = site.get(f"{path}?limit={limit}", Accept="*/*")
    assert (answer.status, "a whole number from 1 to" in answer.text) == (400, True)


def test_a_mistaken_filter_is_answered_in_words(site: Site) -> None:
    answer = site.get("/?min_confidence=much")
    assert answer.status == 400
    assert "a number from 0 to 1" in answer.text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"token=\xff"),
        ("application/x-www-form-urlencoded; charset=none-such", b"token=a"),
        ("application/x-www-form-urlencoded; charset=zlib", b"token=a"),
        ("multipart/form-data", b"token=a"),
        ("multipart/form-data; boundary=x", b"token=a"),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\na\r\n--x--\r\n"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=token\r\n\r\n\xff\r\n--x--\r\n",
        ),
    ],
)
def test_a_body_that_is_no_form_is_refused_and_is_no_error_of_ours(
    site: Site, kind: str, body: bytes
) -> None:
    answer = site.send("/sign-in", body, **{"Content-Type": kind})
    assert (answer.status, "is not a form" in answer.text) == (400, True)


def _query(**parameters: str) -> str:
    return urlencode(parameters)
