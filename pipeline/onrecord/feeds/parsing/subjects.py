"""What publishers file their entries under: categories, and which of them are sections.

Formats name the scheme of a category, and some publishers say there that it is a section.
"""

from collections.abc import Iterable

# Podcasts' directories have categories of their own: they say nothing of an entry.
_PODCASTS = "itunes.com"
_MOST = 50

# A category, and its scheme (Atom) or domain (RSS); empty where it has none.
Filed = tuple[str, str]


def categories_of(filed: Iterable[Filed]) -> tuple[str, ...]:
    """The categories, each once, in their order."""
    kept = (name for name, scheme in filed if name and _PODCASTS not in scheme)
    return tuple(dict.fromkeys(kept))[:_MOST]


def sections_of(filed: Iterable[Filed]) -> tuple[str, ...]:
    """Those that are said to be sections."""
    kept = (name for name, scheme in filed if name and "section" in scheme.lower())
    return tuple(dict.fromkeys(kept))[:_MOST]
