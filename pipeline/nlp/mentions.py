"""Mentions: the spans of a text that name something, each with its type.

The small model's entities are where this starts, not where it ends. A span is trimmed to the
name (no article, title, possessive or line break), one that glues two names together is parted,
and what the model missed is added: known places and organisations, titled names ("Mr. Okafor"),
and names that it found elsewhere in the same text. The types then agree over the text: one wrong
label among many right ones is outvoted, and the gazetteer decides about Kiev.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from spacy.tokens import Doc, Span, Token

from pipeline.nlp import gazetteer, titles
from pipeline.nlp.names import PARTICLES, fold, is_given_name, name_key, same_word, spelling
from pipeline.records import EntityType

_TYPES: dict[str, EntityType] = {
    "PERSON": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "NORP": "group",
    "PRODUCT": "product",
    "EVENT": "event",
    "WORK_OF_ART": "work",
    "LAW": "work",
}
_POSSESSIVES = frozenset({"'s", "’s", "'", "’"})
_BREAKS = frozenset(':;()[]{}/|?!"“”—–…') | {"--", "...", "''", "``"}
_NICKNAME_MARKS = frozenset({'"', "“", "”", "'", "‘", "’", "``", "''", "(", ")"})
_LONGEST_NAME = 12
_SAYING = frozenset(
    """says said tells told calls wants asks slams backs hits vows urges warns defends denies
    rejects admits leads wins""".split()
)
# How many names that begin with one word are tried: a text of nothing but names stays linear.
_NAMES_OF_ONE_WORD = 40
# "in the House", "the Guardian", "Apple", "who": words of the language as well as names.
_DOUBTFUL = frozenset(
    """apple amazon shell guardian economist meta hill congress senate house wagner sputnik sun
    nice reading fed sec who us it un rt meta gallup columbia turkey polish politico newsweek
    orthodox independent conservative liberal socialist communist democratic republican""".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSpan:
    """Tokens `start` to `end` (half-open) of a Doc that name something.

    `certain` is True where the type does not come from the model alone. `title` is the form of
    address right before a person's name ("Mrs."), which is not part of the span.
    """

    start: int
    end: int
    type: EntityType
    certain: bool = False
    title: str | None = None


def find_mentions(doc: Doc) -> list[NamedSpan]:
    """All names in the text, in order, none overlapping another."""
    words = [token.text for token in doc]
    found = _Found(doc)
    found.add(_nicknamed(doc, words))
    for span in doc.ents:
        found.add(one for one in _from_model(doc, span) if _is_name(doc, one))
    found.add(_known_names(doc, words, found))
    found.add(_titled_names(doc, words, found))
    found.add(_repeated_names(doc, words, found))
    return _agreed(doc, [_with_title(doc, one) for one in found.in_order()])


class _Found:
    """Mentions so far, at most one over each token: the first that came stays."""

    def __init__(self, doc: Doc) -> None:
        self._taken = bytearray(len(doc))
        self._spans: list[NamedSpan] = []

    def add(self, spans: Iterable[NamedSpan]) -> None:
        for span in spans:
            if span.start < span.end and self.is_free(span.start, span.end):
                self._taken[span.start : span.end] = b"\x01" * (span.end - span.start)
                self._spans.append(span)

    def is_free(self, start: int, end: int) -> bool:
        return not any(self._taken[start:end])

    def in_order(self) -> list[NamedSpan]:
        return sorted(self._spans, key=lambda span: span.start)


# ── what the model found, trimmed and parted ─────────────────────────────────────────────────


def _from_model(doc: Doc, span: Span) -> Iterator[NamedSpan]:
    kind = _TYPES.get(span.label_)
    if kind is None:
        return
    for start, end in _lines(doc, span.start, span.end):
        for piece_start, piece_end, piece_kind in _parted(doc, start, end, kind):
            yield from _typed(doc, piece_start, piece_end, piece_kind)


def _lines(doc: Doc, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span in pieces: no name goes on past a line break, a colon or a bracket."""
    at = start
    for i in range(start, end):
        if "\n" in doc[i].text or doc[i].text in _BREAKS:
            yield at, i
            at = i + 1
    yield at, end


