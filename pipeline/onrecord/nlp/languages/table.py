"""The one place where a language is told: how its articles are read, and what we can say of them.

English has rules of its own for everything. Another language may have rules for quotes (its parse
told in the English scheme, `universal.py`), and for names what `plain.py` does with any model. An
article in a language without rules gets the passages between its quotation marks, entities if a
model of it is installed, and a note.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from onrecord.nlp.coreference.resolve import WeighedSpeaker, weigh_speakers
from onrecord.nlp.entities.merging import FoundEntity, find_entities
from onrecord.nlp.languages import french
from onrecord.nlp.languages.address_forms import NO_NAMING, Naming
from onrecord.nlp.languages.neutral import plain_entities, plain_speakers
from onrecord.nlp.quotes.find import FoundQuote
from onrecord.nlp.quotes.rules import base_of, rules_of

Entities = Callable[..., list[FoundEntity]]
Speakers = Callable[[Doc, Sequence[FoundQuote], Sequence[FoundEntity]], list[WeighedSpeaker]]


@dataclass(frozen=True, slots=True)
class Language:
    """How articles of one language are read.

    `marks` replaces characters, one by one, with those its model knows.
    """

    name: str
    find_entities: Entities
    weigh_speakers: Speakers
    marks: dict[int, str]


def _with_plain_names(name: str, naming: Naming, marks: dict[int, str]) -> Language:
    def speakers(
        doc: Doc, quotes: Sequence[FoundQuote], entities: Sequence[FoundEntity]
    ) -> list[WeighedSpeaker]:
        return plain_speakers(doc, naming, quotes, entities)

    def entities(doc: Doc, *, article_id: str) -> list[FoundEntity]:
        return plain_entities(doc, naming, article_id=article_id)

    return Language(name, entities, speakers, marks)


_LANGUAGES = {
    "en": Language("en", find_entities, weigh_speakers, {}),
    "fr": _with_plain_names("fr", french.NAMING, french.AS_THE_MODEL_KNOWS),
}


def language_of(tag: str | None) -> Language:
    """How articles with this language tag ("en-GB") are read. None is taken for English."""
    name = base_of(tag)
    return _LANGUAGES.get(name) or _with_plain_names(name, NO_NAMING, {})


def note_on_language(tag: str | None, *, has_model: bool) -> str | None:
    """What to say of an article of whose language we know less than of English."""
    name = base_of(tag)
    has_rules = rules_of(tag) is not None
    if has_rules and has_model:
        return None
    quotes = "quotes are what stands between quotation marks, without speakers"
    if not has_model:
        return f"no model for language “{name}” (extract.other_models): {quotes}; no entities"
    return f"no rules for language “{name}”: {quotes}"
