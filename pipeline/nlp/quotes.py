"""The quotes of an article: what was said, what signals it, and who the text says said it.

    parse ─ marks ─────── attribution ─┐
          └ complements ─ reported ────┴─ content ─> quotes

Content, cue and source are what PolNeAR (Newell et al., LREC 2018) marks, after PARC 3.0
(Pareti, LREC 2016): beliefs and intentions stand beside speech.
"""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

from spacy.tokens import Doc

from pipeline.nlp.attribution import choose
from pipeline.nlp.content import CharSpan, Content, join
from pipeline.nlp.languages import Rules, rules_of
from pipeline.nlp.marks import find_quoted
from pipeline.nlp.reported import find_reported
from pipeline.nlp.sources import source_span
from pipeline.nlp.syntax import Parse, read_parse, sentence_bounds

# All chosen on held-out articles of the training data, where F1 of what is found is highest.
REPORTED_AT_LEAST = 0.32
AROUND_A_FRAGMENT = 0.15  # a clause with quoted words in it need not pass by itself
PASSAGE_AT_LEAST = 0.2
SINGLE_AT_LEAST = 0.5  # single marks are apostrophes before they are quotes

# Without rules for a language: shorter passages are titles and irony more often than not.
SHORTEST_WITHOUT_RULES = 3
UNKNOWN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundQuote:
    """A quote as spans of `doc.text`: half-open, in code points.

    `content` is in text order, quotation marks excluded. `source` is what the text puts there:
    a name, a noun phrase or a pronoun. `cue` is None where nothing signals the quote (nobody is
    named, or the speaker of the paragraph before goes on). `confidence` is the probability of
    the source, or of the passage being a quote at all where there is none. `context` is the
    sentence or sentences around all of it.
    """

    content: tuple[CharSpan, ...]
    cue: CharSpan | None
    source: CharSpan | None
    type: Literal["direct", "mixed", "indirect"]
    confidence: float
    context: CharSpan


def find_quotes(doc: Doc, *, language: str | None = None) -> list[FoundQuote]:
    """The quotes of one article, direct and indirect, in text order; no passage is in two.

    Needs sentence bounds, tags and a dependency parse. In a language without rules: what stands
    between quotation marks, without cue or source.
    """
    rules = rules_of(language)
    if rules is None:
        return _passages(doc.text)
    parse = read_parse(doc)
    return [_found(parse, one) for one in _contents(parse, rules) if not _is_no_quote(parse, one)]


def _contents(parse: Parse, rules: Rules) -> list[Content]:
    choices = choose(parse, rules.lexicon, rules.attribution)
    reported = find_reported(parse, rules.lexicon, rules.reported, at_least=AROUND_A_FRAGMENT)
    return join(parse, choices, reported, reported_at_least=REPORTED_AT_LEAST)


def _is_no_quote(parse: Parse, content: Content) -> bool:
    """A title, a nickname, irony."""
    if not content.passages:
        return False
    single = any(parse.passages[k].single for k in content.passages)
    return content.of_someone < (SINGLE_AT_LEAST if single else PASSAGE_AT_LEAST)


def _found(parse: Parse, content: Content) -> FoundQuote:
    return FoundQuote(
        content=content.spans,
        cue=_cue(parse, content),
        source=_source(parse, content.source) if content.source is not None else None,
        type=_type(content),
        confidence=content.confidence,
        context=_context(parse, content),
    )


def _cue(parse: Parse, content: Content) -> CharSpan | None:
    """The cue, unless it is that of a quote in another paragraph, which goes on here."""
    if content.cue is None:
        return None
    here = parse.paragraphs[_token_at(parse, content.spans[0][0])]
    if content.is_carried and parse.paragraphs[content.cue] != here:
        return None
    return parse.starts[content.cue], parse.ends[content.cue]


def _source(parse: Parse, source: int) -> CharSpan:
    first, last = source_span(parse, source)
    return parse.starts[first], parse.ends[last - 1]


def _type(content: Content) -> Literal["direct", "mixed", "indirect"]:
    if not content.passages:
        return "indirect"
    return "mixed" if content.is_mixed else "direct"


def _context(parse: Parse, content: Content) -> CharSpan:
    """From the beginning of the first sentence that holds a part of it to the end of the last."""
    start, end = content.spans[0][0], content.spans[-1][1]
    parts = [_token_at(parse, start), _token_at(parse, end - 1), content.cue, content.source]
    tokens = [part for part in parts if part is not None]
    first, last = sentence_bounds(parse, min(tokens))[0], sentence_bounds(parse, max(tokens))[1]
    while first < min(tokens) and parse.is_space(first):
        first += 1
    return min(parse.starts[first], start), max(parse.ends[last], end)


def _token_at(parse: Parse, char: int) -> int:
    return max(0, bisect_right(parse.starts, char) - 1)


def _passages(text: str) -> list[FoundQuote]:
    return [
        FoundQuote(
            content=((quoted.start, quoted.end),),
            cue=None,
            source=None,
            type="direct",
            confidence=UNKNOWN,
            context=(quoted.outer_start, quoted.outer_end),
        )
        for quoted in find_quoted(text)
        if len(text[quoted.start : quoted.end].split()) >= SHORTEST_WITHOUT_RULES
    ]
