"""What a quote consists of: passages between marks and reported clauses, joined.

A clause that its cue governs takes in the quoted fragments inside it ("called such actions
“playing with fire”"), and the passages of a quote that is cut ("“We will,” she said, “vote.”")
become one.
"""

from dataclasses import dataclass

from pipeline.nlp.attribution import Choice
from pipeline.nlp.reported import Reported
from pipeline.nlp.sources import Candidate
from pipeline.nlp.syntax import OUTSIDE, Parse, is_word

CharSpan = tuple[int, int]

# A clause around a quoted fragment is the content even where it would not pass by itself.
AROUND_A_FRAGMENT = 0.15
# What may stand before quoted words without making the content a mixed one.
INTRODUCTIONS = frozenset({"that", "to", "as", "of", "a", "an", "the"})


@dataclass(frozen=True, slots=True)
class Content:
    """What belongs together: char spans in text order, from whom, and how likely it is a quote.

    `passages` are the numbers of the quoted passages in it.
    """

    spans: tuple[CharSpan, ...]
    by: Candidate | None
    passages: tuple[int, ...]
    probability: float
    source_known: float
    is_mixed: bool = False


def join(
    parse: Parse, choices: list[Choice], reported: list[Reported], *, reported_at_least: float
) -> list[Content]:
    """Every quote's content, in text order; no passage is in two."""
    by_cue = {one.complement.cue: one for one in reported}
    joined: list[Content] = []
    used: set[int] = set()
    for group in _groups(parse, choices):
        candidate = choices[group[0]].candidate
        around = by_cue.get(candidate.cue) if candidate else None
        if around is not None and _touches(parse, around, group):
            used.add(around.complement.cue)
            joined.append(_mixed(parse, choices, group, around))
        else:
            joined.append(_direct(parse, choices, group))
    for one in reported:
        if one.complement.cue in used or one.probability < reported_at_least:
            continue
        if not _has_passage(parse, one):
            joined.append(_indirect(parse, one))
    joined.sort(key=lambda content: content.spans)
    return joined


def _groups(parse: Parse, choices: list[Choice]) -> list[list[int]]:
    """Passages of one quote: neighbours with the same cue and source, in one paragraph.

    A passage left open goes on in the next paragraph.
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


def _touches(parse: Parse, around: Reported, group: list[int]) -> bool:
    inside = set(group)
    return any(
        parse.quoted[i] in inside
        for first, last in around.complement.pieces
        for i in range(first, last + 1)
    )


def _has_passage(parse: Parse, one: Reported) -> bool:
    return any(
        parse.quoted[i] != OUTSIDE
        for first, last in one.complement.pieces
        for i in range(first, last + 1)
    )


def _direct(parse: Parse, choices: list[Choice], group: list[int]) -> Content:
    spans = tuple((parse.passages[k].start, parse.passages[k].end) for k in group)
    first = choices[group[0]]
    likely = max(choices[k].quoted_by_someone for k in group)
    return Content(spans, first.candidate, tuple(group), likely, first.probability)


def _mixed(parse: Parse, choices: list[Choice], group: list[int], around: Reported) -> Content:
    """The clause with the passages it holds, and the group's others beside it."""
    direct = _direct(parse, choices, group)
    tokens = {
        i for first, last in around.complement.pieces for i in range(first, last + 1)
    }
    outside = [i for i in sorted(tokens) if parse.quoted[i] == OUTSIDE and is_word(parse.words[i])]
    if all(parse.lower[i] in INTRODUCTIONS for i in outside):
        return direct
    strangers = {parse.quoted[i] for i in tokens} - {OUTSIDE, *group}
    tokens = {i for i in tokens if parse.quoted[i] not in strangers}
    for k in group:
        first, last = parse.bounds[k]
        tokens.update(range(first, last + 1))
    return Content(_spans(parse, tokens), direct.by, tuple(group), direct.probability, direct.source_known, is_mixed=True)


def _indirect(parse: Parse, one: Reported) -> Content:
    tokens = {i for first, last in one.complement.pieces for i in range(first, last + 1)}
    return Content(_spans(parse, tokens), one.source, (), one.probability, 1.0)


def _spans(parse: Parse, tokens: set[int]) -> tuple[CharSpan, ...]:
    """Runs of tokens as char spans; a mark or a space between two tokens does not cut a run."""
    runs: list[list[int]] = []
    for i in sorted(tokens):
        if runs and all(_is_seam(parse, j) for j in range(runs[-1][1] + 1, i)):
            runs[-1][1] = i
        else:
            runs.append([i, i])
    return tuple((parse.starts[first], parse.ends[last]) for first, last in runs)


def _is_seam(parse: Parse, i: int) -> bool:
    return not is_word(parse.words[i]) and "\n" not in parse.words[i] and parse.words[i] != ","
