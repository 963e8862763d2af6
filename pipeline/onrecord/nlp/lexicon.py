"""The word lists of the folders of `languages`, as sets and maps.

A lexicon is a text file of sections: `[name]` opens one, `#` begins a comment, everything is in
lower case. What separates entries, a blank or a semicolon, is said at the top of each file.
"""

from collections import defaultdict
from functools import cache
from importlib.resources import files


@cache
def sections(file: str) -> dict[str, tuple[str, ...]]:
    """The lines of each section of a lexicon file, comments left out."""
    text = files("onrecord.nlp").joinpath("languages", file).read_text("utf-8")
    lines: dict[str, list[str]] = defaultdict(list)
    section = ""
    for line in text.splitlines():
        content = line.strip()
        if content.startswith("[") and content.endswith("]"):
            section = content[1:-1]
        elif content and not content.startswith("#"):
            lines[section].append(content)
    return {name: tuple(found) for name, found in lines.items()}


@cache
def words(file: str, section: str) -> frozenset[str]:
    """The entries of a section in which blanks separate; an underscore in one is a blank."""
    found = " ".join(sections(file).get(section, ())).split()
    return frozenset(word.replace("_", " ") for word in found)


def phrases(file: str, section: str) -> list[tuple[str, ...]]:
    """The entries of a section in which semicolons separate; `a = b` are names of one thing."""
    found = []
    for line in sections(file).get(section, ()):
        for entry in line.split(";"):
            names = tuple(" ".join(name.split()) for name in entry.split("=") if name.strip())
            if names:
                found.append(names)
    return found


def mapping(file: str, section: str) -> dict[str, frozenset[str]]:
    """The entries of a section of lines `key = word word …`."""
    pairs = (line.partition("=") for line in sections(file).get(section, ()))
    return {key.strip(): frozenset(values.split()) for key, _, values in pairs}
