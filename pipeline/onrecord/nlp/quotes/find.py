"""The quotes of an article: content, cue, and the source that the text names.

    parse ─ marks ─────── attribution ─┐
          └ complements ─ reported ────┴─ content ─> quotes

Content, cue and source follow the annotation of PolNeAR (Newell et al., LREC 2018), after PARC
3.0 (Pareti, LREC 2016): beliefs and intentions count as well as speech.
"""

import re
from bisect import bisect_right
from typing import Literal

import msgspec
from spacy.tokens import Doc

from onrecord.nlp.quotes.choices import Decided
from onrecord.nlp.quotes.choose import choose
from onrecord.nlp.quotes.confidence import Attribution, confidence_of
from onrecord.nlp.quotes.content import join
from onrecord.nlp.quotes.cues import Lexicon, Manner
from onrecord.nlp.quotes.narration import is_narration
from onrecord.nlp.quotes.outlets import Outlets, outlet_of, told_by
from onrecord.nlp.quotes.overlaps import CharSpan, Content
from onrecord.nlp.quotes.quoted import Quoted
from onrecord.nlp.quotes.reported import Reported, find_reported, known_cue, part_of
from onrecord.nlp.quotes.ruleset import Ruleset
from onrecord.nlp.quotes.signatures import find_posts
from onrecord.nlp.quotes.sources import kind_of_source, source_span
from onrecord.nlp.quotes.syntax import Parse, sentence_bounds
from onrecord.nlp.quotes.transcripts import find_turns

# All thresholds maximise F1 on held-out articles of the training data. What is weak carries a
# confidence that hides it from readers.
REPORTED_AT_LEAST = 0.24
AROUND_A_FRAGMENT = 0.15  # a clause that contains quoted words needs less evidence of its own
# Reports inside another speaker's words: three in four below this are not quotes.
NESTED_AT_LEAST = 0.6
# "This concerns …", "Ukraine approved …": two in three below this are not quotes.
BY_NO_ONE_AT_LEAST = 0.5
DEMONSTRATIVES = frozenset({"this", "that", "these", "those"})
PASSAGE_AT_LEAST = 0.2
SINGLE_AT_LEAST = 0.5  # single marks are apostrophes more often than quotation marks

_CLOCK = re.compile(r"[0-2]?\d[:.][0-5]\d(?:[ap]m)?")


class FoundQuote(msgspec.Struct, frozen=True, kw_only=True):
    """A quote as spans of `doc.text`: half-open, in code points.

    `content` is in text order, quotation marks excluded. `source` is the text's own wording: a
    name, a noun phrase or a pronoun. `cue` is None if nothing signals the quote (nobody is named,
    or the speaker of the previous paragraph continues). `confidence` is the probability that the
    words are somebody's statement, with correct bounds and cue; `attribution` holds the evidence
    for its source. `context` is the sentence or sentences around the whole quote, with the marks
    at its ends. `manner` is the cue's class: speech, belief or intention; None if it is unknown.
    `via` is the outlet from which second-hand words are taken.
    """

    content: tuple[CharSpan, ...]
    cue: CharSpan | None
    source: CharSpan | None
    type: Literal["direct", "mixed", "indirect"]
    confidence: float
    context: CharSpan
    manner: Manner | None = None
    via: CharSpan | None = None
    attribution: Attribution | None = None


def find_quotes(doc: Doc, rules: Ruleset, *, text: str | None = None) -> list[FoundQuote]:
    """The quotes of one article, direct and indirect, in text order; no passage is in two.

    Needs sentence bounds, tags and a dependency parse. `text` is the article's text where `doc`
    has substitute characters. For a language without rules use
    `find_passages` (`passages.py`).
    """
    parse = rules.read(doc, doc.text if text is None else text)
    return [found_quote(parse, one, likely, rules) for one, likely in weigh_contents(parse, rules)]


def find_contents(parse: Parse, rules: Ruleset) -> list[Content]:
    """The contents of all quotes, by tokens, in text order."""
    return [content for content, _ in weigh_contents(parse, rules)]


def weigh_contents(parse: Parse, rules: Ruleset) -> list[tuple[Content, float]]:
    """The same contents, each with its confidence."""
    weighed = [
        (content, confidence_of(parse, content, rules.lexicon, rules.confidence))
        for content in _contents(parse, rules)
    ]
    return [
        (content, likely)
        for content, likely in weighed
        if not _is_no_quote(parse, content, likely, rules)
    ]


