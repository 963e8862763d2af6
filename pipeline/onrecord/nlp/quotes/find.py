"""The quotes of an article: what was said, what signals it, and who the text says said it.

    parse ─ marks ─────── attribution ─┐
          └ complements ─ reported ────┴─ content ─> quotes

Content, cue and source are what PolNeAR (Newell et al., LREC 2018) marks, after PARC 3.0
(Pareti, LREC 2016): beliefs and intentions stand beside speech.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

from spacy.tokens import Doc

from onrecord.nlp.quotes.choices import Decided
from onrecord.nlp.quotes.choose import choose
from onrecord.nlp.quotes.confidence import Attribution, confidence_of
from onrecord.nlp.quotes.content import join
from onrecord.nlp.quotes.cues import Cue, Lexicon, Manner
from onrecord.nlp.quotes.marks import Quoted, find_quoted
from onrecord.nlp.quotes.outlets import Outlets, outlet_of, told_by
from onrecord.nlp.quotes.overlaps import CharSpan, Content
from onrecord.nlp.quotes.reported import Reported, find_reported, part_of
from onrecord.nlp.quotes.ruleset import Ruleset
from onrecord.nlp.quotes.signatures import find_posts
from onrecord.nlp.quotes.sources import kind_of_source, source_span
from onrecord.nlp.quotes.syntax import OUTSIDE, Parse, sentence_bounds
from onrecord.nlp.quotes.transcripts import find_turns

# All chosen on held-out articles of the training data, where F1 of what is found is highest.
REPORTED_AT_LEAST = 0.28
AROUND_A_FRAGMENT = 0.15  # a clause with quoted words in it need not pass by itself
# What is reported inside what somebody else said: three in four of those below are no quotes.
NESTED_AT_LEAST = 0.6
# "This concerns …", "Ukraine approved …": two in three of those below are no quotes.
BY_NO_ONE_AT_LEAST = 0.5
# … of the fitted confidence, where the sentence has nothing else that speaks for a report.
NARRATED_BELOW = 0.35
WITHOUT_MANNER_BELOW = 0.04
BY_NO_ONE_BELOW = 0.1
PURPOSE_BELOW = 0.13
THING_BELOW = -2.0
DEMONSTRATIVES = frozenset({"this", "that", "these", "those"})
PASSAGE_AT_LEAST = 0.2
SINGLE_AT_LEAST = 0.5  # single marks are apostrophes before they are quotes

# Without rules for a language: shorter passages are titles and irony more often than not.
SHORTEST_WITHOUT_RULES = 3
UNKNOWN = 0.5
A_TITLE = 0.3
LONGEST_TITLE = 7  # words

_INTRODUCING = frozenset({"", "\n", ":", ".", "!", "?", "…", "：", "。", "—", "–"})
_FOLLOWED = frozenset({",", "，", "、", "—", "–", "-"})
_ENDING = frozenset(".!?…,。！？")
_CLOCK = re.compile(r"[0-2]?\d[:.][0-5]\d(?:[ap]m)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundQuote:
    """A quote as spans of `doc.text`: half-open, in code points.

    `content` is in text order, quotation marks excluded. `source` is what the text puts there:
    a name, a noun phrase or a pronoun. `cue` is None where nothing signals the quote (nobody is
    named, or the speaker of the paragraph before goes on). `confidence` is the probability that
    the words are somebody's statement, rightly cut and cued; `attribution` tells how sure its
    source is. `context` is the
    sentence or sentences around all of it, with the marks at its ends. `manner` is whether the
    cue speaks of words, of a belief or of an intention; None where nothing tells. `via` is the
    outlet through which second-hand words came.
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

    Needs sentence bounds, tags and a dependency parse. `text` is the article's, where `doc` has
    other characters in their places. A language without rules has `find_passages`.
    """
    parse = rules.read(doc, doc.text if text is None else text)
    return [found_quote(parse, content, rules) for content in find_contents(parse, rules)]


def find_contents(parse: Parse, rules: Ruleset) -> list[Content]:
    """What is a quote, by tokens, in text order."""
    return [one for one in _contents(parse, rules) if not _is_no_quote(parse, one, rules)]


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
    """What is reported, but for what a parse hangs on the cue of a passage that is decided."""
    cues = {one.candidate.cue for one in decided.values() if one.candidate is not None}
    return [
        one
        for one in reported
        if one.complement.cue not in cues
        or any(
            parse.quoted[i] != OUTSIDE
            for first, last in one.complement.pieces
            for i in range(first, last + 1)
        )
    ]


def _is_no_quote(parse: Parse, content: Content, rules: Ruleset) -> bool:
    """A title, a nickname, irony; and what hardly anyone can have said, where it is unlikely."""
    if not content.passages:
        by_no_one = _is_by_no_one(parse, content)
        if by_no_one and content.confidence < BY_NO_ONE_AT_LEAST:
            return True
        return content.clause is not None and _is_narration(parse, content, rules, by_no_one)
    single = any(parse.passages[k].single for k in content.passages)
    return content.of_someone < (SINGLE_AT_LEAST if single else PASSAGE_AT_LEAST)


def _is_narration(parse: Parse, content: Content, rules: Ruleset, by_no_one: bool) -> bool:
    """Whether nothing but the shape of a sentence speaks for a report."""
    if content.cue is None:
        return False
    likely = confidence_of(parse, content, rules.lexicon, rules.confidence)
    if likely >= NARRATED_BELOW:
        return False
    by_thing = _is_thing(parse, content.source, rules.lexicon)
    cue = _known_cue(parse, content.cue, rules.lexicon)
    names_no_report = cue is None or cue.manner is None
    return (
        by_thing
        or (by_no_one and likely < BY_NO_ONE_BELOW)
        or (names_no_report and likely < WITHOUT_MANNER_BELOW)
        or (_is_purpose(parse, content.cue) and likely < PURPOSE_BELOW)
    )


def _is_thing(parse: Parse, source: int | None, lexicon: Lexicon) -> bool:
    """Whether a source is a noun that hardly ever speaks: "the garden offers views"."""
    if source is None or kind_of_source(parse, source) != "noun":
        return False
    return lexicon.speaker_evidence(parse.lower[source]) < THING_BELOW


def _is_purpose(parse: Parse, cue: int) -> bool:
    """Whether a cue is what somebody sets out to do: "an inquiry to find who left"."""
    return any(parse.tags[i] == "TO" for i in parse.children[cue])


def _is_by_no_one(parse: Parse, content: Content) -> bool:
    """No source, or one that hardly speaks; or nothing more than "this" reported."""
    source = content.source
    if source is None or parse.lower[source] in DEMONSTRATIVES:
        return True
    start, end = content.spans[0]
    is_bare = len(content.spans) == 1 and parse.text[start:end].lower() in DEMONSTRATIVES
    return is_bare or kind_of_source(parse, source) == "place"


def found_quote(parse: Parse, content: Content, rules: Ruleset) -> FoundQuote:
    """A content with its spans and figures, as it leaves here."""
    source, via = _source_and_via(parse, content, rules.outlets)
    return FoundQuote(
        content=content.spans,
        cue=_cue(parse, content),
        source=source,
        via=via,
        type=_type(content),
        confidence=confidence_of(parse, content, rules.lexicon, rules.confidence),
        attribution=_attribution(parse, content, rules.lexicon),
        context=_context(parse, content),
        manner=_manner(parse, content, rules.lexicon),
    )


def _attribution(parse: Parse, content: Content, lexicon: Lexicon) -> Attribution | None:
    """By what a quote has its source; None where it has none."""
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
    """The log-odds that such a cue brings quoted words; 0 of a colon or where there is none."""
    part = part_of(parse, cue) if cue is not None else None
    if cue is None or part is None:
        return 0.0
    return lexicon.quoted_evidence(lexicon.find(parse.lower[cue], part), part)


def _cue(parse: Parse, content: Content) -> CharSpan | None:
    """The cue, unless it is that of a quote in another paragraph, which goes on here."""
    if content.cue is None:
        return None
    here = parse.paragraphs[token_at(parse, content.spans[0][0])]
    if content.is_carried and parse.paragraphs[content.cue] != here:
        return None
    fixed = parse.child(content.cue, "fixed")  # the rest of "d'après"
    last = fixed if fixed == content.cue + 1 else content.cue
    return parse.starts[content.cue], parse.ends[last]


def _source_and_via(
    parse: Parse, content: Content, outlets: Outlets
) -> tuple[CharSpan | None, CharSpan | None]:
    """Who spoke, and the outlet that brings it if the words are second-hand."""
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
    """By the cue's class. Words between marks were said, whatever unknown verb brings them."""
    cue = _known_cue(parse, content.cue, lexicon) if content.cue is not None else None
    if cue is not None and (cue.manner is not None or not content.passages):
        return cue.manner
    return "speech" if content.passages and content.source is not None else None