def _parted(
    doc: Doc, start: int, end: int, kind: EntityType
) -> Iterator[tuple[int, int, EntityType]]:
    """The names of a span, which may be two glued together: "the UN Dmitry Polyansky"."""
    for cut in range(start + 1, end - 1):
        joined = doc[cut].text in _POSSESSIVES or doc[cut].lower_ == "and"
        if joined and doc[cut + 1].text[:1].isupper() and kind == "person":
            yield start, cut, kind
            yield cut + 1, end, kind
            return
        if _is_glued(doc, start, cut, end):
            yield start, cut, "organisation"
            yield cut, end, "person"
            return
    yield start, end, kind


def _is_glued(doc: Doc, start: int, cut: int, end: int) -> bool:
    before = [token.text for token in doc[start:cut] if not _is_trimmed(token)]
    name = doc[cut:end]
    if not before or len(name) > 4 or not all(token.text[:1].isupper() for token in name):
        return False
    known = gazetteer.known(before)
    an_acronym = len(before) == 1 and before[0].isupper() and len(before[0]) > 1
    return bool(known or (an_acronym and "." not in before[0])) and is_given_name(name[0].text)


def _typed(doc: Doc, start: int, end: int, kind: EntityType) -> Iterator[NamedSpan]:
    """The span trimmed to the name, with the type that its words show."""
    start, end = _trimmed(doc, start, end)
    if kind in {"person", "organisation", "place", "group"}:
        start = _after_titles(doc, start, end, kind)
    start, end = _trimmed(doc, start, end)
    if kind == "person":
        start, end = _person(doc, start, end)
    if start >= end or end - start > _LONGEST_NAME:
        return
    words = [token.text for token in doc[start:end]]
    known = gazetteer.known(words)
    if known and not (kind == "person" and len(words) > 1):
        yield NamedSpan(start=start, end=end, type=known.type, certain=True)
        return
    by_words = gazetteer.type_by_words(words)
    if kind == "person" and any(word in {"of", "for", "on"} for word in words):
        by_words = "organisation"
    if by_words and kind in {"person", "group", "product"}:
        yield NamedSpan(start=start, end=end, type=by_words)
        return
    if kind == "person" or not _is_personal(doc, start, end):
        yield NamedSpan(start=start, end=end, type=kind)
    else:
        yield NamedSpan(start=start, end=end, type="person", certain=True)


def _is_trimmed(token: Token) -> bool:
    """Whether a token is no part of a name at either end of a span."""
    text = token.text
    if token.is_space or text in _POSSESSIVES or not any(char.isalnum() for char in text):
        return True
    return text.lower() in {"the", "a", "an", "this", "that", "these", "those"}


def _trimmed(doc: Doc, start: int, end: int) -> tuple[int, int]:
    while start < end and (_is_trimmed(doc[start]) or _begins_low(doc[start])):
        start += 1
    while end > start and (_is_trimmed(doc[end - 1]) or _begins_low(doc[end - 1])):
        end -= 1
    return start, end


def _begins_low(token: Token) -> bool:
    """Whether a token is written small, and is no particle of a surname ("van")."""
    text = token.text
    return text[:1].islower() and text.lower() not in PARTICLES and text[1:].islower()


def _after_titles(doc: Doc, start: int, end: int, kind: EntityType) -> int:
    """Where the name begins in "Russian Foreign Minister Sergei Lavrov" or "Mr. Okafor"."""
    last = start - 1
    for i in range(start, end - 1):
        text = doc[i].text
        if is_given_name(text) and not titles.is_abbreviation(text):
            break
        if titles.is_honorific(text) or titles.role_noun(text):
            last = i
        elif text.lower() in {"of", "for", "and"} and kind != "person":
            break
    if kind != "person" and (last < 0 or not _can_be_person(doc, last + 1, end)):
        return start
    return last + 1


def _can_be_person(doc: Doc, start: int, end: int) -> bool:
    """Whether what follows a title reads as a person's name, whatever the model calls it."""
    if start >= end or gazetteer.known([token.text for token in doc[start:end]]):
        return False
    return is_given_name(doc[start].text) and end - start in {2, 3}