def _contents(parse: Parse, rules: Ruleset) -> list[Content]:
    decided = rules.decide(parse) if rules.decide else None
    choices = choose(parse, rules.lexicon, rules.attribution, decided)
    reported = find_reported(
        parse,
        rules.lexicon,
        rules.reported,
        rules.endings,
        at_least=AROUND_A_FRAGMENT,
        ended_from=REPORTED_AT_LEAST,
    )
    return join(
        parse,
        choices,
        _beside_decided(parse, reported, decided or {}),
        [*find_turns(parse), *find_posts(parse)],
        reported_at_least=REPORTED_AT_LEAST,
        nested_at_least=NESTED_AT_LEAST,
    )


def _beside_decided(parse: Parse, reported: list[Reported], decided: Decided) -> list[Reported]:
    """The reports, except those that a parse attaches to the cue of a decided passage."""
    cues = {one.candidate.cue for one in decided.values() if one.candidate is not None}
    return [
        one
        for one in reported
        if one.complement.cue not in cues or parse.holds_quoted(one.complement.pieces)
    ]


def _is_no_quote(parse: Parse, content: Content, likely: float, rules: Ruleset) -> bool:
    """Whether the content is a title, a nickname, irony, or an unlikely or doubtful report."""
    if not content.passages:
        if _hands_over(parse, content, rules):
            return True
        by_no_one = _is_by_no_one(parse, content)
        if by_no_one and content.confidence < BY_NO_ONE_AT_LEAST:
            return True
        return content.clause is not None and is_narration(
            parse, content, likely, rules.lexicon, by_no_one=by_no_one
        )
    passages = [parse.passages[k] for k in content.passages]
    single = any(one.single and not _is_plain(parse.text, one) for one in passages)
    return content.of_someone < (SINGLE_AT_LEAST if single else PASSAGE_AT_LEAST)


def _is_plain(text: str, passage: Quoted) -> bool:
    """Whether single marks enclose a word of the sentence or open a heading, and no title."""
    words = text[passage.start : passage.end]
    return (len(words.split()) == 1 and words.islower()) or _opens_heading(text, passage)


def _opens_heading(text: str, passage: Quoted) -> bool:
    """Whether a passage begins a line before a colon: "‘We lost it all’: a family speaks".

    A title is no quote: "‘Harbour House’: a review".
    """
    first = text[max(0, passage.outer_start - 20) : passage.outer_start].rpartition("\n")[2]
    words = text[passage.start : passage.end].split()
    spoken = any(word.islower() for word in words) and len(words) > 1
    return not first.strip() and text[passage.outer_end : passage.outer_end + 1] == ":" and spoken


def _hands_over(parse: Parse, content: Content, rules: Ruleset) -> bool:
    """Whether an outlet only names the person it quotes: "the paper quoted Lind as saying …"."""
    if content.cue is None or parse.lower[content.cue] not in rules.outlets.quoting:
        return False
    start, end = content.spans[0]
    first, last = token_at(parse, start), token_at(parse, end - 1)
    return any(
        parse.lower[i] == "as"
        and parse.tags[i + 1] == "VBG"
        and _manner_of(parse, i + 1, rules.lexicon) == "speech"
        for i in range(first, last)
    )


def _manner_of(parse: Parse, token: int, lexicon: Lexicon) -> Manner | None:
    cue = known_cue(parse, token, lexicon)
    return cue.manner if cue is not None else None


def _is_by_no_one(parse: Parse, content: Content) -> bool:
    """Whether the source is missing or rarely speaks, or only "this" is reported."""
    source = content.source
    if source is None or parse.lower[source] in DEMONSTRATIVES:
        return True
    start, end = content.spans[0]
    is_bare = len(content.spans) == 1 and parse.text[start:end].lower() in DEMONSTRATIVES
    return is_bare or kind_of_source(parse, source) == "place"


def found_quote(parse: Parse, content: Content, likely: float, rules: Ruleset) -> FoundQuote:
    """A content with its spans and figures, as a quote; `likely` is its confidence."""
    source, via = _source_and_via(parse, content, rules.outlets)
    return FoundQuote(
        content=content.spans,
        cue=_cue(parse, content),
        source=source,
        via=via,
        type=_type(content),
        confidence=likely,
        attribution=_attribution(parse, content, rules.lexicon),
        context=_context(parse, content),
        manner=_manner(parse, content, rules.lexicon),
    )


def _attribution(parse: Parse, content: Content, lexicon: Lexicon) -> Attribution | None:
    """The evidence for a quote's source; None if it has none."""
    if content.source is None:
        return None
    kind = kind_of_source(parse, content.source)
    here = content.cue is not None and not content.is_carried
    path = content.clause.source.path if content.clause and content.clause.source else ""
    first, end = source_span(parse, content.source)
    named = end - first > 1 or parse.tags[first].startswith("NN")
    speaks = lexicon.speaker_evidence(parse.lower[content.source]) if kind == "noun" else 0.0
    return Attribution(
        content.confidence,
        kind,
        path.partition(">")[0],
        cued=here,
        names_someone=named,
        cue_evidence=_cue_evidence(parse, content.cue, lexicon),
        noun_evidence=speaks,
    )


