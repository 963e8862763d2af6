"""Bringing in a backlog."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial

from onrecord.config import Config
from onrecord.feeds.polling.readers import Readers
from onrecord.log.interface import Log
from onrecord.processing.importing.documents import read_document
from onrecord.processing.importing.importer import Importer, pieces_ahead
from onrecord.processing.importing.lines import LineReader, read_lines_apart
from onrecord.processing.importing.ready import ReadyArticle
from onrecord.processing.importing.sources import PieceReading, Source
from onrecord.records import id_of
from onrecord.wiring.opening import topics_of
from onrecord.wiring.process import now, own_name


@contextmanager
def importer(
    config: Config, log: Log, names: Mapping[str, str], *, say: Callable[[str], None]
) -> Iterator[tuple[Importer, PieceReading]]:
    """An importer, and how it reads: JSON lines by these names, documents in other processes."""
    # All readers are at work from the beginning to the end.
    policy = replace(config.feeds, patience_s=0.0)
    # The readers end first: whoever stops does not wait for a page that takes long.
    with ThreadPoolExecutor(policy.processes) as pool, Readers(policy) as readers:

        def document(
            body: bytes, url: str | None, content_type: str | None, fetched_at: datetime
        ) -> Sequence[ReadyArticle]:
            arguments = (body, url, content_type, fetched_at)
            return readers.read(url or "", read_document, *arguments)

        reading = PieceReading(
            lines=LineReader(names).read_all,
            many_lines=partial(read_lines_apart, readers.read, names),
            document=document,
            clock=now,
            most_document_bytes=config.feeds.max_body_bytes,
        )
        ahead = pieces_ahead(policy.processes)
        with Importer(log, topics_of(config), pool, ahead=ahead, say=say) as importing:
            yield importing, reading


def import_writer(config: Config, source: Source) -> str:
    """The name of a source's writer: one for each source that can be read again.

    Writers are named under the prefix, so that a cluster can give rights by it.
    """
    if source.key is None:
        return f"{config.log.prefix}.{own_name('import')}"
    return f"{config.log.prefix}.import.{id_of(source.key)[:16]}"


def copy_writer(config: Config, source: str) -> str:
    """The name of the writer of a copy from a log: two copies of one log would double it."""
    return f"{config.log.prefix}.copy.{id_of(source)[:16]}"
