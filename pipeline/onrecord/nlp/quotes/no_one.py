"""Evidence that a passage has no source: a title, a nickname, scare quotes."""

from collections.abc import Iterator

from onrecord.nlp.quotes.context import Surroundings, surroundings
from onrecord.nlp.quotes.reach_features import bin_of
from onrecord.nlp.quotes.syntax import Parse
from onrecord.nlp.quotes.weights import Features, Group, Groups, features_of


def features_of_no_one(parse: Parse, k: int, best: float) -> Features:
    """Features of a passage without a source, by name."""
    return features_of(of_no_one(parse, k, best))


def of_no_one(parse: Parse, k: int, best: float) -> Groups:
    """Features of a passage without a source; `best` is the evidence of the best cue beside it."""
    around = surroundings(parse, k)
    inside = range(around.first, around.last + 1)
    words = [parse.words[i] for i in inside if parse.has_letters[i]]
    titled = bool(words) and sum(w[0].isupper() for w in words) >= 0.6 * len(words)
    style = "a title" if titled else "prose"
    size = bin_of(len(words))
    finite = any(parse.tags[i] in ("VBD", "VBZ", "VBP", "MD") for i in inside)
    governed = tuple(around.governors.values())
    return (
        ((_names_of_words, style, size, finite, parse.passages[k].single), 1.0),
        ((_names_of_edges, style, around.before, around.after, around.ends), 1.0),
        ((_names_of_governors, style, governed), 1.0),
        (_word_before(parse, around, style), 1.0),
        ((_names_of_best, style, size), best),
    )


def _word_before(parse: Parse, around: Surroundings, style: str) -> Group:
    """Features of the token before the mark."""
    before = around.first - 2
    if around.first < 2:
        return _names_of_word, style, "", ""
    tag = parse.tags[before]
    word = parse.lower[before] if tag in ("IN", "VBN", "POS", "DT") else ""
    return _names_of_word, style, tag, word


def _names_of_words(style: str, size: str, finite: bool, single: bool) -> tuple[str, ...]:
    return (
        "no one",
        f"no one, words {size}",
        f"no one, {style} of {size}",
        f"no one, in capitals {style == 'a title'}",
        f"no one, verb {finite}",
        f"no one, single marks {single}",
    )


def _names_of_edges(style: str, before: str, after: str, ends: str) -> tuple[str, ...]:
    return (
        f"no one, before {before}",
        f"no one, after {after}",
        f"no one, ends {ends}",
        f"no one, {style} {before} {after} {ends}",
    )


def _names_of_governors(style: str, governed: tuple[str, ...]) -> Iterator[str]:
    return (f"no one, {style} governed as {dep}" for dep in governed)


def _names_of_word(style: str, tag: str, word: str) -> tuple[str, ...]:
    name = f"no one, {style} after a {tag}"
    return (name, f"no one, {style} after {word}") if word else (name,)


def _names_of_best(style: str, size: str) -> tuple[str, ...]:
    return "no one, best cue", f"no one, {style} best cue", f"no one, words {size} best cue"
