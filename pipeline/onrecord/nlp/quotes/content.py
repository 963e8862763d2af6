"""Content of a quote: quoted passages and reported clauses, joined.

A clause governed by a cue absorbs the quoted fragments inside it ("called such actions “playing
with fire”"), and the passages of an interrupted quote ("“We will,” she said, “vote.”") become
one.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from onrecord.nlp.quotes.choices import Choice
from onrecord.nlp.quotes.closest_cue import reports_over, with_closest_cue
from onrecord.nlp.quotes.overlaps import CharSpan, Content, without_doubles
from onrecord.nlp.quotes.quoted import Quoted
from onrecord.nlp.quotes.reported import Reported
from onrecord.nlp.quotes.runs import Pieces
from onrecord.nlp.quotes.sources import Candidate
from onrecord.nlp.quotes.standing_alone import PATH as INTRODUCED
from onrecord.nlp.quotes.syntax import OUTSIDE, Parse
from onrecord.nlp.quotes.transcripts import LIKELY, Turn
from onrecord.nlp.reading.quotation_marks import MARKS

# "While “quiet hours” will stay, she says *that the gate will cost five crowns*."
BESIDE_AT_LEAST = 0.45


OPENING_ALONE, CLOSING_ALONE = "“«", "”»"
_WITHOUT_MARKS = re.compile(r'[^\s“”«»"](?:[^“”«»"]*[^\s“”«»"])?')

# Tokens that can precede quoted words without making the content mixed.
INTRODUCTIONS = frozenset({"that", "to", "as", "of", "a", "an", "the"})


def join(
    parse: Parse,
    choices: list[Choice],
    reported: list[Reported],
    turns: list[Turn],
    *,
    reported_at_least: float,
    nested_at_least: float,
) -> list[Content]:
    """The content of every quote, in text order; no passage belongs to two.

    Content reported without marks inside another's words needs a higher probability than the
    rest. A turn of a transcript absorbs the passages attributed to its label.
    """
    turns = [turn for turn in turns if not _is_quoted(parse, turn)]
    labels = {turn.colon for turn in turns}
    by_cue = {one.complement.cue: one for one in reported}
    over = reports_over(parse, reported)
    chosen = choices
    choices = [with_closest_cue(parse, k, one, over.get(k, ())) for k, one in enumerate(choices)]
    joined: list[Content] = []
    cues: set[int | None] = set()
    used: set[int | None] = set(labels)  # cues whose clause is part of a quote
    beside: dict[int, int | None] = {}  # sources by cue, for cues that govern more than a passage
    for group in _groups(parse, choices):
        by = choices[group[0]].candidate
        if by is not None and by.cue in labels:
            continue
        clause = by_cue.get(by.cue) if by else None
        content = _content(parse, choices, group, clause)
        content = _with_its_report(content, clause, [chosen[k] for k in group])
        without_cue = by is not None and by.path == INTRODUCED
        joined.append(replace(content, is_carried=without_cue or content.cue in cues))
        cues.add(content.cue)
        if content.is_mixed:
            used.add(content.cue)
        elif content.cue is not None and _stands_beside(parse, content):
            beside[content.cue] = content.source
    for one in reported:
        cue = one.complement.cue
        at_least = BESIDE_AT_LEAST if cue in beside else reported_at_least
        if cue in used or one.probability < at_least or _holds_token(one, beside.get(cue)):
            continue
        if not _quotes(parse, one):
            joined.append(_indirect(parse, one))
    joined += (_of_turn(parse, turn, choices) for turn in turns)
    joined = without_doubles(joined)
    nested = _nested(parse, joined)
    kept = [
        content
        for n, content in enumerate(joined)
        if n not in nested or content.passages or content.confidence >= nested_at_least
    ]
    return sorted(kept, key=lambda content: content.spans)


def _with_its_report(content: Content, clause: Reported | None, chosen: list[Choice]) -> Content:
    """The content with its report, if that attributes it and not what stands beside it."""
    beside = {choice.candidate.source for choice in chosen if choice.candidate is not None}
    return content if content.source in beside else replace(content, clause=clause)


def _of_turn(parse: Parse, turn: Turn, choices: list[Choice]) -> Content:
    passages = tuple(
        k
        for k, choice in enumerate(choices)
        if choice.candidate is not None and choice.candidate.cue == turn.colon
    )
    return Content(
        spans=_spans(parse, _run(turn.pieces)),
        cue=turn.colon,
        source=turn.source,
        of_someone=LIKELY,
        confidence=LIKELY,
        passages=passages,
        is_mixed=bool(passages),
    )


def _is_quoted(parse: Parse, turn: Turn) -> bool:
    """Whether the whole turn is between marks: then it is a passage attributed to its label."""
    return all(parse.quoted[i] != OUTSIDE for i in _run(turn.pieces) if parse.has_letters[i])


def _run(pieces: Pieces) -> list[int]:
    return [i for first, last in pieces for i in range(first, last + 1)]


def _nested(parse: Parse, contents: Sequence[Content]) -> set[int]:
    """The numbers of the contents whose cue lies inside another content."""
    edges = Counter(
        edge for one in contents for start, end in one.spans for edge in ((start, 1), (end, -1))
    )
    inside, depth, at = set(), 0, 0
    ordered = sorted(edges.items())
    cues = sorted((parse.starts[c.cue], n) for n, c in enumerate(contents) if c.cue is not None)
    for char, n in cues:
        while at < len(ordered) and ordered[at][0][0] <= char:
            (_, step), count = ordered[at]
            depth += step * count
            at += 1
        if depth > _holds_char(contents[n], char):
            inside.add(n)
    return inside


def _holds_char(content: Content, char: int) -> bool:
    return any(start <= char < end for start, end in content.spans)


def _stands_beside(parse: Parse, content: Content) -> bool:
    """Whether a passage is in its cue's sentence; then nothing else the cue governs is content."""
    if content.cue is None:
        return False
    ends = [i for k in content.passages for i in parse.bounds[k]]
    return any(parse.sentences[i] == parse.sentences[content.cue] for i in ends)


