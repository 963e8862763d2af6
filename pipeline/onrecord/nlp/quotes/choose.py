"""Choice of cue and source for each quoted passage: by rule, by label, or by the model."""

from collections.abc import Iterator

from onrecord.nlp.quotes.attribution import PARAGRAPHS_BACK, Reach
from onrecord.nlp.quotes.candidates import find_anchors, inner_label
from onrecord.nlp.quotes.choices import Choice, Decided
from onrecord.nlp.quotes.cues import Lexicon
from onrecord.nlp.quotes.dialogues import Dialogues
from onrecord.nlp.quotes.no_one import of_no_one
from onrecord.nlp.quotes.signatures import signed
from onrecord.nlp.quotes.sources import Candidate
from onrecord.nlp.quotes.standing_alone import introduced
from onrecord.nlp.quotes.syntax import Parse
from onrecord.nlp.quotes.terms import likeliest_of_term, names_a_thing
from onrecord.nlp.quotes.weights import Weights, shares

LABELLED = 0.95  # a transcript between quotation marks is almost never anything else


def choose(
    parse: Parse, lexicon: Lexicon, weights: Weights, decided: Decided | None = None
) -> list[Choice]:
    """The choice for each passage between quotation marks, in text order.

    `decided` holds the passages, by number, that the language's own rules have decided.
    """
    return [choice for choice, _ in choose_among(parse, lexicon, weights, decided)]


def choose_among(
    parse: Parse, lexicon: Lexicon, weights: Weights, decided: Decided | None = None
) -> Iterator[tuple[Choice, Candidate | None]]:
    """The choice for each passage, and the source of the previous quote."""
    known = decided or {}
    if not parse.passages:
        return
    reach = Reach(parse, find_anchors(parse, lexicon, near_passages(parse)), lexicon)
    dialogues = Dialogues(parse)
    before: Candidate | None = None
    # The same without dialogues: a turn changes nothing in the choice for the next passage.
    before_turns: Candidate | None = None
    made: list[tuple[Choice, Candidate | None]] = []
    for k in range(len(parse.passages)):
        label = inner_label(parse, k) or signed(parse, k)
        if k in known:
            choice = by_cue = known[k]
        elif label:
            choice = by_cue = Choice(label, LABELLED, LABELLED)
        else:
            by_cue = _choose(parse, reach, k, before_turns, weights)
            by_cue = introduced(parse, k, by_cue, before_turns, lexicon)
            choice = dialogues.by_turn(by_cue, (before, before_turns), made)
        made.append((choice, before))
        before = choice.candidate or before
        before_turns = by_cue.candidate or before_turns
    _name_below(parse, made)
    yield from made


def _name_below(parse: Parse, made: list[tuple[Choice, Candidate | None]]) -> None:
    """Attribute an unclosed paragraph to the next one's named source if its own names nobody."""
    for k in range(len(made) - 2, -1, -1):
        choice, below = made[k][0], made[k + 1][0]
        if not _goes_on_below(parse, k) or _is_named_here(parse, k, choice):
            continue
        if _is_named_here(parse, k + 1, below) or below.candidate == made[k + 1][1]:
            made[k] = (below, made[k][1])


def _goes_on_below(parse: Parse, k: int) -> bool:
    """Whether an unclosed passage fills its paragraph and the next paragraph opens a quotation."""
    end, start = parse.bounds[k][1], parse.bounds[k + 1][0]
    opens = start < 2 or "\n" in parse.words[start - 2]
    below = parse.paragraphs[start] - parse.paragraphs[end]
    return not parse.passages[k].closed and opens and 0 < below <= 2


def _is_named_here(parse: Parse, k: int, choice: Choice) -> bool:
    """Whether the cue is in the passage's paragraph or ends the previous one with a colon."""
    if choice.candidate is None:
        return False
    cue, first = choice.candidate.cue, parse.bounds[k][0]
    return parse.paragraphs[cue] == parse.paragraphs[first] or _leads_with_colon(parse, first)


def _leads_with_colon(parse: Parse, first: int) -> bool:
    """Whether a passage begins its paragraph and the previous paragraph ends with a colon."""
    i = first - 2
    while i >= 0 and parse.is_space(i):
        i -= 1
    return i >= 0 and parse.words[i] == ":"


def near_passages(parse: Parse) -> list[range]:
    """The tokens of every paragraph that can hold a cue of some passage, in order."""
    wanted: set[int] = set()
    for first, last in parse.bounds:
        low, high = parse.paragraphs[first], parse.paragraphs[last]
        wanted.update(range(low - PARAGRAPHS_BACK, high + 2))
    return [tokens for number, tokens in enumerate(parse.by_paragraph) if number in wanted]


def _choose(
    parse: Parse, reach: Reach, k: int, before: Candidate | None, weights: Weights
) -> Choice:
    candidates = reach.candidates(k, before)
    scores = reach.scores(k, candidates, before, weights)
    best = reach.best_evidence(k)
    *likely, no_one = shares([*scores, weights.of(of_no_one(parse, k, best))])
    choice = _choice(candidates, likely, no_one)
    if choice.candidate is None or not names_a_thing(parse, k, best):
        return choice
    of_someone = min(choice.of_someone, likeliest_of_term(parse, k))
    return Choice(None, 1 - of_someone, of_someone)


def _choice(candidates: list[Candidate], likely: list[float], no_one: float) -> Choice:
    best = max(range(len(candidates)), key=likely.__getitem__, default=None)
    if best is None or likely[best] <= no_one:
        return Choice(None, no_one, 1 - no_one)
    chosen = candidates[best]
    same = sum(p for c, p in zip(candidates, likely, strict=True) if c.source == chosen.source)
    return Choice(chosen, min(1.0, same), 1 - no_one)
