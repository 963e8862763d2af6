"""`/articles/ID`: the text with its quotes marked, and what each revision changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from aiohttp import web

from onrecord.archive.results import ArchivedArticle, ArchivedQuote, ArticleRevision
from onrecord.records import Article, Entity
from onrecord.web.pages.cards import Ranked, cards_of, listing_of
from onrecord.web.pages.listings import answer
from onrecord.web.pages.marking import (
    Layer,
    Segment,
    cut,
    layers_of_entity,
    layers_of_quote,
    paragraphs,
    passages,
    plain_words,
)
from onrecord.web.pages.rendering import page, path_of, search_path, with_ending
from onrecord.web.pages.shared import Shared, split_ending
from onrecord.web.pages.word_diff import Change, shortened, word_diff
from onrecord.web.problems import Problem

_ENTITIES = {
    "person": "People",
    "organisation": "Organisations",
    "place": "Places",
    "group": "Groups",
    "event": "Events",
}
_MOST_ENTITIES = 12


@dataclass(frozen=True, slots=True)
class Run:
    """Pieces of the same quote (empty for none), and the quotes that begin there."""

    quote: str
    begins: list[str]
    pieces: list[Segment]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `gap` where text before it is left out."""

    runs: list[Run]
    gap: bool = False


@dataclass(frozen=True, slots=True)
class QuoteChange:
    """A quote that a revision gained, changed or lost."""

    kind: str
    words: str
    speaker: str | None
    path: str | None


@dataclass(frozen=True, slots=True)
class Edit:
    """What a revision changed against the one before."""

    revision: int
    at: datetime | None
    title_changes: list[Change]
    changes: list[Change]
    quotes: list[QuoteChange]


class ArticlePages:
    """The page of an article."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the route of the page."""
        router.add_get("/articles/{id}", self._show)

    async def _show(self, request: web.Request) -> web.Response:
        article_id, ending = split_ending(request.match_info["id"])
        found = await self._shared.library.ask(lambda archive: archive.article(article_id))
        if found is None:
            raise Problem(404, f"the archive has no article {article_id[:100]!r}")
        if ending is not None:
            return answer(request, ending, listing_of(request, found.ref.title, found.quotes))
        newest = _newest_text(found)
        is_whole = self._shared.shows_full_text
        return page(
            request,
            "article.html",
            title=found.ref.title or "Article without a title",
            article=found,
            ref=found.ref,
            authors=newest.authors if newest else (),
            text=list(_blocks(found, newest, is_whole=is_whole)) if newest else [],
            edits=list(_edits(found, is_whole=is_whole)),
            cards=cards_of(found.quotes),
            entities=list(_entities(found)),
            beside=with_ending(request),
        )


def _newest_text(found: ArchivedArticle) -> Article | None:
    """The text that the current quotes' offsets index; else the newest."""
    texts = {one.revision: one.article for one in found.revisions if one.article}
    return texts.get(found.ref.revision) or next(reversed(texts.values()), None)


# ── the text ─────────────────────────────────────────────────────────────────────────────────


def _blocks(found: ArchivedArticle, newest: Article, *, is_whole: bool) -> Iterator[Paragraph]:
    quotes = [one for one in found.quotes if one.article.revision == newest.revision]
    layers = [layer for one in quotes for layer in layers_of_quote(one.quote)]
    speakers = {
        one.quote.speaker.entity for one in quotes if one.quote.speaker and not one.wrong_speaker
    }
    if newest.revision == found.ref.revision:
        for entity in found.entities:
            kind = "speaker" if entity.id in speakers else "entity"
            layers += layers_of_entity(entity, kind)
    seen: set[str] = set()
    if is_whole:
        for pieces in paragraphs(newest.text, layers):
            yield Paragraph(_runs(pieces, seen))
        return
    for start, passage in passages(quotes, newest.text):
        yield Paragraph(_runs(cut(passage, layers, at=start), seen), gap=True)


