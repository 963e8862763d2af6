"""`/stories/ID`: the copies of one story, and who printed which quotes."""

from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web

from onrecord.archive.results import ArchivedArticle, ArchivedQuote
from onrecord.web.pages.cards import Card, cards_of, listing_of
from onrecord.web.pages.listings import answer
from onrecord.web.pages.marking import plain_words
from onrecord.web.pages.rendering import page, with_ending
from onrecord.web.pages.shared import Shared, split_ending
from onrecord.web.problems import Problem


@dataclass(frozen=True, slots=True)
class PrintedQuote:
    """A quote of a story: where it was printed first, and the copies that have the same words."""

    card: Card
    articles: list[ArchivedArticle]


class StoryPages:
    """The page of a story."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the route of the page."""
        router.add_get("/stories/{id}", self._show)

    async def _show(self, request: web.Request) -> web.Response:
        story_id, ending = split_ending(request.match_info["id"])
        found = await self._shared.library.ask(lambda archive: archive.story(story_id))
        if found is None:
            raise Problem(404, f"the archive has no story {story_id[:100]!r}")
        quotes = [quote for article in found.articles for quote in article.quotes]
        first = found.articles[0]
        title = first.ref.title or "A story without a title"
        if ending is not None:
            return answer(request, ending, listing_of(request, title, quotes))
        return page(
            request,
            "story.html",
            title=title,
            story=found,
            first=first,
            printed=printed(found.articles),
            beside=with_ending(request),
        )


def printed(articles: Iterable[ArchivedArticle]) -> list[PrintedQuote]:
    """The quotes of all copies, each once, those with the most copies first."""
    copies: dict[str, tuple[ArchivedQuote, list[ArchivedArticle]]] = {}
    for article in articles:
        for quote in article.quotes:
            first, where = copies.setdefault(_words_key(quote), (quote, []))
            if article not in where:
                where.append(article)
            copies[_words_key(quote)] = (first, where)
    most_first = sorted(copies.values(), key=lambda found: -len(found[1]))
    return [PrintedQuote(cards_of([quote])[0], where) for quote, where in most_first]


def _words_key(found: ArchivedQuote) -> str:
    return found.quote.words_key or " ".join(plain_words(found.quote).casefold().split())
