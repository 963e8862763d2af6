"""Complements of a cue: clauses and phrases that can be the content of an attribution.

"said *that taxes will fall*", "vowed *to resign*", "criticised *the levy*", "his call for *a
levy*", "*taxes will fall*, according to the minister". Each is a candidate; `reported.py` decides
whether it is content.
"""

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from onrecord.nlp.quotes.inserted import according, own_clause, parenthetical
from onrecord.nlp.quotes.runs import Complement, Pieces, around, passage_between, trimmed
from onrecord.nlp.quotes.sources import HAVE_HEARERS, is_noun, is_verb
from onrecord.nlp.quotes.syntax import Parse
from onrecord.nlp.quotes.views import source_of_view

CLAUSES = frozenset({"ccomp", "xcomp", "advcl", "oprd"})
RAISED_OVER = frozenset({"xcomp", "oprd", "acomp", "prep", "ccomp"})
RAISING = frozenset(
    {"seem", "seems", "seemed", "appear", "appears", "appeared", "look", "looks", "looked",
     "sound", "sounds", "sounded"}
)  # fmt: skip
BE = frozenset({"is", "was", "are", "were", "be", "been", "'s", "’s"})
# Said of what is so, where the subject is "it": "it is clear that …" is nobody's.
IMPERSONAL = frozenset(
    {"apparent", "certain", "clear", "doubtful", "evident", "false", "likely", "obvious", "plain",
     "possible", "probable", "sure", "true", "uncertain", "unclear", "unlikely"}
)  # fmt: skip
OBJECTS = frozenset({"dobj", "attr"})
HEARERS = OBJECTS | {"dative", "nsubjpass"}
IN_A_RUN = OBJECTS | {"prep", "xcomp", "ccomp", "oprd", "dative", "acomp"}
ASKED_FOR = frozenset(
    {"a", "an", "any", "the", "our", "multiple", "several", "repeated", "immediate", "further",
     "request", "requests", "for", "to", "comment", "comments", "interview", "interviews"}
)  # fmt: skip
TIMES = frozenset({"DATE", "TIME"})
CUTS_OF_RUN = frozenset({":", "while", "whereas", "though", "although"})
PRONOUN_TAGS = frozenset({"PRP", "DT", "WP", "WDT", "EX"})


def complements(parse: Parse, cue: int) -> Iterator[Complement]:
    """Every candidate for the content of the cue at this token: complements that say something."""
    return (one for one in shaped_complements(parse, cue) if says_something(parse, one))


def shaped_complements(parse: Parse, cue: int) -> Iterator[Complement]:
    """The complements of this token by the shape of the parse alone, their words not yet read."""
    tag = parse.tags[cue]
    if parse.lower[cue] == "according" or source_of_view(parse, cue) is not None:
        yield from according(parse, cue)
    elif parse.words[cue] == ":":
        yield from _after_colon(parse, cue)
    elif is_verb(parse, cue):
        yield from _of_verb(parse, cue)
        yield from parenthetical(parse, cue)
    elif is_noun(parse, cue):
        yield from _of_noun(parse, cue)
    elif tag.startswith("JJ"):
        yield from _of_adjective(parse, cue)
    elif tag == "RB":
        yield from _of_adverb(parse, cue)


def says_something(parse: Parse, found: Complement) -> bool:
    """Whether the content exceeds a pronoun ("denied it"), a date or "a request for comment"."""
    if found.relation.startswith(("dobj", "pobj")) and parse.entities[found.head] in TIMES:
        return False
    is_more_than_pronouns = is_more_than_request = False
    for first, last in found.pieces:
        for i in range(first, last + 1):
            if parse.has_letters[i]:
                is_more_than_pronouns |= parse.tags[i] not in PRONOUN_TAGS
                is_more_than_request |= parse.lower[i] not in ASKED_FOR
                if is_more_than_pronouns and is_more_than_request:
                    return True
    return False


# ── by the cue's part of speech ──────────────────────────────────────────────────────────────


def _of_verb(parse: Parse, verb: int) -> Iterator[Complement]:
    after: list[int] = []
    has_hearers = parse.lower[verb] in HAVE_HEARERS
    for i in parse.children[verb]:
        dep = parse.deps[i]
        if has_hearers and dep in HEARERS:
            after += _told_to_act(parse, verb, i)
            continue
        if dep in CLAUSES:
            if not _is_beyond_semicolon(parse, verb, i):
                yield _clause(parse, verb, i)
        elif dep in OBJECTS and i > verb and not _is_announced(parse, verb, i):
            yield _whole(parse, verb, i, dep)
        elif dep == "nsubjpass":
            yield _whole(parse, verb, i, "passive")
        elif dep in ("prep", "prt") and i > verb:
            yield from _prepositional(parse, verb, i)
        if i > verb and dep in IN_A_RUN:
            after.append(i)
    after = _unbroken(parse, after)
    if len(after) > 1:
        yield _run(parse, verb, after)
    yield from _raised(parse, verb)
    yield from _cleft(parse, verb)


