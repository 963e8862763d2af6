"""Renders a comparison as a page for reading: one file, no script, nothing fetched."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape

from onrecord.records import ArticleRef, Entity, Quote, shown_content
from onrecord.sink.comparison import Comparison, Example, ExtractorCount, Side, Snippet
from onrecord.sink.differences import KINDS, Difference, Kind

LABELS: dict[Kind, str] = {
    "quote-gained": "quotes gained",
    "quote-lost": "quotes lost",
    "quote-recut": "quotes with other limits",
    "quote-retyped": "quotes of another type",
    "speaker-changed": "quotes given to another speaker",
    "speaker-found": "quotes whose speaker is found",
    "speaker-lost": "quotes whose speaker is lost",
    "speaker-renamed": "speakers under another name",
    "entity-gained": "entities gained",
    "entity-lost": "entities lost",
    "entity-merged": "entities merged",
    "entity-split": "entities split",
    "entity-regrouped": "entities regrouped",
    "entity-retyped": "entities of another type",
    "entity-renamed": "entities under another name",
}

_NOTES: dict[Kind, str] = {
    "quote-recut": "The same words for the most part: longer, shorter, or cut elsewhere.",
    "speaker-renamed": "The same person or body, called otherwise.",
    "entity-merged": "Several names that are now taken for one.",
    "entity-split": "One name that is now taken for several.",
    "entity-regrouped": "Several names whose mentions are now shared out otherwise.",
}

# Longer texts are cut in the middle, to keep a page of differences readable.
_MOST_WORDS = 600
_MOST_TITLE = 150

_STYLE = """
:root { color-scheme: light dark; --ink: #1c1f23; --dim: #667080; --line: #d9dde3; --page: #fff;
  --mark: #fff0b3; --gain: #17693a; --loss: #a4262c; --soft: #f5f6f8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --dim: #9aa4b2; --line: #343a42;
  --page: #15181c; --mark: #5a4a00; --gain: #6fd39a; --loss: #f1898e; --soft: #1d2126; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; color: var(--ink);
  background: var(--page); font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2.75rem 0 .25rem; padding-top: .5rem;
  border-top: 1px solid var(--line); }
h2 .count { color: var(--dim); font-weight: 400; }
p { margin: .25rem 0; }
a { color: inherit; }
.dim, th, caption { color: var(--dim); }
.table { overflow-x: auto; }
table { border-collapse: collapse; margin: 1.25rem 0; width: 100%; }
caption { text-align: left; padding-bottom: .35rem; }
th { font-weight: 400; text-align: left; }
th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.up { color: var(--gain); } .down { color: var(--loss); }
article { margin: 1.1rem 0; padding: .8rem 1rem; background: var(--soft); border-radius: .5rem;
  overflow: hidden; }
article header { font-size: .9rem; color: var(--dim); overflow-wrap: anywhere; }
blockquote { margin: .5rem 0; overflow-wrap: anywhere; }
mark { background: var(--mark); color: inherit; border-radius: .2rem; padding: .05rem .1rem; }
header a, header span, blockquote, dd { unicode-bidi: isolate; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr);
  gap: .15rem .9rem; margin: .5rem 0 0; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
"""


def to_html(comparison: Comparison, *, at: datetime) -> str:
    """The comparison as an HTML page."""
    before, after = comparison.before.topic, comparison.after.topic
    title = f"{before} against {after}"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>What changed from {escape(before)} to {escape(after)}</h1>",
        f'<p class="dim">{_compared(comparison)}, {at:%Y-%m-%d %H:%M} UTC.</p>',
        *_sides(comparison),
        *_counts(comparison),
        *_speakers(comparison),
    ]
    for kind in KINDS:
        if comparison.counts[kind]:
            parts += _section(kind, comparison.counts[kind], comparison.examples[kind])
    return "\n".join([*parts, "</body></html>", ""])


def _compared(comparison: Comparison) -> str:
    only = [
        f"{side.articles - comparison.articles} only in {escape(side.topic)}"
        for side in (comparison.before, comparison.after)
        if side.articles > comparison.articles
    ]
    share = f" ({comparison.changed / comparison.articles:.0%})" if comparison.articles else ""
    changed = f"{comparison.articles} articles compared, {comparison.changed} of them{share} differ"
    return "; ".join([changed, *only])


def _sides(comparison: Comparison) -> Iterator[str]:
    before, after = comparison.before, comparison.after
    yield '<div class="table"><table><tr><th></th>'
    yield "".join(f'<th class="n">{name}</th>' for name in ("before", "after", "change")) + "</tr>"
    yield _row("quotes", before.quotes, after.quotes)
    yield _row("quotes with a speaker", before.with_speaker, after.with_speaker)
    yield _row("entities", before.entities, after.entities)
    yield "</table></div>"
    for name, side in (("Before", before), ("After", after)):
        yield f'<p class="dim">{name}: {escape(made_by(side))}</p>'


def made_by(side: Side) -> str:
    """The extractors that made a side's results."""
    return "; ".join(
        f"{one.name} {one.version} {_model(one)} ({one.articles})" for one in side.extractors
    )


def _model(made_by: ExtractorCount) -> str:
    if made_by.model == "none":
        return "without a model of the language"
    return f"with {made_by.model} {made_by.model_version}".rstrip()


def _row(name: str, before: int, after: int) -> str:
    return (
        f'<tr><td>{escape(name)}</td><td class="n">{before}</td><td class="n">{after}</td>'
        f'<td class="n {_direction(after - before)}">{after - before:+d}</td></tr>'
    )


def _direction(change: int) -> str:
    return "up" if change > 0 else "down" if change < 0 else ""