def _person(doc: Doc, start: int, end: int) -> tuple[int, int]:
    """A person's name without the words of a headline around it, with its own second half.

    "Telling Ana Weiss to …" and "Okafor Says …" begin and end with verbs; "Kim Jong-un" is cut
    by the tokenizer.
    """
    if end - start > 2 and doc[start].is_sent_start and not is_given_name(doc[start].text):
        start += is_given_name(doc[start + 1].text)
    if end - start == 2 and not is_given_name(doc[start].text):
        end -= doc[end - 1].pos_ not in {"PROPN", "NOUN", "X"} or doc[end - 1].lower_ in _SAYING
    if end - start < 3 and end < len(doc) and is_given_name(doc[end - 1].text):
        # The model stops after the given names: "Mary-Kate" in "Mary-Kate Halloran".
        end += _is_capitalised(doc[end]) and doc[end].pos_ == "PROPN"
    if end + 1 < len(doc) and doc[end].text == "-" and not doc[end - 1].whitespace_:
        if doc[end + 1].is_alpha and not doc[end].whitespace_ and not doc[end - 1].is_stop:
            end += 2
    return start, end


def _is_personal(doc: Doc, start: int, end: int) -> bool:
    """Whether a form of address stands right before: "Mr. Kursk" is a person."""
    title = _title_before(doc, start)
    return end - start <= 3 and title is not None and _announces_person(title)


# ── what the model missed ────────────────────────────────────────────────────────────────────


def _known_names(doc: Doc, words: Sequence[str], found: _Found) -> Iterator[NamedSpan]:
    i = 0
    while i < len(words):
        hit = gazetteer.known_at(words, i) if words[i][:1].isupper() else None
        if hit and found.is_free(i, hit[0]) and _is_meant(doc, i, hit[0]):
            yield NamedSpan(start=i, end=hit[0], type=hit[1].type, certain=True)
            i = hit[0]
        else:
            i += 1


def _is_meant(doc: Doc, start: int, end: int) -> bool:
    """Whether a known phrase is meant as the name, not as words that look like it."""
    if not all(t.text[:1].isupper() or not t.is_alpha or t.is_stop for t in doc[start:end]):
        return False
    if end - start > 1:
        return True
    token = doc[start]
    folded = fold(token.text)
    if len(folded) <= 4 and folded in _DOUBTFUL:
        return token.is_upper and not _is_shouted(token)
    if folded in _DOUBTFUL or token.is_sent_start:
        return token.pos_ == "PROPN" and not token.is_sent_start
    follows = doc[end] if end < len(doc) else None
    # A part of a longer name that nobody recognised: "Sydney Halloran".
    return follows is None or not (follows.text[:1].isupper() and follows.pos_ == "PROPN")


def _is_shouted(token: Token) -> bool:
    """Whether the words around are in capitals too, so that capitals say nothing."""
    around = [t for t in token.doc[max(0, token.i - 2) : token.i + 3] if t.is_alpha]
    return len(around) > 1 and all(t.is_upper for t in around)


def _titled_names(doc: Doc, words: Sequence[str], found: _Found) -> Iterator[NamedSpan]:
    """Names that a form of address announces: "Ms. Adeyemi", "Sen. Holloway"."""
    for i, text in enumerate(words[:-1]):
        if not (text[:1].isupper() and _announces_person(text)):
            continue
        start = _skip_blanks(doc, i + 1)
        end = start
        while end < len(doc) and end - start < 4 and _is_capitalised(doc[end]):
            end += 1
        if found.is_free(start, end) and not titles.role_noun(doc[start].text if end else ""):
            yield NamedSpan(start=start, end=end, type="person", certain=True)


def _nicknamed(doc: Doc, words: Sequence[str]) -> Iterator[NamedSpan]:
    """Names with a nickname in quotation marks: 'Robert "Bob" Smith'."""
    for mark in range(1, len(words) - 3):
        if words[mark] not in _NICKNAME_MARKS or words[mark + 2] not in _NICKNAME_MARKS:
            continue
        start = mark
        while start > 0 and mark - start < 3 and _is_capitalised(doc[start - 1]):
            start -= 1
        around = (doc[mark + 1], doc[mark + 3])
        if start < mark and is_given_name(words[start]) and all(map(_is_capitalised, around)):
            yield NamedSpan(start=start, end=mark + 4, type="person", certain=True)


