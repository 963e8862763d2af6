"""Verbs beside a closing mark that the tagger takes for nouns or adjectives.

    “She asked me about the olives,” Iodice remembers/NNS.
    “I hope it lasts five hours,” the 24-year-old joked/NN.
    “It never rains here,” deadpans/NNS Ola Novak.

A passage that ends with a comma goes on with whoever said it. Where the rest of its sentence holds
no finite verb, a verb of speech beside the name is that verb; so is a word in -s or -ed that the
lexicon does not know, if the passage is a clause and the speaker a person. "“Euphoria,” HBO series"
and "“Yesterday,” Paul McCartney classics" are titles with a noun.
"""

from onrecord.nlp.quotes.cues import NOUN, VERB, Lexicon, lemmas
from onrecord.nlp.quotes.sources import is_age
from onrecord.nlp.quotes.syntax import OUTSIDE, Parse
from onrecord.nlp.quotes.tree_tests import FINITE

LONGEST_SPEAKER = 8
# How a reader takes it up: a comma, or a question that is asked.
GOES_ON = frozenset(",?!")
TAKEN_FOR = frozenset({"NN", "NNS", "JJ", "VBN"})
OF_A_SPEAKER = frozenset({"DT", "JJ", "NN", "NNP", "NNPS", "CD", "HYPH", "PRP$", "POS"})
NAMES = frozenset({"NNP", "NNPS"})
PREPOSITIONS = frozenset({"IN", "RB", "TO"})
ENDS = frozenset(",.")
SHORTEST_CLAUSE = 3


def verb_beside_mark(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """Tag as a verb the only word that can report the passage before it; give it its subject."""
    if parse.tags[i] not in TAKEN_FOR or not _has_form_of_verb(parse.words[i]):
        return False
    first = _after_passage(parse, i) if parse.passages else None
    if first is None or _has_finite_verb(parse, first):
        return False
    subject = _subject(parse, first, i)
    if subject is None or not (
        _reports(parse, lexicon, i) or _may_report(parse, lexicon, i, subject)
    ):
        return False
    parse.tags[i] = "VBZ" if parse.words[i].endswith("s") else "VBD"
    if parse.heads[i] == subject:
        outer = parse.heads[subject]
        parse.heads[i], parse.deps[i] = (i, "ROOT") if outer == subject else (outer, "parataxis")
    for j in range(first, i):
        parse.heads[j] = subject if parse.heads[j] == i else parse.heads[j]
    parse.heads[subject], parse.deps[subject] = i, "nsubj"
    return True


def _has_form_of_verb(word: str) -> bool:
    plain = word.islower() and len(word) > 3
    return plain and word.endswith(("s", "ed")) and not word.endswith("ss")


def _reports(parse: Parse, lexicon: Lexicon, i: int) -> bool:
    """Whether a form, as a verb, mostly reports what was said or thought."""
    cue = lexicon.find(parse.lower[i], VERB)
    return cue is not None and cue.manner in ("speech", "belief") and 2 * cue.cued > cue.seen


def _may_report(parse: Parse, lexicon: Lexicon, i: int, subject: int) -> bool:
    """Whether a word that the lexicon does not know ends the clause of a person who speaks."""
    word = parse.lower[i]
    if any(lexicon.find(word, part) for part in (NOUN, VERB)):
        return False
    if any(lemma in lexicon.speakers for lemma in lemmas(word, NOUN)):
        return False
    person = parse.entities[subject] == "PERSON" or is_age(parse, subject)
    after = max(i, subject) + 1
    ends = after < len(parse) and parse.words[after] in ENDS
    return person and ends and _is_clause(parse, min(i, subject))


def _is_clause(parse: Parse, before: int) -> bool:
    """Whether the passage before a token is a clause of some words, and no title."""
    number = next(parse.quoted[j] for j in range(before, -1, -1) if parse.quoted[j] != OUTSIDE)
    inside = [j for j in range(before) if parse.quoted[j] == number and parse.has_letters[j]]
    verb = any(parse.tags[j].startswith(("VB", "MD")) for j in inside)
    return len(inside) >= SHORTEST_CLAUSE and verb and parse.words[inside[-1]].islower()


def _after_passage(parse: Parse, i: int) -> int | None:
    """The first token after the passage whose sentence goes on with token `i` or before it."""
    for j in range(i - 1, max(i - LONGEST_SPEAKER - 2, -1), -1):
        if "\n" in parse.words[j]:
            return None
        if parse.quoted[j] != OUTSIDE:
            passage = parse.passages[parse.quoted[j]]
            closed = passage.closed and parse.text[passage.end - 1] in GOES_ON
            return j + 2 if closed and j + 2 <= i else None
    return None


def _has_finite_verb(parse: Parse, first: int) -> bool:
    end = parse.spans[parse.sentences[first]][1] + 1
    return any(parse.tags[j] in FINITE and parse.quoted[j] == OUTSIDE for j in range(first, end))


def _subject(parse: Parse, first: int, verb: int) -> int | None:
    """The speaker between the mark and the verb, or the name that follows the verb."""
    after = verb + 1
    if verb == first:
        while parse.tags[after : after + 1] and parse.tags[after] in NAMES:
            after += 1
        return after - 1 if after > verb + 1 else None
    speaker = range(first, verb)
    if not all(parse.tags[j] in OF_A_SPEAKER for j in speaker) or not _ends(parse, after):
        return None
    last = verb - 1
    named = parse.tags[last] in NAMES or (parse.tags[last] == "NN" and parse.tags[first] == "DT")
    return last if named or is_age(parse, last) else None


def _ends(parse: Parse, after: int) -> bool:
    """Whether nothing follows that a noun before it could belong to."""
    if after >= len(parse):
        return True
    return not parse.has_letters[after] or parse.tags[after] in PREPOSITIONS
