"""The quotes of an article: what was said, what signals it, and who the text says said it."""

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

from spacy.tokens import Doc

from pipeline.nlp.attribution import choose
from pipeline.nlp.content import AROUND_A_FRAGMENT, CharSpan, Content, join
from pipeline.nlp.cues import load_lexicon
from pipeline.nlp.indirect import sentence_bounds
from pipeline.nlp.reported import find_reported
from pipeline.nlp.sources import Candidate, source_span
from pipeline.nlp.syntax import Parse, read_parse
from pipeline.nlp.weights import load_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundQuote:
    """A quote as spans of `doc.text`: half-open, in code points.

    `content` is in text order, quotation marks excluded. `source` is what the text puts there:
    a name, a noun phrase or a pronoun. `context` is the sentence or sentences around all of it.
    """

    content: tuple[CharSpan, ...]
    cue: CharSpan | None
    source: CharSpan | None
    type: Literal["direct", "mixed", "indirect"]
    confidence: float
    context: CharSpan


REPORTED_AT_LEAST = 0.3
PASSAGE_AT_LEAST = 0.2


def find_quotes(doc: Doc) -> list[FoundQuote]:
    """The quotes of one article, direct and indirect, in text order."""
    parse = read_parse(doc)
    lexicon = load_lexicon("en")
    choices = choose(parse, lexicon, load_weights("attribution.en"))
    reported = find_reported(
        parse, lexicon, load_weights("reported.en"), at_least=AROUND_A_FRAGMENT
    )
    contents = join(parse, choices, reported, reported_at_least=REPORTED_AT_LEAST)
    return [_found(parse, content) for content in contents if not _is_no_quote(parse, content)]


def _is_no_quote(parse: Parse, content: Content) -> bool:
    """A title, a nickname, irony; single marks are apostrophes before they are quotes."""
    if not content.passages:
        return False
    single = any(parse.passages[k].single for k in content.passages)
    return content.probability < (0.5 if single else PASSAGE_AT_LEAST)


def _found(parse: Parse, content: Content) -> FoundQuote:
    by = content.by
    return FoundQuote(
        content=content.spans,
        cue=(parse.starts[by.cue], parse.ends[by.cue]) if by else None,
        source=_source(parse, by) if by else None,
        type=_type(content),
        confidence=content.probability,
        context=_context(parse, content, by),
    )


def _type(content: Content) -> Literal["direct", "mixed", "indirect"]:
    if not content.passages:
        return "indirect"
    return "mixed" if content.is_mixed else "direct"


def _source(parse: Parse, by: Candidate) -> CharSpan:
    first, last = source_span(parse, by.source)
    return parse.starts[first], parse.ends[last - 1]


def _context(parse: Parse, content: Content, by: Candidate | None) -> CharSpan:
    """From the beginning of the first sentence that holds a part of it to the end of the last."""
    chars = [content.spans[0][0], content.spans[-1][1] - 1]
    tokens = [max(0, bisect_right(parse.starts, char) - 1) for char in chars]
    if by is not None:
        tokens += [by.cue, by.source]
    first, last = sentence_bounds(parse, min(tokens))[0], sentence_bounds(parse, max(tokens))[1]
    while first < min(tokens) and parse.is_space(first):
        first += 1
    return min(parse.starts[first], chars[0]), max(parse.ends[last], chars[1] + 1)