def _cleft(parse: Parse, verb: int) -> Iterator[Complement]:
    """The clause beside "what X found": "what she found was *that it leaks*", or in that order."""
    be, what = parse.heads[verb], parse.child(verb, "dobj")
    if what is None or parse.lower[what] != "what" or parse.lower[be] not in BE:
        return
    for i in parse.children[be]:
        if i != verb and parse.deps[i] in ("ccomp", "csubj") and parse.child(i, "mark") is not None:
            yield msgspec.structs.replace(_clause(parse, verb, i), relation="ccomp_that")


def _is_announced(parse: Parse, verb: int, thing: int) -> bool:
    """Whether a colon and a clause tell what an object is: "explained the rota: *all rest*"."""
    told = parse.child(verb, "ccomp")
    end = parse.last[thing] + 1
    return told is not None and told > thing and parse.words[end : end + 1] == [":"]


def _unbroken(parse: Parse, heads: list[int]) -> list[int]:
    """The heads of a run up to what breaks it.

    That is a colon, a contrast, a pronoun and a comma ("put it, …"), or a comma and a passage
    ("said in May, “it leaks”").
    """
    for n, (one, following) in enumerate(pairwise(heads), start=1):
        end = parse.last[one] + 1
        pronoun = parse.tags[one] == "PRP" and parse.words[end : end + 1] == [","]
        is_cut = not CUTS_OF_RUN.isdisjoint(parse.lower[end:following])
        if pronoun or is_cut or passage_between(parse, end, following) is not None:
            return heads[:n]
    return heads


def _is_beyond_semicolon(parse: Parse, verb: int, clause: int) -> bool:
    """Whether a clause is another sentence: "Lena Hart denied it; her lawyer said …"."""
    between = (parse.last[clause], verb) if clause < verb else (verb, parse.first[clause])
    return ";" in parse.words[slice(*between)]


def _told_to_act(parse: Parse, verb: int, hearer: int) -> list[int]:
    """The hearer if it is to act: "telling *schools to save power*", as after "urging"."""
    told_to = parse.child(verb, "xcomp")
    acts = told_to is not None and hearer < told_to and parse.deps[hearer] != "nsubjpass"
    begins = acts and told_to is not None and parse.lower[parse.first[told_to]] == "to"
    return [hearer] if begins and parse.first[hearer] == verb + 1 else []


def _raised(parse: Parse, verb: int) -> Iterator[Complement]:
    """The content with its raised subject: "*he* is expected *to resign*"."""
    subject = parse.child(verb, "nsubjpass")
    if subject is None and parse.lower[verb] in RAISING:
        subject = parse.child(verb, "nsubj")
    if subject is None or subject > verb:
        return
    for i in parse.children[verb]:
        if i > verb and parse.deps[i] in RAISED_OVER:
            name = parse.lower[i] if parse.deps[i] == "prep" else parse.deps[i]
            of_subject = trimmed(parse, parse.first[subject], parse.last[subject])
            pieces = (*of_subject, *trimmed(parse, parse.first[i], parse.last[i]))
            yield Complement(verb, f"raised_{name}", i, pieces)


def _of_noun(parse: Parse, noun: int) -> Iterator[Complement]:
    for i in parse.children[noun]:
        dep = parse.deps[i]
        if i < noun:
            continue
        if dep in ("acl", "ccomp"):
            yield _clause(parse, noun, i)
        elif dep == "relcl" and parse.lower[parse.first[i]] == "that":
            # The parser often takes "claim that …" for a relative clause.
            yield _whole(parse, noun, i, "relcl_that")
        elif dep == "prep":
            yield from _prepositional(parse, noun, i)
    yield from _predicate(parse, noun)


def _predicate(parse: Parse, cue: int) -> Iterator[Complement]:
    """The clause after "be": "her fear is *that it leaks*", "is adamant *that it leaks*"."""
    be = parse.heads[cue]
    if parse.lower[be] not in BE or not _is_somebodys(parse, cue, be):
        return
    for i in parse.children[be]:
        if i > max(be, cue) and parse.deps[i] in ("ccomp", "xcomp"):
            found = _clause(parse, cue, i)
            if parse.deps[cue] == "nsubj":
                found = msgspec.structs.replace(found, relation=f"is_{found.relation}")
            yield found


