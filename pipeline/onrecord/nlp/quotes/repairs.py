"""Repairs of typical parser errors around reporting verbs, applied before any rule runs.

A small model attaches a clause to the nearest verb, and takes the subject of a reported clause
for the object of the reporting verb. Each repair recognises one such tree by its shape and by
the cue lexicon, and changes heads, relations or tags. A correct tree has none of these shapes.
"""

from collections.abc import Callable
from itertools import chain
from typing import Literal, NamedTuple

from onrecord.nlp.quotes import clause_repairs
from onrecord.nlp.quotes.asides import clause_of_an_aside, speaker_at_the_end, verb_before_comma
from onrecord.nlp.quotes.cues import VERB, Lexicon
from onrecord.nlp.quotes.syntax import OUTSIDE, Parse, relink
from onrecord.nlp.quotes.tree_tests import (
    SUBJECTS,
    attach,
    comma_before,
    has_subject,
    is_finite,
    reports,
)
from onrecord.nlp.quotes.verbs_at_marks import verb_beside_mark

# What follows a noun that should be a verb.
AFTER_A_VERB = frozenset({"that", ",", "."})

Mend = Callable[[Parse, Lexicon, int], bool]


class Repair(NamedTuple):
    """A repair of single tokens, called only for those with one of some relations, tags or words.

    `column` is the list of the parse in which a token's relation, tag or word stands.
    """

    mend: Mend
    column: Literal["deps", "tags", "lower"]
    values: frozenset[str]


def repair(parse: Parse, lexicon: Lexicon) -> None:
    """Repair the parser's typical errors around the verbs of the lexicon."""
    outside = [
        i
        for i, (quoted, word) in enumerate(zip(parse.quoted, parse.words, strict=True))
        if quoted == OUTSIDE and word.isalpha()
    ]
    by_value = _by_value(parse, outside)
    for mend, column, values in REPAIRS:
        shown: list[str] = getattr(parse, column)
        changed = [
            i
            for i in sorted(chain.from_iterable(by_value[column][value] for value in values))
            # Read now: a repair also changes other tokens. None gives a later token what makes the
            # same repair look at it.
            if shown[i] in values and mend(parse, lexicon, i)
        ]
        if changed:
            relink(parse)
            by_value = _by_value(parse, outside)


def _by_value(parse: Parse, tokens: list[int]) -> dict[str, dict[str, list[int]]]:
    """The tokens with each relation, tag and word by which a repair is called, by column."""
    found: dict[str, dict[str, list[int]]] = {}
    for column, wanted in _WANTED.items():
        shown: list[str] = getattr(parse, column)
        here = found[column] = {value: [] for value in wanted}
        for i in tokens:
            if shown[i] in here:
                here[shown[i]].append(i)
    return found


# ── tags ───────────────────────────────────────────────────────────────────────────────────


