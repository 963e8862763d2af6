"""Whom the source of a French quote means: a name, a pronoun, or what somebody is called.

The text is read in order. Whoever is named, described or quoted outside quotation marks becomes
the one that "il", "l'élue" or "ce dernier" may mean next.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from onrecord.nlp.coreference.resolve import WeighedSpeaker
from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.entities.names import Gender
from onrecord.nlp.languages.fr.noun_phrases import nouns_for_people, read_name, read_phrase
from onrecord.nlp.languages.fr.people import gender_of_noun
from onrecord.nlp.languages.fr.words import (
    ENDS_SENTENCE,
    LISTS,
    Word,
    honorifics,
    listed,
    lower_at,
    paragraphs,
    words_in,
)
from onrecord.nlp.quotes.find import FoundQuote
from onrecord.nlp.quotes.marks import find_quoted
from onrecord.records import Speaker

_PRONOUNS: dict[str, Gender] = {
    "il": "masculine", "elle": "feminine", "lui": "masculine",
}  # fmt: skip
_LAST: dict[str, Gender | None] = {
    "ce dernier": "masculine", "cette dernière": "feminine", "celui-ci": "masculine",
    "celle-ci": "feminine", "l'intéressé": "masculine", "l'intéressée": "feminine",
    "celui": "masculine", "celle": "feminine", "lequel": "masculine", "laquelle": "feminine",
}  # fmt: skip
_NOBODY = frozenset(
    {
        "on",
        "ils",
        "elles",
        "nous",
        "je",
        "vous",
        "qui",
        "eux",
        "tu",
        "moi",
        "il",
        "elle",
        "lui",
        "y",
    }
    | _LAST.keys()
)
_INDEFINITE = frozenset({"un", "une", "des", "plusieurs", "certains", "certaines", "d'", "deux"})
_OF = frozenset({"de", "du", "des", "d'", "à", "au", "aux"})
_SMALL_WORD = 3
_REMEMBERED = 12  # mentions that a pronoun may go back over
_AHEAD = 160  # characters in which "il" may be named after it
_AGE = re.compile(r",\s+\d{1,3}\s+ans\b")
_FAR_BACK = 200  # … and a description


@dataclass(frozen=True, slots=True)
class _Mention:
    """Somebody at a place of the text: the number of an entity, or a phrase that names nobody."""

    at: int
    who: int | None
    text: str
    gender: Gender | None
    is_subject: bool


@cache
def _kinds() -> dict[str, frozenset[str]]:
    return LISTS.mapping("titles", "kinds")


def find_speakers(
    text: str, quotes: Sequence[FoundQuote], entities: Sequence[FoundEntity]
) -> list[WeighedSpeaker]:
    """Who said each quote, in the order of `quotes`; None where its source names nobody."""
    reading = _Reading(text, entities)
    sources = {quote.source for quote in quotes if quote.source is not None}
    resolved = reading.resolve(sorted(sources))
    return [
        WeighedSpeaker(resolved[quote.source] if quote.source is not None else None)
        for quote in quotes
    ]


class _Reading:
    """Who has been spoken of so far."""

    def __init__(self, text: str, entities: Sequence[FoundEntity]) -> None:
        self._text = text
        self._entities = entities
        self._people = [n for n, one in enumerate(entities) if one.entity.type == "person"]
        self._at: dict[int, tuple[int, int]] = {
            mention.start: (n, mention.end)
            for n, one in enumerate(entities)
            for mention in one.entity.mentions
        }
        self._seen: list[_Mention] = []

    def resolve(self, sources: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Speaker | None]:
        """The speakers that sources mean, in text order."""
        events = sorted(
            [(start, 1, (start, end)) for start, end in sources]
            + [(start, 0, (start, end)) for start, end in self._phrases()]
        )
        found: dict[tuple[int, int], Speaker | None] = {}
        for _, is_source, span in events:
            if is_source:
                mention, reason = self._meant(span)
                found[span] = self._speaker(mention, reason)
                if mention is not None:
                    self._note(mention, span, is_subject=True)
            else:
                self._mention(span)
        return found

    def _note(self, mention: _Mention, span: tuple[int, int], *, is_subject: bool) -> None:
        self._seen.append(_Mention(span[0], mention.who, mention.text, mention.gender, is_subject))

    # ── who is spoken of outside the marks ──

    def _phrases(self) -> list[tuple[int, int]]:
        """Names, and phrases that open a sentence, outside quotation marks."""
        found = []
        for words in paragraphs(self._text, find_quoted(self._text)):
            for i, word in enumerate(words):
                if word.start in self._at:
                    found.append((word.start, self._at[word.start][1]))
                elif i == 0 or words[i - 1].text in ENDS_SENTENCE | {","}:
                    phrase = read_phrase(words, i)
                    if phrase is not None and phrase.kind == "noun":
                        found.append(phrase.span)
        return found

    def _mention(self, span: tuple[int, int]) -> None:
        known = self._at.get(span[0])
        if known is not None:
            who = known[0]
            if self._entities[who].entity.type == "person":
                before = self._text[max(0, span[0] - 4) : span[0]].lower().split()
                subject = not before or before[-1].rstrip("'’") not in {"de", "du", "à", "d", "par"}
                self._seen.append(self._of(who, span[0], is_subject=subject))
            return
        if self._holds_name(span) or not self._has_noun(span):
            return
        described = self._described(span)
        if described is not None:
            self._seen.append(self._of(described, span[0], is_subject=True))

    def _of(self, who: int, at: int, *, is_subject: bool) -> _Mention:
        found = self._entities[who]
        return _Mention(at, who, found.entity.name, found.gender, is_subject)

    def _holds_name(self, span: tuple[int, int]) -> bool:
        return any(start in self._at for start in range(*span))

    def _has_noun(self, span: tuple[int, int]) -> bool:
        words = words_in(self._text, *span)[:3]
        return any(word.lower in nouns_for_people() for word in words)

    # ── whom a source means ──

    def _meant(self, span: tuple[int, int]) -> tuple[_Mention | None, str]:
        """The mention that a source goes back to, and how; None for nobody known."""
        words = words_in(self._text, *span)
        said = " ".join(self._text[slice(*span)].lower().replace("’", "'").lstrip("-").split())
        if said in _PRONOUNS:
            gender = _PRONOUNS[said]
            return self._last(gender, subjects=True) or self._next(gender, span[1]), "pronoun"
        who, how = self._named(words), "named here"
        if who is None:
            who, how = self._beside(span[1]), "named beside"
        if who is None and said not in _NOBODY:
            who, how = self._described(span), "so described"
        if who is not None:
            return self._of(who, span[0], is_subject=True), how
        if said in _LAST:
            return self._last(_LAST[said], subjects=False), "spoken of last"
        return (None, "") if said in _NOBODY else self._unnamed(span, words)

    def _unnamed(self, span: tuple[int, int], words: Sequence[Word]) -> tuple[_Mention | None, str]:
        """Somebody whom the text does not name, seen before or not."""
        again = self._again(words)
        if again is not None:
            return again, "so described before"
        return _Mention(span[0], None, self._text[slice(*span)], self._gender(words), True), ""

    def _named(self, words: Sequence[Word]) -> int | None:
        """Who is named in a source, if it is not only whose somebody is: "un proche de Roy"."""
        own = None
        for i, word in enumerate(words):
            known = self._at.get(word.start)
            if known is None:
                continue
            who = known[0]
            is_person = self._entities[who].entity.type == "person"
            first = i == 0 or all(one.lower in honorifics() for one in words[:i])
            if first and (is_person or known[1] == words[-1].end):
                return who
            if (is_person and lower_at(words, i - 1) not in _OF) or (
                not is_person and i == 1 and words[0].lower in ("le", "la", "l'", "les")
            ):
                own = who
        return own

    def _beside(self, end: int) -> int | None:
        """The person named right after a source: "la ministre, Anne Leroy,"."""
        words = words_in(self._text, end, min(len(self._text), end + 80))
        if lower_at(words, 0) != "," or len(words) < 2:
            return None
        at = 2 if words[1].lower in honorifics() else 1
        name = read_name(words, at) if at < len(words) else None
        known = self._at.get(words[at].start) if name is not None else None
        if name is None or known is None or self._entities[known[0]].entity.type != "person":
            return None
        after = lower_at(words, name.end)
        ends = after in ("", ",", ".", ":", ";", "(", "»", "!", "?", "…", "«")
        return known[0] if ends else None

    def _described(self, span: tuple[int, int]) -> int | None:
        """Whom a definite phrase means: by their role, else the last who may be called so."""
        words = words_in(self._text, *span)
        if (
            not words
            or words[0].lower in _INDEFINITE
            or words[0].lower not in listed("determiners")
        ):
            return None
        noun = next((one.lower for one in words[1:4] if one.lower in nouns_for_people()), None)
        if noun is None:
            return self._body(words)
        meaning = frozenset(w.lower for w in words[1:] if len(w.text) > _SMALL_WORD)
        fitting = [who for who in self._people if self._is_called(who, noun, meaning)]
        if fitting:
            return self._most_recent(fitting)
        owned = noun in LISTS.words("titles", "others'") and words[0].lower in ("son", "sa", "ses")
        bare = not any(word.lower in _OF for word in words[1:]) and not owned
        if not bare or words[0].lower in ("les", "ces", "leurs", "ses"):
            return None
        if noun in LISTS.words("titles", "others'") and noun not in _kinds():
            return None
        gender = self._gender(words)
        found = self._last(gender, subjects=True) or self._last(gender, subjects=False)
        return found.who if found is not None else None

    def _body(self, words: Sequence[Word]) -> int | None:
        """The organisation whose name begins so: "l'agence" of "l'Agence de l'eau"."""
        if len(words) != 2:
            return None
        for who in reversed(range(len(self._entities))):
            entity = self._entities[who].entity
            if entity.type == "organisation" and entity.name.lower().split()[0] == words[1].lower:
                return who
        return None

    def _is_called(self, who: int, noun: str, meaning: frozenset[str]) -> bool:
        role = self._entities[who].entity.role
        if role is None:
            return False
        said = [word.lower for word in words_in(role, 0, len(role))]
        kinds = _kinds().get(noun, frozenset()) | {noun}
        if not kinds.intersection(said[:4]):
            return False
        gender = gender_of_noun(noun)
        if gender and self._entities[who].gender not in (gender, None):
            return False
        rest = meaning - {noun}
        return rest <= frozenset(said) or (noun not in said and not rest & {"de", "du"})

    def _most_recent(self, people: Sequence[int]) -> int:
        for mention in reversed(self._seen[-_FAR_BACK:]):
            if mention.who is not None and mention.who in people:
                return mention.who
        return people[0]

    def _again(self, words: Sequence[Word]) -> _Mention | None:
        """Somebody unnamed who was quoted before: "ce proche" after "un proche du maire"."""
        if not words or words[0].lower in _INDEFINITE or len(words) > 4:
            return None
        nouns = [word.lower for word in words[1:3]]
        for mention in reversed(self._seen[-_FAR_BACK:]):
            if mention.who is None:
                said = [word.lower for word in words_in(mention.text, 0, len(mention.text))]
                if any(noun in said[:3] for noun in nouns):
                    return mention
        return None

    def _gender(self, words: Sequence[Word]) -> Gender | None:
        for word in words[:4]:
            gender = gender_of_noun(word.lower)
            if gender is not None:
                return gender
        first = lower_at(words, 0)
        if first in ("le", "un", "ce"):
            return "masculine"
        return "feminine" if first in ("la", "une", "cette") else None

    def _last(self, gender: Gender | None, *, subjects: bool) -> _Mention | None:
        """The last of the gender, else the last who is not known to be of the other."""
        for wanted in ((gender,), (gender, None)):
            for mention in reversed(self._seen[-_REMEMBERED:]):
                if mention.gender not in wanted and gender is not None:
                    continue
                if subjects and not mention.is_subject:
                    continue
                return mention
        return None

    def _next(self, gender: Gender, at: int) -> _Mention | None:
        """The person of known gender and age whose name opens the sentence after a pronoun.

        "« J'ai tout vu », raconte-t-il. Luc Roy, 62 ans, …", where nobody was spoken of before.
        """
        ahead = words_in(self._text, at, min(len(self._text), at + _AHEAD))
        stop = next((i for i, word in enumerate(ahead) if word.text in ENDS_SENTENCE), len(ahead))
        known = self._at.get(ahead[stop + 1].start) if stop + 1 < len(ahead) else None
        if known is None or known[0] not in self._people or self._has_anybody(gender, at):
            return None
        who, end = known
        fits = self._entities[who].gender == gender and _AGE.match(self._text, end)
        return self._of(who, ahead[stop + 1].start, is_subject=True) if fits else None

    def _has_anybody(self, gender: Gender, before: int) -> bool:
        """Whether a noun for a person of the gender, or a sentence without marks, stands before."""
        for words in paragraphs(self._text, find_quoted(self._text)):
            for i, word in enumerate(words):
                if word.start >= before:
                    return False
                opens = i == 0 or words[i - 1].text in ENDS_SENTENCE
                noun = word.lower in nouns_for_people()
                if noun and gender_of_noun(word.lower) in (gender, None):
                    return True
                if opens and word.is_name:
                    return True
        return False

    def _speaker(self, mention: _Mention | None, reason: str) -> Speaker | None:
        if mention is None:
            return None
        if mention.who is None:
            name = " ".join(mention.text.split())
            return (
                Speaker(name=name, reason=reason or None) if name.lower() not in _NOBODY else None
            )
        known = self._entities[mention.who].entity
        return Speaker(entity=known.id, name=known.name, role=known.role, reason=reason or None)
