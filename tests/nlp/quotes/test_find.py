"""Quotes in sentences, named for their construction: content, cue, source, type.

Written for this project; people and places are invented. `|` parts the spans of a content.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onrecord.nlp.languages.english import ruleset
from onrecord.nlp.quotes.find import FoundQuote, find_quotes
from onrecord.nlp.quotes.passages import find_passages
from tests.nlp.parsed import read

pytestmark = pytest.mark.model

Row = tuple[str, str | None, str | None, str]


def spans(text: str, quote: FoundQuote) -> Row:
    content = "|".join(text[start:end] for start, end in quote.content)
    cue = text[slice(*quote.cue)] if quote.cue else None
    source = text[slice(*quote.source)] if quote.source else None
    return content, cue, source, quote.type


DIRECT = [
    (
        "said after it",
        "“We will open the pier in May,” Mara Lind said.",
        ("We will open the pier in May,", "said", "Mara Lind", "direct"),
    ),
    (
        "said, inverted",
        "“We will open the pier in May,” said Mara Lind.",
        ("We will open the pier in May,", "said", "Mara Lind", "direct"),
    ),
    (
        "said then, inverted, a long role",
        ("“Two sides are needed to talk,” said then the press secretary of the Tarnian president,"
        " Oleg Varga."),
        ("Two sides are needed to talk,", "said",
         "the press secretary of the Tarnian president, Oleg Varga", "direct"),
    ),
    (
        "said before it, a comma",
        "Mara Lind said, “We will open the pier in May.”",
        ("We will open the pier in May.", "said", "Mara Lind", "direct"),
    ),
    (
        "said before it, a colon",
        "Mara Lind told reporters: “We will open the pier in May.”",
        ("We will open the pier in May.", "told", "Mara Lind", "direct"),
    ),
    (
        "according to reports of what a person recalled",
        "According to reports, the officer recalled: “We will open the pier in May.”",
        ("We will open the pier in May.", "recalled", "the officer", "direct"),
    ),
    (
        "a label with an apposition",
        "Ida Marsh, a member of the Tarn choir: “We will open the pier in May.”",
        ("We will open the pier in May.", ":", "Ida Marsh", "direct"),
    ),
    (
        "a label with an age for a name",
        "The 80-year-old, a member of the Tarn choir: “We will open the pier in May.”",
        ("We will open the pier in May.", ":", "The 80-year-old", "direct"),
    ),
    (
        "straight marks",
        '"We will open the pier in May," she said.',
        ("We will open the pier in May,", "said", "she", "direct"),
    ),
    (
        "two apostrophes",
        "''We will open the pier in May,'' she said.",
        ("We will open the pier in May,", "said", "she", "direct"),
    ),
    (
        "British single marks",
        "‘We will open the pier in May,’ said Mara Lind.",
        ("We will open the pier in May,", "said", "Mara Lind", "direct"),
    ),
    (
        "a question",
        "“Who will pay for the pier?” asked Mara Lind.",
        ("Who will pay for the pier?", "asked", "Mara Lind", "direct"),
    ),
    (
        "a role as source",
        "“Nobody was hurt in the fire,” a spokeswoman for the harbour authority said.",
        ("Nobody was hurt in the fire,", "said", "a spokeswoman for the harbour authority",
         "direct"),
    ),
    (
        "an organisation as source",
        "“Nobody was hurt in the fire,” the Harbour Authority said on Monday.",
        ("Nobody was hurt in the fire,", "said", "the Harbour Authority", "direct"),
    ),
    (
        "a document as source",
        "“Nobody was hurt in the fire,” the report said.",
        ("Nobody was hurt in the fire,", "said", "the report", "direct"),
    ),
    (
        "an apposition between source and cue",
        "“The pier is safe,” Mara Lind, the harbour master, said.",
        ("The pier is safe,", "said", "Mara Lind", "direct"),
    ),
    (
        "an apposition after an inverted source",
        "“The pier is safe,” said Mara Lind, the harbour master, who has run it since May.",
        ("The pier is safe,", "said", "Mara Lind", "direct"),
    ),
    (
        "cut in the middle",
        "“The pier is safe,” Mara Lind said, “and it will open in May.”",
        ("The pier is safe,|and it will open in May.", "said", "Mara Lind", "direct"),
    ),
    (
        "going on in the next sentence",
        "“The pier is safe,” Mara Lind said. “It will open in May.”",
        ("The pier is safe,|It will open in May.", "said", "Mara Lind", "direct"),
    ),
    (
        "added",
        "“It will open in May,” he added.",
        ("It will open in May,", "added", "he", "direct"),
    ),
    (
        "wrote, on a network",
        "“It will open in May,” Lind wrote on the company's page.",
        ("It will open in May,", "wrote", "Lind", "direct"),
    ),
    (
        "a conjunct takes the subject of the first verb",
        "Lind walked to the pier and said, “It will open in May.”",
        ("It will open in May.", "said", "Lind", "direct"),
    ),
    (
        "a participle takes the subject of the main clause",
        "Lind left the meeting early, saying, “The pier will open without us.”",
        ("The pier will open without us.", "saying", "Lind", "direct"),
    ),
    (
        "according to, after it",
        "“The pier will open in May,” according to Mara Lind.",
        ("The pier will open in May,", "according", "Mara Lind", "direct"),
    ),
    (
        "a label",
        "LIND: “The pier will open in May.”",
        ("The pier will open in May.", ":", "LIND", "direct"),
    ),
    (
        "nested marks are part of it",
        "“He told me ‘never again’ and left,” Lind said.",
        ("He told me ‘never again’ and left,", "said", "Lind", "direct"),
    ),
]  # fmt: skip

FRAGMENTS = [
    (
        "a fragment after called",
        "The minister called the plan “playing with fire” on Monday.",
        "called", "The minister", "playing with fire",
    ),
    (
        "a fragment in a reported clause",
        "Lind said the pier was “in a very poor state” after the storm.",
        "said", "Lind", "in a very poor state",
    ),
    (
        "a fragment after that",
        "Lind warned that the storm was “only the first of many” this year.",
        "warned", "Lind", "only the first of many",
    ),
    (
        "according to, before a fragment",
        "According to Lind, the repairs were “close to a miracle” for the town.",
        "According", "Lind", "close to a miracle",
    ),
    (
        "a fragment after described",
        "Lind described the repairs as “close to a miracle” for the town.",
        "described", "Lind", "close to a miracle",
    ),
]  # fmt: skip

INDIRECT = [
    (
        "that",
        "Lind said that the pier will open in May.",
        ("that the pier will open in May", "said", "Lind", "indirect"),
    ),
    (
        "without that",
        "Lind said the pier will open in May.",
        ("the pier will open in May", "said", "Lind", "indirect"),
    ),
    (
        "a parenthetical at the end",
        "The pier will open in May, the harbour master said.",
        ("The pier will open in May", "said", "the harbour master", "indirect"),
    ),
    (
        "an outlet that reports",
        "The storm destroyed two bridges, Harbour News reported.",
        ("The storm destroyed two bridges", "reported", "Harbour News", "indirect"),
    ),
    (
        "according to, at the beginning",
        "According to Mara Lind, the pier will open in May.",
        ("the pier will open in May", "According", "Mara Lind", "indirect"),
    ),
    (
        "according to, at the end",
        "The pier will open in May, according to Mara Lind.",
        ("The pier will open in May", "according", "Mara Lind", "indirect"),
    ),
    (
        "whether",
        "Lind asked whether the pier would open in May.",
        ("whether the pier would open in May", "asked", "Lind", "indirect"),
    ),
    (
        "a promise",
        "Lind promised to open the pier in May.",
        ("to open the pier in May", "promised", "Lind", "indirect"),
    ),
    (
        "a belief",
        "Lind believes that the pier is safe.",
        ("that the pier is safe", "believes", "Lind", "indirect"),
    ),
    (
        "told someone that",
        "Lind told the council that the pier is safe.",
        ("that the pier is safe", "told", "Lind", "indirect"),
    ),
    (
        "a pronoun as source",
        "She noted that the town does not seek a settlement.",
        ("that the town does not seek a settlement", "noted", "She", "indirect"),
    ),
    (
        "criticism of something",
        "Lind criticized the new harbour levy.",
        ("the new harbour levy", "criticized", "Lind", "indirect"),
    ),
]

SUBJECTS = [
    (
        "what is expected is not who expects",
        "The ferry is expected to return on Monday.",
        ("The ferry|to return on Monday", "expected", None, "indirect"),
    ),
    (
        "what seems",
        "The levy appears to be illegal.",
        ("The levy|to be illegal", "appears", None, "indirect"),
    ),
    (
        "the accused does not accuse",
        "Varga was accused of taking bribes.",
        ("Varga|of taking bribes", "accused", None, "indirect"),
    ),
]

ENDINGS = [
    (
        "two clauses with that",
        "The minister said that taxes will fall and that prices will rise.",
        [("that taxes will fall and that prices will rise", "said")],
    ),
    (
        "a second cue of the same subject",
        "Mara Lind said the pier would open in May, and blamed the storm for the delay.",
        [("the pier would open in May", "said"), ("the storm for the delay", "blamed")],
    ),
    (
        "a second clause with its own subject",
        "Lind said the pier was safe, and three engineers said the same of the bridge.",
        [("the pier was safe", "said"), ("the same of the bridge", "said")],
    ),
    (
        "a relative clause of the reporter's",
        "Mara Lind criticized the new levy, which she once supported.",
        [("the new levy", "criticized")],
    ),
    (
        "an adjunct of the cue's",
        "Lind promised to rebuild the pier, despite protests from the fishermen.",
        [("to rebuild the pier", "promised")],
    ),
    (
        "said within what is said",
        "Lind said Varga had told her that the levy was illegal.",
        [("Varga had told her that the levy was illegal", "said")],
    ),
    (
        "hoped within what is said",
        "The mayor said he hoped that the council would support the plan.",
        [("he hoped that the council would support the plan", "said")],
    ),
]

NOTHING = [
    ("what nobody says", "In particular, this concerns plans for the pier."),
    ("a statement of fact", "The pier opened in May."),
    ("apostrophes", "It’s the voters’ choice, isn’t it?"),
    ("a heading", "HARBOUR REOPENS AFTER STORM"),
    ("a list", "- bread\n- milk\n- eggs"),
    ("marks around nothing", '"" and “”'),
]


def rows(table: list[tuple]) -> list:
    return [pytest.param(*row[1:], id=row[0]) for row in table]


@pytest.mark.parametrize(("text", "expected"), rows(DIRECT))
def test_direct(text: str, expected: Row) -> None:
    assert [spans(text, quote) for quote in find_quotes(read(text), ruleset())] == [expected]


@pytest.mark.parametrize(("text", "expected"), rows(INDIRECT + SUBJECTS))
def test_indirect(text: str, expected: Row) -> None:
    assert [spans(text, quote) for quote in find_quotes(read(text), ruleset())] == [expected]


@pytest.mark.parametrize(("text", "expected"), rows(ENDINGS))
def test_where_indirect_content_ends(text: str, expected: list[tuple[str, str]]) -> None:
    assert [spans(text, quote)[:2] for quote in find_quotes(read(text), ruleset())] == expected


@pytest.mark.parametrize(("text", "cue", "source", "fragment"), rows(FRAGMENTS))
def test_a_fragment_is_part_of_the_clause_around_it(
    text: str, cue: str, source: str, fragment: str
) -> None:
    (quote,) = find_quotes(read(text), ruleset())
    content, *rest = spans(text, quote)
    assert fragment in content.replace("|", " ")
    assert rest == [cue, source, "mixed"]


@pytest.mark.parametrize("text", rows(NOTHING))
def test_nothing_is_said(text: str) -> None:
    assert find_quotes(read(text), ruleset()) == []


def test_a_quotation_of_two_paragraphs_is_one_quote() -> None:
    text = "“We came in May,” Lind said. “We saw the pier.\n\n“We left in June.”"
    (quote,) = find_quotes(read(text), ruleset())
    assert spans(text, quote) == (
        "We came in May,|We saw the pier.|We left in June.",
        "said",
        "Lind",
        "direct",
    )


def test_a_floating_quote_carries_the_last_speaker_over() -> None:
    text = "“We came in May,” Lind said.\n\n“And we saw the pier the same day.”"
    first, second = find_quotes(read(text), ruleset())
    assert spans(text, first) == ("We came in May,", "said", "Lind", "direct")
    assert spans(text, second) == ("And we saw the pier the same day.", None, "Lind", "direct")
    assert second.confidence <= first.confidence


def test_two_cues_of_one_subject_are_two_quotes() -> None:
    text = "The minister called it “playing with fire” and warned that it has “heavy costs.”"
    found = [spans(text, quote) for quote in find_quotes(read(text), ruleset())]
    assert [(cue, source) for _, cue, source, _ in found] == [
        ("called", "The minister"),
        ("warned", "The minister"),
    ]


def test_what_a_transcript_in_marks_begins_with_is_its_source() -> None:
    text = "The hearing went on.\n\n“STONE: We never saw the letter.\n\n“LIND: We sent it twice.”"
    assert [spans(text, quote) for quote in find_quotes(read(text), ruleset())] == [
        ("We never saw the letter.", ":", "STONE", "direct"),
        ("We sent it twice.", ":", "LIND", "direct"),
    ]


def test_a_name_below_a_quotation_signs_it() -> None:
    text = "“The pier belongs to the whole town.”\n\n— Mara Lind"
    (quote,) = find_quotes(read(text), ruleset())
    assert spans(text, quote)[2] == "Mara Lind"


def test_speakers_take_turns() -> None:
    text = (
        "“We came in May,” Mara Lind said.\n\n"
        "“I was there in June,” said Oleg Varga.\n\n"
        "“Nobody was there in July,” she said."
    )
    assert [spans(text, quote)[2] for quote in find_quotes(read(text), ruleset())] == [
        "Mara Lind",
        "Oleg Varga",
        "she",
    ]


def test_an_open_mark_costs_no_other_quote() -> None:
    text = "Lind called it “a disgrace.\n\n“The pier is safe,” Varga said."
    last = find_quotes(read(text), ruleset())[-1]
    assert spans(text, last) == ("The pier is safe,", "said", "Varga", "direct")


def test_the_context_is_the_sentences_around_all_of_it() -> None:
    text = "It rained. “The pier is safe,” Lind said. “It will open.” Nobody came."
    (quote,) = find_quotes(read(text), ruleset())
    start, end = quote.context
    assert text[start:end].startswith("“The pier is safe")
    assert "It rained" not in text[start:end]
    assert "“It will open.”" in text[start:end]


def test_a_title_is_less_of_a_quote_than_words_somebody_said() -> None:
    title = "Lind wrote a book, “The Pier and the Storm,” and left."
    words = "“The pier and the storm are one,” Lind said."
    (said,) = find_quotes(read(words), ruleset())
    assert all(quote.confidence < said.confidence for quote in find_quotes(read(title), ruleset()))


def test_a_language_without_rules_still_gets_its_passages() -> None:
    text = "„Wir öffnen den Kai im Mai“, sagte Mara Lind. Der „Kai“ wartet."
    (quote,) = find_passages(text)
    assert spans(text, quote) == ("Wir öffnen den Kai im Mai", None, None, "direct")


@pytest.mark.parametrize(
    ("speech", "title"),
    [
        ("„Wir öffnen den Kai“, sagte sie.", "Der Roman „Das Lied vom Meer“ ist neu."),
        ("Ella dijo: «Abrimos el muelle».", "La película «El viento del sur» gana."),
        ("Disse a prefeita: “Não vamos fechar.”", "O livro “A casa do rio” saiu ontem."),
    ],
)
def test_without_rules_a_title_is_less_sure_than_speech(speech: str, title: str) -> None:
    (said,), (named,) = find_passages(speech), find_passages(title)
    assert named.confidence < 0.5 <= said.confidence


# ── any text at all ──────────────────────────────────────────────────────────────────────────

PIECES = st.sampled_from(
    ["“", "”", '"', "''", "‘", "’", "said ", "Lind ", "she ", "that ", "according to ", "the ",
     "pier ", "opened ", ", ", ". ", ": ", "— ", "\n", "\n\n", " ", "\u200b", "😀", "ß", "\x00"]
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=80))
def test_any_text_gives_valid_spans_in_order(text: str) -> None:
    doc = read(text)
    assert doc.text == text
    found = find_quotes(doc, ruleset())
    assert found == find_quotes(read(text), ruleset())
    assert [q.content for q in found] == sorted(q.content for q in found)
    for q in found:
        assert q.content
        flat = [offset for span in q.content for offset in span]
        assert flat == sorted(flat)
        for start, end in (*q.content, *filter(None, (q.cue, q.source)), q.context):
            assert 0 <= start < end <= len(text)
        assert q.context[0] <= q.content[0][0]
        assert q.content[-1][1] <= q.context[1]
        assert 0 <= q.confidence <= 1


@pytest.mark.parametrize(
    "text", ["", " ", "\n", '"', "“", "”", '"""', "a", "said", "“said", ":", "—", "\n\n“\n\n”"]
)
def test_next_to_no_text_is_no_quote(text: str) -> None:
    assert find_quotes(read(text), ruleset()) == []
