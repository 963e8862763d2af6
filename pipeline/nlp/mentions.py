"""Mentions: the spans of a text that name something, each with its type.

The small model's entities are where this starts, not where it ends. A span is trimmed to the
name (no article, title, possessive or line break), one that glues two names together is parted,
and what the model missed is added: known places and organisations, titled names ("Mr. Okafor"),
and names that it found elsewhere in the same text. The types then agree over the text: one wrong
label among many right ones is outvoted, and the gazetteer decides about Kiev.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from spacy.tokens import Doc, Span, Token

from pipeline.nlp import gazetteer, titles
from pipeline.nlp.names import (
    fold,
    is_given_name,
    is_headline_verb,
    is_particle,
    name_key,
    same_word,
    spelling,
)
from pipeline.nlp.persons import is_shown_person, stands_as_place
from pipeline.nlp.spans import NamedSpan
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
_MARKS = frozenset({'"', "“", "‘", "``", "«", "„"})
_SCORE = re.compile(r"\d+ ?[-–] ?\d+")
_MODEL_NUMBER = re.compile(r"[A-Z]{1,4}-?\d{1,4}[A-Z]?")
# What is left of "Secretary of State" and of "Mr." when the rest of it is taken away.
_NO_NAMES = frozenset({"i", "mr", "mrs", "ms", "dr", "state", "department"})
_LONGEST_NAME = 12
_LONGEST_NICKNAME = 4
# Where a dateline can stand, after a headline and a byline; and how many words its place has.
_HEAD_CHARS = 1000
_LONGEST_PLACE = 3
# How many names that begin with one word are tried: a text of nothing but names stays linear.
_NAMES_OF_ONE_WORD = 40


def find_mentions(doc: Doc) -> list[NamedSpan]:
    """All names in the text, in order, none overlapping another."""
    words = [token.text for token in doc]
    found = _Found(doc)
    found.add(_datelines(doc))
    found.add(_nicknamed(doc, words))
    for span in doc.ents:
        found.add(one for one in _from_model(doc, span) if _is_name(doc, one))
    found.add(_known_names(doc, words, found))
    found.add(_titled_names(doc, words, found))
    found.add(_full_names(doc, words, found))
    found.add(_partnerships(doc, words))
    found.add(_given_names(doc, words))
    shown = _Found(doc)
    shown.add(_people_shown(doc, found.in_order()))
    shown.add(_repeated_names(doc, words, shown))
    return _agreed(doc, [_with_title(doc, one) for one in shown.in_order()])


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
    if any(token.pos_ == "VERB" and token.text.islower() for token in span):
        # "Ortiz told The Associated Press" is a clause; its names are found one by one later.
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
    if kind == "organisation" and end - start > 2 and doc[end - 2].lower_ == "in":
        # "Tarn Theatre in Skelm"
        yield end - 1, end, "place"
        end -= 2
    for cut in range(start + 1, end - 1):
        joined = doc[cut].text in _POSSESSIVES or doc[cut].lower_ == "and"
        if doc[cut].text in _POSSESSIVES and _is_known_beside(doc, start, cut, end):
            yield start, cut, kind
            yield cut + 1, end, kind
            return
        if doc[cut].text == "," and end - cut > 2 and is_given_name(doc[cut + 1].text):
            yield start, cut, kind
            yield cut + 1, end, "person"
            return
        if joined and doc[cut + 1].text[:1].isupper() and kind == "person":
            yield start, cut, kind
            yield cut + 1, end, kind
            return
        if _is_glued(doc, start, cut, end):
            yield start, cut, "organisation"
            yield cut, end, "person"
            return
    if end - start > 1 and _is_surname(doc, end) and _is_glued(doc, start, end - 1, end):
        # "Sinn Féin TD Diarmuid" of "… Diarmuid O’Neill".
        yield start, end - 1, "organisation"
        yield end - 1, end, "person"
        return
    yield start, end, kind


def _is_known_beside(doc: Doc, start: int, cut: int, end: int) -> bool:
    """Whether a possessive joins two names, one of them known: "Alphabet's Google"."""
    sides = (doc[start:cut], doc[cut + 1 : end])
    return any(gazetteer.known([token.text for token in side]) for side in sides)


def _is_glued(doc: Doc, start: int, cut: int, end: int) -> bool:
    before = [token.text for token in doc[start:cut] if not _is_trimmed(token)]
    while len(before) > 1 and titles.role_noun(before[-1]):
        before.pop()
    name = doc[cut:end]
    if not before or len(name) > 4 or not all(token.text[:1].isupper() for token in name):
        return False
    known = gazetteer.known(before)
    an_acronym = len(before) == 1 and before[0].isupper() and len(before[0]) > 1
    return bool(known or (an_acronym and "." not in before[0])) and is_given_name(name[0].text)


def _typed(doc: Doc, start: int, end: int, kind: EntityType) -> Iterator[NamedSpan]:
    """The span trimmed to the name, with the type that its words show."""
    start, end = _name_itself(doc, start, end, kind)
    if start >= end or end - start > _LONGEST_NAME:
        return
    start, kind = _with_first_half(doc, start, end, kind)
    words = [token.text for token in doc[start:end]]
    known = gazetteer.known(words)
    if known:
        yield NamedSpan(start=start, end=end, type=known.type, certain=True)
    elif kind != "person" and _is_personal(doc, start, end):
        yield NamedSpan(start=start, end=end, type="person", certain=True)
    else:
        article = start > 0 and doc[start - 1].lower_ == "the"
        shown = gazetteer.type_by_words(["the", *words] if article else words)
        if article and shown == "organisation" and kind == "person":
            kind = "organisation"
        yield NamedSpan(start=start, end=end, type=_type_shown(words, kind))


def _name_itself(doc: Doc, start: int, end: int, kind: EntityType) -> tuple[int, int]:
    """The span without titles, articles and what else the model took along."""
    start, end = _trimmed(doc, start, end)
    if kind in {"person", "organisation", "place", "group"}:
        start, end = _trimmed(doc, _after_titles(doc, start, end, kind), end)
    if kind == "organisation" and end < len(doc) and _is_capitalised(doc[end]):
        # "FEMA Administrator Ana Weiss": the role is between the two names.
        while end - start > 1 and titles.role_noun(doc[end - 1].text):
            end -= 1
    return _person(doc, start, end) if kind == "person" and start < end else (start, end)


def _type_shown(words: Sequence[str], kind: EntityType) -> EntityType:
    """What the words of a name show it to be, against the model's `kind`."""
    if kind == "place" and any(_MODEL_NUMBER.fullmatch(word) for word in words):
        return "product"
    if kind not in {"person", "group", "product"}:
        return kind
    if kind == "person" and any(word in {"of", "for", "on"} for word in words):
        return "organisation"
    by_words = gazetteer.type_by_words(words)
    if by_words == "place" and kind == "person" and is_given_name(words[0]) and len(words) == 2:
        # "Tom Ridge" is a person, "Virginia Beach" is not.
        return "place" if gazetteer.known(words[:1]) else "person"
    return by_words or kind


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
    if end - start > 3 and _SCORE.fullmatch(doc[end - 3 : end].text):
        end -= 3
    return start, end


