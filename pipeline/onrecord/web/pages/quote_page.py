"""`/quotes/ID`: one quote, its context, how sure it is and why, and where else it stands."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp import web

from onrecord.archive.interface import Archive
from onrecord.archive.results import (
    ArchivedArticle,
    ArchivedQuote,
    Hit,
    ReplacedQuote,
    SameWords,
)
from onrecord.records import Article, Decision
from onrecord.web.pages.cards import Card, listing_of
from onrecord.web.pages.citing import citation, source_link
from onrecord.web.pages.context import in_context
from onrecord.web.pages.explaining import told
from onrecord.web.pages.listings import answer, origin_of
from onrecord.web.pages.marking import (
    Layer,
    layers_of_entity,
    layers_of_quote,
    plain_words,
    words_of,
)
from onrecord.web.pages.people_desk import PeopleDesk
from onrecord.web.pages.rendering import page, path_of, web_url, with_ending, with_parameters
from onrecord.web.pages.shared import Shared, split_ending
from onrecord.web.problems import Problem

_LONGEST = 200

Explain = Callable[[Article, str], Sequence[Decision] | None]


class QuotePages:
    """The page. `explain` extracts an article again and tells how a quote of it came about."""

    def __init__(self, shared: Shared, desk: PeopleDesk, explain: Explain | None) -> None:
        self._shared = shared
        self._desk = desk
        self._explain = explain
        # An extraction takes seconds. The others wait here, and leave other pages their threads.
        self._explaining = ThreadPoolExecutor(1, "explain")

    def close(self) -> None:
        """Begin no further extraction."""
        self._explaining.shutdown(wait=False, cancel_futures=True)

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the route of the page."""
        router.add_get("/quotes/{id}", self._show)

    async def _show(self, request: web.Request) -> web.StreamResponse:
        quote_id, ending = split_ending(request.match_info["id"])
        found = await self._shared.library.ask(lambda archive: archive.quote(quote_id))
        if found is None:
            raise Problem(404, f"the archive has no quote {quote_id[:100]!r}")
        if isinstance(found, ReplacedQuote):
            return self._replaced(request, found)
        return await self._found(request, found, ending)

    def _replaced(self, request: web.Request, found: ReplacedQuote) -> web.Response:
        """Old links live on: they lead to the quote's successor, or tell that there is none."""
        if found.became is not None:
            raise web.HTTPFound(path_of("quotes", found.became))
        return page(
            request,
            "replaced.html",
            title="A quote that was taken back",
            found=found,
            http_status=410,
        )

    async def _found(
        self, request: web.Request, found: ArchivedQuote, ending: str | None
    ) -> web.Response:
        def ask(archive: Archive) -> tuple[SameWords, ArchivedArticle | None, bool]:
            story = archive.story(found.story, limit=2) if found.story else None
            has_copies = story is not None and len(story.articles) > 1
            return archive.same_words(found.id), archive.article(found.article.id), has_copies

        same, article, has_copies = await self._shared.library.ask(ask)
        if ending is not None:
            return answer(
                request,
                ending,
                listing_of(request, "The same words", same.quotes or [found]),
            )
        speaker_layers = _speaker_layers(found, article)
        decisions: list[Any] = []
        wants_explanation = "explain" in request.query
        text_of = _revision(article, found)
        if wants_explanation and self._explain is not None and text_of is not None:
            made = await asyncio.get_running_loop().run_in_executor(
                self._explaining, self._explain, text_of, found.id
            )
            decisions = [told(one) for one in made or ()]
        can_explain = self._explain is not None and text_of is not None and not wants_explanation
        name = found.speaker.name if found.speaker else "Somebody"
        wanted = request.query.get("said_by", "").strip()[:_LONGEST]
        permalink = origin_of(request) + path_of("quotes", found.id)
        return page(
            request,
            "quote.html",
            title=f"{name}: “{_shortened(plain_words(found.quote))}”",
            card=Card(found, words_of(Hit(quote=found))),
            quote=found,
            context=in_context(
                found.quote.context,
                text_of.text if text_of and self._shared.shows_full_text else None,
                layers_of_quote(found.quote),
                speaker_layers,
            ),
            has_speaker_marks=bool(speaker_layers),
            elsewhere=same.quotes,
            has_copies=has_copies,
            decisions=decisions,
            explain_path=with_parameters(request, explain="1") if can_explain else None,
            json_ld=json_ld(found),
            citation=citation(found, self._shared.wording, permalink),
            permalink=permalink,
            source=source_link(found),
            wanted=wanted,
            candidates=await asyncio.to_thread(self._desk.find, wanted) if wanted else [],
            judgements=await asyncio.to_thread(self._desk.about_quote, found.id),
            judged=request.query.get("judged"),
            beside=with_ending(request),
        )


def json_ld(found: ArchivedQuote) -> dict[str, Any]:
    """The quote as schema.org's Quotation."""
    article = found.article
    origin: dict[str, Any] = {"@type": "NewsArticle", "headline": article.title}
    if url := web_url(article.url):
        origin["url"] = url
    if article.publisher:
        origin["publisher"] = {"@type": "Organization", "name": article.publisher}
    if article.published_at:
        origin["datePublished"] = article.published_at.isoformat()
    quotation: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Quotation",
        "identifier": found.id,
        "text": plain_words(found.quote),
        "isPartOf": origin,
        "dateCreated": found.at.isoformat(),
    }
    if article.language:
        quotation["inLanguage"] = article.language
    if found.speaker:
        quotation["spokenByCharacter"] = {"@type": "Person", "name": found.speaker.name} | (
            {"jobTitle": found.role} if found.role else {}
        )
    return quotation


def _speaker_layers(found: ArchivedQuote, article: ArchivedArticle | None) -> list[Layer]:
    """Where the speaker is named in the context."""
    speaker = found.quote.speaker
    if article is None or speaker is None or speaker.entity is None or found.wrong_speaker:
        return []
    return [
        layer
        for entity in article.entities
        if entity.id == speaker.entity
        for layer in layers_of_entity(entity, "speaker")
    ]


def _revision(article: ArchivedArticle | None, found: ArchivedQuote) -> Article | None:
    revisions = article.revisions if article else ()
    return next((r.article for r in revisions if r.revision == found.article.revision), None)


def _shortened(text: str, most: int = 70) -> str:
    return text if len(text) <= most else text[:most].rsplit(" ", 1)[0] + " …"
