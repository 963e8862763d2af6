"""French quotes in sentences, named for their construction. Written for this project."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onrecord.nlp.extract import Extract, load_extractor
from onrecord.nlp.languages.french import words
from onrecord.nlp.policy import ExtractPolicy
from onrecord.records import Article, Quote
from tests.nlp.test_extract import NOON

pytestmark = pytest.mark.model

MET = "La maire Mara Lind a rencontré Paul Martin, député. "


@pytest.fixture(scope="module")
def extract() -> Extract:
    return load_extractor(ExtractPolicy(model="fr_core_news_sm", other_models=""), now=lambda: NOON)


def quotes(extract: Extract, text: str) -> tuple[Quote, ...]:
    article = Article(id="a", text=text, language="fr-FR", fetched_at=NOON, content_hash="")
    (extraction,) = extract([article])
    assert extraction.notes == ()
    for quote in extraction.quotes:
        for span in (*quote.content, quote.cue, quote.source, quote.context):
            assert span is None or text[span.start : span.end] == span.text
    return extraction.quotes


DIRECT = [
    (
        "the subject after the verb",
        "« Nous allons ouvrir le quai en mai », a déclaré la maire.",
        ("Nous allons ouvrir le quai en mai", "déclaré", "la maire"),
    ),
    (
        "present tense",
        "« C'est faux », répond le directeur.",
        ("C'est faux", "répond", "le directeur"),
    ),
    (
        "a name after the verb",
        "« Je ne comprends pas », regrette Jean Dupont.",
        ("Je ne comprends pas", "regrette", "Jean Dupont"),
    ),
    (
        "a pronoun after a hyphen",
        "« Nous devons agir vite », a-t-elle lancé.",
        ("Nous devons agir vite", "lancé", "elle"),
    ),
    (
        "a pronoun after the verb",
        "« Nous devons agir vite », ajoute-t-il.",
        ("Nous devons agir vite", "ajoute", "il"),
    ),
    (
        "a colon",
        "La ministre explique : « Nous n'avons pas le choix. »",
        ("Nous n'avons pas le choix.", "explique", "La ministre"),
    ),
    (
        "curly marks and a typographic apostrophe",
        "“L’accord n’est pas bon pour nous”, a estimé le syndicat.",
        ("L’accord n’est pas bon pour nous", "estimé", "le syndicat"),
    ),
    (
        "straight marks",
        '"Nous n\'avons rien vu venir", a confié le maire.',
        ("Nous n'avons rien vu venir", "confié", "le maire"),
    ),
    (
        "blanks that do not break",
        "«\xa0Nous n'avons rien vu venir\xa0», a confié le maire.",
        ("Nous n'avons rien vu venir", "confié", "le maire"),
    ),
    (
        "who speaks, inside the marks",
        "« Cette loi, poursuit-elle, va changer la vie des gens. »",
        ("Cette loi,|va changer la vie des gens.", "poursuit", "elle"),
    ),
    (
        "pour, opening the sentence",
        "Pour le député Paul Martin, « c'est une honte pour la République ».",
        ("c'est une honte pour la République", "Pour", "le député Paul Martin"),
    ),
]

INDIRECT = [
    (
        "que",
        "Le ministre a affirmé que le quai n'était pas sûr.",
        ("que le quai n'était pas sûr", "affirmé", "Le ministre"),
    ),
    (
        "selon, opening",
        "Selon Mara Lind, le quai ouvrira en mai.",
        ("le quai ouvrira en mai", "Selon", "Mara Lind"),
    ),
    (
        "selon, at the end",
        "Le quai ouvrira en mai, selon la maire.",
        ("Le quai ouvrira en mai", "selon", "la maire"),
    ),
    (
        "d'après",
        "D'après le rapport, rien n'a été fait.",
        ("rien n'a été fait", "D'après", "le rapport"),
    ),
    (
        "a promise",
        "Paul Martin a promis de fermer le quai.",
        ("de fermer le quai", "promis", "Paul Martin"),
    ),
]

NOTHING = [
    ("a title", "Emmanuel Roche lit « Le Port » à la gare."),
    ("a fact", "Le quai a ouvert en mai."),
    ("a scare quote", "Le « quai » attend."),
]

SPEAKERS = [
    ("named", "« Oui, c'est vrai », dit {Paul Martin}.", "Paul Martin"),
    ("by a surname", "« Oui, c'est vrai », dit {Martin}.", "Paul Martin"),
    ("by a role", "« Oui, c'est vrai », a dit {la maire}.", "Mara Lind"),
    ("by a role after the name", "« Oui, c'est vrai », a dit {le député}.", "Paul Martin"),
    ("by a pronoun", "« Oui, c'est vrai », a-t-elle dit.", "Mara Lind"),
    ("by a pronoun, of the other", "« Oui, c'est vrai », a-t-il dit.", "Paul Martin"),
    ("nobody named", "« Oui, c'est vrai », a dit {un avocat}.", "un avocat"),
    ("the name beside", "« Oui, c'est vrai », a dit le préfet, {Luc Roy}.", "Luc Roy"),
    ("for their part", "« C'est vrai », estime pour sa part le garde {Luc Roy}.", "Luc Roy"),
    ("at their side", "« C'est vrai », avertit de son côté {Anne Castan}.", "Anne Castan"),
    ("in turn", "« C'est vrai », note à son tour {Anne Castan}.", "Anne Castan"),
    ("to an agency", "« C'est vrai », a déclaré à l'AFP {Luc Roy}, témoin.", "Luc Roy"),
    ("to a channel", "« C'est vrai », a confié à BFM {Anne Castan}.", "Anne Castan"),
    ("asked", "Sollicitée, {la préfecture} indique que « tout est vrai ».", "la préfecture"),
    ("reached", "Contacté, {le rectorat} assure que « tout est vrai ».", "le rectorat"),
    ("a participle", "« C'est vrai », peste {un marin} croisé au port.", "un marin"),
]


def rows(table: list[tuple]) -> list:
    return [pytest.param(*row[1:], id=row[0]) for row in table]


def found(quote: Quote) -> tuple[str, str | None, str | None]:
    content = "|".join(span.text for span in quote.content)
    cue, source = quote.cue, quote.source
    return content, cue.text if cue else None, source.text if source else None


@pytest.mark.parametrize(("text", "expected"), rows(DIRECT))
def test_direct(extract: Extract, text: str, expected: tuple) -> None:
    (quote,) = quotes(extract, text)
    assert found(quote) == expected
    assert quote.type == "direct"


@pytest.mark.parametrize(("text", "expected"), rows(INDIRECT))
def test_indirect(extract: Extract, text: str, expected: tuple) -> None:
    assert [found(quote) for quote in quotes(extract, text)] == [expected]


@pytest.mark.parametrize("text", rows(NOTHING))
def test_nothing_is_said(extract: Extract, text: str) -> None:
    assert quotes(extract, text) == ()


NAMED_AFTER = [
    ("with an age", "« J'ai tout vu », raconte-t-il. Luc Roy, 62 ans, vit au port.", "Luc Roy"),
    ("of a woman", "« Je pars », a-t-elle dit. Anne Castan, 40 ans, est guide.", "Anne Castan"),
    ("of the other gender", "« Je pars », a-t-elle dit. Luc Roy, 62 ans, est guide.", None),
    (
        "after a noun for a person",
        "Le suspect est venu. « Je n'ai rien fait », a-t-il dit. Le procureur Jean Dupont rit.",
        None,
    ),
    ("of an advocate", "« Non », a-t-il dit aux juges. Son avocat, Me Luc Roy, ira loin.", None),
    ("beside an advocate", "« Non », a-t-il dit. Luc Roy, son avocat, ira loin.", None),
    ("of no known gender", "« C'est fini », a-t-elle dit. Camille Petit a réagi lundi.", None),
    ("with another before", "Le gardien est là. « Oui », dit-il. Luc Roy, 62 ans, vit là.", None),
]


@pytest.mark.parametrize(("text", "name"), rows(SPEAKERS))
def test_speakers(extract: Extract, text: str, name: str) -> None:
    (quote,) = quotes(extract, MET + text.replace("{", "").replace("}", ""))
    assert quote.speaker is not None
    assert quote.speaker.name == name


def test_a_passage_after_one_whose_source_the_marks_decide_is_read(extract: Extract) -> None:
    text = (
        "Le président le reprend : « Vous aviez reçu trois lettres. »{Michel Aubry} Le prévenu "
        "baisse la tête. « Oui, mais je pensais que tout allait »{Bruno Castel}, murmure-t-il."
    )
    contents = [found(quote)[0] for quote in quotes(extract, text)]
    assert "Vous aviez reçu trois lettres." in contents


@pytest.mark.parametrize(("text", "name"), rows(NAMED_AFTER))
def test_a_pronoun_before_its_name(extract: Extract, text: str, name: str | None) -> None:
    (quote,) = quotes(extract, text)
    assert (quote.speaker and quote.speaker.name) == name


def test_a_person_has_the_role_that_the_text_gives(extract: Extract) -> None:
    article = Article(id="a", text=MET, language="fr", fetched_at=NOON, content_hash="")
    (extraction,) = extract([article])
    assert [(e.name, e.type, e.role) for e in extraction.entities] == [
        ("Mara Lind", "person", "maire"),
        ("Paul Martin", "person", "député"),
    ]


def test_names_keep_the_apostrophes_of_the_text(extract: Extract) -> None:
    text = "Jean d’Ormesson a quitté L’Oréal. « Je pars sans regret », a dit Jean d’Ormesson."
    article = Article(id="a", text=text, language="fr", fetched_at=NOON, content_hash="")
    (extraction,) = extract([article])
    mentions = [mention for entity in extraction.entities for mention in entity.mentions]
    assert mentions
    assert all(text[m.start : m.end] == m.text for m in mentions)


def test_forms_of_a_verb_are_made_of_its_infinitive() -> None:
    verbs = words().verbs
    assert {verbs[form] for form in ("annonce", "annonçait", "annoncé", "annoncèrent")} == {
        "announce"
    }


def test_what_the_marks_decided_is_explained() -> None:
    policy = ExtractPolicy(model="fr_core_news_sm", other_models="")
    explaining = load_extractor(policy, now=lambda: NOON, explained=True)
    text = "« Il faut des moyens », assène Claire Vaugeois. Le roman intitulé « Le Port » est paru."
    (extraction,) = explaining(
        [Article(id="a", text=text, language="fr", fetched_at=NOON, content_hash="")]
    )
    (quote,) = extraction.quotes
    assert quote.explanation
    decision = quote.explanation[0]
    assert (decision.about, decision.chosen.what) == ("source", "Claire Vaugeois, by “assène”")
    assert decision.chosen.because[0].what == "the words around its marks say so"
    assert extraction.passed_over
    assert [one.content[0].text for one in extraction.passed_over] == ["Le Port"]


PIECES = st.sampled_from(
    ["« ", " »", "“", "”", '"', "'", "’", "dit ", "Lind ", "a-t-elle ", "ajoute-t-il", "que ",
     "qu'", "selon ", "la ", "maire ", "de ", "l'", "Mara ", "Mme ", "M. ", ", ", ". ", " : ",
     "— ", "(", ")", "\n", "\n\n", " ", "\u202f", "😀", "é", "\x00", "qui ", "ce dernier ", "a ",
     "fait ", "valoir "]
)  # fmt: skip


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
def test_any_french_text_gives_valid_spans_in_order(extract: Extract, text: str) -> None:
    found = quotes(extract, text)
    assert found == quotes(extract, text)
    assert [q.content[0].start for q in found] == sorted(q.content[0].start for q in found)
    assert len({q.id for q in found}) == len(found)
    for quote in found:
        assert all(span.start < span.end for span in quote.content)
        name = quote.speaker.name.lower() if quote.speaker else ""
        assert name not in {"il", "elle", "on", "ils", "elles", "qui", "ce dernier", "nous"}
