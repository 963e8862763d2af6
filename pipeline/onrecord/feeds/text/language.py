"""Language tags, and the language of a text; the only module that uses py3langid."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from onrecord.feeds.text.function_words import is_surely_english

# A headline is too short for detection, and text beyond the upper limit adds nothing.
_FEWEST_CHARS = 40
_MOST_CHARS = 2_000
_SURE = 0.9


def detect_language(text: str) -> str | None:
    """The language of a text as a two-letter tag, "en"; None when it cannot be told."""
    text = " ".join(text.split())[:_MOST_CHARS]
    if len(text) < _FEWEST_CHARS:
        return None
    if is_surely_english(text):
        return "en"
    language, probability = _identifier().classify(text)
    return str(language) if probability >= _SURE else None


@lru_cache(maxsize=1)
def _identifier() -> Any:
    # Half a second and numpy: most feeds say what language they are in, most texts are English.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def normal_language(tag: str | None) -> str | None:
    """A language tag as BCP 47 writes it: "en_us" is "en-US"; None for an invalid tag."""
    if not tag:
        return None
    subtags = re.split(r"[-_]", tag.strip())[:4]
    if not re.fullmatch(r"[A-Za-z]{2,3}", subtags[0]):
        return None
    normal = [subtags[0].lower()]
    for subtag in subtags[1:]:
        if not re.fullmatch(r"[A-Za-z0-9]{2,8}", subtag):
            break
        normal.append(_SUBTAG_CASE.get(len(subtag), str.lower)(subtag))
    return "-".join(normal)


_SUBTAG_CASE: Mapping[int, Callable[[str], str]] = {2: str.upper, 4: str.title}
