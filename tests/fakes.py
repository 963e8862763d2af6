"""Programmable stand-ins, defined at module level so that spawned processes can import them."""

import gc
import os
import time
from collections.abc import Callable, Iterator, Sequence

from onrecord.processing.pool import Extract, Result
from onrecord.processing.reasons import Failure, ReasonCode
from onrecord.records import Article, ArticleRef, Extraction
from tests.builders import extraction


def make_scripted_extract() -> Extract:
    """An extractor that does what each article's text says.

    "fail" raises, "die" ends the process, "hang" never returns, "sleep 0.2" takes that long,
    "pid" puts the process id into the title, "frozen" whether the collector spares what is loaded;
    anything else is extracted at once.
    """
    return _extract


def make_each_extract() -> Extract:
    """The same, which also says which article it is reading."""
    return _Each()


class _Each:
    def __call__(self, articles: Sequence[Article]) -> list[Extraction]:
        return _extract(articles)

    def extract_each(
        self, articles: Sequence[Article], *, started: Callable[[int], None]
    ) -> Iterator[Extraction]:
        for number, article in enumerate(articles):
            started(number)
            yield _one(article)


def make_careless_extract() -> Extract:
    """An extractor that gives back what it likes: here, nothing."""
    return lambda articles: []


def make_broken_extract() -> Extract:
    raise RuntimeError("no such model")


def _extract(articles: Sequence[Article]) -> list[Extraction]:
    return [_one(article) for article in articles]


def _one(article: Article) -> Extraction:
    order, _, argument = article.text.partition(" ")
    title = article.title
    if order == "fail":
        raise ValueError("told to fail")
    if order == "die":
        os._exit(9)
    if order == "hang":
        time.sleep(3600)
    if order == "sleep":
        time.sleep(float(argument))
    if order == "pid":
        title = str(os.getpid())
    if order == "frozen":
        title = str(gc.get_freeze_count() > 0)
    reference = ArticleRef(id=article.id, revision=article.revision, title=title)
    return extraction(article.id, article=reference, quotes=(), entities=())


class InlinePool:
    """A pool that extracts at once, in this process, and hands results back in reverse order."""

    def __init__(self) -> None:
        self._done: list[tuple[int, Result]] = []
        self.chunks: list[int] = []

    def submit(self, tickets: list[int], articles: list[Article]) -> None:
        self.chunks.append(len(articles))
        for ticket, given in zip(tickets, articles, strict=True):
            self._done.insert(0, (ticket, _result(given)))

    def idle(self) -> int:
        return 1

    def collect(self, timeout_s: float) -> list[tuple[int, Result]]:
        done, self._done = self._done, []
        return done


def _result(given: Article) -> Result:
    try:
        return _one(given)
    except ValueError as error:
        return Failure(ReasonCode.FAILED, str(error), "ValueError", "the stack")


def make_scripted_extractor_of_settings(settings: object) -> Extract:
    """The scripted extractor, as `extract.extractor` names one: made with its section."""
    del settings
    return _extract