def _skip_blanks(doc: Doc, i: int) -> int:
    # Some outlets print "Mr." and the name with a no-break space, which is a token of its own.
    while i < len(doc) and doc[i].is_space and "\n" not in doc[i].text:
        i += 1
    return min(i, len(doc) - 1)


def _is_capitalised(token: Token) -> bool:
    text = token.text
    return text[:1].isupper() and text[-1:].isalpha() and not token.is_stop


def _repeated_names(doc: Doc, words: Sequence[str], found: _Found) -> Iterator[NamedSpan]:
    """Further places where a name found in this text stands, and surnames of its people."""
    names: dict[tuple[str, ...], EntityType] = {}
    for span in found.in_order():
        key = tuple(fold(word) for word in words[span.start : span.end])
        if span.type in {"person", "organisation", "place", "event"}:
            names.setdefault(key, span.type)
            if span.type == "person" and len(key) > 1 and len(key[-1]) > 2:
                names.setdefault(key[-1:], "person")
    by_first: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for key in sorted(names, key=len, reverse=True):
        by_first[spelling(key[0])].append(key)
    in_use = {word for word in words if word.islower()}
    for i, word in enumerate(words):
        if not word[:1].isupper():
            continue
        for key in by_first.get(spelling(fold(word)), ())[:_NAMES_OF_ONE_WORD]:
            end = i + len(key)
            if all(map(same_word, map(fold, words[i:end]), key)) and (
                len(key) > 1 or word.lower() not in in_use or not doc[i].is_sent_start
            ):
                yield NamedSpan(start=i, end=end, type=names[key])
                break


# ── which of them are names, and of what ─────────────────────────────────────────────────────


def _is_name(doc: Doc, span: NamedSpan) -> bool:
    words = doc[span.start : span.end]
    if not any(token.text[:1].isupper() or _has_inner_capital(token) for token in words):
        return False
    if all(token.like_num or not token.text[:1].isalpha() for token in words):
        return False
    return span.certain or len(words) > 1 or _is_rare(words[0])


def _has_inner_capital(token: Token) -> bool:
    return any(char.isupper() for char in token.text[1:])


def _is_rare(token: Token) -> bool:
    """Whether a capitalised word is more than the first word of a sentence, or a shouted one."""
    text = token.text
    if text.lower() in {"i", "mr", "mrs", "ms", "dr", "state", "department"} or titles.is_abbreviation(text):
        return False
    if token.is_stop and not token.is_upper:
        return False
    if token.is_upper and len(text) > 2 and titles.role_noun(text):
        return False
    if token.is_sent_start:
        return token.pos_ in {"PROPN", "ADJ", "X"} and not titles.role_noun(text)
    return not (titles.role_noun(text) or titles.is_honorific(text)) or token.ent_type_ == "PERSON"


def _with_title(doc: Doc, span: NamedSpan) -> NamedSpan:
    title = _title_before(doc, span.start) if span.type in {"person", "organisation"} else None
    if title is None:
        return span
    if span.type == "organisation" and not _announces_person(title):
        return span
    return replace(span, title=title, type="person", certain=True)


def _title_before(doc: Doc, start: int) -> str | None:
    i = start - 1
    while i >= 0 and doc[i].is_space and "\n" not in doc[i].text:
        i -= 1
    text = doc[i].text if i >= 0 else ""
    if not text[:1].isupper():
        return None
    return text if titles.is_honorific(text) or titles.role_noun(text) else None


def _announces_person(title: str) -> bool:
    """Whether only a person's name follows: after "Mr." and "Sen.", not after "Judge" alone."""
    return bool(titles.gender_of_honorific(title)) or titles.is_abbreviation(title)


def _agreed(doc: Doc, spans: list[NamedSpan]) -> list[NamedSpan]:
    """The mentions with one type for each spelling: what is certain, else what most have."""
    votes: dict[tuple[str, ...], Counter[EntityType]] = defaultdict(Counter)
    keys = [name_key(doc[span.start : span.end].text.split()) for span in spans]
    for span, key in zip(spans, keys, strict=True):
        votes[key][span.type] += 20 if span.certain else 1
    return [
        replace(span, type=votes[key].most_common(1)[0][0])
        for span, key in zip(spans, keys, strict=True)
    ]
