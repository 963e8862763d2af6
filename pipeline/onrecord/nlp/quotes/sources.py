"""Possible sources of a cue: the subjects and nouns in its reach.

A cue's own subject is the first choice and often missing: participles, infinitives, conjuncts
and nouns of speech ("issued a statement saying") take theirs from their governors.
"""

import msgspec

from onrecord.nlp.quotes.syntax import OUTSIDE, Parse, kept

SUBJECTS = ("nsubj", "nsubjpass", "csubj", "expl")
FARTHEST_CLIMB = 5
BRACKETS = {"(": ")", "[": "]"}
LONGEST_BRACKET = 6
NOMINAL = frozenset(
    {"NN", "NNS", "NNP", "NNPS", "PRP", "WP", "WDT", "DT", "PRP$", "CD", "JJ", "JJS", "WP$"}
)
# The noun after these is the addressee: in "told the mayor" the mayor is not the speaker.
HAVE_HEARERS = frozenset({"tell", "tells", "told", "telling"})
NOBODY = frozenset({"plan", "schedule", "size", "age", "taste", "custom", "tradition", "need"})
# A day or a sum is not a person; a number can stand for people ("one", "two").
# By whom a document came to light, who did not write it: "a letter seen by the Harbour Post".
CAME_TO_LIGHT = frozenset(
    {"acquired", "cited", "leaked", "obtained", "published", "quoted", "read", "received",
     "reported", "reviewed", "seen", "shown", "verified", "viewed"}
)  # fmt: skip
HAND_ON = frozenset({"quoted", "cited", "reported"})
SAYING = frozenset(
    {"saying", "stating", "telling", "asserting", "insisting", "claiming", "adding", "warning",
     "declaring", "arguing", "suggesting", "admitting", "denying", "predicting", "asking",
     "remarking", "complaining", "commenting", "describing", "writing"}
)  # fmt: skip
MEASURES = frozenset({"DATE", "TIME", "MONEY", "PERCENT", "QUANTITY", "ORDINAL"})


class Candidate(msgspec.Struct, frozen=True):
    """A cue and a possible source of it.

    `cue` and `source` are tokens; the source's is the head of its noun phrase. `path` names the
    syntactic path from cue to source: "subject", "agent", "conj", "of", "next" …
    """

    cue: int
    source: int
    path: str


def is_verb(parse: Parse, i: int) -> bool:
    """Whether the token is a full verb, not an auxiliary."""
    return parse.tags[i].startswith("VB") and parse.deps[i] not in ("aux", "auxpass")


def is_noun(parse: Parse, i: int) -> bool:
    """Whether the token is a common noun."""
    return parse.tags[i] in ("NN", "NNS")


@kept
def sources_of_verb(parse: Parse, verb: int) -> tuple[Candidate, ...]:
    """Candidates for a verb, its own subject first."""
    found: dict[int, str] = {}
    _own_subjects(parse, verb, "", found)
    _climb(parse, verb, found)
    after = None if parse.lower[verb] in HAVE_HEARERS else _noun_after(parse, verb)
    for side, token in (("next", after), ("before", _noun_before(parse, verb))):
        if token is not None:
            found.setdefault(token, side)
    return _speakers(parse, verb, found)


def _speakers(parse: Parse, cue: int, found: dict[int, str]) -> tuple[Candidate, ...]:
    return tuple(
        [Candidate(cue, one, path) for one, path in found.items() if _can_speak(parse, one)]
    )


def _can_speak(parse: Parse, i: int) -> bool:
    return (
        parse.quoted[i] == OUTSIDE
        and parse.tags[i] in NOMINAL
        and (parse.entities[i] not in MEASURES or is_age(parse, i))
        and not _is_letter_before_colon(parse, i)
    )


def _is_letter_before_colon(parse: Parse, i: int) -> bool:
    """Whether the token labels a question or an answer: "Q: Skippers complain that …"."""
    return len(parse.words[i]) == 1 and parse.words[i + 1 : i + 2] == [":"]


def is_age(parse: Parse, i: int) -> bool:
    """Whether the token is an age that stands for a person: "the 61-year-old said"."""
    return parse.lower[i] == "old" and i > 0 and parse.words[i - 1] == "-"


def _own_subjects(parse: Parse, verb: int, prefix: str, found: dict[int, str]) -> None:
    if _hands_on(parse, verb):
        found.setdefault(parse.child(verb, "nsubjpass") or verb, prefix + "subject")
        return
    agent = parse.child(verb, "agent")
    by = parse.child(agent, "pobj") if agent is not None else None
    if by is not None and not _tells_who_found_it(parse, verb):
        found.setdefault(by, prefix + "agent")
    for i in parse.children[verb]:
        if parse.deps[i] in SUBJECTS:
            kind = "passive" if parse.deps[i] == "nsubjpass" else "subject"
            found.setdefault(i, prefix + kind)


