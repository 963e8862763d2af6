"""Names that the model missed: known names, names after titles, and truncated names of people.

Each function yields the names found by one construction; spans already found are kept.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from spacy.tokens import Doc, Token

from onrecord.nlp.entities.english import gazetteer, name_words, titles
from onrecord.nlp.entities.names import fold, same_word, spelling
from onrecord.nlp.entities.overlooked_bodies import is_title_case
from onrecord.nlp.entities.overlooked_people import is_common_in_names
from onrecord.nlp.entities.person_names import is_capitalised, is_surname
from onrecord.nlp.entities.spans import Found, NamedSpan
from onrecord.nlp.entities.word_index import NICKNAME_MARKS, WordIndex, is_suffix
from onrecord.nlp.reading.datelines import find_datelines
from onrecord.records import EntityType

_LONGEST_NICKNAME = 4
# Names tried per first word: a bound that keeps a text made only of names linear.
_NAMES_OF_ONE_WORD = 40
_LONGEST_PRODUCT = 4


def known_names(text: WordIndex, found: Found) -> Iterator[NamedSpan]:
    """The places, groups and organisations listed in the gazetteer."""
    read_until = 0
    for i in text.places("begins known name"):
        hit = gazetteer.known_at(text.words, i) if i >= read_until else None
        if hit and found.is_free(i, hit[0]) and _is_meant(text.tokens, i, hit[0]):
            yield NamedSpan(start=i, end=hit[0], type=hit[1].type, certain=True)
            read_until = hit[0]


def _is_meant(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether a known phrase is used as a name rather than as ordinary words."""
    if not all(t.text[:1].isupper() or not t.is_alpha or t.is_stop for t in tokens[start:end]):
        return False
    if end - start > 1:
        # "Greater Manchester Police" is not a place.
        return end >= len(tokens) or not (
            tokens[end].text.istitle() and gazetteer.is_ending(tokens[end].lower_)
        )
    token = tokens[start]
    folded = fold(token.text)
    doubtful = gazetteer.is_doubtful(folded)
    if len(folded) <= 4 and doubtful:
        return token.is_upper and not _is_shouted(token)
    if doubtful or token.is_sent_start:
        return token.pos_ in {"PROPN", "ADJ"} and not (doubtful and token.is_sent_start)
    follows = tokens[end] if end < len(tokens) else None
    # Exclude the first word of a longer, unrecognised name: "Sydney Halloran".
    return follows is None or not (follows.text[:1].isupper() and follows.pos_ == "PROPN")


def _is_shouted(token: Token) -> bool:
    """Whether the adjacent words are in capitals too, which makes capitals uninformative."""
    around = [t for t in token.doc[max(0, token.i - 2) : token.i + 3] if t.is_alpha]
    return len(around) > 1 and all(t.is_upper for t in around)


def titled_names(text: WordIndex, found: Found) -> Iterator[NamedSpan]:
    """Names that a form of address announces: "Ms. Adeyemi", "Sen. Holloway"."""
    tokens = text.tokens
    for i in text.places("form of address", before_end=1):
        start = _skip_blanks(tokens, i + 1)
        end = start
        while end < len(tokens) and end - start < 4 and is_capitalised(tokens[end]):
            end += 1
        office = titles.role_noun(tokens[start].text)
        # "Mr President" is not a name; "Mr Son" and "Ms Baker" are.
        if found.is_free(start, end) and (not office or _is_surname_here(tokens, start, end)):
            yield NamedSpan(start=start, end=end, type="person", certain=True)


