"""Which characters the bytes of a page stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.feeds.parsing.encoding import page_text, settled_text

RUSSIAN = "Гавань откроют в мае, сказал мэр города. Мы ждали достаточно долго, добавил он."
PAGE = "<html><head>{}<title>x</title></head><body><p>{}</p></body></html>"


@pytest.mark.parametrize(
    ("encoding", "content_type", "head"),
    [
        ("utf-8", "text/html; charset=windows-1251", "<meta charset=koi8-r>"),
        ("utf-8-sig", "text/html", ""),
        ("utf-16", "text/html; charset=iso-8859-1", ""),
        ("utf-16-le", "text/html", ""),
        ("cp1251", "text/html; charset=windows-1251", ""),
        ("cp1251", "text/html; charset=windows-1251", "<meta charset=utf-8>"),
        ("cp1251", "text/html", "<meta charset=windows-1251>"),
        ("cp1251", "text/html", "<meta charset='cp-1251'>"),
        ("cp1251", None, '<meta http-equiv=content-type content="text/html; charset=cp1251">'),
        ("cp1251", "text/html; charset=utf-8", "<meta charset=windows-1251>"),
        ("cp1251", "text/html; charset=no-such", "<meta charset=windows-1251>"),
        ("cp1251", "text/html", f"<script>{'x' * 20_000}</script><meta charset=windows-1251>"),
        ("cp1251", "text/html", ""),  # by the bytes alone
        # a web server says Latin-1 by itself; nothing in a Western language looks like this
        ("cp1251", "text/html; charset=iso-8859-1", "<meta charset=windows-1251>"),
        ("koi8-r", "text/html", "<meta charset=koi8-r>"),
    ],
)
def test_a_page_is_read_as_written(encoding: str, content_type: str | None, head: str) -> None:
    markup = PAGE.format(head, RUSSIAN * 3)
    assert RUSSIAN in page_text(markup.encode(encoding), content_type)


def test_latin_1_is_believed_of_a_western_text_whatever_else_is_declared() -> None:
    french = "L'été où la jetée s'ouvrira à tous, dit-elle, reste à décider après l'accord."
    markup = PAGE.format("<meta charset=windows-1250>", french)
    assert french in page_text(markup.encode("cp1252"), "text/html; charset=iso-8859-1")


@pytest.mark.parametrize(
    "words", [RUSSIAN, "“Die Brücke öffnet später”, sagte die Bürgermeisterin."]
)
def test_a_byte_of_another_encoding_in_utf_8_that_nobody_declares_spoils_no_page(
    words: str,
) -> None:
    body = PAGE.format("", f"{words * 5} \xff").encode().replace("\xff".encode(), b"\xe9")
    assert page_text(body, "text/html") == PAGE.format("", f"{words * 5} é")


def test_the_declaration_of_xhtml_counts() -> None:
    markup = f'<?xml version="1.0" encoding="windows-1251"?>{PAGE.format("", RUSSIAN)}'
    assert RUSSIAN in page_text(markup.encode("cp1251"), "application/xhtml+xml")


@pytest.mark.parametrize(
    "charset", ["utf-7", "unicode_escape", "raw_unicode_escape", "idna", "rot13", "hex", "zlib"]
)
def test_an_encoding_that_is_not_one_of_text_is_not_believed(charset: str) -> None:
    body = b"<p>+AFw-ud800 \\ud800 caf\xe9</p>"
    text = page_text(body, f"text/html; charset={charset}")
    assert text == "<p>+AFw-ud800 \\ud800 café</p>"
    feed = b"<rss><channel><item><title>caf\xe9 \\ud800</title></item></channel></rss>"
    assert "\ud800" not in (settled_text(feed, f"text/xml; charset={charset}") or "")


@given(st.binary(max_size=300), st.text(max_size=20))
def test_no_bytes_raise(body: bytes, charset: str) -> None:
    text = page_text(body, f"text/html; charset={charset}")
    assert text.encode("utf-8", "replace") is not None
    settled_text(body, f"text/xml; charset={charset}")