def _is_somebodys(parse: Parse, cue: int, be: int) -> bool:
    """Whether a state of mind beside "be" has an owner: neither "the hope is" nor "it is clear"."""
    if parse.deps[cue] == "nsubj":
        return parse.child(cue, "poss", "prep") is not None
    subject = parse.child(be, "nsubj")
    is_impersonal = subject is not None and parse.lower[subject] in ("it", "that", "this", "what")
    return parse.deps[cue] == "acomp" and not (is_impersonal and parse.lower[cue] in IMPERSONAL)


def _of_adjective(parse: Parse, adjective: int) -> Iterator[Complement]:
    for i in parse.children[adjective]:
        if i > adjective and parse.deps[i] in ("ccomp", "xcomp"):
            yield _clause(parse, adjective, i)
        elif i > adjective and parse.deps[i] == "prep":
            yield from _prepositional(parse, adjective, i)
    yield from _predicate(parse, adjective)


def _of_adverb(parse: Parse, adverb: int) -> Iterator[Complement]:
    """The clause that contains "reportedly"."""
    head = parse.heads[adverb]
    if parse.tags[head].startswith("VB"):
        pieces = around(parse, (parse.first[head], parse.last[head]), (adverb, adverb))
        yield Complement(adverb, "clause", head, pieces)


def _after_colon(parse: Parse, colon: int) -> Iterator[Complement]:
    """The words after a name and a colon, to the end of the paragraph."""
    last = colon
    while last + 1 < len(parse) and parse.paragraphs[last + 1] == parse.paragraphs[colon]:
        last += 1
    pieces = trimmed(parse, colon + 1, last)
    if pieces:
        yield Complement(colon, "label", pieces[0][0], pieces)


# ── by relation to the cue ───────────────────────────────────────────────────────────────────


def _clause(parse: Parse, cue: int, head: int) -> Complement:
    relation = parse.deps[head]
    mark = parse.child(head, "mark")
    if mark is not None and relation in ("ccomp", "advcl", "acl"):
        relation += f"_{parse.lower[mark]}"
    return _whole(parse, cue, head, relation if head > cue else f"{relation}_before")


def _prepositional(parse: Parse, cue: int, prep: int) -> Iterator[Complement]:
    for i in parse.children[prep]:
        if parse.deps[i] in ("pobj", "pcomp"):
            pieces = _up_to_passage(parse, _subtree(parse, cue, i))
            yield Complement(cue, f"{parse.deps[i]}_{parse.lower[prep]}", i, pieces)


def _up_to_passage(parse: Parse, pieces: Pieces) -> Pieces:
    """The pieces up to a comma or colon and a quotation: "said in a message, “burn it”"."""
    for n, (first, last) in enumerate(pieces):
        mark = passage_between(parse, first + 1, last)
        if mark is not None:
            return (*pieces[:n], *trimmed(parse, first, mark - 1))
    return pieces


def _run(parse: Parse, verb: int, heads: list[int]) -> Complement:
    """All words after the verb as one content: "urged *voters to wait*"."""
    names = "+".join(parse.deps[i] for i in heads[:2])
    first = parse.first[heads[0]]
    if parse.deps[heads[0]] == "prep":
        names += f"_{parse.lower[heads[0]]}"
        inner = parse.child(heads[0], "pobj", "pcomp")
        first = parse.first[inner] if inner is not None else first
    pieces = trimmed(parse, max(first, verb + 1), max(parse.last[i] for i in heads))
    return Complement(verb, f"run_{names}", heads[0], pieces)


def _whole(parse: Parse, cue: int, head: int, relation: str) -> Complement:
    return Complement(cue, relation, head, _subtree(parse, cue, head))


def _subtree(parse: Parse, cue: int, head: int) -> Pieces:
    """The head's whole subtree, without the cue's own clause if that is inside it."""
    whole = parse.first[head], parse.last[head]
    if whole[0] <= cue <= whole[1]:
        pieces = around(parse, whole, own_clause(parse, cue))
        return pieces or _after_relative(parse, cue, whole)
    return trimmed(parse, *whole)


def _after_relative(parse: Parse, cue: int, whole: tuple[int, int]) -> Pieces:
    """The rest of a relative clause around its cue: "the fire that they said *killed nine*"."""
    relative = parse.tags[whole[0]] in ("WDT", "WP") or parse.lower[whole[0]] == "that"
    return trimmed(parse, cue + 1, whole[1]) if relative else ()
