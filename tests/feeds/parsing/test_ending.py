"""Documents that break off: nothing whole is lost, and nothing by halves is read."""

import pytest

from onrecord.errors import ParseError
from onrecord.feeds.parsing.entry import ParsedFeed
from onrecord.feeds.parsing.parse import parse_feed
from tests.steps import growth

URL = "https://harbour.example/feeds/news.xml"
RSS = '<rss version="2.0"><channel><title>t</title>'
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><title>t</title></channel>'
)
WHOLE = "<item><title>One</title><description>All of it, said “Zoë”.</description></item>"
HALF = "<item><title>Two</title><description>“Half” of"


def parse(document: bytes) -> ParsedFeed:
    return parse_feed(document, url=URL)


def titles(document: bytes) -> list[str]:
    return [entry.title_html for entry in parse(document).entries]


@pytest.mark.parametrize(
    "document",
    [
        f"{RSS}{WHOLE}{HALF}",
        f"{RSS}{WHOLE}<item><title>Two</title><description>All of it.</description></ite",
        f"{RDF}{WHOLE}{HALF}",  # its channel is closed, and short
        # Tags that are text end no entry and no document.
        f"{RSS}{WHOLE}<item><title>Two</title><description><![CDATA[Write <item> and",
        f"{RSS}{WHOLE}<item><title>Two</title><description><![CDATA[Write <item>…</item> and",
        f"{RSS}{WHOLE}<item><title>Two</title><description><![CDATA[Write </channel></rss> and",
        f"{RSS}{WHOLE}<item><title>Two</title><!-- </item> --><description>Half",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_an_entry_that_breaks_off_is_left_out_in_any_encoding(document: str, encoding: str) -> None:
    parsed = parse(document.encode(encoding))
    assert [entry.title_html for entry in parsed.entries] == ["One"]
    assert (parsed.is_whole, parsed.is_last_cut) == (False, True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_that_breaks_off_within_a_character_is_read(encoding: str) -> None:
    document = f"{RSS}{WHOLE}<item><title>Two “".encode(encoding)
    assert titles(document[:-1]) == ["One"]


@pytest.mark.parametrize("rest", ["", "</item", "</item>", "</item></chan", "</item><!-- made by"])
def test_an_entry_is_whole_once_its_end_tag_has_begun_and_its_name_is_told(rest: str) -> None:
    whole = WHOLE.removesuffix("</item>")
    expected = ["One", "One"] if rest else ["One"]
    assert titles(f"{RSS}{WHOLE}{whole}{rest}".encode()) == expected


def test_tags_in_a_whole_documents_texts_change_nothing() -> None:
    text = "<![CDATA[Write <item> and </item></channel></rss> around it]]>"
    entry = f"<item><title>One</title><description>{text}</description></item>"
    parsed = parse(f"{RSS}{entry}{entry}</channel></rss><!-- made in 3 ms -->".encode())
    assert (len(parsed.entries), parsed.is_whole) == (2, True)


JSON = '{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": ['
ITEM = '{"id": 1, "title": "One", "authors": [{"name": "Zoë"}], "content_text": "a {[\\"] b"}'


@pytest.mark.parametrize(
    ("rest", "is_last_cut"),
    [
        ("", False),
        (", ", False),
        ("]", False),
        (', {"id": 2, "title": "Two", "content_text": "half', True),
        (', {"id": 2, "title": "Two", "content_text": "é', True),
        (', {"id": 2, "title": "Two", "content_text": "]}]} \\', True),
        (', {"id": 2, "title": "Two", "authors": [{"name": "Ann"}', True),
    ],
)
@pytest.mark.parametrize("bytes_lost", [0, 1])
def test_a_json_feed_that_breaks_off_is_read_up_to_its_last_whole_item(
    rest: str, is_last_cut: bool, bytes_lost: int
) -> None:
    document = f"{JSON}{ITEM}{rest}".encode()
    parsed = parse(document[: len(document) - bytes_lost if len(rest) > 2 else None])
    assert [entry.title_html for entry in parsed.entries] == ["One"]
    assert (parsed.is_whole, parsed.is_last_cut) == (False, is_last_cut)


@pytest.mark.parametrize(
    "document",
    [JSON, f"{JSON}{ITEM[:-1]}", f"{JSON}{ITEM} x]}}", '{"authors": [{}], "items": [{', "{[", "{"],
)
def test_json_without_a_whole_item_is_refused(document: str) -> None:
    with pytest.raises(ParseError):
        parse(document.encode())


@pytest.mark.parametrize("piece", ['"', "\\", "{", "[", '"a",', '{"a":'])
def test_finding_the_end_of_json_is_linear(piece: str) -> None:
    def read(size: int) -> None:
        with pytest.raises(ParseError):
            parse(f"{JSON}{piece * size}".encode())

    assert growth(read, 300, 3_000) < 1.5


@pytest.mark.parametrize("piece", ["<![CDATA[ ", "<!-- ", "<item ", "</item ", "<a:", "</rss "])
def test_finding_the_end_is_linear(piece: str) -> None:
    def read(size: int) -> None:
        parse(f"{RSS}{WHOLE}{piece * size}{WHOLE}".encode())

    assert growth(read, 300, 3_000) < 1.5
