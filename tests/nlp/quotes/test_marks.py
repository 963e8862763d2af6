"""Quotation marks: which belong together, and what stands between."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from onrecord.nlp.quotes.marks import find_quoted
from tests.steps import growth

PAIRS = [
    ("straight", 'She said "we will vote" twice.', ["we will vote"]),
    ("curly", "She said “we will vote” twice.", ["we will vote"]),
    ("guillemets", "Elle a dit « nous votons » hier.", ["nous votons"]),
    ("German, closing with a left curly mark", "Er sagte „wir wählen“ heute.", ["wir wählen"]),
    ("German, closing with a right curly mark", "Er sagte „wir wählen” heute.", ["wir wählen"]),
    ("two apostrophes", "''We will vote,'' she said.", ["We will vote,"]),
    ("grave accents and apostrophes", "``We will vote,'' she said.", ["We will vote,"]),
    ("comma and stop inside", '"Yes," he said. "No."', ["Yes,", "No."]),
    ("stop outside", "He called it “playing with fire”.", ["playing with fire"]),
    ("two in one sentence", "It is “big” and “red”.", ["big", "red"]),
    ("nothing between them", 'It is ("big"), he said.', ["big"]),
    ("in brackets", "Nobody (“not even I”) knew.", ["not even I"]),
    ("after a colon without a space", 'He said:"Go home."', ["Go home."]),
    ("a hyphen after the closing mark", 'The "go home"-campaign ended.', ["go home"]),
    ("the whole text", "“Go.”", ["Go."]),
    ("with no quotation", "Nobody spoke.", []),
    ("empty", "", []),
    ("an empty pair", 'It said "" and no more.', []),
    ("nothing but punctuation between", "He typed “…” and left.", []),
    ("only marks", '""""""', []),
    ("the article's first character", '"Go home," she said.', ["Go home,"]),
]

NESTED = [
    ("single in double", "“She said ‘no’ to me,” he said.", ["She said ‘no’ to me,"]),
    ("straight single in double", "\"She said 'no' to me,\" he said.", ["She said 'no' to me,"]),
    ("straight in curly", '“She said "no" to me,” he said.', ['She said "no" to me,']),
    ("curly in straight", '"She said “no” to me," he said.', ["She said “no” to me,"]),
    ("closing together", "“He told me ‘no.’” She left.", ["He told me ‘no.’"]),
    ("an apostrophe", "“We don’t vote,” he said.", ["We don’t vote,"]),
    ("a possessive plural", "“The voters’ choice,” he said.", ["The voters’ choice,"]),
    ("a decade", "“The ’90s,” he said.", ["The ’90s,"]),
    ("curly in curly", "“So proud of “our” team,” she wrote.", ["So proud of “our” team,"]),
    (
        "straight in straight",
        'He wrote: "RT @bob: "we won" #win" at noon.',
        ['RT @bob: "we won" #win'],
    ),
    (
        "three deep",
        "“She asked, ‘Did he say “no” to you?’” he said.",
        ["She asked, ‘Did he say “no” to you?’"],
    ),
    ("the outer one never closed", "“We came. “We saw,” she said.", ["We came.", "We saw,"]),
]

ODD = [
    ("no blanks around them", 'She said,"Hello there,"and left.', ["Hello there,"]),
    ("no blank between two", 'He said "One."Then "Two."', ["One.", "Two."]),
    ("German guillemets", "»Wir kommen«, sagte er. »Ja.«", ["Wir kommen", "Ja."]),
    ("French guillemets keep their sides", "« Oui » dit-il. « Non »", ["Oui", "Non"]),
    ("Japanese", "「はい、行きます」と彼は言った。", ["はい、行きます"]),
    (
        "feet, inches and a quotation",
        'The 5\'10" guard and the 6\'2" one said "we won".',
        ["we won"],
    ),
    ("degrees, minutes, seconds", "At 51° 30' 26\" N, 0° 7' 39\" W.", []),
    ("inches as a title's neighbour", 'The 12" single "Blue Day" was out.', ["Blue Day"]),
    ("a transcript", 'SMITH: I said "no" to him.\nJONES: "Never."', ["no", "Never."]),
    ("questions and answers", "Q: Did you go?\nA: “No,” I said.\nQ: Why?", ["No,"]),
    ("time stamps", "10:32 “We are coming,” he said.\n10:45 Port shut", ["We are coming,"]),
    ("a list", "• “One thing”\n• “Another”\n• Third", ["One thing", "Another"]),
    ("a control character inside", 'He said "hello\x00there" now.', ["hello\x00there"]),
    ("marks of direction", "“Hello”\u202e he said “back”", ["Hello", "back"]),
    ("marks of primes", "f''(x) and g''(x) are ''both odd''.", ["both odd"]),
    ("the wrong single mark closes", "‘We will,‘ he said. ‘Soon.‘", ["We will,", "Soon."]),
    ("verse", "He wrote: “Roses,\nred as noses,” and left.", ["Roses,", "red as noses,"]),
]

PARAGRAPHS = [
    (
        "a quotation of two, the first left open",
        "“We came.\n\n“We saw,” she said.",
        [("We came.", False), ("We saw,", True)],
    ),
    (
        "a quotation of three",
        '"One.\n\n"Two.\n\n"Three," he said.',
        [("One.", False), ("Two.", False), ("Three,", True)],
    ),
    (
        "a mark that never closes costs its paragraph",
        'He said "go home.\n\nThen "yes" was heard.',
        [("go home.", False), ("yes", True)],
    ),
    (
        "a closing mark without an opening one",
        "We will vote,” she said.\n\n“Yes.”",
        [("Yes.", True)],
    ),
    (
        "a stray straight mark that closes",
        'We will vote," she said. "Yes," he said.',
        [("Yes,", True)],
    ),
    (
        "an opening mark where one is open",
        "“We came. “We saw,” she said.",
        [("We came.", False), ("We saw,", True)],
    ),
    (
        "opened curly, closed straight",
        '“We will vote," she said. “Yes.”',
        [("We will vote,", True), ("Yes.", True)],
    ),
    (
        "opened straight, closed curly",
        '"We will vote,” she said.',
        [("We will vote,", True)],
    ),
    (
        "an opening mark printed where a closing one belongs",
        "“We will vote,“ she said. “Yes.”",
        [("We will vote,", True), ("Yes.", True)],
    ),
    (
        "a closing mark printed where an opening one belongs",
        "She said ”We will vote” and left.",
        [("We will vote", True)],
    ),
    ("inches", 'The 6" pipe and the 8" pipe broke.', []),
    ("inches before a quotation", 'The 6" pipe broke. "Run," she said.', [("Run,", True)]),
    (
        "verse that closes further down",
        "“Roses are red,\nViolets are blue,\n\nSo are you,” he wrote. “Yes.”",
        [
            ("Roses are red,", False),
            ("Violets are blue,", False),
            ("So are you,", True),
            ("Yes.", True),
        ],
    ),
    (
        "a name set below the words, into their marks",
        "“We came.\n\nAda Lind, Harbour Council.”\n\nThat was all.",
        [("We came.", False)],
    ),
    (
        "inches close nothing further up",
        '"We came.\nThe 6" pipe broke.',
        [("We came.", False)],
    ),
    (
        "single marks over paragraphs",
        "‘We came.\n\n‘We saw the boys’ club.\n\n‘And won,’ she said.",
        [("We came.", False), ("We saw the boys’ club.", False), ("And won,", True)],
    ),
    ("an apostrophe at the start", "’Twas so.\n\n‘We came,’ she said.", [("We came,", True)]),
    ("an attribute of markup", '<b class="x">He left.</b> "Yes."', [("Yes.", True)]),
]

SINGLE = [
    ("British quotes", "‘We will vote,’ she said.", ["We will vote,"]),
    ("straight ones", "'We will vote,' she said.", ["We will vote,"]),
    ("with an apostrophe inside", "‘We don’t vote,’ she said.", ["We don’t vote,"]),
    ("with a plural possessive inside", "‘The voters’ choice,’ she said.", ["The voters’ choice,"]),
    ("two in a paragraph", "‘Yes,’ he said. ‘We will.’", ["Yes,", "We will."]),
    ("only apostrophes", "It’s the voters’ choice, isn’t it?", []),
    ("a decade is no quotation", "In the ’90s and the ’80s.", []),
    ("straight apostrophes", "It's the voters' choice, isn't it?", []),
    ("a slip of the tongue", "Rock ’n’ roll, he said.", []),
    (
        "beginning in small letters",
        "He called it ‘playing with fire’ twice.",
        ["playing with fire"],
    ),
    (
        "apostrophes after it",
        "‘We will,’ she said. The boys’ club and the voters’ choice stand.",
        ["We will,"],
    ),
    (
        "possessives on both sides",
        "The boys’ club said ‘no way in’ to the girls’ team.",
        ["no way in"],
    ),
    (
        "a plural possessive, then its end",
        "He praised ‘the voters’ wisdom’ again.",
        ["the voters’ wisdom"],
    ),
    ("ending in a plural", "She spoke of ‘silly boys’ again.", ["silly boys"]),
    ("ending in a plural and a comma", "‘It’s for the boys’, she said.", ["It’s for the boys"]),
    ("clipped words, printed with the wrong mark", "Get ‘em in the ‘90s, ‘til dawn.", []),
    (
        "clipped words inside",
        "‘Get ’em while they’re goin’ cheap,’ he said.",
        ["Get ’em while they’re goin’ cheap,"],
    ),
    (
        "straight ones around apostrophes",
        "'It's the boys' fault,' he said.",
        ["It's the boys' fault,"],
    ),
    (
        "double ones inside",
        "‘The so-called “experts” failed,’ he said.",
        ["The so-called “experts” failed,"],
    ),
    ("after a colon", "The verdict: 'Not good enough.'", ["Not good enough."]),
    ("feet and inches", "He is 6' 2\" tall, and she 5' 9\" at most.", []),
    ("an Irish name", "Mr O'Brien's and Ms O’Neill’s plan.", []),
    (
        "kept in a heading where double marks are the style",
        "Mayor: ‘We Will Win’\n“We will win,” he said. “Soon.”",
        ["We Will Win", "We will win,", "Soon."],
    ),
    (
        "set aside in a sentence where double marks are the style",
        "The ‘We Will Win’ tour ended.\n“We will win,” he said. “Soon.”",
        ["We will win,", "Soon."],
    ),
]


def rows(table: list[tuple]) -> list:
    return [pytest.param(*row[1:], id=row[0]) for row in table]


@pytest.mark.parametrize(("text", "passages"), rows(PAIRS + NESTED + SINGLE + ODD))
def test_what_stands_between_marks(text: str, passages: list[str]) -> None:
    assert [text[q.start : q.end] for q in find_quoted(text)] == passages


@pytest.mark.parametrize(("text", "passages"), rows(PARAGRAPHS))
def test_a_paragraph_ends_what_is_open(text: str, passages: list[tuple[str, bool]]) -> None:
    assert [(text[q.start : q.end], q.closed) for q in find_quoted(text)] == passages


def test_the_outer_span_includes_the_marks() -> None:
    text = "He said ''go home'' twice."
    (quoted,) = find_quoted(text)
    assert text[quoted.outer_start : quoted.outer_end] == "''go home''"


def test_single_marks_are_told_from_double_ones() -> None:
    assert [q.single for q in find_quoted("‘Yes,’ he said.")] == [True]
    assert [q.single for q in find_quoted("“Yes,” he said.")] == [False]


MARKS_AND_WORDS = st.text(alphabet="“”„«»\"'’‘`ab ,.\n=-(5", max_size=60)


@settings(deadline=None)
@given(MARKS_AND_WORDS | st.text(max_size=60))
@example("“”\n’")
def test_passages_are_in_order_apart_and_within_a_line(text: str) -> None:
    found = find_quoted(text)
    for q in found:
        assert 0 <= q.outer_start <= q.start < q.end <= q.outer_end <= len(text)
        assert "\n" not in text[q.outer_start : q.outer_end]
    assert all(one.outer_end <= other.outer_start for one, other in pairwise(found))
    assert found == find_quoted(text)


@pytest.mark.parametrize(
    "piece", ['"', '" ', "“", '“"', "''", "‘A’ ", "\n", "'a\n\n", "“A\n", "“A “B” "]
)
def test_work_is_linear_in_the_number_of_marks(piece: str) -> None:
    assert growth(lambda pieces: find_quoted(piece * pieces), 1_000, 8_000) < 1.05