def _known_cue(parse: Parse, token: int, lexicon: Lexicon) -> Cue | None:
    part = part_of(parse, token)
    return lexicon.find(parse.lower[token], part) if part else None


def _context(parse: Parse, content: Content) -> CharSpan:
    """From the beginning of the first sentence that holds a part of it to the end of the last."""
    start, end = content.spans[0][0], content.spans[-1][1]
    parts = [token_at(parse, start), token_at(parse, end - 1), content.cue, content.source]
    tokens = [part for part in parts if part is not None]
    first, last = sentence_bounds(parse, min(tokens))[0], sentence_bounds(parse, max(tokens))[1]
    while first < min(tokens) and (parse.is_space(first) or _closes(parse, first)):
        first += 1
    return _with_marks(parse, min(parse.starts[first], start), max(parse.ends[last], end))


def _closes(parse: Parse, token: int) -> bool:
    """Whether the token is the mark that closes a passage of the sentence before."""
    k = _passage_before(parse, parse.starts[token])
    return k >= 0 and parse.passages[k].end <= parse.starts[token] < parse.passages[k].outer_end


def _with_marks(parse: Parse, start: int, end: int) -> CharSpan:
    """The marks beside a run of sentences belong to it: the parser may cut between them."""
    for k in (_passage_before(parse, start), _passage_before(parse, start) + 1):
        if 0 <= k < len(parse.passages):
            passage = parse.passages[k]
            start = passage.outer_start if passage.outer_start <= start <= passage.start else start
    k = _passage_before(parse, end)
    if k >= 0 and parse.passages[k].end <= end:
        end = max(end, parse.passages[k].outer_end)
    return start, end


