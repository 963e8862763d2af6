"""The configured models, each loaded on the first article in its language."""

from collections.abc import Sequence
from functools import cached_property

from onrecord.nlp.reading.model import Model, language_of_model, load_model
from onrecord.nlp.reading.text import base_of


class Models:
    """One model per language; the first also reads articles without a language tag.

    The first is loaded immediately. Raises ConfigError if a model is not installed.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._main = load_model(names[0])
        language = self._main.nlp.lang
        self._by_language = {language: _Later(names[0], self._main)}
        for name in names[1:]:
            self._by_language.setdefault(language_of_model(name), _Later(name))

    def for_language(self, tag: str | None) -> Model | None:
        """The model for a language, or None."""
        if tag is None:
            return self._main
        found = self._by_language.get(base_of(tag))
        return found.model if found else None


class _Later:
    def __init__(self, name: str, loaded: Model | None = None) -> None:
        self._name = name
        if loaded is not None:
            self.model = loaded

    @cached_property
    def model(self) -> Model:
        return load_model(self._name)
