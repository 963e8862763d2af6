"""The query language: what is understood, and what every mistake is answered."""

from datetime import UTC, datetime

import pytest

from onrecord.archive.query import (
    EVERYTHING,
    After,
    And,
    MinConfidence,
    Named,
    NameField,
    Node,
    Not,
    Or,
    WordPhrase,
    parse_query,
    words_of,
)
from onrecord.errors import Mistake, QueryError

A, B, C = (WordPhrase((word,)) for word in "abc")


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("", EVERYTHING),
        (" \t ", EVERYTHING),
        ("a b", And((A, B))),
        ("a AND b", And((A, B))),
        ("a (b c)", And((A, B, C))),
        ("a OR b c", Or((A, And((B, C))))),
        ("a OR (b OR c)", Or((A, B, C))),
        ("a -b", And((A, Not(B)))),
        ("a-b", WordPhrase(("a", "b"))),
        ("NOT NOT a", A),
        ("a NOT (b OR c)", And((A, Not(Or((B, C)))))),
        ("or and not", And(tuple(WordPhrase((word,)) for word in ("or", "and", "not")))),
        ('"pier"', WordPhrase(("pier",))),
        ('"A, b"', WordPhrase(("a", "b"))),
        ("“a b”", WordPhrase(("a", "b"))),
        ("« a b »", WordPhrase(("a", "b"))),
        ("L'État", WordPhrase(("l", "etat"))),
        ("a*", WordPhrase(("a",), is_prefix=True)),
        ('"a b*"', WordPhrase(("a", "b"), is_prefix=True)),
        ('"a b"*', WordPhrase(("a", "b"), is_prefix=True)),
        ("Speaker:Łukasz", Named(NameField.SPEAKER, "Łukasz", ("lukasz",))),
        ('about:"a B"', Named(NameField.ABOUT, "a B", ("a", "b"))),
        (
            "person:lind",
            Or(
                (
                    Named(NameField.SPEAKER, "lind", ("lind",)),
                    Named(NameField.ABOUT, "lind", ("lind",)),
                )
            ),
        ),
        ("type:DIRECT", Named(NameField.TYPE, "direct", ("direct",))),
        ("after:2026", After(datetime(2026, 1, 1, tzinfo=UTC))),
        ('after:"2026-03-01T12:00:00+02:00"', After(datetime(2026, 3, 1, 10, tzinfo=UTC))),
        ("min_confidence:.5", MinConfidence(0.5)),
        ("http://a", WordPhrase(("http", "a"))),
        ("12:30", WordPhrase(("12", "30"))),
    ],
)
def test_a_query_is_read_as(text: str, parsed: Node) -> None:
    assert parse_query(text) == parsed


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("a OR", 5, "a term is missing after 'OR'"),
        ("OR a", 1, "a term is missing before OR"),
        ("a AND OR b", 7, "a term is missing before OR"),
        ("NOT", 4, "a term is missing after 'NOT'"),
        ("(a", 1, "the parenthesis is not closed"),
        ("a)", 2, "a closing parenthesis"),
        ("()", 2, "a term is missing before the parenthesis"),
        ('say "a b', 5, "the quotation mark is not closed"),
        ("a … b", 3, "contains no word"),
        ("*", 1, "contains no word"),
        ('""', 1, "contains no word"),
        ("speker:x", 1, "no field is called 'speker': there are person, speaker, about"),
        ("speaker:", 1, "speaker: needs a value"),
        ("person:", 1, "person: needs a value, as in person:"),
        ("speaker: ", 1, "speaker: needs a value"),
        ("speaker:(a)", 1, "speaker: needs a value"),
        ("a type:verbatim", 8, "type: is one of direct, mixed, indirect, not 'verbatim'"),
        ("before:soon", 8, "before: takes a date"),
        ("before:2026-13", 8, "before: takes a date"),
        ("after:0000", 7, "after: takes a date"),
        ('after:"0001-01-01T00:00+14:00"', 7, "after: takes a date"),
        ("min_confidence:high", 16, "a number from 0 to 1"),
        ("min_confidence:2", 16, "a number from 0 to 1"),
        ("min_confidence:nan", 16, "a number from 0 to 1"),
        ("a" * 1001, 1001, "longer than 1,000 characters"),
        ("(" * 30 + "a" + ")" * 30, 21, "nested more than 20 deep"),
        ("-" * 30 + "a", 21, "nested more than 20 deep"),
        (" ".join(f"w{n}" for n in range(45)), 151, "more than 40 terms"),
        (" ".join(f"speaker:w{n}" for n in range(45)), 479, "more than 40 terms"),
        (" ".join(f"-w{n}" for n in range(45)), 192, "more than 40 terms"),
        (" OR ".join(f"(a b{n})" for n in range(45)), 212, "more than 40 terms"),
        (" ".join(f"w{n}*" for n in range(9)), 33, "more than 8 beginnings of words"),
        (" ".join(f'"a w{n}"*' for n in range(9)), 65, "more than 8 beginnings of words"),
        (" OR ".join(f"(w* a{n})" for n in range(9)), 90, "more than 8 beginnings of words"),
        (f'pier "{"a " * 201}"', 6, "more than 200 words"),
        ("a-" * 201, 1, "more than 200 words"),
    ],
)
def test_a_mistake_is_one_line_that_says_where(text: str, at: int, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    assert caught.value.at == at
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"query, column {at}: ")
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, Mistake)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("a* " * 300, WordPhrase(("a",), is_prefix=True)),
        (" OR ".join(["a"] * 100), A),
        ("a b (a b)", And((A, B))),
        ("-a " * 200, Not(A)),
        (" OR ".join(["(a b)"] * 100), And((A, B))),
        ("(a OR b) AND (a OR b) AND c", And((Or((A, B)), C))),
        ("A a á", A),
    ],
)
def test_a_repeated_operand_is_looked_for_once(text: str, parsed: Node) -> None:
    assert parse_query(text) == parsed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("L'État, c'est moi.", "l etat c est moi"),
        ("Øresund Łódź Straße Æsop", "oresund lodz strasse aesop"),
        ("cafe\u0301 CAFÉ", "cafe cafe"),
        ("the U.S. and the U.K.", "the us and the uk"),
        ("U.S.A.", "usa"),
        ("It ends. A. Lind said", "it ends a lind said"),
        ("3.5 1,000 node_1 co-operate", "3 5 1 000 node 1 co operate"),
        ("don’t", "don t"),
        ("日本語", "日 本 語"),
        ("ﬁnal ½", "final 12"),
        ("Йод и ёж", "иод и еж"),
        ("…—", ""),
    ],
)
def test_words_are_split_and_folded(text: str, words: str) -> None:
    assert words_of(text) == words.split()
