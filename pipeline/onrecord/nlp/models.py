"""The configured models, each loaded on the first article in its language."""

import gc
from collections.abc import Sequence

from onrecord.nlp.reading.model import Model, language_of_model, load_model
from onrecord.nlp.reading.text import base_of

# spaCy keeps every word it has read, in one to three strings of about 0.4 KB. spaCy's memory zones
# would stop the tokenizer's cache, and leave deleted cells in its hash tables.
MOST_NEW_STRINGS = 300_000


class Models:
    """One model per language; the first also reads articles without a language tag.

    The first is loaded immediately. Raises ConfigError if a model is not installed.
    """

    def __init__(self, names: Sequence[str], *, most_new_strings: int = MOST_NEW_STRINGS) -> None:
        self._main = _Bounded(names[0], most_new_strings)
        self._by_language = {self._main.model.nlp.lang: self._main}
        for name in names[1:]:
            language = language_of_model(name)
            self._by_language.setdefault(language, _Bounded(name, most_new_strings))

    def for_language(self, tag: str | None) -> Model | None:
        """The model for a language, or None."""
        found = self._main if tag is None else self._by_language.get(base_of(tag))
        return found.model if found else None


class _Bounded:
    """A model that is loaded on its first use, and again when it holds too many strings.

    Documents read before remain valid, as each keeps its own store of strings alive.
    """

    def __init__(self, name: str, most_new_strings: int) -> None:
        self._name = name
        self._most_new_strings = most_new_strings
        self._loaded: Model | None = None
        self._most = 0

    @property
    def model(self) -> Model:
        loaded = self._loaded
        if loaded is None or len(loaded.nlp.vocab.strings) > self._most:
            if loaded is None:
                loaded = load_model(self._name)
            else:
                self._loaded = loaded = None
                loaded = _load_again(self._name)
            self._loaded = loaded
            self._most = len(loaded.nlp.vocab.strings) + self._most_new_strings
        return loaded


def _load_again(name: str) -> Model:
    """A model, after what is out of use is freed, even if `gc.freeze` protects it.

    What was protected stays so, and the model with it.
    """
    frozen = gc.get_freeze_count() > 0
    gc.unfreeze()
    gc.collect()
    try:
        return load_model(name)
    finally:
        if frozen:
            gc.freeze()
