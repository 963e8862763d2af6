"""The article's text in a page: nothing of it lost, little of what stands around it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord.feeds.pages.article_body import main_text
from tests.steps import growth

PAGES = Path(__file__).parents[2] / "data" / "pages"
TITLE = "Pier vote put off"
PARAGRAPHS = """
The harbour board of Harrow put off its vote on the new pier on Tuesday, for the third time \
this year, after two hours of talk behind closed doors.
“We will wait until the engineers have finished, and not one day longer,” said Ida Crane, the \
mayor, as she left the old customs house.
Nobody on the board would say why the pier has to wait until spring, and no paper was handed out \
to the forty people who had come to listen.
“My father mended boats under that pier and I would like to see it stand,” said Len Ott, who runs \
the ferry. “They talk as if it were a toy.”
The board has eleven members. Four of them own houses on the promenade, and two have said that \
they will not vote on anything that touches it.
“There is money for one winter, and after that there is none,” said Vera Holt, who keeps the \
books. The next meeting is on the ninth of December.
""".strip().splitlines()
HEAD = f'<!doctype html><html lang="en"><head><title>{TITLE} | Gazette</title></head>'
MENU = "<nav><a href=/>Home</a> <a href=/n>News</a></nav>"
FOOT = "<footer><p>Harrow Gazette, 4 Quay Street, Harrow.</p></footer></body></html>"


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def read(markup: str) -> list[str]:
    return main_text(markup, "https://harrow.example/pier", title=TITLE, summary="").split("\n\n")


@pytest.mark.parametrize(
    "name", ["ok", "wordpress-tag", "body-class", "comments-enabled", "split-body", "hidden-rest"]
)
def test_the_page_of_a_case_is_read_as_written(name: str) -> None:
    markup = (PAGES / f"page-{name}.html").read_text("utf-8")
    written = markup.partition("<footer")[0].count("<p>")
    found = read(markup)
    assert len(found) == written
    assert found[:6] == PARAGRAPHS


@pytest.mark.parametrize(
    "around",
    [
        '<body class="has-mobile-share social"><div>{}</div>',
        '<body class="has-comments"><main class="related">{}</main>',
        '<body><article class="post tag-social-media category-promo share">{}</article>',
        "<body><form action=/ method=post><div>{}</div></form>",
        "<body><aside><div class=story>{}</div></aside>",
        '<body><div class="comments-enabled newsletter-shown"><section>{}</section></div>',
        '<body><div class="advertisement-off-canvas"><div class=share-page>{}</div></div>',
        "<body><figure><div>{}</div></figure>",
        "<body><table><tr><td>{}</td></tr></table>",
    ],
)
def test_what_holds_the_article_is_never_pruned(around: str) -> None:
    body = around.format(f"<h1>{TITLE}</h1>{paragraphs(*PARAGRAPHS)}")
    assert read(f"{HEAD}{body}{MENU}{FOOT}") == PARAGRAPHS


PAGES_HEADLINE = "No pier before spring, says the board"
LINKED = json.dumps({"@type": "NewsArticle", "headline": PAGES_HEADLINE})


@pytest.mark.parametrize(
    ("head", "top"),
    [
        ("<title>Harrow</title>", f"<h1>{PAGES_HEADLINE}</h1>"),
        (
            "<title>Harrow</title>",
            "<p>Harbour</p><h1>No pier before<br>spring, says the board</h1>",
        ),
        (f"<title>{PAGES_HEADLINE} – Gazette</title>", f"<h1>Pier</h1><h2>{PAGES_HEADLINE}</h2>"),
        (f"<title>Gazette | {PAGES_HEADLINE}</title>", f"<div><b>{PAGES_HEADLINE}</b></div>"),
        (f"<meta property=og:title content='{PAGES_HEADLINE}'>", f"<h2>{PAGES_HEADLINE}</h2>"),
        (f'<script type="application/ld+json">{LINKED}</script>', f"<p>{PAGES_HEADLINE}</p>"),
    ],
)
def test_the_pages_own_headline_is_none_of_the_text(head: str, top: str) -> None:
    body = f"<article>{top}{paragraphs(*PARAGRAPHS)}</article>"
    found = read(f"<html><head>{head}</head><body>{MENU}{body}{FOOT}")
    assert [text for text in found if text not in ("Harbour", "Pier")] == PARAGRAPHS


def test_what_repeats_the_headline_within_the_text_stays() -> None:
    texts = [*PARAGRAPHS[:4], PAGES_HEADLINE, *PARAGRAPHS[4:]]
    body = f"<article><h1>{PAGES_HEADLINE}</h1>{paragraphs(*texts)}</article>"
    assert read(f"<html><body>{MENU}{body}{FOOT}") == texts


def test_text_beside_paragraphs_is_the_articles_too() -> None:
    rest = "".join(f"<div class=c><div class=t>{text}</div></div>" for text in PARAGRAPHS[2:])
    body = f"<article><h1>{TITLE}</h1>{paragraphs(*PARAGRAPHS[:2])}{rest}</article>"
    assert read(f"{HEAD}<body>{MENU}{body}{FOOT}") == PARAGRAPHS


def test_line_breaks_part_paragraphs_and_the_text_of_json_ld_is_clean() -> None:
    glued = "".join(PARAGRAPHS) + "<script>!function(){}()</script><iframe src=x></iframe>"
    data = {"@type": "NewsArticle", "headline": TITLE, "articleBody": glued}
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    body = f"<div class=story>{'<br><br>'.join(PARAGRAPHS)}</div>"
    assert read(f"{HEAD}<body>{script}{MENU}{body}{FOOT}") == PARAGRAPHS


@pytest.mark.parametrize("between", ["\n\n", "\n", "\r\n", " \n \n "])
def test_a_text_that_only_json_ld_has_is_read_from_there(between: str) -> None:
    data = {"@graph": [{"@type": "NewsArticle", "articleBody": between.join(PARAGRAPHS)}]}
    script = f'<script type="application/ld+json">{json.dumps(data)}</script>'
    body = f"<div id=app><p>{PARAGRAPHS[0]}</p></div>"
    assert read(f"{HEAD}<body>{script}{MENU}{body}{FOOT}") == PARAGRAPHS


@pytest.mark.parametrize("tag", ["time", "label", "output", "mark", "abbr", "time datetime=2026"])
def test_an_element_in_a_sentence_keeps_its_words(tag: str) -> None:
    inside = [
        f"{text[:20]}<{tag}>{text[20:40]}</{tag.partition(' ')[0]}>{text[40:]}"
        for text in PARAGRAPHS
    ]
    assert read(f"{HEAD}<body>{MENU}<article>{paragraphs(*inside)}</article>{FOOT}") == PARAGRAPHS


def test_a_quotation_in_q_stands_in_quotation_marks_in_its_sentence() -> None:
    said = (
        "The pier, Nora Lind said on Monday, <q>will <b>open</b></q> and <q>“not by much”</q> late."
    )
    texts = read(f"{HEAD}<body>{MENU}<article>{paragraphs(*PARAGRAPHS, said)}</article>{FOOT}")
    assert texts[-1] == ("The pier, Nora Lind said on Monday, “will open” and “not by much” late.")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("“<q>We are glad</q>,” she", "“We are glad,” she"),
        ('"<q>We are <b>glad</b></q>", she', '"We are glad", she'),
        ("« <q>We are glad</q> », she", "« We are glad », she"),
        ("„<q>We are glad</q>“, she", "„We are glad“, she"),
        ('the "old" <q>We are glad</q>, she', 'the "old" “We are glad”, she'),
    ],
)
def test_marks_that_stand_around_q_are_not_doubled(written: str, meant: str) -> None:
    said = f"<p>On Monday, in the hall by the harbour, {written} told the council there.</p>"
    texts = read(f"{HEAD}<body>{MENU}<article>{paragraphs(*PARAGRAPHS)}{said}</article>{FOOT}")
    assert texts[-1] == f"On Monday, in the hall by the harbour, {meant} told the council there."


def test_a_date_line_is_none_of_the_text() -> None:
    dated = f"<p><time>15 November 2026</time></p>{paragraphs(*PARAGRAPHS)}"
    assert read(f"{HEAD}<body>{MENU}<article>{dated}</article>{FOOT}") == PARAGRAPHS


def test_other_articles_links_and_forms_are_none_of_the_text() -> None:
    cards = "".join(
        f"<li class=card><h3><a href=/{n}>Story number {n} of the day in Harrow</a></h3>"
        "<p>What happened there and why nobody had seen it coming at all, in short.</p></li>"
        for n in range(4)
    )
    more = '<p>READ MORE: <a href="/x">“I was wrong”, says the mayor of Harrow</a></p>'
    linked = '<p><a href="/y">The ferry sinks: a story in pictures</a></p>'
    offer = "<p>Get the latest news from Harrow in your inbox.</p>"
    form = "<form><p>Your address</p><input></form>"
    text = paragraphs(*PARAGRAPHS[:3]) + more + linked + form + paragraphs(*PARAGRAPHS[3:]) + offer
    body = f"<article><h1>{TITLE}</h1>{text}<ul>{cards}</ul></article>"
    assert read(f"{HEAD}<body>{MENU}{body}{FOOT}") == PARAGRAPHS


def test_lists_and_tables_are_lines_without_marks() -> None:
    items = "".join(f"<li>{text}</li>" for text in PARAGRAPHS[1:4])
    table = "<table><tr><td>Lund</td><td>7</td></tr><tr><td>Ott</td><td>4</td></tr></table>"
    body = f"<article>{paragraphs(PARAGRAPHS[0])}<ul>{items}</ul>{paragraphs(*PARAGRAPHS[4:])}"
    found = read(f"{HEAD}<body>{MENU}{body}{table}</article>{FOOT}")
    assert found[:6] == PARAGRAPHS
    assert found[6:] == ["Lund | 7", "Ott | 4"]


def test_comments_are_not_taken_for_the_article() -> None:
    said = "I have lived here for thirty years and nobody has ever asked me about that pier at all."
    comments = "".join(f"<li><p>{said} {n}</p></li>" for n in range(40))
    body = f"<article>{paragraphs(*PARAGRAPHS[:2])}</article>"
    comments = f'<div id="comments"><ol class="comment-list">{comments}</ol></div>'
    assert read(f"{HEAD}<body>{MENU}{body}{comments}{FOOT}") == PARAGRAPHS[:2]


# ── foreign input ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("control", ["\x08", "&#8;", "&#x1F;", "\x00", "&#xffff;", "\ufffe"])
def test_a_control_character_costs_a_page_nothing_but_itself(control: str) -> None:
    said = "“The pier will open in May,” harbour master Mara Lind said on Monday."
    text = main_text(
        f"<article><p>{said}</p><script>x</script>{control}<p id='a{control}'>{said[:30]}{control}"
        f"{said[30:]} Again.</p></article>",
        None,
        title="",
        summary="",
    )
    assert text == f"{said}\n\n{said} Again."


@pytest.mark.parametrize(
    "page",
    [
        lambda n: "<body>" + "<div>" * n + "<p>Deep.</p>",
        lambda n: "<body>" + "<p>The same words of the same text once more.</p>" * n,
        lambda n: "<body>" + "".join(f"<p>Word {k} of many that stand here.</p>" for k in range(n)),
        lambda n: "<body>" + "<table><tr><td>" * n,
        lambda n: "<body><p>" + "<time>Monday</time> and <q>so</q> on, " * n,
        lambda n: "<body>" + "<li><a href=/x>A title of some length</a><p>x</p></li>" * n,
        lambda n: "<body><p>" + "word " * n + "</p>",
        lambda n: "<body>" + '<div class="a share">' * n + "text " * 40,
        lambda n: "<body>" + "<br>a text of eighty characters that counts for prose, nearly." * n,
    ],
)  # fmt: skip
def test_the_work_grows_with_the_page_and_not_with_its_square(page: Callable[[int], str]) -> None:
    assert growth(lambda n: read(page(n)), 100, 400) < 1.5


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([
            "<p>", "</p>", "<div class='share'>", "</div>", "<article>", "</article>", "<td>",
            "<li>", "<a href=x>", "</a>", "<br>", "<!--", "-->", "<script>", "</script>", "<form>",
            "<![CDATA[", "\0", "&#x110000;", "\ud800", "<svg>", "<",
            "some words of a text that is long enough to count as prose for anybody. ",
        ]),
        max_size=40,
    )
)  # fmt: skip
def test_no_markup_raises(pieces: list[str]) -> None:
    assert isinstance(main_text("".join(pieces), None, title="", summary=""), str)