def _counts(comparison: Comparison) -> Iterator[str]:
    yield '<div class="table"><table><caption>What changed</caption>'
    for kind in KINDS:
        count = comparison.counts[kind]
        label = escape(LABELS[kind])
        name = f'<a href="#{kind}">{label}</a>' if count else f'<span class="dim">{label}</span>'
        yield f'<tr><td>{name}</td><td class="n">{count}</td></tr>'
    same = comparison.same
    yield (
        f'<tr><td class="dim">unchanged: quotes, their speakers, entities</td><td class="n dim">'
        f"{same.quotes}, {same.speakers}, {same.entities}</td></tr></table></div>"
    )
    if any(len(comparison.examples[kind]) < comparison.counts[kind] for kind in KINDS):
        yield (
            '<p class="dim">Not all are shown below: <code>onrecord compare --examples N</code> '
            "shows more of each kind, and <code>--differences FILE</code> writes every one.</p>"
        )


def _speakers(comparison: Comparison) -> Iterator[str]:
    if not comparison.speakers:
        return
    yield '<div class="table"><table><caption>Whose number of quotes changed most</caption><tr>'
    heads = ("speaker", "before", "after", "change")
    yield "".join(f"<th{' class=n' if at else ''}>{name}</th>" for at, name in enumerate(heads))
    yield "</tr>"
    for one in comparison.speakers:
        yield _row(one.name, one.before, one.after)
    yield "</table></div>"


def _section(kind: Kind, count: int, examples: Sequence[Example]) -> Iterator[str]:
    label = LABELS[kind]
    yield (
        f'<section id="{kind}"><h2>{escape(label[0].upper() + label[1:])} '
        f'<span class="count">{count}</span></h2>'
    )
    shown = f"{len(examples)} of {count} shown, from all over. " if len(examples) < count else ""
    if shown or kind in _NOTES:
        yield f'<p class="dim">{shown}{_NOTES.get(kind, "")}</p>'
    for example in examples:
        yield from _article(example)
    yield "</section>"


def _article(example: Example) -> Iterator[str]:
    yield f"<article><header>{_origin(example.difference.article)}</header>"
    for snippet in example.snippets:
        yield f"<blockquote>{_marked(snippet)}</blockquote>"
    yield "<dl>"
    for name, value in told(example.difference):
        yield f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
    yield "</dl></article>"


def _origin(article: ArticleRef) -> str:
    title = escape(shortened(article.title or article.url or article.id, _MOST_TITLE))
    # Only web URLs become links: anyone can write anything in a feed.
    if article.url and article.url.startswith(("http://", "https://")):
        title = f'<a href="{escape(article.url)}" rel="noopener noreferrer">{title}</a>'
    else:
        title = f"<span>{title}</span>"
    day = f"{article.published_at:%Y-%m-%d}" if article.published_at else ""
    return " · ".join(part for part in (title, escape(article.publisher or ""), day) if part)


def _marked(snippet: Snippet) -> str:
    return "".join(
        f"<mark>{escape(text)}</mark>" if is_marked else escape(text)
        for text, is_marked in pieces(snippet)
    )


# ── in words ─────────────────────────────────────────────────────────────────────────────────


def told(change: Difference) -> Iterator[tuple[str, str]]:
    """The facts shown with a difference besides its words: pairs of name and value."""
    if change.kind.startswith("entity"):
        if change.entities_before:
            yield "before", _names(change.entities_before)
        if change.entities_after:
            yield "after", _names(change.entities_after)
        return
    old, new = change.quote_before, change.quote_after
    if old is not None and new is not None:
        if change.kind == "quote-recut":
            yield "before", _words(old)
            yield "after", _words(new)
        elif change.kind == "quote-retyped":
            yield "before", old.type
            yield "after", new.type
        else:
            yield "before", _who(old)
            yield "after", _who(new)
        return
    only = old or new
    if only is not None:
        yield "speaker", _who(only)
        yield "type", f"{only.type}, confidence {only.confidence:.2f}"


def pieces(snippet: Snippet) -> Iterator[tuple[str, bool]]:
    """A snippet's text in order, with the relevant words marked; long parts are shortened."""
    at = 0
    for start, end in snippet.marks:
        yield shortened(snippet.text[at:start]), False
        yield shortened(snippet.text[start:end]), True
        at = end
    yield shortened(snippet.text[at:]), False


def shortened(text: str, most: int = _MOST_WORDS) -> str:
    """The text, reduced to its beginning and end when it is too long for the page."""
    if len(text) <= most:
        return text
    begin = most * 2 // 3
    return f"{text[:begin]} [… {len(text) - most:,} characters …] {text[begin - most :]}"


def _names(entities: Sequence[Entity]) -> str:
    return " | ".join(
        f"{shortened(one.name, _MOST_TITLE)} ({one.type}, {_mentions(one)})" for one in entities
    )


def _mentions(entity: Entity) -> str:
    count = len(entity.mentions)
    return f"{count} mention{'s' if count != 1 else ''}"


def _words(quote: Quote) -> str:
    return shortened(" … ".join(span.text for span in shown_content(quote)))


def _who(quote: Quote) -> str:
    source = shortened(quote.source.text, _MOST_TITLE) if quote.source else None
    if quote.speaker is None:
        return f"no speaker (“{source}”)" if source else "no speaker"
    role = f", {shortened(quote.speaker.role, _MOST_TITLE)}" if quote.speaker.role else ""
    via = f", from “{source}”" if source else ""
    return f"{shortened(quote.speaker.name, _MOST_TITLE)}{role}{via}"
