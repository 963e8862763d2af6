"""The end of reported content: the parser's clause, a shorter run or a longer one.

The attachment of a clause's last part is the hardest decision for a parser: "said *taxes fall*
and left", "criticised *the levy*, which he once supported", "said *taxes fall*, and that prices
rise". The last run of tokens has few possible ends; a linear model over the tokens that would be
cut off or added chooses between them.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from onrecord.nlp.quotes.runs import Complement
from onrecord.nlp.quotes.syntax import OUTSIDE, Parse, is_word, sentence_bounds
from onrecord.nlp.quotes.weights import Features, Groups, Weights, features_of, shares

# A label's content is the rest of the paragraph, an adverb's the clause around it.
AS_THEY_ARE = frozenset({"label", "clause"})
BREAKS = frozenset({",", "—", "–", "-", "--", ";", ":", "(", ")", "[", "]", "...", "…"})
MOST_EXTENSIONS = 6
MOST_PLACES = 40  # no ordinary sentence has more; noise would take time
SIZES = (2, 5, 10, 20)
NAMES_OF_SIZES = (*map(str, SIZES), "more")


@dataclass(frozen=True, slots=True)
class Ending:
    """A possible last token of the content, with its features."""

    token: int
    features: Features


def with_ending(parse: Parse, complement: Complement, weights: Weights) -> tuple[Complement, float]:
    """The complement with the likeliest end of its last run of tokens, and its probability."""
    ends = places(parse, complement)
    if len(ends) == 1:
        return complement, 1.0
    likely = shares([weights.of(_of_end(parse, complement, end)) for end in ends])
    best = max(range(len(ends)), key=likely.__getitem__)
    return ended(complement, ends[best]), likely[best]


def ended(complement: Complement, last: int) -> Complement:
    """The complement with another last token."""
    *before, (first, _) = complement.pieces
    return msgspec.structs.replace(complement, pieces=(*before, (first, last)))


def endings_of(parse: Parse, complement: Complement) -> list[Ending]:
    """Every possible last token of the content, in text order; the parser's own is among them."""
    return [
        Ending(end, features_of(_of_end(parse, complement, end)))
        for end in places(parse, complement)
    ]


def places(parse: Parse, complement: Complement) -> list[int]:
    """The possible last tokens of the content, in text order.

    Only the parser's own last token if the content holds quoted words: the marks are certain.
    """
    first, last = complement.pieces[-1]
    found = {last}
    if complement.relation not in AS_THEY_ARE and not _is_quoted(parse, complement):
        if not _ends_at_cue(parse, complement, last):
            shortest = _shortest(parse, complement, first, last)
            found.update(end for end in _shorter(parse, first, last) if end >= shortest)
        if last > complement.cue:
            found.update(_longer(parse, last))
    return sorted(found)[-MOST_PLACES:]


def _ends_at_cue(parse: Parse, complement: Complement, last: int) -> bool:
    """Whether a comma and the cue's clause follow: "*Taxes will fall*, the minister said"."""
    if last > complement.cue or last + 1 >= len(parse) or parse.words[last + 1] != ",":
        return False
    return parse.sentences[last + 1] == parse.sentences[complement.cue]


def _is_quoted(parse: Parse, complement: Complement) -> bool:
    return parse.holds_quoted(complement.pieces)


# ── possible ends ────────────────────────────────────────────────────────────────────────────


def _shorter(parse: Parse, first: int, last: int) -> Iterator[int]:
    """Ends before a break, and before any phrase that reaches the end."""
    for i in range(first + 1, last + 1):
        if parse.words[i] in BREAKS or parse.tags[i] == "CC":
            yield from _word_before(parse, i, first)
        elif parse.last[i] >= last and parse.first[i] > first:
            yield from _word_before(parse, parse.first[i], first)


def _shortest(parse: Parse, complement: Complement, first: int, last: int) -> int:
    """The first token at which a clause can end: not before its verb, as in "the dam, which …"."""
    head = complement.head
    subject = parse.child(head, "nsubj", "nsubjpass")
    is_clause = complement.relation.startswith("ccomp") and first <= head <= last
    return head if is_clause and subject is not None and first <= subject < head else first


def _longer(parse: Parse, last: int) -> Iterator[int]:
    """Ends before each later break, up to the end of the sentence or a quotation."""
    end = sentence_bounds(parse, last)[1]
    found = 0
    for i in range(last + 1, end + 1):
        if parse.quoted[i] != OUTSIDE:
            return
        if not parse.has_letters[i] or parse.tags[i] == "CC":
            for place in _word_before(parse, i, last):
                yield place
                found += 1
        if found == MOST_EXTENSIONS:
            break
    yield from _word_before(parse, end + 1, last)


def _word_before(parse: Parse, i: int, first: int) -> Iterator[int]:
    """The last word before `i` that can end a clause, if there is one from `first` on."""
    i -= 1
    while i > first and (not parse.has_letters[i] or parse.tags[i] == "CC"):
        i -= 1
    if i > first or parse.has_letters[i]:
        yield i