def _cue_evidence(parse: Parse, cue: int | None, lexicon: Lexicon) -> float:
    """Log-odds that the cue introduces quoted words; 0 for a colon or no cue."""
    part = part_of(parse, cue) if cue is not None else None
    if cue is None or part is None:
        return 0.0
    return lexicon.quoted_evidence(lexicon.find(parse.lower[cue], part), part)


def _cue(parse: Parse, content: Content) -> CharSpan | None:
    """The cue's span; None if the cue belongs to a quote continued from another paragraph."""
    if content.cue is None:
        return None
    here = parse.paragraphs[token_at(parse, content.spans[0][0])]
    if content.is_carried and parse.paragraphs[content.cue] != here:
        return None
    if content.cue == content.source:
        return None
    fixed = parse.child(content.cue, "fixed")  # the rest of "d'après"
    last = fixed if fixed == content.cue + 1 else content.cue
    return parse.starts[content.cue], parse.ends[last]


def _source_and_via(
    parse: Parse, content: Content, outlets: Outlets
) -> tuple[CharSpan | None, CharSpan | None]:
    """The source, and the outlet that reports the words if they are second-hand."""
    if content.source is None:
        return None, None
    if content.cue is None:
        return _span(parse, source_span(parse, content.source)), None

    def outside(token: int) -> bool:
        return not any(start <= parse.starts[token] < end for start, end in content.spans)

    source = told_by(parse, outlets, content.cue, content.source)
    source = source if outside(source) else content.source
    via = outlet_of(parse, outlets, content.cue, source, outside)
    return _span(parse, source_span(parse, source)), _span(parse, via) if via else None


def _span(parse: Parse, tokens: tuple[int, int]) -> CharSpan:
    first, last = tokens
    # The time stamp of a live blog: "10:50 Varga: “We are closed.”"
    while first < last - 1 and _CLOCK.fullmatch(parse.words[first]):
        first += 1
    # In "ajoute-t-elle" the tokenizer leaves the hyphen on the pronoun.
    hyphen = parse.words[first].startswith("-") and len(parse.words[first]) > 1
    return parse.starts[first] + hyphen, parse.ends[last - 1]


def _type(content: Content) -> Literal["direct", "mixed", "indirect"]:
    if not content.passages:
        return "indirect"
    return "mixed" if content.is_mixed else "direct"


def _manner(parse: Parse, content: Content, lexicon: Lexicon) -> Manner | None:
    """The manner by the cue's class; words between marks are speech, even with an unknown verb."""
    cue = known_cue(parse, content.cue, lexicon) if content.cue is not None else None
    if cue is not None and (cue.manner is not None or not content.passages):
        return cue.manner
    return "speech" if content.passages and content.source is not None else None


def _context(parse: Parse, content: Content) -> CharSpan:
    """The span from the start of the quote's first sentence to the end of its last."""
    start, end = content.spans[0][0], content.spans[-1][1]
    parts = [token_at(parse, start), token_at(parse, end - 1), content.cue, content.source]
    tokens = [part for part in parts if part is not None]
    first, last = sentence_bounds(parse, min(tokens))[0], sentence_bounds(parse, max(tokens))[1]
    while first < min(tokens) and (parse.is_space(first) or _closes(parse, first)):
        first += 1
    return _with_marks(parse, min(parse.starts[first], start), max(parse.ends[last], end))


def _closes(parse: Parse, token: int) -> bool:
    """Whether the token is the mark that closes a passage of the previous sentence."""
    k = _passage_before(parse, parse.starts[token])
    return k >= 0 and parse.passages[k].end <= parse.starts[token] < parse.passages[k].outer_end


def _with_marks(parse: Parse, start: int, end: int) -> CharSpan:
    """A run of sentences with the marks beside it: the parser may split between them."""
    for k in (_passage_before(parse, start), _passage_before(parse, start) + 1):
        if 0 <= k < len(parse.passages):
            passage = parse.passages[k]
            start = passage.outer_start if passage.outer_start <= start <= passage.start else start
    k = _passage_before(parse, end)
    if k >= 0 and parse.passages[k].end <= end:
        end = max(end, parse.passages[k].outer_end)
    return start, end


def _passage_before(parse: Parse, char: int) -> int:
    """The number of the last passage that begins before a position in the text, else -1."""
    return bisect_right(parse.passages, char, key=lambda passage: passage.start) - 1


def token_at(parse: Parse, char: int) -> int:
    """The token at a position in the text, or the last one before it."""
    return max(0, bisect_right(parse.starts, char) - 1)
