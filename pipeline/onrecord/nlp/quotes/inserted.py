"""What reports the sentence that it stands in: "…, she said, …", "according to the minister, …".

The complement of such a clause is the rest of its sentence.
"""

from collections.abc import Iterator

from onrecord.nlp.quotes.asides import stands_alone
from onrecord.nlp.quotes.runs import (
    Complement,
    around,
    before_marks,
    head_of,
    opens_passage,
    trimmed,
)
from onrecord.nlp.quotes.syntax import Parse, sentence_bounds
from onrecord.nlp.quotes.views import source_of_sentence

OWN_CLAUSE = frozenset({"nsubj", "nsubjpass", "aux", "auxpass", "neg", "mark", "expl"})
ENDS_OF_CLAUSE = frozenset({";", ".", "?", "!", "…"})
MOST_APPOSITIONS = 3
DASHES = frozenset({"—", "–", "-"})
BREAKS = frozenset({",", ".", "—", "–", ";", ":"})
BREAKS_BEFORE = BREAKS | {"-"}
BREAKS_AFTER = BREAKS | {"?", "!"}
SET_OFF_BY = DASHES | {","}


def parenthetical(parse: Parse, verb: int) -> Iterator[Complement]:
    """The sentence around a clause set off by commas: "…, she said, …", "…, as he put it"."""
    low, high = own_clause(parse, verb)
    before = before_marks(parse, low)
    if before is None or parse.words[before] not in SET_OFF_BY:
        return
    sentence = _between_semicolons(parse, sentence_bounds(parse, verb), (low, high))
    if high < sentence[1] and parse.words[high + 1] not in BREAKS_BEFORE:
        return
    if parse.words[high + 1 : high + 2] == [":"] and opens_passage(parse, high + 1):
        return  # not around it: "In a post, she wrote: “…”"
    # The reporting outlet is not part of the content: "…, she said, according to Reuters".
    by_others = "according" in parse.lower[high + 1 : high + 3]
    pieces = around(parse, sentence, (before, sentence[1] if by_others else high + 1))
    if pieces:
        where = "inside" if len(pieces) > 1 else "at_the_end"
        kind = _kind_of_aside(parse, verb, (low, high))
        yield Complement(verb, f"{kind}_{where}", head_of(parse, pieces[0]), pieces)


def _between_semicolons(
    parse: Parse, sentence: tuple[int, int], aside: tuple[int, int]
) -> tuple[int, int]:
    """The part of a sentence around an aside: "Mara insisted; *the guild*, she said, *left*".

    An aside that ends its clause can report all of the sentence: "*It leaked*, she said; *all
    knew*".
    """
    first, last = _after_according(parse, sentence), sentence[1]
    after = range(aside[1] + 1, last + 1)
    if not after or parse.words[after[0]] in ENDS_OF_CLAUSE:
        return first, last
    if ";" not in parse.words[first : last + 1]:
        return first, last
    first = max((i + 1 for i in range(first, aside[0]) if parse.words[i] == ";"), default=first)
    return first, min((i - 1 for i in after if parse.words[i] == ";"), default=last)


def _after_according(parse: Parse, sentence: tuple[int, int]) -> int:
    """The start of a sentence without an opening "According to X,", which nobody in it says."""
    first, last = sentence
    source = source_of_sentence(parse, first) if parse.lower[first] == "according" else None
    if source is None:
        return first
    return _main_clause_after(parse, first, max(parse.last[source.source], first), last)


def _kind_of_aside(parse: Parse, verb: int, clause: tuple[int, int]) -> str:
    if parse.lower[clause[0]] == "as":
        return "parenthetical_as"
    return "aside" if stands_alone(parse, verb, clause) else "parenthetical"


def own_clause(parse: Parse, verb: int) -> tuple[int, int]:
    """The cue's own short clause: subject, auxiliaries, adverbs, adjuncts up to a comma."""
    low = high = verb
    for i in parse.children[verb]:
        if parse.deps[i] in OWN_CLAUSE:
            low, high = min(low, parse.first[i]), max(high, parse.last[i])
    first, last = sentence_bounds(parse, verb)
    while high < last and parse.words[high + 1] not in BREAKS_AFTER:
        high += 1
    while low > first and parse.words[low - 1] not in BREAKS_BEFORE:
        low -= 1
    return low, high


def according(parse: Parse, i: int) -> Iterator[Complement]:
    """The sentence or clause to which "according to …" or "in the view of …" belongs."""
    first, last = sentence_bounds(parse, i)
    source = source_of_sentence(parse, i)
    if source is None:
        return
    end = max(parse.last[source.source], i)
    opening = i if parse.lower[i] == "according" else parse.heads[i]
    if i <= first + 2:
        begin = _main_clause_after(parse, i, end, last)
        yield Complement(i, "according_first", i, trimmed(parse, begin, last))
        return
    where = "at_the_end" if end >= last - 2 else "inside"
    pieces = around(parse, (first, last), (opening, end))
    yield Complement(i, f"according_{where}", i, pieces)
    governor = parse.heads[opening]
    begin = parse.first[governor] if governor != opening else first
    if begin > first:
        yield Complement(i, f"according_{where}_clause", i, trimmed(parse, begin, opening - 1))
    if len(pieces) > 1:
        yield Complement(i, f"according_{where}_before", i, trimmed(parse, first, opening - 1))


def _main_clause_after(parse: Parse, according: int, end: int, last: int) -> int:
    """The start of the clause that an opening "According to X," reports."""
    comma = next((j for j in range(according, last) if parse.words[j] == ","), None)
    # The parser may attach the words after the comma to the name before it.
    close = comma if comma is not None and (comma <= end or end == according) else end
    return _after_appositions(parse, close, last) + 1


def _after_appositions(parse: Parse, close: int, last: int) -> int:
    """The last comma after a name's age and role: "According to Berta Quill, 34, a baker, …"."""
    for _ in range(MOST_APPOSITIONS):
        following = next((j for j in range(close + 1, last) if parse.words[j] == ","), None)
        if following is None or not _is_apposition(parse, close + 1, following):
            return close
        close = following
    return close


def _is_apposition(parse: Parse, first: int, comma: int) -> bool:
    """Whether the tokens before a comma are an age, or a phrase or clause about a name."""
    if comma - first == 1:
        return parse.tags[first] == "CD"
    if parse.tags[first] in ("WP", "WDT", "WP$"):
        return True
    inside = range(first, comma)
    if any(parse.tags[i] in ("VBD", "VBZ", "VBP", "MD") for i in inside):
        return False
    heads = [i for i in inside if parse.heads[i] not in inside]
    return bool(heads) and all(parse.deps[i] == "appos" and parse.heads[i] < first for i in heads)