def _begins_low(token: Token) -> bool:
    """Whether a token is written small, and is no particle of a surname ("van")."""
    text = token.text
    return text[:1].islower() and not is_particle(text) and text[1:].islower()


def _after_titles(doc: Doc, start: int, end: int, kind: EntityType) -> int:
    """Where the name begins in "Russian Foreign Minister Sergei Lavrov" or "Mr. Okafor"."""
    last = start - 1
    for i in range(start, end - 1):
        text = doc[i].text
        titled = titles.is_honorific(text) or titles.role_noun(text) is not None
        # "King" and "Judge" are given names too, but not before another: "King Oskar III".
        if is_given_name(text) and not (titled and is_given_name(doc[i + 1].text)):
            break
        if titled:
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
    if is_given_name(doc[start].text):
        return end - start in {2, 3}
    words = [token.text for token in doc[start:end]]
    plain = all(word.isalpha() and word.istitle() for word in words)
    return len(words) == 2 and plain and gazetteer.type_by_words(words) is None


def _with_first_half(doc: Doc, start: int, end: int, kind: EntityType) -> tuple[int, EntityType]:
    """The span with the given name that the model left out: "Rosette" of "Rosette Pambakian"."""
    if start == 0 or end - start > 3 or gazetteer.known([doc[start].text]):
        return start, kind
    if end - start > 1 and (kind != "person" or is_given_name(doc[start].text)):
        return start, kind
    before = doc[start - 1]
    if before.ent_type_ or not _can_be_given_name(before):
        return start, kind
    # "Team Holloway" is not somebody called Team.
    compound = start <= before.head.i < end and not gazetteer.is_organisation_noun(before.lower_)
    if is_given_name(before.text) or (kind in {"group", "person"} and compound):
        return start - 1, "person"
    return start, kind


