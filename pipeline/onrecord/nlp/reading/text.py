"""Prepare a text for the model: bound its length and replace characters that mislead the parser.

Every character is kept or replaced by one character, so offsets into the result are offsets into
the article's text. Invisible characters and unusual dashes are replaced: a control character
splits a sentence for the parser, and it misses the paragraph break of a lone carriage return.
"""

import itertools
import re

# Line ends other than "\n": of old files (\r), of typesetting and of JavaScript.
_LINE_ENDS = re.compile("\r(?!\n)|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Control characters, bidi controls and zero-width spaces. Not the joiners U+200C and U+200D, part
# of Persian and Hindi spelling, nor tab and line feed.
_UNSEEN = re.compile(
    "[\x00-\x08\r\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
# News has five or six characters per token, spaces included; a table of numbers has three.
_CHARS_PER_TOKEN = 3
_TOKENS = re.compile(r"\w+|[^\w\s]")
# The horizontal bar: used as a dash, but the models do not know it.
_BAR = "\u2015"


def readable_part(text: str, max_chars: int) -> str:
    """The text, or as many whole paragraphs of it as fit into `max_chars`.

    If no paragraph fits, whole words; if there are no words, characters. Parsing time grows with
    the number of tokens: a text of marks and single letters is cut earlier, so that any text of
    `max_chars` takes at most twice the time of news.
    """
    end = _end_of_tokens(text[:max_chars], max_chars // _CHARS_PER_TOKEN)
    if len(text) <= end:
        return text
    cut = text.rfind("\n", 0, end + 1)
    if cut <= 0:
        cut = text.rfind(" ", 0, end + 1)
    return text[: cut if cut > 0 else end]


def _end_of_tokens(text: str, most: int) -> int:
    """The end of the first `most` tokens; the end of the text when it has fewer."""
    if len(text) <= most:
        return len(text)
    token = next(itertools.islice(_TOKENS.finditer(text), most, None), None)
    return token.start() if token else len(text)


def as_read(text: str) -> str:
    """The text with invisible characters as spaces, line ends as line feeds, bars as dashes.

    The length is unchanged.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(" ", _LINE_ENDS.sub("\n", text)).replace(_BAR, "—")


def base_of(language: str | None) -> str:
    """The language subtag of a language tag: "en" of "en-GB"."""
    return (language or "en").lower().replace("_", "-").partition("-")[0]


def note_of_cut(whole: int, read: int) -> str | None:
    """The note on a text of which only the first characters were read."""
    if read == whole:
        return None
    return f"only the first {read:,} of {whole:,} characters were read (extract.max_text_chars)"
