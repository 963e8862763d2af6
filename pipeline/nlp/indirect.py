"""What a cue can govern: the clauses and phrases that may be the content of an attribution.

"said *that taxes will fall*", "vowed *to resign*", "criticised *the levy*", "his call for *a
levy*", "*taxes will fall*, according to the minister". Each is a candidate; whether it is what
somebody said is decided elsewhere (`reported.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipeline.nlp.sources import is_noun, is_verb
from pipeline.nlp.syntax import OUTSIDE, Parse, is_word

CLAUSES = {"ccomp": "ccomp", "xcomp": "xcomp", "acl": "acl", "advcl": "advcl", "oprd": "oprd"}
ADJECTIVES = ("JJ", "JJR", "JJS")
OBJECTS = frozenset({"dobj", "attr"})


@dataclass(frozen=True, slots=True)
class Complement:
    """A cue and what it may report: runs of tokens, first and last inclusive, in text order."""

    cue: int
    relation: str
    head: int
    pieces: tuple[tuple[int, int], ...]
    end: str = "whole"


def complements(parse: Parse, cue: int) -> list[Complement]:
    """Every candidate for the content of the cue at this token, each as the parse has it."""
    if parse.lower[cue] == "according":
        return list(_according(parse, cue))
    if parse.words[cue] == ":":
        return list(_label(parse, cue))
    if is_verb(parse, cue):
        return [*_of_verb(parse, cue), *_parenthetical(parse, cue)]
    if is_noun(parse, cue):
        return list(_of_noun(parse, cue))
    if parse.tags[cue] in ADJECTIVES:
        return list(_of_adjective(parse, cue))
    if parse.tags[cue] == "RB":
        return list(_of_adverb(parse, cue))
    return []


def with_other_ends(parse: Parse, complement: Complement) -> Iterator[Complement]:
    """The complement, and where else it may end.

    The parser hangs whatever follows on the clause before it: what comes after a comma, a dash
    or a day may be the reporter's again. And it ends a clause at a coordination that goes on.
    """
    yield complement
    *before, (first, last) = complement.pieces
    for at, end in _cuts(parse, complement, first, last):
        piece = _trimmed(parse, first, at - 1)
        if piece:
            yield replace(complement, pieces=(*before, *piece), end=end)
    stop = sentence_bounds(parse, last)[1]
    if complement.cue > last or not first <= last < stop - 1:
        return
    following = last + 1
    while following < stop and parse.quoted[following] == OUTSIDE and not is_word(parse.words[following]):
        following += 1
    comma = "comma " if following > last + 1 else ""
    piece = _trimmed(parse, first, stop)
    if piece and piece[0][1] > last:
        end = f"on over {comma}{parse.lower[following]}"
        yield replace(complement, pieces=(*before, *piece), end=end)


CUT_BEFORE = frozenset({"advcl", "npadvmod", "prep", "conj", "relcl", "appos", "acl", "ccomp", "parataxis", "dep", "advmod"})
MOST_CUTS = 4


def _cuts(
    parse: Parse, complement: Complement, first: int, last: int
) -> Iterator[tuple[int, str]]:
    """Tokens at which the last piece may be cut, from the right: where a dependent begins."""
    found = 0
    here = last
    while here > first and found < MOST_CUTS:
        top = here
        while first < parse.heads[top] <= last and parse.first[parse.heads[top]] > first and parse.last[parse.heads[top]] == last and parse.heads[top] != top:
            top = parse.heads[top]
        # Every subtree that ends here, the widest first.
        begin = parse.first[top]
        if begin <= first:
            here -= 1
            continue
        if parse.deps[top] in CUT_BEFORE and parse.heads[top] < begin:
            mark = parse.words[begin - 1]
            mark = mark if mark in (",", "-", "–", "—", "(") else "no mark"
            word = parse.lower[begin]
            day = " of time" if parse.entities[begin] in ("DATE", "TIME") or parse.entities[top] in ("DATE", "TIME") else ""
            found += 1
            yield begin, f"before {mark} {parse.deps[top]} {word}{day}"
        here = begin - 1


def _of_verb(parse: Parse, verb: int) -> Iterator[Complement]:
    objects: list[int] = []
    after: list[int] = []
    for i in parse.children[verb]:
        dep = parse.deps[i]
        if dep in CLAUSES and dep not in ("acl",):
            yield _clause(parse, verb, i, CLAUSES[dep])
        elif dep in OBJECTS and i > verb:
            objects.append(i)
            yield _whole(parse, verb, i, dep)
        elif dep == "nsubjpass":
            yield _whole(parse, verb, i, "passive")
        elif dep in ("prep", "prt") and i > verb:
            yield from _prepositional(parse, verb, i)
        if i > verb and dep in ("dobj", "prep", "xcomp", "ccomp", "oprd", "attr", "dative", "acomp"):
            after.append(i)
    if len(after) > 1:
        yield _run(parse, verb, after)


def _clause(parse: Parse, cue: int, head: int, relation: str) -> Complement:
    side = "" if head > cue else "_before"
    mark = parse.child(head, "mark")
    if mark is not None and relation in ("ccomp", "advcl", "acl"):
        relation = f"{relation}_{parse.lower[mark]}"
    return _whole(parse, cue, head, relation + side)


def _prepositional(parse: Parse, cue: int, prep: int) -> Iterator[Complement]:
    for i in parse.children[prep]:
        if parse.deps[i] in ("pobj", "pcomp"):
            yield _whole(parse, cue, i, f"{parse.deps[i]}_{parse.lower[prep]}")


def _run(parse: Parse, verb: int, heads: list[int]) -> Complement:
    """All that follows the verb as one content: "urged *voters to wait*"."""
    names = "+".join(parse.deps[i] for i in heads[:2])
    if parse.deps[heads[0]] == "prep":
        inner = parse.child(heads[0], "pobj", "pcomp")
        first = parse.first[inner] if inner is not None else parse.first[heads[0]]
        names += f"_{parse.lower[heads[0]]}"
    else:
        first = parse.first[heads[0]]
    pieces = _trimmed(parse, max(first, verb + 1), max(parse.last[i] for i in heads))
    return Complement(verb, f"run_{names}", heads[0], pieces)


def _of_noun(parse: Parse, noun: int) -> Iterator[Complement]:
    for i in parse.children[noun]:
        dep = parse.deps[i]
        if dep in ("acl", "ccomp") and i > noun:
            yield _clause(parse, noun, i, "acl" if dep == "acl" else "ccomp")
        elif dep == "relcl" and i > noun and parse.lower[parse.first[i]] == "that":
            # The parser takes many "claims that …" for relative clauses.
            yield _whole(parse, noun, i, "relcl_that")
        elif dep == "prep" and i > noun:
            yield from _prepositional(parse, noun, i)


def _of_adjective(parse: Parse, adjective: int) -> Iterator[Complement]:
    for i in parse.children[adjective]:
        if i > adjective and parse.deps[i] in ("ccomp", "xcomp"):
            yield _clause(parse, adjective, i, parse.deps[i])
        elif i > adjective and parse.deps[i] == "prep":
            yield from _prepositional(parse, adjective, i)


def _of_adverb(parse: Parse, adverb: int) -> Iterator[Complement]:
    """The clause that "reportedly" stands in."""
    head = parse.heads[adverb]
    if parse.tags[head].startswith("VB"):
        pieces = (
            *_trimmed(parse, parse.first[head], adverb - 1),
            *_trimmed(parse, adverb + 1, parse.last[head]),
        )
        if pieces:
            yield Complement(adverb, "clause", head, pieces)


def _label(parse: Parse, colon: int) -> Iterator[Complement]:
    """What follows a name and a colon, to the end of the paragraph."""
    last = colon
    while last + 1 < len(parse) and parse.paragraphs[last + 1] == parse.paragraphs[colon]:
        last += 1
    pieces = _trimmed(parse, colon + 1, last)
    if pieces:
        yield Complement(colon, "label", pieces[0][0], pieces)


def _whole(parse: Parse, cue: int, head: int, relation: str) -> Complement:
    """The head's whole subtree, without the cue's own clause when that stands inside it."""
    first, last = parse.first[head], parse.last[head]
    if not first <= cue <= last:
        return Complement(cue, relation, head, _trimmed(parse, first, last))
    low, high = _clause_of(parse, cue)
    pieces = (*_trimmed(parse, first, low - 1), *_trimmed(parse, high + 1, last))
    return Complement(cue, relation, head, pieces)


def _parenthetical(parse: Parse, verb: int) -> Iterator[Complement]:
    """The sentence around a clause set off by commas: "…, she said, …", "…, as he put it"."""
    low, high = _clause_of(parse, verb)
    first, last = sentence_bounds(parse, verb)
    before = _previous_word(parse, low)
    if before is None or parse.words[before] not in (",", "—", "–", "-"):
        return
    if high < last and parse.words[high + 1] not in (",", ".", "—", "–", "-", ";"):
        return
    pieces = (*_trimmed(parse, first, before - 1), *_trimmed(parse, high + 2, last))
    as_ = "_as" if parse.lower[low] == "as" else ""
    where = "inside" if len(pieces) > 1 else "at_the_end"
    if pieces:
        yield Complement(verb, f"parenthetical{as_}_{where}", pieces_head(parse, pieces), pieces)


def _clause_of(parse: Parse, verb: int) -> tuple[int, int]:
    """The cue's own short clause: subject, auxiliaries, adverbs, adjuncts up to a comma."""
    low = high = verb
    for i in parse.children[verb]:
        if parse.deps[i] in ("nsubj", "nsubjpass", "aux", "auxpass", "neg", "mark", "expl"):
            low, high = min(low, parse.first[i]), max(high, parse.last[i])
    first, last = sentence_bounds(parse, verb)
    while high < last and parse.words[high + 1] not in (",", ".", "—", "–", ";", ":", "?", "!"):
        high += 1
    while low > first and parse.words[low - 1] not in (",", ".", "—", "–", ";", ":", "-"):
        low -= 1
    return low, high


