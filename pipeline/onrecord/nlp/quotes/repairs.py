"""Repairs of typical parser errors around reporting verbs, applied before any rule runs.

A small model attaches a clause to the nearest verb, and takes the subject of a reported clause
for the object of the reporting verb. Each repair recognises one such tree by its shape and by
the cue lexicon, and changes heads, relations or tags. A correct tree has none of these shapes.
"""

from collections.abc import Callable, Iterator

from onrecord.nlp.quotes.cues import VERB, Lexicon
from onrecord.nlp.quotes.syntax import OUTSIDE, Parse, relink

FINITE = frozenset({"VBD", "VBZ", "VBP", "MD"})
SUBJECTS = ("nsubj", "nsubjpass", "csubj", "expl")
CONTRASTS = frozenset({"while", "whereas", "though", "although"})
# "said in a statement that": the clause belongs to the verb.
MEDIA = frozenset(
    {"statement", "interview", "post", "story", "email", "letter", "tweet", "remarks", "call",
     "speech", "briefing", "message", "conference", "release", "talk", "address", "video",
     "report", "note", "blog", "column", "article", "filing", "memo", "podcast", "broadcast"}
)  # fmt: skip
SURVEYS = frozenset(
    {"survey", "surveys", "poll", "polls", "study", "studies", "interviews", "census", "data",
     "figures", "research", "sample", "review", "analysis"}
)  # fmt: skip
FARTHEST_CLIMB = 6

Repair = Callable[[Parse, Lexicon, int], bool]


def repair(parse: Parse, lexicon: Lexicon) -> None:
    """Repair the parser's typical errors around the verbs of the lexicon."""
    outside = [
        i
        for i, (quoted, word) in enumerate(zip(parse.quoted, parse.words, strict=True))
        if quoted == OUTSIDE and word.isalpha()
    ]
    for mend in REPAIRS:
        changed = False
        for i in outside:
            changed |= mend(parse, lexicon, i)
        if changed:
            relink(parse)


# ── tests on words ───────────────────────────────────────────────────────────────────────────


