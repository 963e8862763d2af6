"""Views that report a sentence as "according to" does: "in her view, *the plan failed*"."""

from onrecord.nlp.quotes.sources import Candidate, source_according_to
from onrecord.nlp.quotes.syntax import Parse
from onrecord.nlp.quotes.tree_tests import ancestors, has_subject

VIEWS = frozenset({"view", "opinion", "judgment", "judgement", "estimation"})
# What a court gives, too: "in its judgment, the court …" says where, not who thinks so.
RULINGS = frozenset({"judgment", "judgement"})
# Verbs of a main clause that reports for itself: "In her opinion, Justice Lund wrote that …".
REPORTS = frozenset(
    {
        "said", "says", "wrote", "writes", "stated", "states", "argued", "argues", "noted", "notes",
        "added", "adds", "explained", "explains", "found", "finds", "concluded", "concludes",
        "ruled", "rules", "held", "holds", "ordered", "orders", "directed", "directs", "instructed",
        "instructs", "declared", "declares", "decided", "decides", "warned", "warns", "criticised",
        "criticized", "described", "describes", "rejected", "rejects", "dismissed", "dismisses",
        "upheld", "upholds", "awarded", "awards",
    }
)  # fmt: skip
NARRATORS = frozenset({"my", "our", "your", "one"})
BREAKS = frozenset({",", "—", "–", ".", ";"})


def source_of_sentence(parse: Parse, cue: int) -> Candidate | None:
    """The source of "according to", or of a view that stands as it does; None for other words."""
    if parse.lower[cue] == "according":
        return source_according_to(parse, cue)
    return source_of_view(parse, cue)


def source_of_view(parse: Parse, noun: int) -> Candidate | None:
    """The owner of a view that reports: "in the view of *the crew*, …", "in *her* opinion, …"."""
    if parse.lower[noun] not in VIEWS or parse.lower[parse.heads[noun]] != "in":
        return None
    opening, of = parse.heads[noun], parse.child(noun, "prep")
    owner = parse.child(noun, "poss")
    if owner is not None and parse.lower[noun] in RULINGS:
        return None
    if owner is None and of is not None and parse.lower[of] == "of":
        owner = parse.child(of, "pobj") if parse.child(noun, "det") is not None else None
    if owner is None or parse.lower[owner] in NARRATORS or not _is_set_off(parse, opening):
        return None
    if _reports_for_itself(parse, opening):
        return None
    return Candidate(noun, owner, "according")


def _reports_for_itself(parse: Parse, opening: int) -> bool:
    """Whether the clause of a phrase reports or orders something itself, with its own subject."""
    verbs = {parse.heads[opening], *ancestors(parse, opening)}
    return any(parse.lower[i] in REPORTS and has_subject(parse, i) for i in verbs)


def _is_set_off(parse: Parse, opening: int) -> bool:
    """Whether a phrase stands between the ends of its sentence or commas."""
    before, after = opening - 1, parse.last[opening] + 1
    begins = before < 0 or parse.sentences[before] != parse.sentences[opening]
    ends = after >= len(parse) or parse.sentences[after] != parse.sentences[opening]
    return (begins or parse.words[before] in BREAKS) and (ends or parse.words[after] in BREAKS)
