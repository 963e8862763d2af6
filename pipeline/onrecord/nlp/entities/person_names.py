"""The extent of a person's name: without what stands before it, with what it goes on with."""

import re
from collections.abc import Sequence

from spacy.tokens import Token

from onrecord.nlp.entities.english import name_words, titles
from onrecord.nlp.entities.titles import singular


def person_itself(tokens: Sequence[Token], start: int, end: int) -> tuple[int, int]:
    """A person's name without adjacent headline words, extended to its surname.

    "Telling Ana Weiss to …" and "Okafor Says …" begin or end with a verb; the tokenizer splits
    "Kim Jong-un".
    """
    if (
        end - start > 2
        and tokens[start].is_sent_start
        and not name_words.is_given(tokens[start].text)
    ):
        second = tokens[start + 1]
        # Keep the given name of "Nkiruka Obiageli-Dunn", whose surname is double-barrelled.
        hyphen = tokens[start + 2].text == "-"
        named = titles.is_after_name(tokens[end - 1].text)
        plain = not hyphen and not named and not name_words.is_particle(second.text)
        start += plain and name_words.is_given(second.text)
    if (
        end - start > 2
        and tokens[end - 1].text.isupper()
        and titles.is_after_name(tokens[end - 1].text)
    ):
        # "Nadeem Rashid KC"; "Roberts Jr." keeps what tells it from his father.
        end -= 1
    if end - start > 1 + (not _is_of_several(tokens[start])) and is_occupation(tokens[start]):
        # Not "Archer Daniels Midland": there, what follows is no given name.
        start += name_words.is_given(tokens[start + 1].text) or not _is_surname_too(tokens[start])
    if end - start == 2 and _is_greeted(tokens[start], tokens[start + 1]):
        start += 1
    if end - start == 2 and not name_words.is_given(tokens[start].text):
        last = tokens[end - 1]
        end -= last.pos_ not in {"PROPN", "NOUN", "X"} or name_words.is_headline_verb(last.text)
    one_word = end - start == 1 or tokens[start + 1].text == "-"
    if one_word and end < len(tokens) and name_words.is_given(tokens[end - 1].text):
        # The model stops after the given names: "Mary-Kate" in "Mary-Kate Halloran".
        end += is_surname(tokens, end)
    while (
        end - start > 1
        and name_words.is_particle(tokens[end - 1].text)
        and tokens[end - 1].text.islower()
    ):
        end -= 1
    end = _after_particles(tokens, end)
    return start, end + 2 if _is_hyphenated_on(tokens, end) else end


def is_occupation(first: Token) -> bool:
    """Whether the first word of a sentence says what somebody is: "Forecaster Signe Dahl"."""
    word = first.text
    if not (first.is_sent_start and word.istitle()) or name_words.is_given(word):
        return False
    return _is_of_several(first) or titles.is_for_people(word.lower())


def _is_surname_too(first: Token) -> bool:
    """Whether a word for what somebody does is a surname as well: "Archer", "Carter"."""
    return first.lower_.endswith(("er", "or", "man", "smith", "wright"))


def _is_of_several(first: Token) -> bool:
    """Whether a word says what several people are: "Twins Ada and Bea Lund"."""
    word = first.lower_
    return word.endswith("s") and titles.role_noun(singular(word)) is not None


# Endings of adjectives that begin with a name: "Tarn-based", "Oscar-winning".
_OF_ADJECTIVES = (
    "ed", "ing", "born", "style", "era", "like", "free", "wide", "run", "held", "owned", "made",
    "only", "friendly", "related", "obsessed", "esque", "proof", "focused",
)  # fmt: skip


def _is_greeted(first: Token, second: Token) -> bool:
    """Whether the first word of a sentence precedes a given name: "Welcome Jose"."""
    begins = first.is_sent_start or (first.i > 0 and first.nbor(-1).is_punct)
    unknown = first.pos_ not in {"PROPN", "NOUN", "X"} and not name_words.is_given(first.text)
    return bool(begins) and unknown and name_words.is_given(second.text)


# The tagger labels names with an apostrophe as adverbs.
_IRISH = re.compile(r"(?:O['’]|Mc|Mac|D['’])[A-Z]\w+")


def is_surname(tokens: Sequence[Token], i: int) -> bool:
    """Whether a token can be the surname of a name that the model truncated."""
    if i >= len(tokens) or not is_capitalised(tokens[i]):
        return False
    return tokens[i].pos_ == "PROPN" or _IRISH.fullmatch(tokens[i].text) is not None


def _after_particles(tokens: Sequence[Token], end: int) -> int:
    """The end of a name that continues with particles: "Erik" of "Erik ten Holloway"."""
    after = end
    while (
        after < len(tokens)
        and tokens[after].text.islower()
        and name_words.is_particle(tokens[after].text)
    ):
        after += 1
    return after + 1 if end < after < len(tokens) and is_capitalised(tokens[after]) else end


def _is_hyphenated_on(tokens: Sequence[Token], end: int) -> bool:
    """Whether the last word of a name continues after a hyphen: "Jong-un"."""
    if end + 1 >= len(tokens) or tokens[end].text != "-" or tokens[end - 1].is_stop:
        return False
    glued = not tokens[end - 1].whitespace_ and not tokens[end].whitespace_
    second = tokens[end + 1].text
    # "Ki-moon", not "Swift-themed".
    return glued and second.isalpha() and not second.endswith(_OF_ADJECTIVES)


def is_capitalised(token: Token) -> bool:
    """Whether a token is a word of a name by its letters."""
    text = token.text
    return text[:1].isupper() and text[-1:].isalpha() and not token.is_stop