def _reports(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """Whether the token is a verb that mostly reports speech in its position."""
    if not parse.tags[i].startswith("VB") or parse.deps[i] in ("aux", "auxpass"):
        return False
    cue = lexicon.find(parse.lower[i], VERB)
    return cue is not None and cue.manner == "speech" and 2 * cue.cued > cue.seen


def _believes(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """Whether the token is a verb whose clause is speech or belief."""
    cue = lexicon.find(parse.lower[i], VERB)
    return cue is not None and cue.manner in ("speech", "belief")


def _has_subject(parse: Parse, i: int) -> bool:
    return parse.child(i, *SUBJECTS) is not None


def _is_finite(parse: Parse, i: int) -> bool:
    """Whether a verb is finite: it or its auxiliary has a tense."""
    return parse.tags[i] in FINITE or any(
        parse.deps[j] in ("aux", "auxpass") and parse.tags[j] in FINITE for j in parse.children[i]
    )


def _ancestors(parse: Parse, i: int) -> Iterator[int]:
    for _ in range(FARTHEST_CLIMB):
        if parse.heads[i] == i:
            return
        i = parse.heads[i]
        yield i


def _is_below(parse: Parse, i: int, top: int) -> bool:
    """Whether `top` is the token or one of its governors."""
    while i != top:
        if parse.heads[i] == i:
            return False
        i = parse.heads[i]
    return True


def _attach(parse: Parse, i: int, head: int, dep: str) -> bool:
    """Attach a token to another head; does nothing if that would create a cycle."""
    if _is_below(parse, head, i):
        return False
    parse.heads[i], parse.deps[i] = head, dep
    return True


def _comma_before(parse: Parse, i: int) -> bool:
    return i > 0 and parse.words[i - 1] == ","


# ── tags ─────────────────────────────────────────────────────────────────────────────────────


def _noun_that_is_a_verb(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """As in "Those close to the choir stress/NN that …", "the lamp, Corva hopes/NNS, will …"."""
    if parse.tags[i] not in ("NN", "NNS") or i + 1 >= len(parse) or i == 0:
        return False
    cue = lexicon.find(parse.lower[i], VERB)
    if cue is None or cue.manner is None or cue.cued < 5:
        return False
    subject = _subject_beside(parse, i)
    if subject is None:
        return False
    parse.tags[i] = "VBZ" if parse.tags[i] == "NNS" else "VBP"
    outer = parse.heads[subject] if parse.heads[subject] not in (i, subject) else i
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
    name = i - 1
    while name > 0 and parse.tags[name] == "NNP":
        name -= 1
    aside = parse.words[name] == "," and name < i - 1
    if aside and parse.words[i + 1] == "," and parse.heads[i] == i - 1 and parse.tags[i] == "NNS":
        return i - 1
    return None


# ── subjects ─────────────────────────────────────────────────────────────────────────────────


def _subject_of_auxiliary(parse: Parse, _: Lexicon, i: int) -> bool:
    """In "Asim Muni [nsubj of] has over the past weeks warned": the verb's subject."""
    head = parse.heads[i]
    if parse.deps[i] not in SUBJECTS or parse.deps[head] not in ("aux", "auxpass"):
        return False
    return _attach(parse, i, parse.heads[head], parse.deps[i])


def _subject_taken_for_object(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """As in "told him [time] was short", "added [the defendant, who …,] never offered"."""
    if parse.deps[i] not in ("ccomp", "dep", "conj") or not _is_finite(parse, i):
        return False
    verb = parse.heads[i]
    if verb > i or not _reports(parse, lexicon, verb) or _has_subject(parse, i):
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
    if parse.deps[i] not in ("csubj", "ccomp") or clause < i or not _reports(parse, lexicon, i):
        return False
    if not _is_finite(parse, i) or not _has_subject(parse, i) or not _is_finite(parse, clause):
        return False
    between = [j for j in parse.children[i] if i < j < clause]
    own = parse.child(clause, *SUBJECTS)
    if parse.deps[i] == "ccomp" and (own is None or own < i or _comma_before(parse, own - 1)):
        return False  # "…, he said, will …" is an aside
    if parse.deps[i] == "ccomp" and any(parse.words[j] in ',“"' for j in range(i, i + 2)):
        return False
    outer, relation = parse.heads[clause], parse.deps[clause]
    parse.heads[i], parse.deps[i] = (i, "ROOT") if outer == clause else (outer, relation)
    parse.heads[clause], parse.deps[clause] = i, "ccomp"
    for j in between:
        if parse.deps[j] in ("advmod", "nsubj") and parse.deps[i] != "ccomp":
            parse.heads[j], parse.deps[j] = clause, "nsubj" if own is None else parse.deps[j]
    return True


# ── where a clause hangs ─────────────────────────────────────────────────────────────────────


def _conjunct_of_another_tense(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "stressed the duty to warn farmers … and urged": conjunct of the verb of that tense."""
    head = parse.heads[i]
    if parse.deps[i] != "conj" or parse.tags[i] not in ("VBD", "VBZ") or head > i:
        return False
    if parse.tags[head] not in ("VB", "VBG", "NN", "NNS") or _is_finite(parse, head):
        return False
    if _has_subject(parse, i) or not _believes(parse, lexicon, i):
        return False
    for above in _ancestors(parse, head):
        if parse.tags[above] == parse.tags[i] and _has_subject(parse, above):
            return _attach(parse, i, above, "conj")
    return False


def _clause_that_goes_on(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "said the yard employs …, and she sees": conjunct of the content, which has its tense."""
    verb = parse.heads[i]
    if parse.deps[i] != "conj" or parse.tags[i] not in ("VBZ", "VBP") or verb > i:
        return False
    if parse.tags[verb] != "VBD" or not _reports(parse, lexicon, verb):
        return False
    said = [j for j in parse.children[verb] if parse.deps[j] == "ccomp" and verb < j < i]
    present = bool(said) and parse.tags[said[-1]] in ("VBZ", "VBP")
    if not present or not _has_subject(parse, i) or not said:
        return False
    return _attach(parse, i, said[-1], "conj")


def _contrast_of_the_narrator(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "stressed the price would not rise, while the guild condemned": attached to the cue."""
    head, mark = parse.heads[i], parse.child(i, "mark", "advmod")
    if parse.deps[i] != "advcl" or mark is None or parse.lower[mark] not in CONTRASTS:
        return False
    if parse.deps[head] != "ccomp" or mark < head or not _comma_before(parse, mark):
        return False
    cue = parse.heads[head]
    if not _reports(parse, lexicon, cue) or cue > head or not _has_subject(parse, i):
        return False
    if not (_believes(parse, lexicon, i) or _is_perfect(parse, i)):
        return False
    return _attach(parse, i, cue, "advcl")


def _is_perfect(parse: Parse, i: int) -> bool:
    return any(parse.lower[j] in ("has", "have") for j in parse.children[i])


def _reporting_participle(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "said Tessa continued to sell grain, arguing …": the speaker is the one who argues."""
    if parse.tags[i] != "VBG" or parse.deps[i] not in ("advcl", "acl", "conj", "xcomp"):
        return False
    if not _comma_before(parse, i) or not _reports(parse, lexicon, i):
        return False
    outermost = None
    here = i
    for above in _ancestors(parse, i):
        if parse.deps[here] == "ccomp" and above < here and _reports(parse, lexicon, above):
            outermost = above
        here = above
    if outermost is None:
        return False
    return _attach(parse, i, outermost, "advcl")


def _participle_on_a_platform(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "posted on Twitter accusing …": the author of the post is the one who accuses."""
    name = parse.heads[i]
    if parse.tags[i] != "VBG" or parse.deps[i] != "acl" or not _reports(parse, lexicon, i):
        return False
    if parse.tags[name] != "NNP" or parse.deps[name] != "pobj":
        return False
    verb = parse.heads[parse.heads[name]]
    if not parse.tags[verb].startswith("VB") or not _has_subject(parse, verb):
        return False
    return _attach(parse, i, verb, "advcl")


def _clause_of_a_medium(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "told The Hill in a statement [that …]": the clause is the verb's complement."""
    noun, that = parse.heads[i], parse.first[i]
    if parse.deps[i] not in ("acl", "relcl", "ccomp") or not parse.tags[noun].startswith("NN"):
        return False
    prep = parse.heads[noun]
    verb = parse.heads[prep]
    hangs = parse.deps[noun] == "pobj" and parse.deps[prep] == "prep" and verb < prep
    if not hangs or not _is_whole_clause(parse, i, that):
        return False
    medium = parse.lower[noun] in MEDIA
    if not parse.tags[verb].startswith("VB") or (parse.deps[i] == "relcl" and not medium):
        return False
    if not medium and not _reports(parse, lexicon, verb):
        return False
    parse.heads[that], parse.deps[that], parse.tags[that] = i, "mark", "IN"
    return _attach(parse, i, verb, "ccomp")


def _is_whole_clause(parse: Parse, verb: int, that: int) -> bool:
    """Whether a clause after "that" has a tense, and a subject other than "that" itself."""
    if parse.lower[that] != "that" or parse.deps[that] in SUBJECTS:
        return False
    return _has_subject(parse, verb) and _is_finite(parse, verb)


def _clause_after_a_time(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "said [the moment he heard the siren] he ran": the clause begins with a time."""
    verb = parse.heads[i]
    if parse.deps[i] != "npadvmod" or i < verb or not _reports(parse, lexicon, verb):
        return False
    if parse.first[i] != verb + 1 or parse.child(i, "relcl") is None:
        return False
    if parse.child(verb, "ccomp") is not None:
        return False
    parse.deps[i] = "ccomp"
    return True


def _cue_at_the_end(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """As in "The hall was hit, and one man was hurt, the service reported [conj of hit]"."""
    first = parse.heads[i]
    if parse.deps[i] != "conj" or first > i or not _reports(parse, lexicon, i):
        return False
    said = [j for j in parse.children[i] if parse.deps[j] == "ccomp" and first < j < i]
    subject = parse.child(i, "nsubj", "nsubjpass")
    if not said or subject is None or not said[-1] < subject < i:
        return False
    if not _comma_before(parse, parse.first[subject]):
        return False
    if _reports(parse, lexicon, first) or not _has_subject(parse, said[-1]):
        return False
    outer, relation = parse.heads[first], parse.deps[first]
    parse.heads[i], parse.deps[i] = (i, "ROOT") if outer == first else (outer, relation)
    parse.heads[first], parse.deps[first] = i, "ccomp"
    parse.heads[said[-1]], parse.deps[said[-1]] = first, "conj"
    return True


def _absolute_clause(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "criticised the plan, with minister Ayla Saf warning of …": a clause of its own."""
    opening = parse.heads[i]
    if parse.lower[opening] != "with" or not _comma_before(parse, opening) or opening > i:
        return False
    if not parse.lower[i].endswith("ing") or parse.deps[i] not in ("pcomp", "pobj"):
        return False
    cue, subject = lexicon.find(parse.lower[i], VERB), _subject_after(parse, opening, i)
    outer = parse.heads[opening]
    if cue is None or cue.manner is None or subject is None or outer == opening:
        return False
    parse.tags[i], parse.deps[i], parse.heads[i] = "VBG", "advcl", outer
    parse.heads[opening], parse.deps[opening] = i, "mark"
    return _attach(parse, subject, i, "nsubj") or True


def _subject_after(parse: Parse, opening: int, verb: int) -> int | None:
    """The subject between "with" and a participle."""
    own = parse.child(verb, "nsubj")
    if own is not None:
        return own if opening < own < verb else None
    named = parse.deps[verb] == "pobj" and parse.tags[verb - 1] == "NNP"
    return verb - 1 if named and verb - 1 > opening else None


def _clause_after_semicolon(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "The roof leaked, Brack said; the council knew": conjunct of the clause before."""
    cue = parse.heads[i]
    if parse.deps[i] != "ccomp" or cue > i or not _believes(parse, lexicon, cue):
        return False
    said = [j for j in parse.children[cue] if parse.deps[j] == "ccomp" and j < cue]
    if not said or ";" not in parse.words[cue : parse.first[i]]:
        return False
    return _has_subject(parse, i) and _attach(parse, i, said[0], "conj")


def _clause_of_given(parse: Parse, _: Lexicon, i: int) -> bool:
    """In "is decided, given that tenants say …": "given that" is a conjunction."""
    that = parse.child(i, "mark")
    if that is None or parse.lower[that] != "that" or that == 0 or parse.deps[i] != "ccomp":
        return False
    given, outer = that - 1, parse.heads[i]
    if parse.lower[given] != "given" or outer > given or parse.children[given]:
        return False
    parse.deps[i] = "advcl"
    parse.heads[given], parse.deps[given] = i, "mark"
    return True


def _basis_of_a_report(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "tenants say the house is too small, based on a survey": the survey's is the report."""
    head, on = parse.heads[i], i + 1
    if parse.lower[i] != "based" or not _comma_before(parse, i) or head > i:
        return False
    basis = parse.child(on, "pobj") if on < len(parse) and parse.lower[on] == "on" else None
    if basis is None or parse.lower[basis] not in SURVEYS or parse.deps[head] != "ccomp":
        return False
    cue = parse.heads[head]
    return cue < head and _reports(parse, lexicon, cue) and _attach(parse, i, cue, "prep")


REPAIRS: tuple[Repair, ...] = (
    _noun_that_is_a_verb,
    _subject_of_auxiliary,
    _subject_taken_for_object,
    _cue_taken_for_subject,
    _cue_at_the_end,
    _clause_of_a_medium,
    _clause_after_a_time,
    _clause_after_semicolon,
    _clause_of_given,
    _basis_of_a_report,
    _absolute_clause,
    _conjunct_of_another_tense,
    _clause_that_goes_on,
    _reporting_participle,
    _participle_on_a_platform,
    _contrast_of_the_narrator,
)
