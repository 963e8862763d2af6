"""Passages between quotation marks that are long enough to be quotes, in any language."""

from onrecord.nlp.quotes.find import FoundQuote
from onrecord.nlp.quotes.marks import find_quoted
from onrecord.nlp.quotes.quoted import Quoted

# Without rules for a language: shorter passages are mostly titles and irony.
SHORTEST_WITHOUT_RULES = 3
UNKNOWN = 0.5
A_TITLE = 0.3
LONGEST_TITLE = 7  # words

_INTRODUCING = frozenset({"", "\n", ":", ".", "!", "?", "…", "：", "。", "—", "–"})
_FOLLOWED = frozenset({",", "，", "、", "—", "–", "-"})
_ENDING = frozenset(".!?…,。！？")


def find_passages(text: str) -> list[FoundQuote]:
    """Passages between quotation marks that are long enough to be quotes, without a source."""
    return [
        FoundQuote(
            content=((quoted.start, quoted.end),),
            cue=None,
            source=None,
            type="direct",
            confidence=UNKNOWN if _stands_as_speech(text, quoted) else A_TITLE,
            context=(quoted.outer_start, quoted.outer_end),
        )
        for quoted in find_quoted(text)
        if _words_in(text[quoted.start : quoted.end]) >= SHORTEST_WITHOUT_RULES
    ]


def _stands_as_speech(text: str, quoted: Quoted) -> bool:
    """Whether a passage is introduced, is followed by its speaker, or is as long as a sentence.

    A passage in mid-sentence without final punctuation is as often a title or a term.
    """
    before = text[max(0, quoted.outer_start - 3) : quoted.outer_start].rstrip(" \xa0")[-1:]
    after = text[quoted.outer_end : quoted.outer_end + 2].lstrip(" \xa0")[:1]
    inside = text[quoted.start : quoted.end]
    introduced = before in _INTRODUCING or after in _FOLLOWED
    ends = inside[-1] in _ENDING
    return introduced or ends or _words_in(inside) > LONGEST_TITLE


def _words_in(text: str) -> float:
    """The number of words in a passage; in unspaced scripts, about two characters each."""
    unspaced = sum(map(_is_unspaced, text))
    return unspaced / 2 if unspaced else len(text.split())


def _is_unspaced(char: str) -> bool:
    """Whether a character's script does not separate words: Thai to Khmer, Chinese, Japanese."""
    return "\u0e00" <= char <= "\u0eff" or "\u3040" <= char <= "\u9fff"
