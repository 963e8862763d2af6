"""Plain documents: the same answers as spaCy's own objects give."""

import ast
from pathlib import Path

import pytest
from spacy.tokens import Doc, Span, Token

from onrecord.nlp import coreference, entities
from onrecord.nlp.reading.plain_docs import PlainToken, plain
from tests.nlp.coreference.built import built
from tests.nlp.parsed import read

TEXT = (
    "“The hall leaks,” said Co-Mayor Mara Lind, 41, whose sister Oda chairs the U.S. board.\n\n"
    "She told Harbour Weekly that they had asked twice -- and that nobody's answer came. Why not?"
)
ATTRIBUTES = (
    "text", "lower_", "pos_", "tag_", "dep_", "ent_type_", "ent_iob_", "whitespace_", "i", "idx",
    "is_punct", "is_space", "is_stop", "is_sent_start", "is_alpha", "is_upper", "like_num",
)  # fmt: skip


@pytest.fixture(scope="module")
def doc() -> Doc:
    return read(TEXT)


def test_tokens_have_the_attributes_of_the_model(doc: Doc) -> None:
    with plain(doc) as same:
        for token in doc:
            assert [getattr(same[token.i], one) for one in ATTRIBUTES] == [
                getattr(token, one) for one in ATTRIBUTES
            ]


def test_the_rules_read_no_attribute_that_plain_tokens_lack() -> None:
    # To the type checker they are spaCy's tokens.
    modules = [
        one for room in (entities, coreference) for one in Path(room.__path__[0]).glob("*.py")
    ]
    nodes = (node for one in modules for node in ast.walk(ast.parse(one.read_text("utf-8"))))
    read = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    assert {"lower_", "left_edge", "is_stop"} <= read
    assert (read & set(dir(Token))) - set(dir(PlainToken)) - set(dir(str)) == set()


def test_tokens_stand_in_the_same_tree(doc: Doc) -> None:
    with plain(doc) as same:
        for token in doc:
            other = same[token.i]
            assert other.doc is same
            assert (other.head.i, other.left_edge.i, other.right_edge.i) == (
                token.head.i,
                token.left_edge.i,
                token.right_edge.i,
            )
            assert [one.i for one in other.children] == [one.i for one in token.children]
            assert [one.i for one in other.ancestors] == [one.i for one in token.ancestors]
            assert (other.sent.start, other.sent.end) == (token.sent.start, token.sent.end)


def test_sentences_are_those_of_the_model(doc: Doc) -> None:
    with plain(doc) as same:
        sentences = [(one.start, one.end) for one in same.sents]
    assert sentences == [(one.start, one.end) for one in doc.sents]
    assert len(sentences) > 2


def test_every_run_of_tokens_has_the_same_words_and_root(doc: Doc) -> None:
    with plain(doc) as same:
        for start in range(len(doc)):
            for end in range(start + 1, min(start + 12, len(doc)) + 1):
                one, other = doc[start:end], same[start:end]
                assert (other.text, other.start_char, other.end_char, other.root.i) == (
                    one.text,
                    one.start_char,
                    one.end_char,
                    one.root.i,
                )


@pytest.mark.parametrize("at", [(0, 0), (3, 1), (-4, None), (None, -2), (2, 10_000), (None, None)])
def test_slices_end_where_those_of_the_model_do(doc: Doc, at: tuple[int, int]) -> None:
    with plain(doc) as same:
        one, other = doc[slice(*at)], same[slice(*at)]
        assert (other.start, other.end, len(other), other.text) == (
            one.start,
            one.end,
            len(one),
            one.text,
        )
        inner, same_inner = doc[2:9][1:-2], same[2:9][1:-2]
        assert (same_inner.start, same_inner.end) == (inner.start, inner.end)


def test_neighbours_beyond_the_text_are_an_error(doc: Doc) -> None:
    with plain(doc) as same:
        assert same[1].nbor().i == 2
        assert same[1].nbor(-1).i == 0
        with pytest.raises(IndexError):
            same[0].nbor(-1)
        with pytest.raises(IndexError):
            same[-1].nbor()


def test_characters_lead_to_the_same_tokens(doc: Doc) -> None:
    with plain(doc) as same:
        for mode in ("strict", "expand", "contract"):
            for start in range(-1, len(TEXT) + 2):
                for end in (start + 1, start + 2, start + 11):
                    one = doc.char_span(start, end, alignment_mode=mode)
                    other = same.char_span(start, end, alignment_mode=mode)
                    assert _bounds(other) == _bounds(one)


def _bounds(span: Span | None) -> tuple[int, int] | None:
    return None if span is None else (span.start, span.end)


def test_a_document_without_entities_is_read() -> None:
    with plain(built("Lind/NNP/nsubj/2 spoke/VBD/ROOT/2 ./././2")) as same:
        assert [token.head.text for token in same] == ["spoke", "spoke", "spoke"]


def test_tokens_are_freed_with_the_block(doc: Doc) -> None:
    with plain(doc) as same:
        assert len(same) == len(doc)
    assert len(same) == 0
