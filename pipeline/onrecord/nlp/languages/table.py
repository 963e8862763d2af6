"""The table of languages: the functions and data for articles in each.

English has its own rules for everything. Another language can have rules for quotes, with its
parse converted to the English scheme (`universal_dependencies.py`), and its own word lists for
names, which `neutral.py` finds with any model. To add a language, add its folder of word lists
and a row here. An article in a language without a row gets the passages between its quotation
marks, entities if a model of it is installed, and a note.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from spacy.tokens import Doc

from onrecord.nlp.coreference.resolve import WeighedSpeaker
from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.languages import english, french
from onrecord.nlp.languages.address_forms import NO_ADDRESS_FORMS, AddressForms
from onrecord.nlp.languages.neutral import plain_entities, plain_speakers
from onrecord.nlp.quotes.find import FoundQuote
from onrecord.nlp.quotes.ruleset import Ruleset
from onrecord.nlp.reading.plain_docs import plain
from onrecord.nlp.reading.text import base_of

FindEntities = Callable[..., list[FoundEntity]]
Resolve = Callable[[Doc, str, Sequence[FoundQuote], Sequence[FoundEntity]], list[WeighedSpeaker]]


@dataclass(frozen=True, slots=True)
class Language:
    """The functions and data for articles in one language.

    `rules` returns the rules for quotes, loaded on the first call; None if there are none.
    `find_entities` finds the names in a `Doc`, `resolve` the speakers of quotes; both receive the
    article's text, because `doc` can have other characters at the same offsets.
    `marks` replaces characters, one by one, with those that the language's model knows.
    `view` is the form in which `find_entities` and `resolve` read a `Doc`.
    """

    name: str
    rules: Callable[[], Ruleset] | None
    find_entities: FindEntities
    resolve: Resolve
    marks: dict[int, str] = field(default_factory=dict)
    view: Callable[[Doc], AbstractContextManager[Doc]] = nullcontext

    @property
    def ruleset(self) -> Ruleset | None:
        """The rules for its quotes; None if it has none."""
        return self.rules() if self.rules else None


def _with_plain_names(
    name: str,
    rules: Callable[[], Ruleset] | None = None,
    naming: AddressForms = NO_ADDRESS_FORMS,
    marks: dict[int, str] | None = None,
) -> Language:
    def speakers(
        doc: Doc, _: str, quotes: Sequence[FoundQuote], entities: Sequence[FoundEntity]
    ) -> list[WeighedSpeaker]:
        return plain_speakers(doc, naming, quotes, entities)

    def entities(doc: Doc, _: str, *, article_id: str) -> list[FoundEntity]:
        return plain_entities(doc, naming, article_id=article_id)

    return Language(name, rules, entities, speakers, marks or {})


_LANGUAGES = {
    "en": Language("en", english.ruleset, english.find_names, english.find_speakers, view=plain),
    "fr": Language(
        "fr", french.ruleset, french.find_entities, french.resolve, french.AS_THE_MODEL_KNOWS
    ),
}


def language_of(tag: str | None) -> Language:
    """The language of a tag ("en-GB"); None means English."""
    name = base_of(tag)
    return _LANGUAGES.get(name) or _with_plain_names(name)


def language_shown(text: str) -> str | None:
    """The language shown by a text's marks and function words, for texts without a tag."""
    return "fr" if french.is_shown_by(text) else None


def note_on_language(tag: str | None, *, has_model: bool) -> str | None:
    """The note on an article in a language without rules or without a model; None for others."""
    language = language_of(tag)
    if language.rules and has_model:
        return None
    quotes = "quotes are what stands between quotation marks, without speakers"
    if not has_model:
        return (
            f"no model for language “{language.name}” (extract.other_models): {quotes}; no entities"
        )
    return f"no rules for language “{language.name}”: {quotes}"
