"""Signatures are the same in every version, whatever is hashed together."""

import re
import struct
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.feeds.articles import runs
from onrecord.feeds.articles.runs import RunHasher
from onrecord.feeds.articles.signatures import signature, signatures
from onrecord.feeds.articles.sketches import shares_with
from onrecord.feeds.articles.words import words_of
from tests.feeds.articles.test_near_duplicates import OTHER, WIRE

SKETCH = (
    "2KPPad0cf2KAKYiEepFaj+vK2AdbXC8dxyWM+13lF02o9O5s/N+XfdFxFp3mpMacxO7dLCTQdcuyjl5hKme+ZG"
    "q7mCUVIfzfcj+6ctEuQwHGxIoAeaLOSoKXBtJtoYTUP/4dXRp6KdlfsEgiyvAo++B9jUC3r+jy6LvXHI5ULY4="
)


def test_a_sketch_is_the_same_in_every_version() -> None:
    assert signature(WIRE) == SKETCH


_VALUE = st.sampled_from([0, 1, 0x7FFF, 0x8000, 0xFFFF])


@given(st.lists(st.tuples(_VALUE, _VALUE), min_size=64, max_size=64))
def test_the_share_is_of_equal_values(pairs: list[tuple[int, int]]) -> None:
    one, other = (struct.pack("<64H", *values) for values in zip(*pairs, strict=True))
    equal = sum(a == b for a, b in pairs)
    assert shares_with(one, [other, one]) == [round(equal / 64, 2), 1.0]


def test_the_signatures_of_many_texts_are_those_of_each_alone() -> None:
    texts = [WIRE, "", "Rain.", OTHER, WIRE + " x" * 20_000, OTHER[::-1], OTHER + "y" * 90] * 2
    assert signatures(texts) == [signature(text) for text in texts]


# Short and long words, of which texts are made at random.
WORDS = st.sampled_from(["a", "pier", "café", "harbour", "w" * 62, "l" * 63, "m" * 200])


@given(st.lists(st.lists(WORDS.map(str.encode), max_size=12), max_size=5))
def test_the_hash_of_a_run_is_the_crc_of_its_words(texts: list[list[bytes]]) -> None:
    hasher = RunHasher()
    for words in texts:
        hasher.add(words)
    assert [hashes.tolist() for hashes in hasher.hashes()] == [
        [crc32(b" ".join(words[at : at + 3])) for at in range(len(words) - 2)] for words in texts
    ]


def test_words_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_MOST_WORDS", 500)
    texts = [" ".join(f"{name}{n}" for n in range(400)) for name in map(chr, range(97, 107))]
    expected = [signature(text) for text in texts]
    assert [signature(text) for text in reversed(texts)] == expected[::-1]
    assert len(runs._of_thread.words) <= 500 + 400


def test_words_are_found_between_marks_of_any_script() -> None:
    written = "“Straße”—the Пирс, l’été; it's 3.5 km_2 (İzmir) ١٢٣ 桟橋。x\u200by\x1cz\ud800"
    assert words_of(written) == words_by_expression(written)


MARKED = st.text(st.sampled_from("aB_9 .,\n\x00\x1c\x85“”’—…\u200b\u0345Ⓐ\ud800ﬁéſКK"))


@given(MARKED)
def test_words_are_the_same_with_and_without_letters_beyond_ascii(written: str) -> None:
    assert words_of(written) == words_by_expression(written)


def words_by_expression(written: str) -> list[bytes]:
    return [word.encode() for word in re.findall(r"\w+", written.casefold())]
