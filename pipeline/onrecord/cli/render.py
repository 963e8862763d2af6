"""How results look to people on a terminal."""

from collections.abc import Iterable
from datetime import datetime

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from onrecord.cli.output import harmless
from onrecord.records import Article, ArticleRef, Entity, Extraction, Quote, Span, shown_content

_TYPES = {
    "person": "people",
    "organisation": "organisations",
    "place": "places",
    "group": "groups",
    "product": "products",
    "event": "events",
    "work": "works",
}


# One for one, so that offsets hold.
BLANKS = dict.fromkeys([*range(32), *range(127, 160)], " ")
_MARKS = frozenset('"“”„«»‘’')


class _Harmless(Console):
    """A console that removes control characters from what is shown."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(harmless(segment.text), segment.style)


def console(*, stderr: bool = False) -> Console:
    """A console that leaves words alone: no guessing of numbers, links or markup."""
    return _Harmless(stderr=stderr, highlight=False, markup=False, soft_wrap=False)


def words(quote: Quote) -> Text:
    """What was said, with the quotation marks that the article has around or inside it."""
    style = "italic" if quote.type == "indirect" else ""
    text = Text()
    for at, span in enumerate(shown_content(quote)):
        text.append(" … " if at else "", "dim")
        text.append(_with_marks(span, quote), style)
    return text


def in_context(quote: Quote) -> Text:
    """The sentence or sentences around a quote, with everything but the quote dimmed."""
    context = quote.context
    text = Text(context.text.translate(BLANKS), "dim")
    style = "not dim bold italic" if quote.type == "indirect" else "not dim bold"
    for span in shown_content(quote):
        text.stylize(style, span.start - context.start, span.end - context.start)
    return text


def _with_marks(span: Span, quote: Quote) -> str:
    """The words of a span with the quotation marks at its ends, which content leaves out."""
    context = quote.context
    before = context.text[: span.start - context.start][-1:]
    after = context.text[span.end - context.start :][:1]
    opening = before if before in _MARKS else ""
    closing = after if after in _MARKS else ""
    if quote.type == "direct" and not (opening and closing):
        opening, closing = opening or "“", closing or "”"
    return f"{opening}{span.text}{closing}"


def who(quote: Quote) -> Text:
    """The speaker with the role, else the source as in the text, else a note that there is none."""
    if quote.speaker is None:
        name = quote.source.text if quote.source else "speaker not found"
        return Text(name, "dim")
    text = Text().append(quote.speaker.name.translate(BLANKS), "bold")
    role = quote.speaker.role
    return text.append(f", {role.translate(BLANKS)}" if role else "")


def when(time: datetime | None) -> str:
    """A time as people here read it: local, to the minute."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M") if time else "no date"


def print_quote(out: Console, article: ArticleRef, quote: Quote, seen_at: datetime) -> None:
    """The words, among those around them; below, who said it, where and when."""
    print_indented(out, in_context(quote), by=0)
    line = Text("— ").append_text(who(quote))
    line.append(f"  {(article.publisher or 'unknown publisher').translate(BLANKS)}", "cyan")
    line.append(f"  {(article.published_at or seen_at).astimezone():%d %b %Y %H:%M}", "dim")
    print_indented(out, line)
    out.print()


def print_indented(out: Console, text: Text, *, by: int = 4) -> None:
    """Wrapped text, every line indented, and no blanks at the ends of lines."""
    for line in text.wrap(out, max(20, out.width - by)):
        line.rstrip()
        out.print(Text(" " * by).append_text(line), soft_wrap=True)


def print_extraction(out: Console, extraction: Extraction) -> None:
    """An article's quotes, each with its speaker, and its entities by type."""
    print_title(out, extraction.article)
    for quote in extraction.quotes:
        print_quote_with_details(out, quote)
        out.print()
    if not extraction.quotes:
        out.print(Text("No quotes.\n", "dim"))
    for kind, label in _TYPES.items():
        entities = [entity for entity in extraction.entities if entity.type == kind]
        if entities:
            out.print(Text(label, "bold"))
            for entity in entities:
                print_indented(out, _entity(entity), by=2)
    print_notes(out, extraction)


def print_title(out: Console, article: ArticleRef) -> None:
    """Print the title of the article an extraction is of."""
    title = article.title or article.url or article.id
    out.print(Text(title, "bold underline"))
    if article.publisher or article.published_at:
        out.print(Text(f"{article.publisher or ''}  {when(article.published_at)}".strip(), "dim"))
    out.print()


def print_quote_with_details(out: Console, quote: Quote) -> None:
    """What was said, by whom, and how the text puts it."""
    print_indented(out, words(quote), by=0)
    print_indented(out, _attribution(quote))


def print_notes(out: Console, extraction: Extraction) -> None:
    """Print the notes of an extraction: what was not done."""
    for note in extraction.notes:
        print_indented(out, Text(f"Note: {note}", "yellow"), by=0)


def _attribution(quote: Quote) -> Text:
    text = Text("— ").append_text(who(quote))
    details: list[str] = [quote.type]
    if quote.source and (quote.speaker is None or quote.source.text != quote.speaker.name):
        details.append(f"source “{quote.source.text}”")
    if quote.cue:
        details.append(f"cue “{quote.cue.text}”")
    return text.append(f"  ({', '.join(details)})", "dim")


def _entity(entity: Entity) -> Text:
    text = Text(entity.name)
    if entity.role:
        text.append(f", {entity.role}")
    names = [alias for alias in entity.aliases if alias != entity.name]
    also = f" also {', '.join(names)}" if names else ""
    count = len(entity.mentions)
    text.append(f"  ({count} mention{'s' if count != 1 else ''}{also and ','}{also})", "dim")
    return text


def print_article(out: Console, article: Article) -> None:
    """An article's head and its first lines."""
    out.print(Text(article.title or article.id, "bold"))
    revision = f", revision {article.revision}" if article.revision > 1 else ""
    where = f"{article.publisher or 'unknown publisher'}  {when(article.published_at)}{revision}"
    out.print(Text(where, "dim"))
    if article.url:
        out.print(Text(article.url, "dim"))
    print_indented(out, Text(_beginning(article.text)))
    out.print()


def _beginning(text: str, limit: int = 280) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= limit else folded[:limit].rsplit(" ", 1)[0] + " …"
