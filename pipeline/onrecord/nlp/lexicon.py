"""Word lists: the text files of a language's folder, as sets and mappings.

A list is a text file of sections: `[name]` opens one, `#` begins a comment, everything is in
lower case. The head of each file states whether spaces or semicolons separate entries.
"""

from collections import defaultdict
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

Sections = dict[str, tuple[str, ...]]

_LANGUAGES = files("onrecord.nlp").joinpath("languages")


class WordLists:
    """The word lists of a language, each read on first use.

    A list is named by its file without the ending: "titles" is `languages/en/titles.txt`.
    """

    def __init__(self, folder: Traversable, own: Path | None = None) -> None:
        self._folder = folder
        self._own = own
        self._sections: dict[str, Sections] = {}
        self._words: dict[tuple[str, str], frozenset[str]] = {}
        self._mappings: dict[tuple[str, str], dict[str, frozenset[str]]] = {}

    def text(self, name: str) -> str:
        """The built-in file of a list followed by the user's own; empty if there is neither."""
        return "\n".join(file.read_text("utf-8") for file in self._files(name))

    def sections(self, name: str) -> Sections:
        """The lines of each section of a list, without comments; empty if there is no file."""
        if name not in self._sections:
            self._sections[name] = parse_sections(self.text(name))
        return self._sections[name]

    def _files(self, name: str) -> list[Traversable]:
        folders: list[Traversable] = (
            [self._folder] if self._own is None else [self._folder, self._own]
        )
        files = (folder.joinpath(f"{name}.txt") for folder in folders)
        return [file for file in files if file.is_file()]

    def words(self, name: str, section: str) -> frozenset[str]:
        """The space-separated entries of a section; an underscore stands for a space."""
        key = name, section
        words = self._words.get(key)
        if words is None:
            found = " ".join(self.sections(name).get(section, ())).split()
            words = self._words[key] = frozenset(word.replace("_", " ") for word in found)
        return words

    def phrases(self, name: str, section: str) -> list[tuple[str, ...]]:
        """The semicolon-separated entries of a section; `a = b` are names of the same thing."""
        found = []
        for line in self.sections(name).get(section, ()):
            for entry in line.split(";"):
                names = tuple(" ".join(one.split()) for one in entry.split("=") if one.strip())
                if names:
                    found.append(names)
        return found

    def mapping(self, name: str, section: str) -> dict[str, frozenset[str]]:
        """The entries of a section of lines `key = word word …`; a key may have several lines."""
        if (name, section) not in self._mappings:
            found: dict[str, frozenset[str]] = {}
            for line in self.sections(name).get(section, ()):
                key, _, values = line.partition("=")
                found[key.strip()] = found.get(key.strip(), frozenset()) | frozenset(values.split())
            self._mappings[name, section] = found
        return self._mappings[name, section]


_own_folder: list[Path | None] = []


def lay_over(folder: Path | None) -> bool:
    """Overlay a user's own lists on the built-in ones, in this process; None for no folder.

    Rules keep the lists they have read: False if they were read under another folder.
    """
    if not _own_folder:
        _own_folder.append(folder)
    return _own_folder == [folder]


@cache
def word_lists(language: str) -> WordLists:
    """The lists in a language's folder of `nlp/languages/`; all empty without a folder."""
    lay_over(None)
    own = _own_folder[0]
    return WordLists(_LANGUAGES.joinpath(language), None if own is None else own / language)


def languages() -> list[str]:
    """The languages that have word lists."""
    return sorted(folder.name for folder in _LANGUAGES.iterdir() if built_in(folder.name))


def built_in(language: str) -> dict[str, str]:
    """The text of each built-in list, by name."""
    folder = _LANGUAGES.joinpath(language)
    found = folder.iterdir() if folder.is_dir() else ()
    return {
        file.name.removesuffix(".txt"): file.read_text("utf-8")
        for file in found
        if file.name.endswith(".txt")
    }


def parse_sections(text: str) -> Sections:
    """The lines of each section of a word list, without comments."""
    lines: dict[str, list[str]] = defaultdict(list)
    section = ""
    for line in text.splitlines():
        content = line.strip()
        if content.startswith("[") and content.endswith("]"):
            section = content[1:-1]
        elif content and not content.startswith("#"):
            lines[section].append(content)
    return {name: tuple(found) for name, found in lines.items()}