def _hands_on(parse: Parse, verb: int) -> bool:
    """Whether an outlet only hands on its subject's words: "was quoted by the Post as saying"."""
    if parse.lower[verb] not in HAND_ON or parse.child(verb, "nsubjpass") is None:
        return False
    as_ = next((i for i in range(verb + 1, parse.last[verb]) if parse.lower[i] == "as"), None)
    return as_ is not None and parse.lower[as_ + 1] in SAYING


def _tells_who_found_it(parse: Parse, verb: int) -> bool:
    """Whether a verb says of a document by whom it came to light."""
    return parse.deps[verb] in ("acl", "relcl") and parse.lower[verb] in CAME_TO_LIGHT


def _climb(parse: Parse, verb: int, found: dict[int, str]) -> None:
    """Add the subjects of the verb's governors, up to the root of the sentence."""
    here = verb
    way = ""
    for _ in range(FARTHEST_CLIMB):
        dep, head = parse.deps[here], parse.heads[here]
        if head == here:
            return
        way = way or dep
        if parse.tags[head].startswith("VB"):
            _own_subjects(parse, head, f"{way}>", found)
            if dep in ("xcomp", "ccomp", "advcl"):
                for i in parse.children[head]:
                    if parse.deps[i] in ("dobj", "dative") and i < here:
                        found.setdefault(i, f"{way}>object")
        elif parse.tags[head] in NOMINAL and dep in ("acl", "relcl", "appos", "advcl"):
            found.setdefault(head, way)
            _of_noun(parse, head, f"{way}>", found)
        here = head


@kept
def sources_of_noun(parse: Parse, noun: int) -> tuple[Candidate, ...]:
    """Candidates for a noun of speech: its possessor, its issuer, the noun itself."""
    found: dict[int, str] = {}
    _of_noun(parse, noun, "", found)
    _climb(parse, noun, found)
    return _speakers(parse, noun, {source: f"noun:{path}" for source, path in found.items()})


def _of_noun(parse: Parse, noun: int, prefix: str, found: dict[int, str]) -> None:
    for i in parse.children[noun]:
        if parse.deps[i] in ("poss", "compound", "amod") and _owns(parse, i):
            found.setdefault(i, f"{prefix}{parse.deps[i]}")
        elif parse.deps[i] in ("prep", "agent") and parse.lower[i] in ("of", "by", "from"):
            of = parse.child(i, "pobj")
            if of is not None:
                found.setdefault(of, f"{prefix}{parse.lower[i]}")
        elif parse.deps[i] == "acl" and parse.child(i, "agent") is not None:
            _own_subjects(parse, i, prefix, found)


def _owns(parse: Parse, i: int) -> bool:
    """Whether a modifier is a possessor: "his view", "the Greek view", but not "broad view"."""
    if parse.tags[i].startswith("JJ"):
        return parse.entities[i] in ("NORP", "GPE")
    return parse.tags[i] in NOMINAL


def source_according_to(parse: Parse, i: int) -> Candidate | None:
    """The source of "according" at `i`: the noun after its "to", or its own object."""
    for j in range(i + 1, min(i + 3, len(parse))):
        if parse.lower[j] == "to":
            pobj = parse.child(j, "pobj")
            if pobj is None:
                pobj = parse.child(i, "pobj")
            if pobj is None:
                pobj = _noun_after(parse, j)
            if pobj is not None and parse.lower[pobj] in NOBODY and pobj == j + 1:
                return None  # "goes according to plan"
            if pobj is not None and pobj > j:
                return Candidate(i, pobj, "according")
    # In other languages it is a preposition: "selon la maire".
    own = parse.child(i, "pobj")
    return Candidate(i, own, "according") if own is not None and own > i else None


def _noun_after(parse: Parse, i: int) -> int | None:
    """The head of a noun phrase that begins directly after token `i`."""
    j = i + 1
    while j < len(parse) and j < i + 3 and parse.tags[j] == "RB":
        j += 1
    if j >= len(parse) or parse.sentences[j] != parse.sentences[i]:
        return None
    return _phrase_head(parse, j)


def _phrase_head(parse: Parse, j: int) -> int | None:
    """The head of the phrase that begins at token `j`, by its tags: up to its last noun."""
    last = None
    for k in range(j, min(j + 12, len(parse))):
        tag = parse.tags[k]
        if tag in ("PRP", "WP") and k == j:
            return k
        if tag in ("NN", "NNS", "NNP", "NNPS"):
            last = k
        elif tag not in ("DT", "JJ", "PRP$", "POS", "CD", "HYPH", "VBN", "JJS") or (
            last is not None and tag in ("DT", "PRP$")
        ):
            break
    return last


