"""Repairs of clauses that the parser attaches to the wrong verb: where a clause hangs."""

from onrecord.nlp.quotes.cues import VERB, Lexicon
from onrecord.nlp.quotes.syntax import Parse
from onrecord.nlp.quotes.tree_tests import (
    SUBJECTS,
    ancestors,
    attach,
    believes,
    comma_before,
    has_subject,
    is_finite,
    reports,
)

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


def conjunct_of_another_tense(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "stressed the duty to warn farmers … and urged": conjunct of the verb of that tense."""
    head = parse.heads[i]
    if parse.deps[i] != "conj" or parse.tags[i] not in ("VBD", "VBZ") or head > i:
        return False
    if parse.tags[head] not in ("VB", "VBG", "NN", "NNS") or is_finite(parse, head):
        return False
    if has_subject(parse, i) or not believes(parse, lexicon, i):
        return False
    for above in ancestors(parse, head):
        if parse.tags[above] == parse.tags[i] and has_subject(parse, above):
            return attach(parse, i, above, "conj")
    return False


def clause_that_goes_on(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "said the yard employs …, and she sees": conjunct of the content, which has its tense."""
    verb = parse.heads[i]
    if parse.deps[i] != "conj" or parse.tags[i] not in ("VBZ", "VBP") or verb > i:
        return False
    if parse.tags[verb] != "VBD" or not reports(parse, lexicon, verb):
        return False
    said = [j for j in parse.children[verb] if parse.deps[j] == "ccomp" and verb < j < i]
    present = bool(said) and parse.tags[said[-1]] in ("VBZ", "VBP")
    if not present or not has_subject(parse, i) or not said:
        return False
    return attach(parse, i, said[-1], "conj")


def contrast_of_the_narrator(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "stressed the price would not rise, while the guild condemned": attached to the cue."""
    head, mark = parse.heads[i], parse.child(i, "mark", "advmod")
    if parse.deps[i] != "advcl" or mark is None or parse.lower[mark] not in CONTRASTS:
        return False
    if parse.deps[head] != "ccomp" or mark < head or not comma_before(parse, mark):
        return False
    cue = parse.heads[head]
    if not reports(parse, lexicon, cue) or cue > head or not has_subject(parse, i):
        return False
    if not (believes(parse, lexicon, i) or _is_perfect(parse, i)):
        return False
    return attach(parse, i, cue, "advcl")


def _is_perfect(parse: Parse, i: int) -> bool:
    return any(parse.lower[j] in ("has", "have") for j in (i, *parse.children[i]))


def reporting_participle(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "said Tessa continued to sell grain, arguing …": the speaker is the one who argues."""
    if parse.tags[i] != "VBG" or parse.deps[i] not in ("advcl", "acl", "conj", "xcomp"):
        return False
    if not comma_before(parse, i) or not reports(parse, lexicon, i):
        return False
    outermost = None
    here = i
    for above in ancestors(parse, i):
        if parse.deps[here] == "ccomp" and above < here and reports(parse, lexicon, above):
            outermost = above
        here = above
    if outermost is None:
        return False
    return attach(parse, i, outermost, "advcl")


def participle_on_a_platform(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "posted on Twitter accusing …": the author of the post is the one who accuses."""
    name = parse.heads[i]
    if parse.tags[i] != "VBG" or parse.deps[i] != "acl" or not reports(parse, lexicon, i):
        return False
    if parse.tags[name] != "NNP" or parse.deps[name] != "pobj":
        return False
    verb = parse.heads[parse.heads[name]]
    if not parse.tags[verb].startswith("VB") or not has_subject(parse, verb):
        return False
    return attach(parse, i, verb, "advcl")


def clause_of_a_medium(parse: Parse, lexicon: Lexicon, i: int) -> bool:
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
    if not medium and not reports(parse, lexicon, verb):
        return False
    parse.heads[that], parse.deps[that], parse.tags[that] = i, "mark", "IN"
    return attach(parse, i, verb, "ccomp")


def _is_whole_clause(parse: Parse, verb: int, that: int) -> bool:
    """Whether a clause after "that" has a tense, and a subject other than "that" itself."""
    if parse.lower[that] != "that" or parse.deps[that] in SUBJECTS:
        return False
    return has_subject(parse, verb) and is_finite(parse, verb)


def clause_after_a_time(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "said [the moment he heard the siren] he ran": the clause begins with a time."""
    verb = parse.heads[i]
    if parse.deps[i] != "npadvmod" or i < verb or not reports(parse, lexicon, verb):
        return False
    if parse.first[i] != verb + 1 or parse.child(i, "relcl") is None:
        return False
    if parse.child(verb, "ccomp") is not None:
        return False
    parse.deps[i] = "ccomp"
    return True


def cue_at_the_end(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """As in "The hall was hit, and one man was hurt, the service reported [conj of hit]"."""
    first = parse.heads[i]
    if parse.deps[i] != "conj" or first > i or not reports(parse, lexicon, i):
        return False
    said = [j for j in parse.children[i] if parse.deps[j] == "ccomp" and first < j < i]
    subject = parse.child(i, "nsubj", "nsubjpass")
    if not said or subject is None or not said[-1] < subject < i:
        return False
    if not comma_before(parse, parse.first[subject]):
        return False
    if reports(parse, lexicon, first) or not has_subject(parse, said[-1]):
        return False
    outer, relation = parse.heads[first], parse.deps[first]
    parse.heads[i], parse.deps[i] = (i, "ROOT") if outer == first else (outer, relation)
    parse.heads[first], parse.deps[first] = i, "ccomp"
    parse.heads[said[-1]], parse.deps[said[-1]] = first, "conj"
    return True


def absolute_clause(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "criticised the plan, with minister Ayla Saf warning of …": a clause of its own."""
    opening = parse.heads[i]
    if parse.lower[opening] != "with" or not comma_before(parse, opening) or opening > i:
        return False
    if not parse.lower[i].endswith("ing") or parse.deps[i] not in ("pcomp", "pobj"):
        return False
    cue, subject = lexicon.find(parse.lower[i], VERB), _subject_after(parse, opening, i)
    outer = parse.heads[opening]
    if cue is None or cue.manner is None or subject is None or outer == opening:
        return False
    parse.tags[i], parse.deps[i], parse.heads[i] = "VBG", "advcl", outer
    parse.heads[opening], parse.deps[opening] = i, "mark"
    return attach(parse, subject, i, "nsubj") or True


def _subject_after(parse: Parse, opening: int, verb: int) -> int | None:
    """The subject between "with" and a participle."""
    own = parse.child(verb, "nsubj")
    if own is not None:
        return own if opening < own < verb else None
    named = parse.deps[verb] == "pobj" and parse.tags[verb - 1] == "NNP"
    return verb - 1 if named and verb - 1 > opening else None


def clause_after_semicolon(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "The roof leaked, Brack said; the council knew": conjunct of the clause before."""
    cue = parse.heads[i]
    if parse.deps[i] != "ccomp" or cue > i or not believes(parse, lexicon, cue):
        return False
    said = [j for j in parse.children[cue] if parse.deps[j] == "ccomp" and j < cue]
    if not said or ";" not in parse.words[cue : parse.first[i]]:
        return False
    return has_subject(parse, i) and attach(parse, i, said[0], "conj")


def clause_of_given(parse: Parse, _: Lexicon, i: int) -> bool:
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


def basis_of_a_report(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """In "tenants say the house is too small, based on a survey": the survey's is the report."""
    head, on = parse.heads[i], i + 1
    if parse.lower[i] != "based" or not comma_before(parse, i) or head > i:
        return False
    basis = parse.child(on, "pobj") if on < len(parse) and parse.lower[on] == "on" else None
    if basis is None or parse.lower[basis] not in SURVEYS or parse.deps[head] != "ccomp":
        return False
    cue = parse.heads[head]
    return cue < head and reports(parse, lexicon, cue) and attach(parse, i, cue, "advmod")