def _groups(parse: Parse, choices: list[Choice]) -> list[list[int]]:
    """Groups of passages that form one quote: adjacent, same cue and source, one paragraph.

    An unclosed passage continues in the next paragraph.
    """
    groups: list[list[int]] = []
    for k, choice in enumerate(choices):
        if k and choice.candidate is not None and choice.candidate == choices[k - 1].candidate:
            end, start = parse.bounds[k - 1][1], parse.bounds[k][0]
            same = parse.paragraphs[end] == parse.paragraphs[start]
            if same or not parse.passages[k - 1].closed:
                groups[-1].append(k)
                continue
        groups.append([k])
    return groups


def _content(
    parse: Parse, choices: list[Choice], group: list[int], clause: Reported | None
) -> Content:
    """The content of a group of passages, with the clause around them if the cue governs one."""
    first = choices[group[0]]
    by = first.candidate
    spans = tuple(_words_of(parse, k, by) for k in group)
    is_mixed = False
    if clause is not None and any(_is_fragment(parse, k, clause) for k in group):
        inside = {i for i in _tokens(clause) if parse.quoted[i] in (OUTSIDE, *group)}
        if _holds_more(parse, inside) or _leads_to(parse, clause, group[0]):
            runs = _spans(parse, inside)
            spans, is_mixed = _union(parse.text, [*runs, *spans]), True
            spans = _with_both_marks(parse, spans, group)
    return Content(
        spans=spans,
        cue=by.cue if by else None,
        source=by.source if by else None,
        of_someone=max(choices[k].of_someone for k in group),
        confidence=max(choices[k].probability for k in group) if by else first.of_someone,
        passages=tuple(group),
        is_mixed=is_mixed,
    )


def _words_of(parse: Parse, k: int, by: Candidate | None) -> CharSpan:
    """A passage's span, without the label at the start of a quoted transcript."""
    passage = parse.passages[k]
    first, last = parse.bounds[k]
    if by is not None and first <= by.cue < last:
        return parse.starts[by.cue + 1], passage.end
    return passage.start, passage.end


def _is_fragment(parse: Parse, k: int, clause: Reported) -> bool:
    """Whether a passage is part of the reporter's sentence, rather than introduced by it.

    The words around "as she put it" are the reporter's.
    """
    text, passage = parse.text, parse.passages[k]
    if clause.complement.relation.startswith("parenthetical_as"):
        return False
    before = text[max(0, passage.outer_start - 8) : passage.outer_start].rstrip(" \t\xa0")[-1:]
    if before in (".", "!", "?"):
        return False
    return before not in ("", "\n", ",", ":") or text[passage.start].islower()


