"""Second-hand quotes: the outlet from which the publisher takes the words.

"Lind told the Harbour Post that …", "the Harbour Post reported, quoting Lind": Lind is the source
and the Post is recorded beside her. An outlet that quotes nobody is an ordinary source.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from onrecord.nlp.lexicon import WordLists
from onrecord.nlp.quotes.sources import SUBJECTS, source_span
from onrecord.nlp.quotes.syntax import Parse

FARTHEST_CLIMB = 4
FARTHEST_OBJECT = 3  # prepositions between a cue and the outlet: "in an interview with the Post"
REPORTED = frozenset({"ccomp", "xcomp", "parataxis", "pcomp", "prep", "dep"})
ADJOINED = frozenset({"advcl", "acl", "conj"})
PROPER = ("NNP", "NNPS")

Outside = Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class Outlets:
    """The outlet names of a language, and the words that introduce second-hand quotes."""

    endings: frozenset[str]
    names: frozenset[str]
    nouns: frozenset[str]
    telling: frozenset[str]
    quoting: frozenset[str]
    reporting: frozenset[str]
    prepositions: frozenset[str]

    def is_name(self, words: Sequence[str]) -> bool:
        """Whether the words of a name, in lower case, show that it is an outlet's."""
        if " ".join(words) in self.names or words[-1] in self.names:
            return True
        return len(words) > 1 and words[-1] in self.endings

    def is_outlet(self, parse: Parse, head: int) -> bool:
        """Whether the noun phrase of this head names an outlet: "the paper", "the Harbour Post"."""
        if parse.tags[head] not in PROPER:
            return parse.lower[head] in self.nouns
        name = _proper_run(parse, head)
        words = [parse.lower[i] for i in name]
        return (
            words[-1] in self.names
            or " ".join(words[-2:]) in self.names
            or (words[-1] in self.endings and _is_titled(parse, name))
        )


def read_outlets(lists: WordLists) -> Outlets:
    """The outlets among a language's word lists; empty if it has none."""
    return Outlets(*(lists.words("outlets", name) for name in Outlets.__dataclass_fields__))


def told_by(parse: Parse, outlets: Outlets, cue: int, source: int) -> int:
    """The source, or the person it quotes: "the paper quoted *Lind* as saying"; as a token."""
    preposition = parse.heads[cue]
    if (
        parse.lower[preposition] == "as"
        and parse.lower[parse.heads[preposition]] in outlets.quoting
    ):
        quoted = parse.child(parse.heads[preposition], "dobj")
        return source if quoted is None else quoted
    if not outlets.is_outlet(parse, source):
        return source
    for verb in _governors(parse, cue):
        if parse.lower[verb] in outlets.quoting and source in _subjects(parse, verb):
            quoted = parse.child(verb, "dobj")
            if quoted is not None and parse.tags[quoted] in (*PROPER, "NN", "NNS", "PRP"):
                return quoted
    return source


def outlet_of(
    parse: Parse, outlets: Outlets, cue: int, source: int, outside: Outside
) -> tuple[int, int] | None:
    """The noun phrase of the outlet that reports the quote, as tokens, last exclusive.

    `outside` tests whether a token is outside the quote. None if there is no outlet, or if the
    outlet itself is the source.
    """
    own = range(*source_span(parse, source))
    for head in _candidates(parse, outlets, cue, source):
        if head in own or not outside(head):
            continue
        named = _outlet_in(parse, outlets, head)
        if named is not None and named not in own:
            first, end = source_span(parse, named)
            return first, end - (end - first > 1 and parse.tags[end - 1] == "POS")
    return None


def _candidates(parse: Parse, outlets: Outlets, cue: int, source: int) -> Iterator[int]:
    for verb in _governors(parse, cue):
        bringing = outlets.quoting if verb == cue else outlets.reporting
        if parse.lower[verb] in bringing:
            yield from _subjects(parse, verb)
        if parse.lower[verb] in outlets.telling:
            yield from (i for i in parse.children[verb] if parse.deps[i] in ("dobj", "dative"))
        yield from _objects(parse, outlets, verb, FARTHEST_OBJECT)
    for i in parse.children[source]:  # "Lind, quoted by the Harbour Post, said"
        if parse.deps[i] == "acl" and parse.lower[i] in outlets.quoting:
            yield from _objects(parse, outlets, i, 1)


def _governors(parse: Parse, cue: int) -> Iterator[int]:
    """The cue and the verbs that govern its clause, nearest first."""
    here = cue
    for _ in range(FARTHEST_CLIMB):
        yield here
        dep = parse.deps[here]
        # "The Post called it a loss, and Lind said …": a clause with a subject is independent.
        if dep not in REPORTED and (dep not in ADJOINED or _subjects(parse, here)):
            return
        here = parse.heads[here]


def _subjects(parse: Parse, verb: int) -> list[int]:
    return [i for i in parse.children[verb] if parse.deps[i] in SUBJECTS]


def _objects(parse: Parse, outlets: Outlets, head: int, steps: int) -> Iterator[int]:
    """The prepositional objects of a word that lead to an outlet."""
    if not steps:
        return
    for i in parse.children[head]:
        if parse.lower[i] in outlets.prepositions and parse.deps[i] in ("prep", "agent", "dative"):
            yield from _objects(parse, outlets, i, steps)  # "according to"
            for j in parse.children[i]:
                if parse.deps[j] == "pobj":
                    yield j
                    yield from _objects(parse, outlets, j, steps - 1)


def _outlet_in(parse: Parse, outlets: Outlets, head: int) -> int | None:
    """The outlet in a noun phrase: its head, or its possessor ("CNN's Ada Stone")."""
    if outlets.is_outlet(parse, head):
        return head
    for i in parse.children[head]:
        if parse.deps[i] in ("poss", "appos", "compound") and outlets.is_outlet(parse, i):
            return i
    return None


def _is_titled(parse: Parse, name: range) -> bool:
    """Whether a name has several words, or a capital "The": "told The Sun"."""
    if len(name) > 1:
        return parse.entities[name[-1]] != "PERSON"
    before = name[0] - 1
    return (
        before > 0
        and parse.words[before] == "The"
        and parse.sentences[before - 1] == (parse.sentences[before])
    )


def _proper_run(parse: Parse, head: int) -> range:
    """The adjacent proper nouns around a head."""
    first = head
    while first and parse.tags[first - 1] in PROPER:
        first -= 1
    return range(first, head + 1)
