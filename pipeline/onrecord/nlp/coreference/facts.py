"""Facts about people as folded words: "russian", "new jersey", "45-year-old", "republican".

Both roles and descriptions are compared by these words: whether two say the same of somebody, and
whether they exclude each other.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from spacy.tokens import Doc, Token

from onrecord.nlp.entities.english import gazetteer
from onrecord.nlp.entities.names import fold
from onrecord.nlp.entities.persons import age_after
from onrecord.nlp.entities.spans import NamedSpan

YEAR_OLD = "-year-old"
PARTIES = frozenset({"republican", "democratic", "conservative", "labour", "libertarian"})
_CONTENT = frozenset({"ADJ", "NOUN", "PROPN"})
_SAME = {"gop": "republican", "g.o.p.": "republican", "republicans": "republican",
         "democrats": "democratic", "democrat": "democratic", "former": "ex"}  # fmt: skip


def content_words(tokens: Iterable[Token]) -> frozenset[str]:
    """The words that narrow a noun down, folded: one for each party, nationality, place and age."""
    return frozenset(_content(list(tokens)))


def _content(tokens: Sequence[Token]) -> Iterator[str]:
    words = [token.text for token in tokens]
    i = 0
    while i < len(tokens):
        known = gazetteer.known_at(words, i) if words[i][:1].isupper() else None
        one_word = known and (known[0] - i > 1 or known[1].type == "place")
        if known and one_word and known[1].type in {"place", "group"}:
            # "New Jersey" is one word, and has nothing of "New York"; "US" is another for America.
            yield known[1].name
            i = known[0]
        elif (end := _end_of_age(words, i)) is not None:
            yield f"{words[i]}{YEAR_OLD}"
            i = end
        else:
            if tokens[i].pos_ in _CONTENT and not tokens[i].is_stop:
                yield one_form(fold(words[i]))
            i += 1


def _end_of_age(words: Sequence[str], i: int) -> int | None:
    """Where "45-year-old" ends, if it begins here."""
    if not words[i].isdigit():
        return None
    end = i + 1
    while end < len(words) and end - i < 5 and words[end] in {"-", "year", "old", "years"}:
        end += 1
    return end if words[end - 1] == "old" else None


def one_form(word: str) -> str:
    """One word for each party, and "ex" for "former", of a folded word."""
    return _SAME.get(word, word)


def says_age(words: Collection[str]) -> bool:
    """Whether any of the words is an age."""
    return any(word.endswith(YEAR_OLD) for word in words)


def facts_after(doc: Doc, span: NamedSpan) -> frozenset[str]:
    """The age or the place that stands after a name: "Merce, 47,", "Merce of Ohio"."""
    age = age_after(doc, span.end)
    if age is not None:
        return frozenset({f"{age}{YEAR_OLD}"})
    if span.end + 1 < len(doc) and doc[span.end].lower_ == "of":
        known = gazetteer.known_at([token.text for token in doc[span.end + 1 : span.end + 4]], 0)
        if known and known[1].type == "place":
            return frozenset({known[1].name})
    return frozenset()


def are_related(word: str, other: str) -> bool:
    """Whether two folded words state the same fact: "russian" and "russia"."""
    places, others = gazetteer.places_of(word), gazetteer.places_of(other)
    if word == other or other in places or word in others or not places.isdisjoint(others):
        return True
    if not (is_place_or_group(word) and is_place_or_group(other)):
        return False
    (*before, last), (*other_before, other_last) = word.split(), other.split()
    same = len(last) > 4 and last[:4] == other_last[:4]
    return same and (not before or not other_before or before == other_before)


def is_place_or_group(word: str) -> bool:
    """Whether a folded word names a place or a people."""
    return _kind_of_place(word) is not None


def _kind_of_place(word: str) -> str | None:
    """The kind of place that a folded word names, a people being of its country; else None."""
    known = gazetteer.known(word.split())
    if known is None or known.type not in {"place", "group"}:
        return None
    return "countries" if known.section == "groups" else known.section


def exclude_each_other(word: str, other: str) -> bool:
    """Whether two words exclude each other in one person: two parties, two states, two ages."""
    if word in PARTIES or other in PARTIES:
        return word in PARTIES and other in PARTIES
    if word.endswith(YEAR_OLD) or other.endswith(YEAR_OLD):
        return word.endswith(YEAR_OLD) and other.endswith(YEAR_OLD)
    kind = _kind_of_place(word)
    return kind is not None and kind == _kind_of_place(other)
