"""Each command does its job on the installed program, and the next command sees it."""

import json
import re
from pathlib import Path

import pytest

from onrecord.log.opening import open_log
from tests.acceptance.conftest import Onrecord, Publisher, offsets_are_right, story

SEED = '"The pier will open in May," said Mara Lind, the harbour master.'


def lines(count: int, *, start: int = 0) -> str:
    """A backlog as JSON lines."""
    return "".join(
        json.dumps(
            {
                "url": f"https://archive.example/{n}",
                "title": f"Report {n}",
                "text": f"“Report {n} is ready,” harbour master Mara Lind said.",
                "published_at": f"1994-05-{n % 28 + 1:02d}T08:00:00Z",
            }
        )
        + "\n"
        for n in range(start, start + count)
    )


def test_an_import_keeps_its_dates_and_is_extracted_like_any_article(onrecord: Onrecord) -> None:
    done = onrecord("import", "-", stdin=lines(5))
    assert "5 imported, 0 known already, 0 rejected" in done.stderr
    onrecord("extract", "--once")
    quotes = onrecord.records("quotes")
    assert len(quotes) == 5
    assert {q["quote"]["speaker"]["name"] for q in quotes} == {"Mara Lind"}
    dates = sorted(a["published_at"] for a in onrecord.records("articles"))
    assert dates[0] == "1994-05-01T08:00:00Z"


def test_an_import_twice_or_overlapping_adds_nothing_twice(onrecord: Onrecord) -> None:
    file = onrecord.folder / "backlog.jsonl"
    file.write_text(lines(10))
    onrecord("import", str(file))
    file.write_text(lines(10, start=5) + lines(10, start=5))
    done = onrecord("import", str(file))
    assert "5 imported, 15 known already" in done.stderr
    assert len(onrecord.records("articles")) == 15


def test_lines_that_are_no_articles_are_named_and_the_rest_goes_in(onrecord: Onrecord) -> None:
    file = onrecord.folder / "backlog.jsonl"
    bad = '{"title": "no text"}\nnot json\n{"text": "x", "published_at": "last week"}\n'
    file.write_text(lines(2) + bad + "\n" + lines(2, start=2))
    done = onrecord("import", str(file), code=1)
    assert f"{file}, line 3: Object missing required field `text`" in done.stderr
    assert f"{file}, line 4: " in done.stderr
    assert f"{file}, line 5: published_at is no date: 'last week'" in done.stderr
    assert len(onrecord.records("articles")) == 4


def test_a_replay_gives_every_article_again_in_a_topic_of_its_own(onrecord: Onrecord) -> None:
    onrecord("import", "-", stdin=lines(12))
    onrecord("extract", "--once")
    live = onrecord.records("extractions")
    plan = json.loads(onrecord("replay", "--dry-run").stdout)
    assert (plan["articles"], plan["undated"], len(plan["feeds"])) == (12, 0, 1)
    assert plan["takes_s"] == pytest.approx(12 / plan["rate"], rel=0.1, abs=0.1)
    onrecord("replay", "--into", "second")
    again = onrecord.records("extractions", "--topic", "second")
    assert onrecord.records("extractions") == live

    def ids(extractions: list[dict]) -> list[str]:
        return sorted(quote["id"] for found in extractions for quote in found["quotes"])

    assert ids(again) == ids(live)
    onrecord("replay", "--into", "second")
    assert len(onrecord.records("extractions", "--topic", "second")) == 12


def test_two_extractions_are_compared_for_people_for_programs_and_as_a_page(
    onrecord: Onrecord,
) -> None:
    onrecord("import", "-", stdin=lines(4))
    onrecord("extract", "--once")
    page = onrecord.folder / "page.html"
    done = onrecord("replay", "--into", "try", "--compare", "--report", str(page))
    found = json.loads(done.stdout)
    assert (found["articles"], found["changed"], found["same"]["quotes"]) == (4, 0, 4)
    assert "4 articles compared, 0 of them (0%) differ" in page.read_text()
    again = onrecord("compare", "extractions", "try", "--format", "pretty").stdout
    assert "4 articles compared, 0 of them differ" in again
    onrecord("compare", "try", "try", code=2)
    onrecord("compare", "articles", "try", code=2)


def test_a_group_goes_on_where_it_stopped(onrecord: Onrecord) -> None:
    onrecord("import", "-", stdin=lines(3))
    first = onrecord.records("articles", "--group", "desk")
    onrecord("import", "-", stdin=lines(2, start=3))
    second = onrecord.records("articles", "--group", "desk")
    assert (len(first), len(second)) == (3, 2)
    assert len(onrecord.records("articles")) == 5