def _passage_before(parse: Parse, char: int) -> int:
    """The number of the last passage that begins before a place in the text, else -1."""
    return bisect_right(parse.passages, char, key=lambda passage: passage.start) - 1


def token_at(parse: Parse, char: int) -> int:
    """The token at a place in the text, or the last before it."""
    return max(0, bisect_right(parse.starts, char) - 1)


def find_passages(text: str) -> list[FoundQuote]:
    """What stands between quotation marks and is long enough to be a quote, without its source."""
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
    """Whether a passage is introduced, is followed by who speaks, or is as long as a sentence.

    What stands in the middle of a sentence, and ends in no mark, is a title or a term as often.
    """
    before = text[max(0, quoted.outer_start - 3) : quoted.outer_start].rstrip(" \xa0")[-1:]
    after = text[quoted.outer_end : quoted.outer_end + 2].lstrip(" \xa0")[:1]
    inside = text[quoted.start : quoted.end]
    introduced = before in _INTRODUCING or after in _FOLLOWED
    ends = inside[-1] in _ENDING
    return introduced or ends or _words_in(inside) > LONGEST_TITLE


def _words_in(text: str) -> float:
    """How many words a passage has; of scripts without blanks, about two characters each."""
    unspaced = sum(map(_is_unspaced, text))
    return unspaced / 2 if unspaced else len(text.split())


def _is_unspaced(char: str) -> bool:
    """Whether a character is of a script that parts no words: Thai to Khmer, Chinese, Japanese."""
    return "\u0e00" <= char <= "\u0eff" or "\u3040" <= char <= "\u9fff"