def _can_be_given_name(token: Token) -> bool:
    if token.tag_ != "NNP" or not token.text.istitle() or not _is_capitalised(token):
        return False
    word = token.text
    title = titles.is_honorific(word) or titles.role_noun(word)
    return not (title or titles.role_noun(titles.singular(word)))


def _person(doc: Doc, start: int, end: int) -> tuple[int, int]:
    """A person's name without the words of a headline around it, with its own second half.

    "Telling Ana Weiss to …" and "Okafor Says …" begin and end with verbs; "Kim Jong-un" is cut
    by the tokenizer.
    """
    if end - start > 2 and doc[start].is_sent_start and not is_given_name(doc[start].text):
        start += is_given_name(doc[start + 1].text)
    if end - start == 2 and not is_given_name(doc[start].text):
        last = doc[end - 1]
        end -= last.pos_ not in {"PROPN", "NOUN", "X"} or is_headline_verb(last.text)
    one_word = end - start == 1 or doc[start + 1].text == "-"
    if one_word and end < len(doc) and is_given_name(doc[end - 1].text):
        # The model stops after the given names: "Mary-Kate" in "Mary-Kate Halloran".
        end += _is_surname(doc, end)
    end = _after_particles(doc, end)
    return start, end + 2 if _is_hyphenated_on(doc, end) else end


# The tagger takes names with an apostrophe for adverbs.
_IRISH = re.compile(r"(?:O['’]|Mc|Mac|D['’])[A-Z]\w+")


def _is_surname(doc: Doc, i: int) -> bool:
    """Whether a token can be the second half of a name that the model broke off."""
    if i >= len(doc) or not _is_capitalised(doc[i]):
        return False
    return doc[i].pos_ == "PROPN" or _IRISH.fullmatch(doc[i].text) is not None


def _after_particles(doc: Doc, end: int) -> int:
    """Where a name ends that goes on with small words: "Erik" of "Erik ten Holloway"."""
    after = end
    while after < len(doc) and doc[after].text.islower() and is_particle(doc[after].text):
        after += 1
    return after + 1 if end < after < len(doc) and _is_capitalised(doc[after]) else end


def _is_hyphenated_on(doc: Doc, end: int) -> bool:
    """Whether the last word of a name goes on after a hyphen: "Jong-un"."""
    if end + 1 >= len(doc) or doc[end].text != "-" or doc[end - 1].is_stop:
        return False
    glued = not doc[end - 1].whitespace_ and not doc[end].whitespace_
    return glued and bool(doc[end + 1].is_alpha)


