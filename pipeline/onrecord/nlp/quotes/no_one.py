"""Evidence that a passage has no source: a title, a nickname, scare quotes."""

from onrecord.nlp.quotes.attribution import Features, bin_of
from onrecord.nlp.quotes.context import Surroundings
from onrecord.nlp.quotes.syntax import Parse


def features_of_no_one(parse: Parse, k: int, best: float) -> Features:
    """Features of a passage without a source; `best` is the evidence of the best cue beside it."""
    around = Surroundings(parse, k)
    inside = range(around.first, around.last + 1)
    words = [parse.words[i] for i in inside if parse.has_letters[i]]
    titled = bool(words) and sum(w[0].isupper() for w in words) >= 0.6 * len(words)
    style = "a title" if titled else "prose"
    size = bin_of(len(words))
    finite = any(parse.tags[i] in ("VBD", "VBZ", "VBP", "MD") for i in inside)
    tag, word = ("", "")
    if around.first > 1:  # the token before the mark
        tag, word = parse.tags[around.first - 2], parse.lower[around.first - 2]
    names = [
        "no one",
        f"no one, words {size}",
        f"no one, before {around.before}",
        f"no one, after {around.after}",
        f"no one, ends {around.ends}",
        f"no one, in capitals {titled}",
        f"no one, verb {finite}",
        f"no one, single marks {parse.passages[k].single}",
        f"no one, {style} after a {tag}",
        f"no one, {style} of {size}",
        f"no one, {style} {around.before} {around.after} {around.ends}",
        *(f"no one, {style} governed as {dep}" for dep in around.governors.values()),
    ]
    if tag in ("IN", "VBN", "POS", "DT"):
        names.append(f"no one, {style} after {word}")
    found = dict.fromkeys(names, 1.0)
    found["no one, best cue"] = best
    found[f"no one, {style} best cue"] = best
    found[f"no one, words {size} best cue"] = best
    return found