def test_a_dead_letter_is_listed_shown_and_retried(onrecord: Onrecord) -> None:
    onrecord("feeds", "list")
    with (
        open_log(onrecord.environment["ONRECORD_LOG__URL"]) as log,
        log.writer("t") as writer,
        writer.transaction() as tx,
    ):
        tx.publish("onrecord.articles", key=b"bad", value=b"{}")
    done = onrecord("extract", "--once")
    assert "dead letter: article bad: not an onrecord.article record" in done.stderr
    (letter,) = [
        json.loads(line)
        for line in onrecord("dead-letters", "list", "--format", "json").stdout.splitlines()
    ]
    assert (letter["key"], letter["attempts"], letter["value"]) == ("bad", 1, "{}")
    shown = json.loads(onrecord("dead-letters", "show", letter["id"]).stdout)
    assert shown == letter
    onrecord("dead-letters", "retry", letter["id"])
    onrecord("extract", "--once")
    (again,) = onrecord("dead-letters", "list").stdout.splitlines()
    assert json.loads(again)["attempts"] == 2
    assert json.loads(again)["offset"] == letter["offset"], "where it first stood"
    done = onrecord("dead-letters", "retry", "--all", ONRECORD_DEAD_LETTERS__MOST_ATTEMPTS="2")
    assert "0 put back" in done.stderr
    assert "1 left: failed 2 times or more" in done.stderr
    assert "0 put back" in onrecord("dead-letters", "retry", "--reason", "no such").stderr
    onrecord("dead-letters", "drop", "--topic", "onrecord.articles", "--since", "-1h")
    assert onrecord("dead-letters", "list").stdout == ""


def test_status_counts_what_waits(onrecord: Onrecord) -> None:
    onrecord("import", "-", stdin=lines(7))
    onrecord("extract", "--once")
    onrecord("import", "-", stdin=lines(4, start=7))
    status = json.loads(onrecord("status").stdout)
    lags = {group["name"]: group["lag"] for group in status["groups"]}
    topics = {topic["name"]: topic["records"] for topic in status["topics"]}
    assert lags["onrecord.extract"] == 4
    assert topics["onrecord.articles"] == 11
    assert status["oldest_unprocessed_s"] >= 0
    onrecord("extract", "--once")
    status = json.loads(onrecord("status").stdout)
    assert status["oldest_unprocessed_s"] is None


@pytest.mark.parametrize(
    ("name", "text", "options"),
    [
        ("a.txt", SEED, []),
        ("a.html", f"<html><body><p>{SEED}</p><script>no()</script></body></html>", []),
        ("a.page", f"<p>{SEED}</p>", ["--input", "html"]),
        ("a.jsonl", json.dumps({"id": "x", "text": SEED}), []),
        ("a.lines", json.dumps({"text": SEED}), ["--input", "jsonl"]),
    ],
)
def test_annotate_reads_text_html_and_json_lines(
    onrecord: Onrecord, name: str, text: str, options: list[str]
) -> None:
    (onrecord.folder / name).write_text(text)
    (extraction,) = map(json.loads, onrecord("annotate", name, *options).stdout.splitlines())
    assert [q["speaker"]["name"] for q in extraction["quotes"]] == ["Mara Lind"]
    assert offsets_are_right(extraction, SEED)


def test_annotate_reads_the_article_of_a_page_and_the_whole_page_when_told(
    onrecord: Onrecord,
) -> None:
    around = (
        "<html><head><meta charset=windows-1252><title>Pier</title></head><body><nav><ul>"
        "<li><a href=/x>“The mayor must go,” said Ida Crane</a></li><li><a href=/y>Sport</a></li>"
        f"</ul></nav><article><h1>Pier</h1><p>{SEED}</p></article></body></html>"
    )
    (onrecord.folder / "page.htm").write_bytes(around.encode("cp1252"))
    (article,) = map(json.loads, onrecord("annotate", "page.htm").stdout.splitlines())
    assert [quote["speaker"]["name"] for quote in article["quotes"]] == ["Mara Lind"]
    assert (article["article"]["id"], article["article"]["title"]) == ("page.htm", "Pier")
    (page,) = map(json.loads, onrecord("annotate", "--whole-page", "page.htm").stdout.splitlines())
    names = {quote["speaker"]["name"] for quote in page["quotes"] if quote["speaker"]}
    assert names == {"Mara Lind", "Ida Crane"}


def test_annotate_gives_one_extraction_per_line_in_order(onrecord: Onrecord) -> None:
    given = [{"id": f"n{n}", "text": SEED if n % 3 else ""} for n in range(70)]
    stdin = "\n".join(map(json.dumps, given))
    done = onrecord("annotate", "--input", "jsonl", "--format", "json", "-", stdin=stdin)
    extractions = [json.loads(line) for line in done.stdout.splitlines()]
    assert [e["article"]["id"] for e in extractions] == [row["id"] for row in given]


def test_annotate_pretty_names_the_speaker_and_the_role(onrecord: Onrecord) -> None:
    done = onrecord("annotate", "--format", "pretty", "-", stdin=SEED)
    assert "“The pier will open in May,”" in done.stdout or '"The pier' in done.stdout
    assert "— Mara Lind, harbour master" in done.stdout