def _is_personal(doc: Doc, start: int, end: int) -> bool:
    """Whether a form of address stands right before: "Mr. Kursk" is a person."""
    title = _title_before(doc, start)
    return end - start <= 3 and title is not None and titles.announces_person(title)


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
    doubtful = gazetteer.is_doubtful(folded)
    if len(folded) <= 4 and doubtful:
        return token.is_upper and not _is_shouted(token)
    if doubtful or token.is_sent_start:
        return token.pos_ in {"PROPN", "ADJ"} and not (doubtful and token.is_sent_start)
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
        if not (text[:1].isupper() and titles.announces_person(text)):
            continue
        start = _skip_blanks(doc, i + 1)
        end = start
        while end < len(doc) and end - start < 4 and _is_capitalised(doc[end]):
            end += 1
        if found.is_free(start, end) and not titles.role_noun(doc[start].text):
            yield NamedSpan(start=start, end=end, type="person", certain=True)


def _full_names(doc: Doc, words: Sequence[str], found: _Found) -> Iterator[NamedSpan]:
    """A known given name and what is capitalised after it, where the model saw nothing."""
    for i, word in enumerate(words[:-1]):
        if not word[:1].isupper() or not found.is_free(i, i + 2) or not is_given_name(word):
            continue
        first = doc[i]
        if first.pos_ != "PROPN" or not _is_surname(doc, i + 1):
            continue
        if first.text.isupper() or titles.role_noun(word) or gazetteer.known(words[i : i + 2]):
            continue
        yield NamedSpan(start=i, end=i + 2, type="person")


def _nicknamed(doc: Doc, words: Sequence[str]) -> Iterator[NamedSpan]:
    """Names with a nickname in quotation marks: 'Robert "Bob" Smith', "Ana “The Wall” Castor"."""
    for mark in range(1, len(words) - 3):
        if words[mark] not in _NICKNAME_MARKS or not words[mark + 1][:1].isupper():
            continue
        close = _closing_mark(words, mark)
        if close is None or not _is_capitalised(doc[close + 1]):
            continue
        start = mark
        while start > 0 and mark - start < 3 and _is_capitalised(doc[start - 1]):
            start -= 1
        if start < mark and (is_given_name(words[start]) or doc[start].pos_ == "PROPN"):
            yield NamedSpan(start=start, end=close + 2, type="person", certain=True)


def _closing_mark(words: Sequence[str], mark: int) -> int | None:
    """Where a nickname that opens at `mark` closes, with a word after it."""
    for i in range(mark + 2, min(mark + 2 + _LONGEST_NICKNAME, len(words) - 1)):
        if words[i] in _NICKNAME_MARKS:
            return i
        if not words[i][:1].isalpha():
            return None
    return None


def _given_names(doc: Doc, words: Sequence[str]) -> Iterator[NamedSpan]:
    """People called by one name who do something: "Lula left the palace"."""
    for i, word in enumerate(words[:-1]):
        if not word.istitle() or not is_given_name(word) or titles.role_noun(word):
            continue
        acts = doc[i].pos_ == "PROPN" and doc[i].dep_ == "nsubj" and doc[i].head.i == i + 1
        if acts and doc[i + 1].tag_ in {"VBD", "VBZ"} and not gazetteer.known([word]):
            yield NamedSpan(start=i, end=i + 1, type="person")


def _partnerships(doc: Doc, words: Sequence[str]) -> Iterator[NamedSpan]:
    """Firms that are two names: "Ostler & Wray"."""
    for i in range(1, len(words) - 1):
        if words[i] == "&" and all(map(_is_capitalised, (doc[i - 1], doc[i + 1]))):
            yield NamedSpan(start=i - 1, end=i + 2, type="organisation")


# DATELINES: "VARNESS, Nov 12 (KNA) -", "HOLLIN, Kestria —"; in small letters if an agency is named.
_DATELINE = re.compile(
    r"^(?P<place>[^\W\d_a-zß-ÿ][\w .'’-]{2,30}?)(?P<more>(?:, [A-Z][\w. ]{1,20}?){0,3})"
    r"(?P<agency> ?\([\w ]{2,30}\))? ?(?:—|–| -{1,2} )",
    re.MULTILINE,
)