def _according(parse: Parse, i: int) -> Iterator[Complement]:
    """The sentence, or the clause, that "according to …" belongs to."""
    first, last = sentence_bounds(parse, i)
    end = i
    to = parse.child(i, "prep")
    end = max(parse.last[i], parse.last[to] if to is not None else i)
    if i <= first + 2:
        comma = next((j for j in range(i, last) if parse.words[j] == "," and j >= min(end, last)), None)
        start = (comma if comma is not None else end) + 1
        yield Complement(i, "according_first", i, _trimmed(parse, start, last))
        return
    head = parse.heads[i]
    begin = parse.first[head] if head != i else first
    where = "at_the_end" if end >= last - 2 else "inside"
    pieces = (*_trimmed(parse, first, i - 1), *_trimmed(parse, end + 1, last))
    yield Complement(i, f"according_{where}", i, pieces)
    if begin > first:
        yield Complement(i, f"according_{where}_clause", i, _trimmed(parse, begin, i - 1))
    if len(pieces) > 1:
        yield Complement(i, f"according_{where}_before", i, _trimmed(parse, first, i - 1))


def sentence_bounds(parse: Parse, i: int) -> tuple[int, int]:
    """First and last token of the sentence of token `i`, quotation marks or not."""
    first = last = i
    number = parse.sentences[i]
    while first > 0 and parse.sentences[first - 1] == number:
        first -= 1
    while last + 1 < len(parse) and parse.sentences[last + 1] == number:
        last += 1
    while last > i and parse.is_space(last):
        last -= 1
    return first, last


def pieces_head(parse: Parse, pieces: tuple[tuple[int, int], ...]) -> int:
    """The token of the first piece that governs the rest of it."""
    first, last = pieces[0]
    return next((i for i in range(first, last + 1) if not first <= parse.heads[i] <= last), first)


def _trimmed(parse: Parse, first: int, last: int) -> tuple[tuple[int, int], ...]:
    """One run of tokens without punctuation and space at its ends; none if nothing is left."""
    while first <= last and _is_trim(parse, first):
        first += 1
    while last >= first and _is_trim(parse, last):
        last -= 1
    return ((first, last),) if first <= last else ()


def _is_trim(parse: Parse, i: int) -> bool:
    return parse.quoted[i] == OUTSIDE and not any(c.isalnum() or c in "$€£%" for c in parse.words[i])


def _previous_word(parse: Parse, i: int) -> int | None:
    i -= 1
    while i >= 0 and (parse.is_space(i) or parse.words[i] in "“”\"'’‘''``"):
        i -= 1
    return i if i >= 0 else None
