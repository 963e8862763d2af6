"""The paragraphs in which a quote is shown."""

from collections.abc import Sequence

from onrecord.web.pages.context import in_context
from onrecord.web.pages.marking import Layer, Segment
from tests.builders import span

ARTICLE = (
    "The minister Josef Arlen came late.\n\n"
    "Nobody minded.\n\n"
    "He took off his coat. “The table is free,” he said.\n\n"
    "It rained."
)
CONTEXT = span(ARTICLE, "“The table is free,” he said.")


def _named(text: str) -> list[Layer]:
    at = text.index("Josef Arlen")
    return [Layer(at, at + len("Josef Arlen"), "speaker", "1")]


def _texts(found: Sequence[Sequence[Segment]]) -> list[str]:
    return ["".join(segment.text for segment in paragraph) for paragraph in found]


def test_a_quote_is_shown_in_its_whole_paragraph() -> None:
    assert _texts(in_context(CONTEXT, ARTICLE, [], [])) == [ARTICLE.split("\n\n")[2]]


def test_a_pronoun_is_shown_with_the_paragraph_that_names_the_speaker() -> None:
    found = in_context(CONTEXT, ARTICLE, [], _named(ARTICLE))
    assert _texts(found) == ARTICLE.split("\n\n")[:3]
    assert [one.text for one in found[0] if one.classes == "speaker"] == ["Josef Arlen"]


def test_a_name_far_above_is_not_gone_back_to() -> None:
    article = ARTICLE.replace("Nobody minded.", "\n\n".join(["Nobody minded."] * 3))
    context = span(article, CONTEXT.text)
    assert len(in_context(context, article, [], _named(article))) == 1


def test_a_name_before_a_very_long_paragraph_is_not_gone_back_to() -> None:
    article = ARTICLE.replace("Nobody minded.", "Nobody minded. " * 200)
    context = span(article, CONTEXT.text)
    found = in_context(context, article, [], _named(article))
    assert _texts(found) == [ARTICLE.split("\n\n")[2]]


def test_without_the_text_the_context_of_the_quote_is_shown() -> None:
    other = ARTICLE.replace("late", "very late")
    endless = ARTICLE.replace("It rained.", "It rained. ").replace("\n\n", " ") + "Nothing. " * 400
    for text in (None, other, endless):
        assert _texts(in_context(CONTEXT, text, [], [])) == [CONTEXT.text]


def test_parts_of_the_quote_are_marked_where_they_stand() -> None:
    words = span(ARTICLE, "The table is free,")
    (paragraph,) = in_context(CONTEXT, ARTICLE, [Layer(words.start, words.end, "content", "q")], [])
    assert [one.text for one in paragraph if one.classes] == ["The table is free,"]
