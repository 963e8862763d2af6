"""The features of the models in words, for explanations on a terminal and on pages."""

import re

# Features of the two models in words. Others are shown as the weights file names them.
_IN_WORDS = [
    (r"cue", "how often this word is a cue"),
    (r"cue (left|right) (near|far)", r"a known cue, \2, on the \1"),
    (r"cue is weak", "the word is seldom a cue"),
    (r"cue over its rivals", "likelier a cue than the other words of its sentence"),
    (r"cue is (.+)", r"the cue is \1 in the parse"),
    (r"cue tag (.+)", r"the cue is tagged \1"),
    (r"cue has (.+)", r"the cue has \1"),
    (r"governs as (.+)", r"the cue governs the passage, as \1"),
    (r"governs from (\d) above", r"the cue governs the passage, \1 steps above"),
    (r"governed as (.+)", r"the passage governs the cue, as \1"),
    (r"(left|right) gap (\w+)", r"words between, on the \1: \2"),
    (r"(left|right) rank in sentence (\d)", r"cues nearer, on the \1: \2"),
    (r"(left|right) strong between (\d)", r"strong cues between, on the \1: \2"),
    (r"(left|right) sentences (\d)", r"sentence ends between, on the \1: \2"),
    (r"(left|right) paragraphs (\d)", r"paragraph ends between, on the \1: \2"),
    (r"(left|right) passages between (\d)", r"passages between, on the \1: \2"),
    (r"path (.+)", r"the way from cue to source: \1"),
    (r"source (person|organisation|group|place|name|noun|pronoun)", r"the source is a \1"),
    (r"source (he|she|they|we|who|it)", r"the source is “\1”"),
    (r"source noun evidence", "how often this noun speaks"),
    (r"source number (\d) of its cue", r"sources nearer to the cue: \1"),
    (r"someone", "any words are somebody's"),
    (r"no one", "any words are nobody's"),
    (r"no one, (.+)", r"nobody's: \1"),
    (r"as before (.+)", r"said by whoever spoke before: \1"),
    (r"frame( of .+)?", "how often this word reports such a complement"),
    (r"any", "any cue reports something"),
]  # fmt: skip


def in_words(feature: str) -> str:
    """A feature of a model in words."""
    for pattern, words in _IN_WORDS:
        found = re.fullmatch(pattern, feature)
        if found:
            return found.expand(words)
    return feature
