"""The code of a pool process: chunks of articles in, results out one by one.

Messages to the parent: `Ready`, or `ExtractionFailed` when the extractor cannot be loaded. Then,
for each chunk: any number of `Started` and `Extraction`, at most one `ExtractionFailed`, `Done`.
"""

import os
import traceback
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import NamedTuple, Protocol, runtime_checkable

from onrecord.errors import ExtractionError
from onrecord.processes import collect_garbage_seldom
from onrecord.processing.reasons import Failure, ReasonCode
from onrecord.records import Article, Extraction

Extract = Callable[[Sequence[Article]], list[Extraction]]
MakeExtract = Callable[[], Extract]


@runtime_checkable
class ExtractsEach(Protocol):
    """An optional method of extractors: results one by one, as they are made.

    `started` must be called with the article's number in the sequence when the article is read
    alone. Then only that article fails if it takes too long, and the others lose no time.
    """

    def __call__(self, articles: Sequence[Article], /) -> list[Extraction]: ...

    def extract_each(
        self, articles: Sequence[Article], *, started: Callable[[int], None]
    ) -> Iterator[Extraction]: ...


class Ready(NamedTuple):
    """The extractor is loaded."""


class Started(NamedTuple):
    """The article of this number in the chunk is now being read alone."""

    number: int


class ExtractionFailed(NamedTuple):
    """The article of this number in the chunk failed; None if the article is not known."""

    number: int | None
    failure: Failure


class Done(NamedTuple):
    """The chunk is finished."""


Answer = Ready | Started | Extraction | ExtractionFailed | Done


def serve(pipe: Connection, make_extract: MakeExtract, niceness: int) -> None:
    """Load the extractor, then work until the pipe closes."""
    os.nice(niceness)
    try:
        extract = make_extract()
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent must hear of it
        _send(pipe, _failed([], error))
        return
    # Of 3.1 s of extraction 0.18 went into collections. Only here: in a program that calls
    # `annotate`, the models would never be freed.
    collect_garbage_seldom()
    _send(pipe, Ready())
    while True:
        articles: list[Article] = pipe.recv()
        try:
            for extraction in _extracted(pipe, extract, articles):
                _send(pipe, extraction)
        except Exception as error:  # noqa: BLE001 - swallows nothing: a dead letter's reason
            _send(pipe, _failed(articles, error))
        _send(pipe, Done())


def _extracted(
    pipe: Connection, extract: Extract, articles: Sequence[Article]
) -> Iterator[Extraction]:
    """One extraction for each article, in order, whatever a custom extractor returns."""
    if isinstance(extract, ExtractsEach):
        each = extract.extract_each(articles, started=lambda number: _send(pipe, Started(number)))
    else:
        found = extract(articles)
        if len(found) != len(articles):
            raise ValueError(f"the extractor gave {len(found)} results for {len(articles)} texts")
        each = iter(found)
    for extraction in each:
        yield _checked(extraction)


def _checked(extraction: object) -> Extraction:
    if not isinstance(extraction, Extraction):
        raise TypeError(f"the extractor gave a {type(extraction).__name__}, no Extraction")
    return extraction


def _send(pipe: Connection, answer: Answer) -> None:
    try:
        pipe.send(answer)
    except OSError:
        os._exit(0)  # the parent is gone, and with it everyone who would read an error


def _failed(articles: Sequence[Article], error: Exception) -> ExtractionFailed:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    failure = Failure(ReasonCode.FAILED, reason, type(error).__name__, traceback.format_exc())
    blamed = error.article_id if isinstance(error, ExtractionError) else None
    numbers = [number for number, article in enumerate(articles) if article.id == blamed]
    # Two articles in the chunk share an id: each is read alone to tell them apart.
    return ExtractionFailed(numbers[0] if len(numbers) == 1 else None, failure)