def _noun_that_is_a_verb(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """As in "Those close to the choir stress/NN that …", "the lamp, Corva hopes/NNS, will …"."""
    if parse.tags[i] not in ("NN", "NNS") or i + 1 >= len(parse) or i == 0:
        return False
    if parse.lower[i + 1] not in AFTER_A_VERB:
        return False
    cue = lexicon.find(parse.lower[i], VERB)
    if cue is None or cue.manner is None or cue.cued < 5:
        return False
    subject = _subject_beside(parse, i)
    if subject is None:
        return False
    parse.tags[i] = "VBZ" if parse.tags[i] == "NNS" else "VBP"
    outer = _governor(parse, i, subject)
    if parse.heads[i] == subject or parse.deps[i] in ("appos", "compound"):
        parse.heads[i], parse.deps[i] = (i, "ROOT") if outer == i else (outer, "parataxis")
    if subject != i:
        parse.heads[subject], parse.deps[subject] = i, "nsubj"
        for j in parse.children[subject]:
            parse.heads[j] = i if j > i else parse.heads[j]
    that = i + 1
    if parse.lower[that] == "that":
        clause = parse.heads[that]
        if clause > that and parse.heads[clause] == i:
            parse.deps[clause], parse.deps[that] = "ccomp", "mark"
    return True


def _governor(parse: Parse, i: int, subject: int) -> int:
    """The word that governs a new verb and its subject; the verb itself if it is the root."""
    if parse.heads[subject] not in (i, subject):
        return parse.heads[subject]
    above = parse.heads[i]
    return above if subject == i - 1 and parse.deps[i] == "appos" and above != subject else i


def _subject_beside(parse: Parse, i: int) -> int | None:
    """The subject of a noun that should be a verb: its own, or a name before it in an aside."""
    if parse.lower[i + 1] == "that" and parse.tags[i + 1] in ("IN", "WDT", "DT"):
        own = parse.child(i, "nsubj")
        if own is not None and own < i:
            return own
        head = parse.heads[i]
        if parse.deps[i] == "appos" and head < i and parse.tags[head] in ("NNP", "PRP"):
            return head
        return None
    return verb_before_comma(parse, i)


# ── subjects ───────────────────────────────────────────────────────────────────────────────


def _subject_of_auxiliary(parse: Parse, _: Lexicon, i: int) -> bool:
    """In "Asim Muni [nsubj of] has over the past weeks warned": the verb's subject."""
    head = parse.heads[i]
    if parse.deps[i] not in SUBJECTS or parse.deps[head] not in ("aux", "auxpass"):
        return False
    return attach(parse, i, parse.heads[head], parse.deps[i])


def _subject_before_comma(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "In a letter seen by the Post, the mayor, Ana Brack [appos], admitted …": the name."""
    name = i - 2
    apposed = name > 0 and parse.deps[name] == "appos" and comma_before(parse, i)
    if not apposed or parse.tags[name] != "NNP" or parse.deps[i] in ("conj", "relcl", "acl"):
        return False
    if not reports(parse, lexicon, i) or not is_finite(parse, i) or has_subject(parse, i):
        return False
    return attach(parse, name, i, "nsubj")


def _subject_taken_for_object(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """As in "told him [time] was short", "added [the defendant, who …,] never offered"."""
    verb = parse.heads[i]
    if parse.deps[i] not in ("ccomp", "dep", "conj") or verb > i:
        return False
    if not reports(parse, lexicon, verb) or not is_finite(parse, i) or has_subject(parse, i):
        return False
    if parse.deps[i] == "conj" and any(
        parse.deps[j] == "cc" and verb < j < i for j in parse.children[verb]
    ):
        return False
    taken = [
        j
        for j in parse.children[verb]
        if verb < j < i and parse.deps[j] in ("dobj", "xcomp") and parse.tags[j] != "PRP"
    ]
    if not taken or (parse.deps[taken[-1]] == "xcomp" and parse.tags[taken[-1]] != "VBG"):
        return False
    subject = taken[-1]
    parse.heads[subject] = i
    parse.deps[subject] = "nsubj" if parse.deps[subject] == "dobj" else "csubj"
    parse.deps[i] = "ccomp"
    return True


def _cue_taken_for_subject(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "her mom told [csubj of] her enough was enough": the cue governs the clause."""
    clause = parse.heads[i]
    if parse.deps[i] not in ("csubj", "ccomp") or clause < i or not reports(parse, lexicon, i):
        return False
    if not is_finite(parse, i) or not has_subject(parse, i) or not is_finite(parse, clause):
        return False
    between = [j for j in parse.children[i] if i < j < clause]
    own = parse.child(clause, *SUBJECTS)
    if parse.deps[i] == "ccomp" and (own is None or own < i or comma_before(parse, own - 1)):
        return False  # "…, he said, will …" is an aside
    if parse.deps[i] == "ccomp" and any(parse.words[j] in ',“"' for j in range(i, i + 2)):
        return False
    if ";" in parse.words[i:clause] and not _ends_its_clause(parse, i):
        return False  # two sentences, each with its own cue
    outer, relation = parse.heads[clause], parse.deps[clause]
    parse.heads[i], parse.deps[i] = (i, "ROOT") if outer == clause else (outer, relation)
    parse.heads[clause], parse.deps[clause] = i, "ccomp"
    for j in between:
        if parse.deps[j] in ("advmod", "nsubj") and parse.deps[i] != "ccomp":
            parse.heads[j], parse.deps[j] = clause, "nsubj" if own is None else parse.deps[j]
    return True


def _ends_its_clause(parse: Parse, i: int) -> bool:
    """Whether a cue and its subject follow what is said: "It had leaked, Brack said; …"."""
    subject = parse.child(i, "nsubj")
    return subject is not None and subject < i and comma_before(parse, parse.first[subject])


def _of_relation(relations: str, mend: Mend) -> Repair:
    return Repair(mend, "deps", frozenset(relations.split()))


def _of_tag(tags: str, mend: Mend) -> Repair:
    return Repair(mend, "tags", frozenset(tags.split()))


def _of_word(words: str, mend: Mend) -> Repair:
    return Repair(mend, "lower", frozenset(words.split()))


REPAIRS = (
    _of_tag("NN NNS", _noun_that_is_a_verb),
    _of_tag("NN NNS JJ VBN", verb_beside_mark),
    _of_relation("nsubj nsubjpass csubj expl", _subject_of_auxiliary),
    _of_tag("VBD VBN VBP VBZ", _subject_before_comma),
    _of_relation("ccomp dep conj", _subject_taken_for_object),
    _of_relation("csubj ccomp", _cue_taken_for_subject),
    _of_tag("VBZ VBD VBP", clause_of_an_aside),
    _of_tag("VB VBD VBG VBN VBP VBZ", speaker_at_the_end),
    _of_relation("conj", clause_repairs.cue_at_the_end),
    _of_relation("acl relcl ccomp", clause_repairs.clause_of_a_medium),
    _of_relation("npadvmod", clause_repairs.clause_after_a_time),
    _of_relation("ccomp", clause_repairs.clause_after_semicolon),
    _of_relation("ccomp", clause_repairs.clause_of_given),
    _of_word("based", clause_repairs.basis_of_a_report),
    _of_relation("pcomp pobj", clause_repairs.absolute_clause),
    _of_relation("conj", clause_repairs.conjunct_of_another_tense),
    _of_relation("conj", clause_repairs.clause_that_goes_on),
    _of_tag("VBG", clause_repairs.reporting_participle),
    _of_tag("VBG", clause_repairs.participle_on_a_platform),
    _of_relation("advcl", clause_repairs.contrast_of_the_narrator),
)
_WANTED = {
    column: frozenset().union(*(one.values for one in REPAIRS if one.column == column))
    for column in ("deps", "tags", "lower")
}
