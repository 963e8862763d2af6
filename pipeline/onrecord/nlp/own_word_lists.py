"""A user's own word lists, checked and overlaid on the built-in lists.

The folder has a subfolder per language, with the built-in names of files and sections:

    words/en/titles.txt          [roles]
                                 harbourmaster
    words/en/known_people.txt    [people]
                                 lind = Mara Lind : minister @ skelm
    words/en/cues.txt            gush verb

Entries are added to those of the section; the user's entry overrides a built-in person or cue. A
cue needs no counts.
"""

import difflib
from collections.abc import Collection
from pathlib import Path

from onrecord.errors import ConfigError
from onrecord.nlp.lexicon import built_in, languages, lay_over, parse_sections
from onrecord.nlp.quotes.cues import parse_lexicon

KEY = "extract.word_lists"
# Lists learned from annotated news, not written by hand.
_WEIGHTS = frozenset({"attribution", "confidence", "reported", "endings"})


def use_own_word_lists(name: str) -> None:
    """Overlay the lists of a folder on the built-in ones, in this process. Raises ConfigError.

    Call it before the rules are imported; they keep the lists they have read.
    """
    folder = Path(name).resolve() if name else None
    if folder is not None:
        check_own_word_lists(name)
    if not lay_over(folder):
        raise ConfigError(
            f"{KEY} = {name!r}: this process has read other word lists already; use another "
            "process for these",
            key=KEY,
        )


def check_own_word_lists(name: str) -> None:
    """Raise ConfigError for any folder, file, section or line that would be ignored."""
    folder = Path(name)
    if not folder.is_dir():
        raise _mistake(name, "there is no such folder")
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        _must_be_one_of(name, f"{path.name}: no language", path.name, languages())
        if not path.is_dir():
            raise _mistake(name, f"{path.name} is not a folder")
        for file in sorted(path.iterdir()):
            if not file.name.startswith("."):
                _check_file(name, path.name, file)


def _check_file(name: str, language: str, file: Path) -> None:
    where = f"{language}/{file.name}"
    there = {f"{one}.txt" for one in built_in(language) if one not in _WEIGHTS}
    _must_be_one_of(name, f"{where}: no list", file.name, there)
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        raise _mistake(name, f"{where}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _mistake(name, f"{where}: not UTF-8 text") from error
    if file.stem == "cues":
        _check_cues(name, where, text)
        return
    known = parse_sections(built_in(language)[file.stem])
    for section, lines in parse_sections(text).items():
        if not section:
            raise _mistake(name, f"{where}: {lines[0][:40]!r} stands before the first [section]")
        _must_be_one_of(name, f"{where}: no section [{section}]", section, known)
        if file.stem == "known_people":
            for line in lines:
                if " = " not in line:
                    raise _mistake(
                        name,
                        f"{where}: {line[:60]!r}; write surname = Full Name : office @ country",
                    )


def _check_cues(name: str, where: str, text: str) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        try:
            parse_lexicon(line)
        except (ValueError, IndexError) as error:
            raise _mistake(name, f"{where} line {number}: {error}") from error


def _must_be_one_of(name: str, what: str, given: str, known: Collection[str]) -> None:
    if given in known:
        return
    near = difflib.get_close_matches(given, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
    raise _mistake(name, f"{what}; {hint}")


def _mistake(name: str, reason: str) -> ConfigError:
    return ConfigError(f"{KEY} = {name!r}: {reason}", key=KEY)