def _with_both_marks(
    parse: Parse, spans: Sequence[CharSpan], group: Sequence[int]
) -> tuple[CharSpan, ...]:
    """The spans with both marks of each passage if they extend beyond it, else with neither."""
    return tuple(
        piece
        for span in spans
        for whole in _balanced(parse, span, [parse.passages[k] for k in group])
        for piece in _apart_at_odd_marks(parse.text, whole)
        if piece[0] < piece[1]
    )


def _apart_at_odd_marks(text: str, span: CharSpan) -> Iterator[CharSpan]:
    """The span, split at every mark if its marks do not pair, as in text with misprinted marks."""
    words = text[slice(*span)]
    opening, closing = (sum(map(words.count, marks)) for marks in (OPENING_ALONE, CLOSING_ALONE))
    if opening == closing and words.count('"') % 2 == 0:
        yield span
        return
    for found in _WITHOUT_MARKS.finditer(words):
        if any(map(str.isalnum, found.group())):
            yield span[0] + found.start(), span[0] + found.end()


def _balanced(parse: Parse, span: CharSpan, passages: Iterable[Quoted]) -> list[CharSpan]:
    pieces = [span]
    for passage in passages:
        first, last = pieces[-1]
        apart = last <= passage.start or first >= passage.end
        if apart or (first >= passage.start and last <= passage.end):
            continue
        if passage.closed:
            first = min(first, passage.outer_start) if first <= passage.start else first
            pieces[-1] = (first, max(last, passage.outer_end))
        else:
            before = parse.text[first : passage.outer_start].rstrip()
            pieces[-1:] = [(first, first + len(before)), (passage.start, last)]
    return pieces


def _holds_more(parse: Parse, tokens: set[int]) -> bool:
    """Whether a clause holds both quoted words and words without marks."""
    own = [parse.lower[i] for i in tokens if parse.quoted[i] == OUTSIDE and parse.has_letters[i]]
    quoted = any(parse.quoted[i] != OUTSIDE for i in tokens)
    return quoted and not INTRODUCTIONS.issuperset(own)


def _leads_to(parse: Parse, clause: Reported, k: int) -> bool:
    """Whether a passage directly follows a clause: "called *such actions* “playing with fire”"."""
    between = range(clause.complement.pieces[-1][1] + 1, parse.bounds[k][0])
    return 1 <= len(between) <= 2 and all(_is_seam(parse, i) for i in between)


def _quotes(parse: Parse, one: Reported) -> bool:
    return parse.holds_quoted(one.complement.pieces)


def _indirect(parse: Parse, one: Reported) -> Content:
    return Content(
        spans=_spans(parse, _tokens(one)),
        cue=one.complement.cue,
        source=one.source.source if one.source else None,
        of_someone=one.probability,
        confidence=one.probability,
        clause=one,
    )


def _holds_token(one: Reported, token: int | None) -> bool:
    return token is not None and any(a <= token <= b for a, b in one.complement.pieces)


def _tokens(one: Reported) -> Iterable[int]:
    return _run(one.complement.pieces)


def _spans(parse: Parse, tokens: Iterable[int]) -> tuple[CharSpan, ...]:
    """Runs of tokens as char spans; a mark or a space between two tokens does not split a run."""
    runs: list[list[int]] = []
    for i in sorted(tokens):
        if runs and (i == runs[-1][1] + 1 or _is_joined(parse, runs[-1][1], i)):
            runs[-1][1] = i
        else:
            runs.append([i, i])
    return tuple((parse.starts[first], parse.ends[last]) for first, last in runs)


def _is_joined(parse: Parse, first: int, last: int) -> bool:
    return all(_is_seam(parse, i) for i in range(first + 1, last))


def _is_seam(parse: Parse, i: int) -> bool:
    return not parse.has_letters[i] and "\n" not in parse.words[i] and parse.words[i] != ","


def _union(text: str, spans: Iterable[CharSpan]) -> tuple[CharSpan, ...]:
    """The spans in order, merged where they overlap or only a mark separates them."""
    merged: list[CharSpan] = []
    for start, end in sorted(spans):
        if merged and (start <= merged[-1][1] or text[merged[-1][1] : start].strip() in MARKS):
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
