"""Word lists: the text files of one language's folder, as sets and maps.

A list is a text file of sections: `[name]` opens one, `#` begins a comment, everything is in
lower case. What separates entries, a blank or a semicolon, is said at the top of each file.
"""

from collections import defaultdict
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

Sections = dict[str, tuple[str, ...]]


class WordLists:
    """The word lists of a language, each read when it is first asked for.

    A list is named by its file without the ending: "titles" is `languages/en/titles.txt`.
    """

    def __init__(self, folder: Traversable) -> None:
        self._folder = folder
        self._sections: dict[str, Sections] = {}
        self._words: dict[tuple[str, str], frozenset[str]] = {}

    def text(self, name: str) -> str:
        """The file of a list as it stands. FileNotFoundError if the language has none."""
        return self._folder.joinpath(f"{name}.txt").read_text("utf-8")

    def sections(self, name: str) -> Sections:
        """The lines of each section of a list, comments left out; no sections without a file."""
        if name not in self._sections:
            there = self._folder.joinpath(f"{name}.txt").is_file()
            self._sections[name] = parse_sections(self.text(name)) if there else {}
        return self._sections[name]

    def words(self, name: str, section: str) -> frozenset[str]:
        """The entries of a section in which blanks separate; an underscore in one is a blank."""
        key = name, section
        if key not in self._words:
            found = " ".join(self.sections(name).get(section, ())).split()
            self._words[key] = frozenset(word.replace("_", " ") for word in found)
        return self._words[key]

    def phrases(self, name: str, section: str) -> list[tuple[str, ...]]:
        """The entries of a section in which semicolons separate; `a = b` are names of one thing."""
        found = []
        for line in self.sections(name).get(section, ()):
            for entry in line.split(";"):
                names = tuple(" ".join(one.split()) for one in entry.split("=") if one.strip())
                if names:
                    found.append(names)
        return found

    def mapping(self, name: str, section: str) -> dict[str, frozenset[str]]:
        """The entries of a section of lines `key = word word …`."""
        pairs = (line.partition("=") for line in self.sections(name).get(section, ()))
        return {key.strip(): frozenset(values.split()) for key, _, values in pairs}


@cache
def word_lists(language: str) -> WordLists:
    """The lists in a language's folder of `nlp/languages/`; all empty where there is no folder."""
    return WordLists(files("onrecord.nlp").joinpath("languages", language))


def parse_sections(text: str) -> Sections:
    """The lines of each section of a word list, comments left out."""
    lines: dict[str, list[str]] = defaultdict(list)
    section = ""
    for line in text.splitlines():
        content = line.strip()
        if content.startswith("[") and content.endswith("]"):
            section = content[1:-1]
        elif content and not content.startswith("#"):
            lines[section].append(content)
    return {name: tuple(found) for name, found in lines.items()}