def _runs(pieces: Sequence[Segment], seen: set[str]) -> list[Run]:
    """The pieces, those of one quote together: each quote is one link."""
    runs: list[Run] = []
    for piece in pieces:
        begins = [layer.of for layer in piece.begins if _is_new(layer, seen)]
        seen.update(begins)
        quote = piece.of("content")
        if runs and runs[-1].quote == quote and not begins:
            runs[-1].pieces.append(piece)
        else:
            runs.append(Run(quote, begins, [piece]))
    return runs


def _is_new(layer: Layer, seen: set[str]) -> bool:
    return layer.kind == "content" and layer.of not in seen


def _entities(found: ArchivedArticle) -> Iterator[tuple[str, list[Ranked]]]:
    by_type: dict[str, list[Entity]] = {}
    for entity in found.entities:
        by_type.setdefault(entity.type, []).append(entity)
    for kind, name in _ENTITIES.items():
        entities = sorted(by_type.get(kind, []), key=lambda one: -len(one.mentions))
        if entities:
            yield (
                name,
                [
                    Ranked(one.name, len(one.mentions), _path(found, one))
                    for one in entities[:_MOST_ENTITIES]
                ],
            )


def _path(found: ArchivedArticle, entity: Entity) -> str:
    if entity.type == "person":
        return path_of("people", found.people.get(entity.id) or entity.name)
    name = entity.name.replace('"', " ")
    return search_path(f'about:"{name}"')


# ── revisions ────────────────────────────────────────────────────────────────────────────────


def _edits(found: ArchivedArticle, *, is_whole: bool) -> Iterator[Edit]:
    """What each revision changed, the newest first."""
    for before, after in reversed(list(pairwise(found.revisions))):
        old, new = before.article, after.article
        text: list[Change] = []
        title: list[Change] = []
        if old and new:
            title = word_diff(old.title, new.title) if old.title != new.title else []
            if old.text != new.text:
                # Where the text must not be shown whole, only its changes are.
                text = shortened(word_diff(old.text, new.text))
        yield Edit(
            revision=after.revision,
            at=(new.updated_at or new.fetched_at) if new else None,
            title_changes=title,
            changes=text if is_whole else [],
            quotes=list(_quote_changes(before, after)),
        )


def _quote_changes(before: ArticleRevision, after: ArticleRevision) -> Iterator[QuoteChange]:
    """Quotes gained, changed and lost between two revisions, told by their words."""
    old, new = _said(before), _said(after)
    by_id = {one.id: one for one in after.quotes}
    successors = {one.became for one in before.replaced if one.became in by_id}
    replaced = {_folded(one.words): one for one in before.replaced}
    for words, one in new.items():
        if words not in old and one.quote_id not in successors:
            yield QuoteChange("gained", one.words, one.speaker, path_of("quotes", one.quote_id))
    for words, one in old.items():
        if words in new:
            if new[words].speaker != one.speaker:
                path = path_of("quotes", new[words].quote_id)
                yield QuoteChange("other speaker", one.words, new[words].speaker, path)
            continue
        became = replaced[words].became if words in replaced else None
        if became in by_id:
            now = plain_words(by_id[became].quote) if became else one.words
            yield QuoteChange("changed", now, one.speaker, path_of("quotes", str(became)))
        else:
            yield QuoteChange("lost", one.words, one.speaker, None)


@dataclass(frozen=True, slots=True)
class _Said:
    quote_id: str
    words: str
    speaker: str | None


def _said(revision: ArticleRevision) -> dict[str, _Said]:
    """The quotes of a revision by their words: current ones, else those replaced."""
    current = [_of_quote(one) for one in revision.quotes]
    replaced = [_Said(one.id, one.words, one.speaker) for one in revision.replaced]
    return {_folded(one.words): one for one in (*replaced, *current)}


def _of_quote(found: ArchivedQuote) -> _Said:
    speaker = found.speaker.name if found.speaker else None
    return _Said(found.id, plain_words(found.quote), speaker)


def _folded(words: str) -> str:
    return " ".join(words.casefold().split())