def _datelines(doc: Doc) -> Iterator[NamedSpan]:
    """The places that paragraphs begin with, to say where they were written."""
    for match in _DATELINE.finditer(doc.text, 0, _HEAD_CHARS):
        place = match["place"]
        if not (place.isupper() or (match["agency"] and place.istitle())):
            continue
        if len(place.split()) > _LONGEST_PLACE:
            continue
        span = doc.char_span(*match.span("place"))
        if span is not None and not gazetteer.is_heading(place.lower()):
            known = gazetteer.known([token.text for token in span])
            kind = known.type if known else "place"
            yield NamedSpan(start=span.start, end=span.end, type=kind, certain=True)


def _people_shown(doc: Doc, spans: list[NamedSpan]) -> Iterator[NamedSpan]:
    """The mentions, those as people's names that the text around them shows to be some."""
    surnames = _single_names(doc, spans)
    spans = [_as_person(doc, one, surnames) for one in spans]
    people = {
        fold(doc[span.end - 1].text)
        for span in spans
        if span.type == "person" and span.certain and span.end - span.start == 1
    }
    for span in spans:
        yield _as_person_called(doc, span, people)


def _single_names(doc: Doc, spans: Sequence[NamedSpan]) -> frozenset[str]:
    """The words that stand alone somewhere in the text as a name that may be a person's."""
    open_to_doubt = (span for span in spans if span.type == "person" or not span.certain)
    keys = (name_key(doc[span.start : span.end].text.split()) for span in open_to_doubt)
    return frozenset(key[0] for key in keys if len(key) == 1)


def _as_person(doc: Doc, span: NamedSpan, surnames: frozenset[str]) -> NamedSpan:
    if span.certain or span.type in {"person", "group"} or not is_shown_person(doc, span, surnames):
        return span
    return replace(span, type="person", certain=True)


def _as_person_called(doc: Doc, span: NamedSpan, people: Collection[str]) -> NamedSpan:
    """A name as a person's if it ends in what is surely somebody's: "Zoltan Merce" of Merce."""
    if span.certain or span.type in {"person", "group"} or span.end - span.start > 3:
        return span
    words = [token.text for token in doc[span.start : span.end]]
    if fold(words[-1]) not in people or not all(word.istitle() for word in words):
        return span
    return replace(span, type="person", certain=True)


def _skip_blanks(doc: Doc, i: int) -> int:
    # Some outlets print "Mr." and the name with a no-break space, which is a token of its own.
    while i < len(doc) and doc[i].is_space and "\n" not in doc[i].text:
        i += 1
    return min(i, len(doc) - 1)


def _is_capitalised(token: Token) -> bool:
    text = token.text
    return text[:1].isupper() and text[-1:].isalpha() and not token.is_stop


def _repeated_names(doc: Doc, words: Sequence[str], found: _Found) -> Iterator[NamedSpan]:
    """Further places where a name of this text stands, or a person's or firm's short name."""
    names = _names_to_find(words, found.in_order())
    by_first: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for key in sorted(names, key=len, reverse=True):
        by_first[spelling(key[0])].append(key)
    in_use = {word for word in words if word.islower()}
    single = set(names) - {key[-1:] for key in names if len(key) > 1}
    for i, word in enumerate(words):
        if not word[:1].isupper():
            continue
        for key in by_first.get(spelling(fold(word)), ())[:_NAMES_OF_ONE_WORD]:
            end = i + len(key)
            here = tuple(map(fold, words[i:end]))
            if len(here) < len(key) or not all(map(same_word, here, key)):
                continue
            # "Banks" at the start of a sentence may be any banks, if the text writes of "banks".
            if len(key) > 1 or word.lower() not in in_use or not doc[i].is_sent_start:
                alone = names[key] == "person" and key in single
                start = _with_unknown_given_name(doc, i, found) if alone else i
                yield NamedSpan(start=start, end=end, type=names[key])
                break


