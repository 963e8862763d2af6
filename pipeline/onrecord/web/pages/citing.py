"""How a quote is cited: a line to copy, and a link to its words at the publisher."""

from urllib.parse import quote as percent_encoded

from onrecord.archive.results import ArchivedQuote
from onrecord.web.pages.marking import plain_words
from onrecord.web.pages.rendering import Wording, web_url

# A text fragment of so many words at each end is found, and does not fill an address.
_WORDS_EACH_END = 5


def citation(found: ArchivedQuote, wording: Wording, permalink: str) -> str:
    """The quote with speaker, place and time, as a note or a fact-check gives it.

    Words that stand in the article's own voice get no quotation marks.
    """
    words = " ".join(plain_words(found.quote).split()).rstrip(",;")
    who = _who(found)
    said = f"{who}, as reported: {words}"
    if found.quote.type != "indirect":
        said = f"“{words}” – {who}"
    url = web_url(found.article.url)
    return f"{said}. {_where(found, wording)}. {f'{url} ' if url else ''}[{permalink}]"


def _who(found: ArchivedQuote) -> str:
    if found.speaker is None:
        return "speaker not identified"
    return ", ".join(filter(None, (found.speaker.name, found.role)))


def _where(found: ArchivedQuote, wording: Wording) -> str:
    article = found.article
    at = wording.time(article.published_at) if article.published_at else "undated"
    return ", ".join(filter(None, (article.title and f"“{article.title}”", article.publisher, at)))


def source_link(found: ArchivedQuote) -> str | None:
    """The article at its publisher, scrolled to the words where the browser knows how.

    The words stand in a text fragment (https://wicg.github.io/scroll-to-text-fragment/); a page
    that has changed opens at its top.
    """
    url = web_url(found.article.url)
    spans = found.quote.content
    if url is None or not spans:
        return url
    words = max(spans, key=lambda span: len(span.text)).text.split()
    ends = [words]
    if len(words) > 2 * _WORDS_EACH_END:
        ends = [words[:_WORDS_EACH_END], words[-_WORDS_EACH_END:]]
    text = ",".join(_fragment(" ".join(end)) for end in ends)
    return f"{url}{'' if '#' in url else '#'}:~:text={text}"


def _fragment(text: str) -> str:
    # A hyphen and a comma have a meaning in the directive.
    return percent_encoded(text, safe="").replace("-", "%2D")
