"""The text as the model reads it: as much as is read, and what would mislead it made plain.

What goes out has the same characters at the same places, so offsets into it are offsets into the
article's text. Only characters that nobody sees are replaced: a control character inside a
sentence makes the parser see two, and a lone carriage return ends a paragraph that it would miss.
"""

import itertools
import re

# Line ends that are no "\n": of old files (\r), of typesetting and of JavaScript.
_LINE_ENDS = re.compile("\r(?!\n)|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# Controls, marks of direction, and blanks of no width. Not the joiners U+200C and U+200D, which
# Persian and Hindi spell with, and neither tab nor line feed.
_UNSEEN = re.compile(
    "[\x00-\x08\r\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
# News has five or six characters a token, blanks included; a table of numbers three.
_CHARS_PER_TOKEN = 3
_TOKENS = re.compile(r"\w+|[^\w\s]")
# The horizontal bar: a dash to everybody but the models.
_BAR = "\u2015"


def readable_part(text: str, max_chars: int) -> str:
    """The text, or as many whole paragraphs of it as fit into `max_chars`.

    Where not even one fits, its words that do; where there are no words, its characters. Reading
    takes as long as there are tokens: of a text of marks and single letters less is read, so that
    any text of `max_chars` is read within twice the time of news.
    """
    end = _end_of_tokens(text[:max_chars], max_chars // _CHARS_PER_TOKEN)
    if len(text) <= end:
        return text
    cut = text.rfind("\n", 0, end + 1)
    if cut <= 0:
        cut = text.rfind(" ", 0, end + 1)
    return text[: cut if cut > 0 else end]


def _end_of_tokens(text: str, most: int) -> int:
    """Where the first `most` tokens of a text end: the text's end when there are no more."""
    if len(text) <= most:
        return len(text)
    token = next(itertools.islice(_TOKENS.finditer(text), most, None), None)
    return token.start() if token else len(text)


def as_read(text: str) -> str:
    """The text with unseen characters as blanks, line ends as line feeds, bars as dashes.

    Of the same length.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(" ", _LINE_ENDS.sub("\n", text)).replace(_BAR, "—")


def base_of(language: str | None) -> str:
    """The language of a tag without its region: "en" of "en-GB"."""
    return (language or "en").lower().replace("_", "-").partition("-")[0]


def note_of_cut(whole: int, read: int) -> str | None:
    """What to say of a text of which only the first characters were read."""
    if read == whole:
        return None
    return f"only the first {read:,} of {whole:,} characters were read (extract.max_text_chars)"
