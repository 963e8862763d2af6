"""HTML that publishers got wrong: escaped twice, in part, never closed."""

import pytest

from onrecord.feeds.text.html import html_to_line, html_to_text
from tests.steps import growth


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        # text about markup, in markup: F6
        (
            "<p>One line.</p><p>It read <code>&lt;p hidden&gt;</code> and sent.</p><p>“Yes,”</p>",
            "One line.\n\nIt read <p hidden> and sent.\n\n“Yes,”",
        ),
        (
            "<p>“The <code>&lt;system&gt;</code> line,” she said.</p><p>It ends: &lt;/p&gt;.</p>",
            "“The <system> line,” she said.\n\nIt ends: </p>.",
        ),
        ("<p>An &lt;iframe&gt; and a &lt;script&gt; stay.</p>", "An <iframe> and a <script> stay."),
        ("It read &lt;p hidden&gt; and no more.", "It read <p hidden> and no more."),
        # all of it escaped twice
        ("&lt;p&gt;One&lt;/p&gt;&lt;p&gt;two&lt;/p&gt;", "One\n\ntwo"),
        ("One&lt;br /&gt;two", "One\n\ntwo"),
        # a paragraph escaped once more, in good markup
        ("<p>One</p><p>&lt;p&gt;two&lt;/p&gt;&lt;p&gt;three&lt;/p&gt;</p>", "One\n\ntwo\n\nthree"),
        # references escaped twice: F12
        ("<p>Merrow &amp;amp; Co. &amp;#8217;</p>", "Merrow & Co. ’"),
        ("Q&amp;amp;A", "Q&A"),
        ("Re&colon; pier", "Re: pier"),
        # an element that is never closed hides nothing
        (
            "<p>The page had no <title> and no text.</p><p>b</p>",
            "The page had no and no text.\n\nb",
        ),
        ("<p>a <title>not this</title> b</p>", "a\n\nb"),
        ("<p>a <iframe src=x> b</p><p>c</p>", "a b\n\nc"),
        # marks of CDATA sections
        ("<![CDATA[<p>a</p>]]>", "a"),
        ("if (a[b[0]]>1) then", "if (a[b[0]]>1) then"),
        ("<p>a</p>]]>", "a"),
    ],
)
def test_what_was_meant_is_read(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


def test_a_title_is_unescaped_as_a_text_is() -> None:
    assert html_to_line("Q&amp;amp;A with the mayor&amp;#8217;s office") == (
        "Q&A with the mayor’s office"
    )


@pytest.mark.parametrize("piece", ["<title>", "<![CDATA[", "]]>", "&amp;amp;", "&lt;p&gt;", "<p>"])
def test_the_work_grows_with_the_markup(piece: str) -> None:
    assert growth(lambda n: html_to_text("a " + piece * n), 200, 800) < 1.5
