"""Fields of entries that never end: nothing after them is lost."""

import pytest

from onrecord.feeds.parsing.balancing import balanced
from onrecord.feeds.parsing.parse import parse_feed
from tests.steps import growth

FIELDS = {"title": "One", "link": "https://a.example/1", "description": "The pier opens."}
SECOND = (
    "<item><title>Two</title><link>https://a.example/2</link><description>b</description></item>"
)


def document(**ends: str) -> str:
    """An entry whose fields end with these tags, and a good one."""
    first = "".join(
        f"<{name}>{text}{ends.get(name, f'</{name}>')}" for name, text in FIELDS.items()
    )
    return f"<rss><channel><title>T</title><item>{first}</item>{SECOND}</channel></rss>"


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("end", ["", "misspelt", "</ {}>", "<{}/>"])
def test_a_field_that_does_not_end_takes_nothing_along(field: str, end: str) -> None:
    written = f"</{field[:-2]}{field[-1]}>" if end == "misspelt" else end.format(field)
    parsed = parse_feed(document(**{field: written}).encode(), url="https://a.example/feed")
    one, two = parsed.entries
    assert (two.title_html, two.link) == ("Two", "https://a.example/2")
    assert one.title_html.startswith("One")
    assert "The pier opens." in one.content_html


def test_a_document_whose_fields_end_is_not_changed() -> None:
    for description in ("<p>One<br>two</p>", "<summary>x</summary> y", "", "a < b > c"):
        text = document().replace("The pier opens.", description)
        assert balanced(text) == text


@pytest.mark.parametrize(
    ("field", "written", "kept"),
    [
        ("title", "Use the <link> tag", "tag"),
        ("title", "Entry <item> in a title", "in a title"),
        ("description", "<p>see <published>x</published> <br> y</p>", "y"),
    ],
)
def test_tags_of_other_fields_within_a_field_cut_nothing(
    field: str, written: str, kept: str
) -> None:
    text = document().replace(f">{FIELDS[field]}<", f">{written}<")
    one, two = parse_feed(text.encode(), url="https://a.example/feed").entries
    assert kept in (one.title_html if field == "title" else one.content_html)
    assert two.title_html == "Two"


def test_names_in_other_letters_end_their_field() -> None:
    text = document(title="</TITLE>", description="</Description>")
    assert balanced(text) == document()


@pytest.mark.parametrize("piece", ["<title>", "</titel>", "<item>", "<item><description><p>", "<"])
def test_the_work_grows_with_the_document(piece: str) -> None:
    assert growth(lambda n: balanced(f"<item><link>{piece * n}"), 200, 800) < 1.5
