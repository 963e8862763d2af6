"""French quotes have their speakers: in plain sentences, and on whole pages."""

from collections import defaultdict

import pytest

from onrecord.nlp.extract import Extract, load_extractor
from onrecord.nlp.policy import ExtractPolicy
from onrecord.records import Article, Extraction
from tests.nlp.languages.french_pages import (
    FOLDER,
    NO_ONE,
    is_right,
    is_right_sentence,
    read_page,
    read_sentences,
)
from tests.nlp.test_extract import NOON

pytestmark = pytest.mark.model

SENTENCES = read_sentences(FOLDER / "sentences.txt")


@pytest.fixture(scope="module")
def extract() -> Extract:
    return load_extractor(ExtractPolicy(model="fr_core_news_sm"), now=lambda: NOON)


def article(text: str, n: int = 0) -> Article:
    return Article(id=str(n), text=text, language="fr", fetched_at=NOON, content_hash="")


def test_plain_sentences_of_each_construction_are_read_right(extract: Extract) -> None:
    found = extract([article(one.text, n) for n, one in enumerate(SENTENCES)])
    right: dict[str, list[bool]] = defaultdict(list)
    wrong = []
    for extraction, one in zip(found, SENTENCES, strict=True):
        right[one.construction].append(is_right_sentence(extraction, one))
        if not right[one.construction][-1]:
            wrong.append(one.text)
    assert len(right) >= 12
    assert len(wrong) <= 0.05 * len(SENTENCES), wrong
    assert {name for name, ones in right.items() if sum(ones) < 0.8 * len(ones)} == set()


@pytest.mark.parametrize(("pages", "at_least"), [("dev-*", 0.95), ("kept-*", 0.85)])
def test_speakers_on_whole_pages(extract: Extract, pages: str, at_least: float) -> None:
    speakers: list[bool] = []
    titles: list[bool] = []
    for file in sorted(FOLDER.glob(f"{pages}.txt")):
        text, passages = read_page(file)
        (extraction,) = extract([article(text)])
        for passage in passages:
            into = titles if passage.names[0] == NO_ONE else speakers
            into.append(is_right(extraction, passage))
        _check_roles(extraction)
    assert len(speakers) >= 70
    assert sum(speakers) >= at_least * len(speakers)
    assert all(titles)


def _check_roles(extraction: Extraction) -> None:
    """A role begins with a word for people, and ends in a word."""
    for entity in extraction.entities:
        role = entity.role
        assert role is None or (entity.type == "person" and role[-1].isalnum()), (entity.name, role)
        assert role is None or not role.endswith((" de", " du", " des", " et")), (entity.name, role)
