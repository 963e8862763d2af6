"""A verb phrase, read word by word: its cue, and the pronoun put after it.

a-t-elle ajouté        lui a répondu        fait valoir        s'est-il félicité
"""

from collections.abc import Sequence
from dataclasses import dataclass

from onrecord.nlp.languages.fr.words import (
    Span,
    Word,
    inverted,
    is_participle,
    listed,
    skip,
    verbs,
    word_at,
)


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb phrase: its cue, a pronoun put after it, where it ends, and if it is known to say."""

    cue: Span
    pronoun: Span | None
    end: int
    is_known: bool


def read_verb(words: Sequence[Word], i: int) -> Verb | None:
    """The verb phrase that begins at a word, if one may."""
    i = skip(words, i, listed("clitics") | listed("adverbs"))
    word = word_at(words, i)
    if word is None or word.is_mark or word.passage is not None:
        return None
    turned = inverted(word.lower)
    if turned is not None:
        return _inverted(words, i, turned)
    if word.lower in listed("auxiliaries") and word.text.islower():
        return _compound(words, i + 1, None)
    chained = _chained(words, i, None)
    return chained if chained is not None else _simple(word, i)


def _simple(word: Word, i: int) -> Verb | None:
    """A verb of one word: any that is not known to be something else."""
    if not word.text.islower() or not word.text.replace("-", "").isalpha():
        return None
    # A participle without its auxiliary is said of the passage: "« Le Port », tourné l'an dernier".
    if word.lower in listed("closed") or word.lower.endswith(("é", "ée", "és", "ées", "ant")):
        return None
    return Verb((word.start, word.end), None, i + 1, word.lower in verbs())


def _inverted(words: Sequence[Word], i: int, turned: tuple[str, str]) -> Verb:
    """A verb with its pronoun after it: "ajoute-t-elle", "a-t-il dit", "fait-elle valoir"."""
    verb, pronoun = turned
    word = words[i]
    after = (word.end - len(pronoun), word.end)
    found = _compound(words, i + 1, after) if verb in listed("auxiliaries") else None
    found = found or _chained(words, i, after, verb)
    return found or Verb((word.start, word.start + len(verb)), after, i + 1, verb in verbs())


def _compound(words: Sequence[Word], i: int, pronoun: Span | None) -> Verb | None:
    """The participle after an auxiliary, or the infinitive that it leaves the speaking to."""
    i = skip(words, i, listed("adverbs") | listed("clitics"))
    word = word_at(words, i)
    if word is None or word.passage is not None or not word.text.islower():
        return None
    if word.lower == "été":
        return _compound(words, i + 1, pronoun)
    chained = _chained(words, i, pronoun)
    if chained is not None:
        return chained
    if not is_participle(word.lower) or word.lower in listed("closed"):
        return None
    return Verb((word.start, word.end), pronoun, i + 1, word.lower in verbs())


def _chained(
    words: Sequence[Word], i: int, pronoun: Span | None, verb: str | None = None
) -> Verb | None:
    """The infinitive that a verb leaves the speaking to: "fait valoir", "tient à préciser"."""
    if (verb or words[i].lower) not in listed("chains") or not words[i].text.islower():
        return None
    i = skip(words, i + 1, listed("adverbs") | listed("clitics") | listed("links of chains"))
    word = word_at(words, i)
    if word is None or not word.text.islower() or not word.lower.endswith(("er", "ir", "re")):
        return None
    if word.lower in listed("closed"):
        return None
    return Verb((word.start, word.end), pronoun, i + 1, word.lower in verbs())
