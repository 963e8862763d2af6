"""Categories and sections as they are compared: by folders, whatever their case and accents.

"World/Asia" is found by "World", by "Asia", and by "world/asia".
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from onrecord.archive.query.words import words_of
from onrecord.feeds.categories import names_in
from onrecord.records import ArticleRef

_DEEPEST = 8  # folders of a category
_MOST = 100  # keys of an article: some publishers file an entry under hundreds of keywords


class Filed(NamedTuple):
    """The keys that an article is found by: of `category:` and of `section:`."""

    categories: tuple[str, ...]
    sections: tuple[str, ...]


def filed_under(article: ArticleRef) -> Filed:
    """What an article is filed under; the filters of `subscribe` compare the same."""
    return Filed(
        _keys_of((*article.feed_categories, *article.categories)),
        _keys_of((*article.sections, *article.categories)),
    )


def filing_key(category: str) -> str:
    """The key of a category as it is asked for; empty where it contains no word."""
    return _key(_folded(category))


def _keys_of(categories: Iterable[str]) -> tuple[str, ...]:
    """The keys of these categories, and of the folders within them."""
    keys: dict[str, None] = {}
    for category in categories:
        names = _folded(category)[:_DEEPEST]
        for start in range(len(names)):
            keys |= {_key(names[start:end]): None for end in range(start + 1, len(names) + 1)}
        if len(keys) >= _MOST:
            break
    return tuple(keys)[:_MOST]


def _folded(category: str) -> list[str]:
    """The folder names, folded. A slash within a name is one between folders to whoever asks."""
    return [name for name in map(_folded_name, names_in(category)) if name]


def _folded_name(name: str) -> str:
    return _key([words for part in name.split("/") if (words := " ".join(words_of(part)))])


def _key(names: Sequence[str]) -> str:
    return "/".join(names)