def _noun_before(parse: Parse, i: int) -> int | None:
    """The last noun or pronoun before token `i`; adverbs and auxiliaries may intervene."""
    if i > 2 and parse.tags[i - 1] == "CD" and parse.lower[i - 2] == "of":
        i -= 2  # "the mother of three told"
    for j in range(i - 1, max(i - 4, -1), -1):
        if parse.sentences[j] != parse.sentences[i] or parse.quoted[j] != OUTSIDE:
            return None
        if parse.tags[j] in ("NN", "NNS", "NNP", "NNPS", "PRP", "WP", "WDT"):
            return j
        if is_age(parse, j):
            return j
        if parse.tags[j] not in ("RB", "MD", "VBD", "VBZ", "VBP", "VBN", "VB"):
            return None
    return None


def source_span(parse: Parse, head: int) -> tuple[int, int]:
    """The noun phrase around `head`, as tokens, last exclusive, cut at a comma.

    Extends left to the phrase's first word and right over "of the …" and names, not over clauses.
    """
    return parse.phrases.get(head) or _phrase_of(parse, head)


@kept
def _phrase_of(parse: Parse, head: int) -> tuple[int, int]:
    if parse.tags[head] in ("PRP", "PRP$", "WP", "WDT", "DT", "WP$", "EX"):
        return head, head + 1
    if is_age(parse, head):
        return _start_of_age(parse, head), head + 1
    first = last = head
    for i in parse.children[head]:
        if i < head and parse.deps[i] in _LEFT:
            first = min(first, parse.first[i])
        elif i > head and parse.deps[i] in _RIGHT and _adjoins(parse, last, i):
            last = parse.last[i]
    while first < head and not _word(parse, first):
        first += 1
    first, last = _within(parse, first, head, last)
    last = _without_open_bracket(parse, first, last)
    while last > head and not _word(parse, last):
        last -= 1
    return first, _after_hyphens(parse, last) + 1


def _without_open_bracket(parse: Parse, first: int, last: int) -> int:
    """The last token of a phrase, so that an open bracket is closed or left out."""
    opened = [i for i in range(first, last + 1) if parse.words[i] in BRACKETS]
    if not opened or any(parse.words[i] == BRACKETS[parse.words[opened[-1]]]
                         for i in range(opened[-1], last + 1)):  # fmt: skip
        return last
    for i in range(last + 1, min(last + LONGEST_BRACKET, len(parse))):
        if parse.words[i] == BRACKETS[parse.words[opened[-1]]]:
            return i
    return max(first, opened[-1] - 1)


def _start_of_age(parse: Parse, old: int) -> int:
    """The start of "the 61-year-old" that ends at `old`: parses split it."""
    first = old
    while first > 0 and (parse.words[first - 1] in ("-", "year") or parse.tags[first - 1] == "CD"):
        first -= 1
    return first - (first > 0 and parse.tags[first - 1] == "DT")


def _within(parse: Parse, first: int, head: int, last: int) -> tuple[int, int]:
    """The contiguous part of a phrase around its head: no mark or line end inside."""
    for i in range(head, first - 1, -1):
        if _cuts(parse, i):
            first = min(i + 1, head)
            break
    for i in range(head, last + 1):
        if _cuts(parse, i):
            return first, head  # the rest is not part of the phrase, wherever it is cut
    return first, last


def _cuts(parse: Parse, i: int) -> bool:
    return parse.quoted[i] != OUTSIDE or "\n" in parse.words[i]


def _after_hyphens(parse: Parse, last: int) -> int:
    """The last token of the word whose first piece is `last`: "co" of "co-author"."""
    while last + 2 < len(parse) and parse.words[last + 1] == "-":
        glued = parse.ends[last] == parse.starts[last + 1]
        if not (glued and parse.ends[last + 1] == parse.starts[last + 2]):
            break
        last += 2
    return last


_LEFT = frozenset(
    {"det", "amod", "compound", "poss", "nummod", "nmod", "predet", "advmod", "quantmod", "punct"}
)
_RIGHT = frozenset({"prep", "case", "conj", "cc", "compound", "flat", "nummod"})


def _adjoins(parse: Parse, last: int, i: int) -> bool:
    """Whether the phrase with head `i` directly follows `last`."""
    return parse.first[i] == last + 1 and parse.last[i] - last <= 14


def _word(parse: Parse, i: int) -> bool:
    if parse.words[i] in BRACKETS.values():
        return True
    return parse.words[i][0].isalnum() or parse.words[i][-1].isalnum()


PRONOUNS = {
    "he": "he", "she": "he", "they": "they", "who": "who", "it": "it", "we": "we", "i": "we",
    "you": "we",
}  # fmt: skip
ENTITIES = {"PERSON": "person", "ORG": "organisation", "NORP": "group", "GPE": "place"}


def kind_of_source(parse: Parse, i: int) -> str:
    """The kind of source, by its part of speech and the model's entity label."""
    tag = parse.tags[i]
    if tag in ("PRP", "WP"):
        return PRONOUNS.get(parse.lower[i], "other pronoun")
    if parse.entities[i]:
        return ENTITIES.get(parse.entities[i], "other entity")
    if tag in ("NNP", "NNPS"):
        return "name"
    return "noun" if tag in ("NN", "NNS") else tag
