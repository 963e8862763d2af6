"""A quote comes back from its row exactly as it was, whatever its fields are."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from onrecord.archive.sqlite.packing import TYPES, QuoteRow, numbered, pack_quote, unpack_quote
from onrecord.naming import name_key
from onrecord.records import About, ArticleRef, Entity, Mention, Quote, Span, Speaker, quote_id
from onrecord.records.statements import words_key, words_of_quote

TEXT = "Ana said: “Łódź is fine.” Then Bo Lind, the mayor, added 🙂 that nothing else was."
ENTITIES = (
    Entity(id="e0", name="Ana", type="person", mentions=()),
    Entity(id="e1", name="Bo Lind", type="person", role="mayor", mentions=()),
)

spans = st.tuples(st.integers(0, len(TEXT)), st.integers(0, len(TEXT))).map(
    lambda ends: Span(start=min(ends), end=max(ends), text=TEXT[min(ends) : max(ends)])
)
strange = st.builds(Span, start=st.integers(0, 200), end=st.integers(0, 300), text=st.text())
any_span = spans | strange
shares = st.floats(0, 1) | st.integers(0, 1000).map(lambda n: n / 1000)
entity_ids = st.sampled_from(["e0", "e1", "gone"])
speakers = st.builds(
    Speaker,
    entity=st.none() | entity_ids,
    name=st.sampled_from(["Ana", "Bo Lind", "the mayor"]),
    role=st.none() | st.sampled_from(["mayor", "cook"]),
    reason=st.none() | st.just("named here"),
    confidence=st.none() | shares,
    name_key=st.sampled_from([UNSET, name_key("Ana"), name_key("Bo Lind"), "other"]),
)
abouts = st.builds(
    About,
    entity=entity_ids,
    name=st.sampled_from(["Ana", "Bo Lind"]),
    type=st.sampled_from(["person", "place"]),
    by=st.sampled_from(["name", "pronoun", "description"]),
    mentions=st.lists(spans, max_size=2).map(
        lambda found: tuple(Mention(start=s.start, end=s.end, text=s.text) for s in found)
    ),
)
quotes = st.builds(
    Quote,
    id=st.sampled_from(["derived", "a" * 32, "my own"]),
    type=st.sampled_from(TYPES),
    content=st.lists(any_span, min_size=1, max_size=3).map(tuple),
    cue=st.none() | any_span,
    source=st.none() | any_span,
    via=st.none() | any_span,
    speaker=st.none() | speakers,
    manner=st.sampled_from([None, "speech", "belief", "intention"]),
    about=st.lists(abouts, max_size=2).map(tuple),
    words_key=st.sampled_from([None, "derived", "b" * 32]),
    confidence=shares,
    repeats=st.none() | st.just("c" * 32),
    context=any_span,
)


@settings(max_examples=150, deadline=None)
@given(quotes, st.sampled_from([TEXT, None, "another text", TEXT[:30]]))
def test_a_packed_quote_is_unpacked_exactly(drawn: Quote, text: str | None) -> None:
    article = ArticleRef(id="a", revision=2)
    quote = drawn
    if drawn.id == "derived":
        quote = replace(quote, id=quote_id("a", 2, quote.content))
    if drawn.words_key == "derived":
        quote = replace(quote, words_key=words_key(words_of_quote(quote)))
    packed = pack_quote(quote, article, numbered(ENTITIES), text)
    row = QuoteRow(
        article=article,
        type=TYPES.index(quote.type),
        confidence=round(quote.confidence * 1000),
        detail=packed.detail,
        context=packed.context,
        reason=packed.reason,
        text=text,
    )
    assert unpack_quote(row, ENTITIES) == quote