def _names_to_find(
    words: Sequence[str], spans: Sequence[NamedSpan]
) -> dict[tuple[str, ...], EntityType]:
    """The names of a text, and the short forms in which it may use them again, folded."""
    names: dict[tuple[str, ...], EntityType] = {}
    short: dict[tuple[str, ...], EntityType] = {}
    for span in spans:
        key = tuple(fold(word) for word in words[span.start : span.end])
        if span.type in {"person", "organisation", "place", "event"}:
            names.setdefault(key, span.type)
        if len(key) > 1 and span.type == "person" and len(key[-1]) > 2:
            short.setdefault(key[-1:], "person")
        if len(key) > 1 and span.type == "organisation" and gazetteer.is_short_name(key[0]):
            short.setdefault(key[:1], "organisation")
    return short | names


def _with_unknown_given_name(doc: Doc, i: int, found: _Found) -> int:
    """Where a name begins whose last word was known: before "Imogen" in "Imogen Sayre"."""
    before = doc[i - 1] if i else None
    if before is None or not found.is_free(i - 1, i) or not _is_capitalised(before):
        return i
    if titles.role_noun(before.text) or titles.is_honorific(before.text):
        return i
    if is_given_name(before.text):
        return i - 1
    plain = before.head.i == i and before.pos_ == "PROPN" and before.text.istitle()
    common = titles.is_modifier(before.text) or gazetteer.is_organisation_noun(before.lower_)
    return i - 1 if plain and not common and not gazetteer.known([before.text]) else i


# ── which of them are names, and of what ─────────────────────────────────────────────────────


def _is_name(doc: Doc, span: NamedSpan) -> bool:
    words = doc[span.start : span.end]
    if len(words) == 1 and span.start and titles.is_after_name(words.text):
        return doc[span.start - 1].pos_ != "PROPN"
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
    if text.lower() in _NO_NAMES or titles.is_abbreviation(text):
        return False
    if token.is_stop and not token.is_upper:
        return False
    if token.is_upper and len(text) > 2 and titles.role_noun(text):
        return False
    if _begins_sentence(token):
        return token.pos_ in {"PROPN", "ADJ", "X"} and not titles.role_noun(text)
    if titles.role_noun(text) or titles.is_honorific(text):
        # "Cook" and "Baker" are surnames too; "the Premier" is nobody's.
        before = token.doc[token.i - 1].lower_ if token.i else ""
        return token.ent_type_ == "PERSON" and before not in {"the", "a", "an"}
    return True


def _begins_sentence(token: Token) -> bool:
    """Whether a capital says nothing: at the start of a sentence, or of what stands in marks."""
    before = token.doc[token.i - 1] if token.i else None
    return bool(token.is_sent_start) or (before is not None and before.text in _MARKS)


def _with_title(doc: Doc, span: NamedSpan) -> NamedSpan:
    title = _title_before(doc, span.start) if span.type in {"person", "organisation"} else None
    if title is None:
        return span
    if span.type == "organisation" and not titles.announces_person(title):
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


# What a mention's type counts for: taken from the model, from where the name stands, as certain.
_FROM_MODEL, _FROM_POSITION, _CERTAIN = 2, 3, 40


def _agreed(doc: Doc, spans: list[NamedSpan]) -> list[NamedSpan]:
    """The mentions with one type for each spelling: what is certain, else what most have."""
    votes: dict[tuple[str, ...], Counter[EntityType]] = defaultdict(Counter)
    keys = [name_key(doc[span.start : span.end].text.split()) for span in spans]
    for span, key in zip(spans, keys, strict=True):
        votes[key][span.type] += _CERTAIN if span.certain else _FROM_MODEL
        doubtful = len(key) == 1 and span.type == "organisation"
        doubtful = doubtful or (len(key) < 3 and span.type == "person")
        if doubtful and stands_as_place(doc, span):
            votes[key]["place"] += _FROM_POSITION
    agreed = {key: count.most_common(1)[0][0] for key, count in votes.items()}
    sure = {key for key, count in votes.items() if count[agreed[key]] >= _CERTAIN}
    return [
        replace(span, type=agreed[key], certain=span.certain or key in sure)
        for span, key in zip(spans, keys, strict=True)
    ]
