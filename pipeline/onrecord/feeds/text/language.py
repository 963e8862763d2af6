"""Which language a text is in: the one place that knows py3langid."""

from functools import lru_cache
from typing import Any

# A headline is too little to go by, and more than this tells no more.
_FEWEST_CHARS = 40
_MOST_CHARS = 2_000
_SURE = 0.9


def detect_language(text: str) -> str | None:
    """The language of a text as a two-letter tag, "en"; None when it cannot be told."""
    text = " ".join(text.split())[:_MOST_CHARS]
    if len(text) < _FEWEST_CHARS:
        return None
    language, probability = _identifier().classify(text)
    return str(language) if probability >= _SURE else None


@lru_cache(maxsize=1)
def _identifier() -> Any:
    # Half a second and numpy: most feeds say what language they are in.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
