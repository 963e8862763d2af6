"""Complete names: restore words the model cut off at the front, and remove a rank.

"Jamal" and "Al Tarouni" beside each other are one name; "Hope" belongs to "Solace" where the text
shows that Solace is a person; "MEC" in "MEC Mamabolo" does not, if the
text has a person named Mamabolo.
"""

from collections.abc import Container, Iterator, Sequence

from msgspec.structs import replace
from spacy.tokens import Token

from onrecord.nlp.entities.english import gazetteer, name_words, titles
from onrecord.nlp.entities.names import fold
from onrecord.nlp.entities.spans import NamedSpan

_LONGEST = 5
_LONGEST_ACRONYM = 5


def whole_names(
    tokens: Sequence[Token], spans: Sequence[NamedSpan], small: Container[str]
) -> Iterator[NamedSpan]:
    """The mentions in order, those of people joined and extended.

    `small` holds the text's lower-case words.
    """
    surnames = {fold(tokens[one.end - 1].text) for one in spans if one.type == "person"}
    before: NamedSpan | None = None
    for span in spans:
        whole = _without_acronym(tokens, span, surnames)
        if before is not None and _belong_together(tokens, before, whole):
            before = replace(whole, start=before.start)
            continue
        if before is not None:
            yield before
        free_from = before.end if before is not None else 0
        before = _extended(tokens, whole, free_from, small)
    if before is not None:
        yield before


def _without_acronym(
    tokens: Sequence[Token], span: NamedSpan, surnames: Container[str]
) -> NamedSpan:
    """A name without an office in capitals before it: "MEC Mamabolo", "DCI Weiss"."""
    first, last = tokens[span.start], tokens[span.end - 1]
    shouted = (
        first.text.isalpha() and first.text.isupper() and 1 < len(first.text) <= _LONGEST_ACRONYM
    )
    if not shouted or span.type == "group":
        return span
    rest = tokens[span.start + 1 : span.end]
    plain = 0 < len(rest) < 4 and all(token.text.istitle() for token in rest)
    if not (plain and fold(last.text) in surnames):
        return span
    if gazetteer.known([first.text]) or len(rest) == 0:
        return span
    return replace(span, start=span.start + 1, type="person", title=first.text)


def _belong_together(tokens: Sequence[Token], first: NamedSpan, second: NamedSpan) -> bool:
    """Whether two mentions beside each other are one person's name: "Jamal" "Al Tarouni"."""
    if first.end != second.start or second.type != "person" or second.title is not None:
        return False
    if second.end - first.start > _LONGEST or first.end - first.start > 2:
        return False
    words = [token.text for token in tokens[first.start : first.end]]
    if not all(word.istitle() and word.isalpha() for word in words) or gazetteer.known(words):
        return False
    if titles.is_modifier(words[-1]) or titles.role_noun(words[-1]):
        return False
    given = name_words.is_given(words[0]) and not name_words.is_given(tokens[second.start].text)
    return given or name_words.is_particle(tokens[second.start].text)


def _extended(
    tokens: Sequence[Token], span: NamedSpan, free_from: int, small: Container[str]
) -> NamedSpan:
    """A person's name extended to a given name before it that the model missed."""
    start = span.start
    if span.type != "person" or span.title is not None or start <= free_from:
        return span
    first = tokens[start].text
    if span.end - start > 1 and name_words.is_given(first) and not name_words.is_particle(first):
        return span
    return (
        replace(span, start=start - 1) if _is_given_here(tokens[start - 1], span, small) else span
    )


def _is_given_here(token: Token, span: NamedSpan, small: Container[str]) -> bool:
    """Whether the word before a surname is the given name."""
    word = token.text
    if not (word.istitle() and word.isalpha()) or token.is_stop or gazetteer.known([word]):
        return False
    if titles.role_noun(word) or titles.is_honorific(word) or titles.is_modifier(word):
        return False
    if gazetteer.is_organisation_noun(word.lower()) or word.lower() in small:
        return False
    if name_words.is_given(word):
        return True
    particle = name_words.is_particle(token.doc[span.start].text)
    compound = token.dep_ == "compound" and span.start <= token.head.i < span.end
    return token.pos_ == "PROPN" and not token.ent_type_ and (particle or compound)
