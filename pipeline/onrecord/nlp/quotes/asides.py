"""Clauses set off by commas that name who speaks: "…, Oskar expects, …", "…, argues Klara".

An aside is a subject and its verb, and nothing that the verb governs: then the sentence around
it is the content, whatever the verb.
"""

from onrecord.nlp.quotes.cues import VERB, Lexicon
from onrecord.nlp.quotes.sources import HAVE_HEARERS
from onrecord.nlp.quotes.syntax import Parse, sentence_bounds
from onrecord.nlp.quotes.tree_tests import SUBJECTS, attach, has_subject, is_finite, reports

GOVERNED = frozenset(
    {"dobj", "ccomp", "xcomp", "attr", "acomp", "oprd", "cc", "conj", "mark", "advcl", "dative"}
)
HEARERS = frozenset({"dobj", "dative"})
OPENINGS = frozenset({"CC", "IN", "WDT", "WP", "WRB", "TO", "WP$"})
NAMES = frozenset({"NNP", "NNPS"})
IN_A_PHRASE = frozenset(
    {"NN", "NNS", "NNP", "NNPS", "DT", "JJ", "PRP$", "POS", "HYPH", "VB", "VBG", "IN", "CC"}
)


def stands_alone(parse: Parse, verb: int, clause: tuple[int, int]) -> bool:
    """Whether a clause holds a subject and its verb, and neither object nor conjunction."""
    low, high = clause
    if parse.tags[low] in OPENINGS:
        return False
    spoken_to = HEARERS if parse.lower[verb] in HAVE_HEARERS else frozenset()
    own = {parse.deps[i] for i in parse.children[verb] if low <= i <= high} - spoken_to
    if own.isdisjoint(SUBJECTS) or not own.isdisjoint(GOVERNED):
        return False
    return all(low <= parse.heads[i] <= high for i in range(low, high + 1) if i != verb)


def has_clause(parse: Parse, first: int, end: int) -> bool:
    """Whether a finite verb with a subject is among the tokens up to `end`, exclusive."""
    return any(
        parse.tags[j].startswith("VB") and is_finite(parse, j) and has_subject(parse, j)
        for j in range(first, end)
    )


# ── repairs of their parse ───────────────────────────────────────────────────────────────────


def clause_of_an_aside(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "The tram [nsubj of fears], Ingrid Vale [appos] fears, will stay": the name's verb."""
    if not _is_cue(parse, lexicon, i) or i + 1 >= len(parse) or parse.words[i + 1] != ",":
        return False
    name, comma = i - 1, _comma_before_name(parse, i)
    subject = parse.child(i, "nsubj", "nsubjpass")
    if comma is None or subject is None or not subject < comma or parse.deps[name] != "appos":
        return False
    after = [j for j in parse.children[i] if j > i and parse.deps[j] in ("ccomp", "xcomp")]
    if parse.heads[name] != subject or not after or not is_finite(parse, after[0]):
        return False
    clause, outer, relation = after[0], parse.heads[i], parse.deps[i]
    passive = parse.child(clause, "auxpass") is not None
    parse.heads[clause], parse.deps[clause] = (clause, "ROOT") if outer == i else (outer, relation)
    parse.heads[i], parse.deps[i] = clause, "parataxis"
    parse.heads[subject], parse.deps[subject] = clause, "nsubjpass" if passive else "nsubj"
    parse.heads[name], parse.deps[name] = i, "nsubj"
    return True


def speaker_at_the_end(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "…, contends engineer/VB Pavel Novak.": the name at the end is the cue's subject."""
    if i == 0 or parse.words[i - 1] != "," or not reports(parse, lexicon, i):
        return False
    name = sentence_bounds(parse, i)[1]
    while name > i and not parse.words[name][0].isalnum():
        name -= 1
    phrase = range(i + 1, name)
    if name == i or parse.tags[name] not in NAMES or has_subject(parse, i):
        return False
    if not all(parse.tags[j] in IN_A_PHRASE for j in phrase) or parse.tags[i] == "VBG":
        return False
    if not has_clause(parse, sentence_bounds(parse, i)[0], i):
        return False
    for j in phrase:
        if parse.heads[j] == i or parse.tags[j] == "VB":
            parse.tags[j] = "NN" if parse.tags[j] == "VB" else parse.tags[j]
            parse.heads[j], parse.deps[j] = name, "compound"
    return attach(parse, name, i, "nsubj")


def verb_before_comma(parse: Parse, i: int) -> int | None:
    """The name whose verb a noun should be: "…, Milo Ferreira suspects/NNS[, …]"; else None."""
    comma = _comma_before_name(parse, i)
    if comma is None or parse.words[i + 1] not in (",", ".") or parse.tags[i] != "NNS":
        return None
    return i - 1 if parse.heads[i] == i - 1 or parse.heads[i - 1] == i else None


def _comma_before_name(parse: Parse, i: int) -> int | None:
    """The comma before the name that precedes token `i`; None without such a name."""
    first = i - 1
    while first > 0 and parse.tags[first] in NAMES:
        first -= 1
    return first if first < i - 1 and parse.words[first] == "," else None


def _is_cue(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    cue = lexicon.find(parse.lower[i], VERB)
    return cue is not None and cue.manner is not None and parse.tags[i] in ("VBZ", "VBD", "VBP")
