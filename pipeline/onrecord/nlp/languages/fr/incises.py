"""Where the reporter speaks inside the marks: "« Cette loi, poursuit-elle, va tout changer »"."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from onrecord.nlp.languages.fr.clauses import Clause, read_clause
from onrecord.nlp.languages.fr.noun_phrases import read_name
from onrecord.nlp.languages.fr.words import Word, verbs, words_in
from onrecord.nlp.quotes.quoted import Quoted

_OPENS = frozenset(",?!…–—.")
_CLOSES = frozenset(",.;:?!…–—")
_FARTHEST_CLOSE = 12
_LINE_OF_DIALOGUE = re.compile(r"^[—–][ \u00a0\u202f]([^«»“”\n]+)$", re.MULTILINE)
# What goes on about the speaker: "répète-t-il, la voix cassée."
_MANNER = re.compile(
    r"\s(?:l[ae] (?:voix|gorge|regard|visage|sourire|mine|ton)|les (?:yeux|larmes|bras|dents)|l'air"
    r"|en \w+ant|un (?:brin|peu|rien)|visiblement|encore|presque|non sans|sans|avec|mi-|très|tout"
    r"|\w+(?:é|ée|if|ive|eux|euse|aire|iste|ant|ante|able|ible|ique|er|ère)\b)[^,.«»!?]{0,50}[.,]\s"
)


def without_incises(text: str, passages: Iterable[Quoted]) -> Iterator[Quoted]:
    """The passages, cut where the reporter speaks inside the marks."""
    for passage in passages:
        rest = passage
        for start, end in _incises(text, passage):
            if start <= rest.start or not any(map(str.isalnum, text[end : passage.end])):
                continue
            yield replace(rest, end=start, outer_end=start)
            rest = replace(rest, start=end, outer_start=end)
        yield rest


def dialogue(text: str) -> Iterator[Quoted]:
    """What a line says that a dash opens and in which the reporter speaks: "— Non, dit-il."."""
    for found in _LINE_OF_DIALOGUE.finditer(text):
        start, end = found.span(1)
        line = Quoted(start, end, start, end)
        cuts = list(_incises(text, line))
        if not cuts:
            continue
        for cut, after in cuts:
            yield replace(line, start=start, end=cut, outer_start=start, outer_end=cut)
            start = after
        if any(map(str.isalnum, text[start:end])):
            yield replace(line, start=start, outer_start=start)


def _incises(text: str, passage: Quoted) -> Iterator[tuple[int, int]]:
    """From the mark before what the reporter says to the next word of the speaker."""
    words = words_in(text, passage.start, passage.end)
    i = 0
    while i < len(words):
        if words[i].text in _OPENS and i:
            end = _end_of_incise(text, words, i)
            if end is not None:
                yield words[i].end, words[end].start if end < len(words) else passage.end
                i = end
                continue
        i += 1


def _end_of_incise(text: str, words: list[Word], at: int) -> int | None:
    """The number of the word after what the reporter says from `at` on, if he speaks there."""
    if words[at].text == "." or not words[at + 1 : at + 2] or words[at + 1].is_name:
        return None
    clause = read_clause(words, at + 1)
    if clause is None or not _is_speech(words, clause, at):
        return None
    close = _close(words, clause.end)
    if close is None:
        return None
    if words[close].text == ",":
        close = _after_apposition(words, close)
        manner = _MANNER.match(text, words[close].end)
        if words[close].text == "," and manner is not None:
            close = next(
                i for i in range(close + 1, len(words)) if words[i].end >= manner.end() - 1
            )
    return close + 1


def _is_speech(words: list[Word], clause: Clause, at: int) -> bool:
    cue = next(word.lower for word in words[at:] if word.start >= clause.cue[0])
    said = cue.split("-")[0]
    if clause.kind == "pronoun":
        return said in verbs() and words[at].text != "."
    if clause.is_known:
        return not said.endswith(("é", "ée", "és", "ées")) or clause.cue[0] > words[at + 1].start
    return clause.kind == "name" and clause.source[1] - clause.source[0] > 6


def _close(words: list[Word], i: int) -> int | None:
    for j in range(i, min(i + _FARTHEST_CLOSE, len(words))):
        if words[j].text in _CLOSES:
            return j
    return None


def _after_apposition(words: list[Word], comma: int) -> int:
    """The mark after a name set beside: "a expliqué la maire, Claire Vaugeois."."""
    name = read_name(words, comma + 1)
    if name is None or name.end >= len(words) or words[name.end].text not in _CLOSES:
        return comma
    return name.end if name.end - comma > 2 else comma
