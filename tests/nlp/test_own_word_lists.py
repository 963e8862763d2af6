"""A user's own word lists are read beside the built-in ones, and only where they can be."""

from pathlib import Path

import pytest

from onrecord.errors import ConfigError
from onrecord.nlp.lexicon import WordLists, built_in, languages
from onrecord.nlp.own_word_lists import check_own_word_lists
from onrecord.nlp.quotes.cues import VERB, parse_lexicon

EXAMPLE = Path(__file__).parents[1] / "data" / "examples" / "words"


def test_the_example_can_be_read() -> None:
    check_own_word_lists(str(EXAMPLE))


def test_own_entries_are_added_to_those_of_the_section(tmp_path: Path) -> None:
    for name, text in {"ours": "[a]\none two\n[b]\nthree\n", "own": "[a]\nfour\n"}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "list.txt").write_text(text)
    lists = WordLists(tmp_path / "ours", tmp_path / "own")
    assert lists.words("list", "a") == {"one", "two", "four"}
    assert lists.words("list", "b") == {"three"}


def test_a_language_may_have_own_lists_where_it_has_none(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("[a]\nfour\n")
    assert WordLists(tmp_path / "missing", tmp_path).words("list", "a") == {"four"}
    assert WordLists(tmp_path / "missing").words("list", "a") == frozenset()


def test_a_cue_that_a_person_writes_counts_like_a_common_one() -> None:
    lexicon = parse_lexicon(built_in("en")["cues"] + "\ngush verb\nwhine verb belief\n")
    gush, whine = lexicon.find("gushed", VERB), lexicon.find("whining", VERB)
    assert gush is not None
    assert whine is not None
    assert (gush.manner, whine.manner) == ("speech", "belief")
    common = lexicon.cue_evidence(lexicon.find("insisted", VERB), VERB)
    assert lexicon.cue_evidence(gush, VERB) == pytest.approx(common, abs=0.5)


@pytest.mark.parametrize("language", languages())
def test_the_lists_that_come_with_onrecord_would_pass_as_own(tmp_path: Path, language: str) -> None:
    (tmp_path / language).mkdir()
    for name, text in built_in(language).items():
        if name not in {"attribution", "confidence", "reported", "endings"}:
            (tmp_path / language / f"{name}.txt").write_text(text, "utf-8")
    check_own_word_lists(str(tmp_path))


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("xx/titles.txt", b"", "xx: no language; there are en, fr"),
        ("en", b"", "en is not a folder"),
        ("en/title.txt", b"", "en/title.txt: no list; did you mean titles.txt?"),
        ("en/attribution.txt", b"", "en/attribution.txt: no list; "),
        ("en/titles.txt", b"mayor\n", "en/titles.txt: 'mayor' stands before the first [section]"),
        ("en/titles.txt", b"[role]\nx\n", "no section [role]; did you mean roles?"),
        ("en/titles.txt", b"\xff", "en/titles.txt: not UTF-8 text"),
        ("en/known_people.txt", b"[people]\nlind\n", "'lind'; write surname = Full Name"),
        ("en/cues.txt", b"\ngush\n", "en/cues.txt line 2: write a lemma and its part of speech"),
        ("en/cues.txt", b"gush verb speech 1 x 2", "line 1: write no counts, or whole numbers"),
    ],
)
def test_what_would_not_be_read_is_one_line(
    tmp_path: Path, file: str, content: bytes, says: str
) -> None:
    path = tmp_path / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        check_own_word_lists(str(tmp_path))
    assert str(caught.value).startswith(f"extract.word_lists = {str(tmp_path)!r}: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match="'no/such': there is no such folder"):
        check_own_word_lists("no/such")