def test_annotate_explains_in_words_and_in_json(onrecord: Onrecord) -> None:
    pretty = onrecord("annotate", "--explain", "--format", "pretty", "-", stdin=SEED).stdout
    assert re.search(r"whose words +.*Mara Lind, by “said” +\d+%", pretty)
    assert re.search(r"second +", pretty)
    assert "over second" in pretty
    assert "named here" in pretty
    done = onrecord("annotate", "--explain", "--format", "json", "-", stdin=SEED)
    (quote,) = json.loads(done.stdout)["quotes"]
    abouts = [decision["about"] for decision in quote["explanation"]]
    assert abouts == ["source", "speaker"]


def test_what_stands_before_a_line_that_is_wrong_is_written(onrecord: Onrecord) -> None:
    stdin = json.dumps({"id": "good", "text": SEED, "title": None}) + '\n{"id": 1.5, "text": "x"}\n'
    done = onrecord("annotate", "--input", "jsonl", "--format", "json", "-", stdin=stdin, code=2)
    assert json.loads(done.stdout)["article"]["id"] == "good"
    assert done.stderr.count("\n") == 1
    assert "line 2" in done.stderr


def test_feeds_list_says_how_each_feed_is_doing(onrecord: Onrecord, publisher: Publisher) -> None:
    publisher.feeds = {"north": [story(publisher, 1)]}
    missing = publisher.feed_url("missing")
    onrecord("feeds", "add", "--unseen", publisher.feed_url("north"), missing)
    listed = publisher.write_list(onrecord.folder / "feeds.txt")
    onrecord("poll", "--once", ONRECORD_FEEDS__LIST=str(listed))
    feeds = {
        feed["url"]: feed for feed in map(json.loads, onrecord("feeds", "list").stdout.splitlines())
    }
    assert feeds[publisher.feed_url("north")]["status"] == "ok"
    assert feeds[publisher.feed_url("north")]["error"] is None
    assert feeds[publisher.feed_url("north")]["articles"] == 1
    assert feeds[missing]["status"] == "failing"
    assert "404" in feeds[missing]["error"]
    assert feeds[missing]["next_poll_at"]


def test_feeds_are_exported_as_a_list_that_can_be_imported(
    onrecord: Onrecord, tmp_path: Path
) -> None:
    urls = ["https://a.example/feed?x=1&y=2", "https://b.example/feed"]
    onrecord("feeds", "add", "--unseen", *urls, "--publisher", "A & B")
    exported = tmp_path / "out.opml"
    exported.write_text(onrecord("feeds", "export").stdout)
    onrecord("feeds", "remove", *urls)
    assert onrecord("feeds", "list").stdout == ""
    onrecord("feeds", "import", str(exported))
    feeds = [json.loads(line) for line in onrecord("feeds", "list").stdout.splitlines()]
    assert [(feed["url"], feed["publisher"]) for feed in feeds] == [(url, "A & B") for url in urls]


def test_feeds_check_explains_what_a_poll_would_see(
    onrecord: Onrecord, publisher: Publisher
) -> None:
    publisher.feeds = {"north": [story(publisher, n) for n in range(3)]}
    good = onrecord("feeds", "check", publisher.feed_url("north")).stdout
    assert "3 entries, 3 with a usable date" in good
    assert "validators: ETag" in good
    assert "asked without validators: there are none" in good
    assert "a poll would publish 3 new articles and 0 edited ones; 0 are known" in good
    assert not (onrecord.folder / "log.db").exists(), "nothing is made for a look"

    onrecord("poll", "--once", "--feeds", publisher.feed_url("north"))
    again = onrecord("feeds", "check", publisher.feed_url("north")).stdout
    assert "asked with If-None-Match: " in again
    assert "not modified: a poll would publish nothing" in again
    assert "a poll would publish 0 new articles and 0 edited ones; 3 are known" in again

    bad = onrecord("feeds", "check", publisher.feed_url("missing"), code=1).stdout
    assert "404" in bad


def test_the_demo_finds_one_edited_and_one_new_article_in_its_second_round(
    onrecord: Onrecord,
) -> None:
    done = onrecord("demo", "--format", "pretty")
    first, second = done.stderr.split("Round 2")
    second, numbers, end = second.partition("The demo in numbers")
    assert numbers
    assert "--pages" in end
    assert first.count(" new") == 5
    assert sorted(line.split(": ")[1] for line in second.splitlines() if ": " in line[4:]) == [
        "0 new, 1 edited",
        "1 new",
    ]
    assert not (onrecord.folder / "data").exists()
    printed = " ".join((done.stderr + done.stdout).split())
    for part in picture_of_the_readme():
        assert " ".join(part.split()) in printed


def picture_of_the_readme() -> list[str]:
    """The parts of what the README shows of the demo."""
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    return readme.partition("```text\n")[2].partition("```")[0].split("\n\n")