# ── features ─────────────────────────────────────────────────────────────────────────────────


def _of_end(parse: Parse, complement: Complement, end: int) -> Groups:
    first, last = complement.pieces[-1]
    if end == last:
        kind = complement.relation.partition("_")[0]
        return [((_names_of_kept, kind, _size(parse, first, end), _seam(parse, end)), 1.0)]
    if end < last:
        left = (_names_of_cut, _size(parse, first, end))
        return [(left, 1.0), *_of_seam(parse, complement, "cut", end, last)]
    before = (_names_of_more, _seam(parse, end))
    return [(before, 1.0), *_of_seam(parse, complement, "more", last, end)]


def _names_of_kept(kind: str, size: str, seam: str) -> tuple[str, ...]:
    return "keep", f"keep {kind}", f"keep {size} words", f"keep before {seam}"


def _names_of_cut(size: str) -> tuple[str, ...]:
    return "cut", f"cut leaves {size} words"


def _names_of_more(seam: str) -> tuple[str, ...]:
    return "more", f"more before {seam}"


def _of_seam(parse: Parse, complement: Complement, part: str, inner: int, outer: int) -> Groups:
    """Features of the tokens after `inner` up to `outer`: their first word and their head."""
    kind = complement.relation.partition("_")[0]
    seam = _seam(parse, inner)
    word = _next_word(parse, inner, outer)
    top = _top(parse, inner + 1, outer)
    dep, tag, head = parse.deps[top], parse.tags[top], parse.heads[top]
    on, place = parse.tags[head][:2], _place(parse, complement, head)
    size = _size(parse, inner + 1, outer)
    has_subject, as_cue = None, False
    if tag.startswith("VB"):
        has_subject = parse.child(top, "nsubj", "nsubjpass", "expl") is not None
        as_cue = tag == parse.tags[complement.cue]
    return (
        ((_names_of_word, part, seam, parse.lower[word], parse.tags[word]), 1.0),
        ((_names_of_relation, part, kind, seam, dep), 1.0),
        ((_names_of_top, part, dep, tag, on, place, size), 1.0),
        ((_names_of_verb, part, dep, has_subject, as_cue), 1.0),
    )


def _names_of_word(part: str, seam: str, word: str, tag: str) -> tuple[str, ...]:
    return f"{part} {word}", f"{part} {seam} {word}", f"{part} {seam} {tag}"


def _names_of_relation(part: str, kind: str, seam: str, dep: str) -> tuple[str, ...]:
    return (
        f"{part} {kind}",
        f"{part} at {seam}",
        f"{part} {kind} at {seam}",
        f"{part} {dep}",
        f"{part} {seam} {dep}",
        f"{part} {kind} {dep}",
    )


def _names_of_top(part: str, dep: str, tag: str, on: str, place: str, size: str) -> tuple[str, ...]:
    return f"{part} {dep} {tag} on {on}", f"{part} {dep} on {place}", f"{part} {size} words"


def _names_of_verb(part: str, dep: str, has_subject: bool | None, as_cue: bool) -> tuple[str, ...]:
    """Features of a verb at the top; `has_subject` is None for another word."""
    if has_subject is None:
        return ()
    subject = "with a subject" if has_subject else "without a subject"
    of_cue = (f"{part} {dep} as the cue", f"{part} {dep} as the cue {subject}")
    return (f"{part} {dep} {subject}", *(of_cue if as_cue else ()))


def _place(parse: Parse, complement: Complement, head: int) -> str:
    """The head of the tokens at a seam, named by its position relative to the content."""
    if head == complement.head:
        return "its head"
    if head == complement.cue:
        return "the cue"
    if complement.pieces[-1][0] <= head <= complement.pieces[-1][1]:
        return "a word inside"
    return "what governs the cue" if head == parse.heads[complement.cue] else "another word"


def _seam(parse: Parse, i: int) -> str:
    """The mark that follows a token: "end" of the sentence, "none" before a word."""
    if i + 1 >= len(parse) or parse.sentences[i + 1] != parse.sentences[i]:
        return "end"
    word = parse.words[i + 1]
    if is_word(word):
        return "none"
    return "end" if word in (".", "?", "!") or parse.is_space(i + 1) else word


def _next_word(parse: Parse, i: int, last: int) -> int:
    i += 1
    while i < last and not parse.has_letters[i]:
        i += 1
    return i


def _top(parse: Parse, first: int, last: int) -> int:
    """The first word of a run whose head is outside the run."""
    for i in range(first, last + 1):
        if parse.has_letters[i] and not first <= parse.heads[i] <= last:
            return i
    return last


def _size(parse: Parse, first: int, last: int) -> str:
    count = parse.count_words(first, last)
    return NAMES_OF_SIZES[bisect_left(SIZES, count)]