def _is_surname_here(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether a role noun is used as a surname: "Mr Cook", "Ms Mason"."""
    word = tokens[start].text
    return end - start == 1 and word.istitle() and not titles.is_addressed(word)


def full_names(text: WordIndex, found: Found) -> Iterator[NamedSpan]:
    """Known given names with the surname after them, where the model found no entity."""
    tokens, words = text.tokens, text.words
    for i in text.places("given name", before_end=1):
        if not found.is_free(i, i + 2) or tokens[i].pos_ != "PROPN" or words[i].isupper():
            continue
        if not is_surname(tokens, i + 1) or is_suffix(words[i + 1]):
            continue
        if gazetteer.known(words[i : i + 2]):
            continue
        yield NamedSpan(start=i, end=_end_of_name(tokens, i + 2, found), type="person")


def _end_of_name(tokens: Sequence[Token], end: int, found: Found) -> int:
    """The end of a name of more than two words: "María Elena" of "María Elena Soto"."""
    if (
        not name_words.is_given(tokens[end - 1].text)
        or end >= len(tokens)
        or not found.is_free(end, end + 1)
    ):
        return end
    goes_on = (
        is_surname(tokens, end)
        and tokens[end].text.istitle()
        and not is_common_in_names(tokens[end])
    )
    return end + 1 if goes_on and not is_title_case(tokens, end - 2, end + 1) else end


def nicknamed(text: WordIndex) -> Iterator[NamedSpan]:
    """Names with a nickname in quotation marks: 'Robert "Bob" Smith', "Ana “The Wall” Castor"."""
    tokens, words = text.tokens, text.words
    for mark in text.places("nickname mark", start=1, before_end=3):
        if not words[mark + 1][:1].isupper():
            continue
        if words[mark] != "(" and not tokens[mark - 1].whitespace_:
            # The possessive of "the Heads’ Council".
            continue
        close = _closing_mark(words, mark)
        if close is None or not is_capitalised(tokens[close + 1]):
            continue
        start = mark
        while start > 0 and mark - start < 3 and _is_of_name(tokens[start - 1]):
            start -= 1
        if start < mark and (name_words.is_given(words[start]) or tokens[start].pos_ == "PROPN"):
            yield NamedSpan(start=start, end=close + 2, type="person", certain=True)


def _is_of_name(token: Token) -> bool:
    """Whether a word before a nickname is part of the name, unlike "Rapper" or "Mr."."""
    title = titles.role_noun(token.text) or titles.is_honorific(token.text)
    return is_capitalised(token) and (not title or name_words.is_given(token.text))


def _closing_mark(words: Sequence[str], mark: int) -> int | None:
    """The index of the closing mark of a nickname that opens at `mark`; a word follows it."""
    for i in range(mark + 2, min(mark + 2 + _LONGEST_NICKNAME, len(words) - 1)):
        if words[i] in NICKNAME_MARKS:
            return i if (words[mark] == "(") == (words[i] == ")") else None
        if not words[i][:1].isalpha():
            return None
    return None


def given_names(text: WordIndex) -> Iterator[NamedSpan]:
    """Single given names that are the subject of a verb: "Lula left the palace"."""
    tokens = text.tokens
    for i in text.places("given name", before_end=1):
        name = tokens[i]
        acts = name.pos_ == "PROPN" and name.dep_ == "nsubj" and name.head.i == i + 1
        if not (acts and name.text.istitle()):
            continue
        if tokens[i + 1].tag_ in {"VBD", "VBZ"} and not gazetteer.known([name.text]):
            yield NamedSpan(start=i, end=i + 1, type="person")


def named_before_nouns(text: WordIndex) -> Iterator[NamedSpan]:
    """Names of products or places, shown by the noun after them.

    "Challenger 2 tanks", "the Thwaites glacier"; not "Ukrainian drones" or "Toyota cars".
    """
    tokens, words = text.tokens, text.words
    for i in text.places("noun after name", start=1):
        kind = gazetteer.type_by_noun_after(words[i])
        if kind is None:
            continue
        start = i
        while (
            start > 0 and i - start < _LONGEST_PRODUCT and _is_of_product(tokens[start - 1], kind)
        ):
            start -= 1
        before = gazetteer.known(words[start - 1 : start])
        glued = words[start - 1 : start] == ["-"]
        if glued or _is_compass(words[start]) or (before is not None and before.type != "group"):
            # "the Boston Globe rockets", "the Asia-Pacific region"
            continue
        while start < i and not words[start][:1].isupper():
            start += 1
        if start < i and not gazetteer.known(words[start:i]):
            yield NamedSpan(start=start, end=i, type=kind, certain=True)


def _is_compass(word: str) -> bool:
    return word.lower().endswith("ern")


def _is_of_product(token: Token, kind: EntityType) -> bool:
    if kind == "product" and token.text.isalnum() and any(map(str.isdigit, token.text)):
        return token.i > 0 and is_capitalised(token.nbor(-1))
    if token.text == "-":
        glued = not token.whitespace_ and token.i > 0 and not token.nbor(-1).whitespace_
        return glued and gazetteer.known([token.nbor(-1).text]) is None
    known = gazetteer.known([token.text])
    if known is not None and known.type != "product":
        return False
    return is_capitalised(token) and token.pos_ == "PROPN" and not token.is_sent_start


def datelines(doc: Doc) -> Iterator[NamedSpan]:
    """The places in datelines at the start of paragraphs."""
    for found in find_datelines(doc.text):
        span = doc.char_span(found.start, found.end)
        if span is not None and not gazetteer.is_heading(found.place.lower()):
            known = gazetteer.known([token.text for token in span])
            kind = known.type if known else "place"
            yield NamedSpan(start=span.start, end=span.end, type=kind, certain=True)


def _skip_blanks(tokens: Sequence[Token], i: int) -> int:
    # Some outlets put a no-break space, a separate token, between "Mr." and the name.
    while i < len(tokens) and tokens[i].is_space and "\n" not in tokens[i].text:
        i += 1
    return min(i, len(tokens) - 1)


def repeated_names(text: WordIndex, found: Found) -> Iterator[NamedSpan]:
    """Further mentions of names found in this text, and of people's and firms' short names."""
    tokens, words = text.tokens, text.words
    names = _names_to_find(words, found.in_order())
    by_first: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for key in sorted(names, key=len, reverse=True):
        by_first[spelling(key[0])].append(key)
    single = set(names) - {key[-1:] for key in names if len(key) > 1}
    for i in text.places("capital"):
        word = words[i]
        for key in by_first.get(spelling(fold(word)), ())[:_NAMES_OF_ONE_WORD]:
            end = i + len(key)
            here = tuple(map(fold, words[i:end]))
            if len(here) < len(key) or not all(map(same_word, here, key)):
                continue
            # "Banks" at the start of a sentence is ambiguous if the text also uses "banks".
            if len(key) > 1 or word.lower() not in text.small or not tokens[i].is_sent_start:
                alone = names[key] == "person" and key in single
                start = _with_unknown_given_name(tokens, i, found) if alone else i
                yield NamedSpan(start=start, end=end, type=names[key])
                break


def _names_to_find(
    words: Sequence[str], spans: Sequence[NamedSpan]
) -> dict[tuple[str, ...], EntityType]:
    """The folded names of a text and their short forms, each with its type."""
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


def _with_unknown_given_name(tokens: Sequence[Token], i: int, found: Found) -> int:
    """The start of a name whose last word is known: before "Imogen" in "Imogen Sayre"."""
    before = tokens[i - 1] if i else None
    if before is None or not found.is_free(i - 1, i) or not is_capitalised(before):
        return i
    if titles.role_noun(before.text) or titles.is_honorific(before.text):
        return i
    if name_words.is_given(before.text):
        return i - 1
    plain = before.head.i == i and before.pos_ == "PROPN" and before.text.istitle()
    common = titles.is_modifier(before.text) or gazetteer.is_organisation_noun(before.lower_)
    return i - 1 if plain and not common and not gazetteer.known([before.text]) else i
