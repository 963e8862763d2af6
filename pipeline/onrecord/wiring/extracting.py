"""Extracting, in this process or in several."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from onrecord.config import Config, ExtractSection
from onrecord.errors import ConfigError, Mistake
from onrecord.log.backoff import Outage
from onrecord.log.interface import Log, Member
from onrecord.nlp.own_word_lists import check_own_word_lists, use_own_word_lists
from onrecord.processing.forgotten import ForgottenTable
from onrecord.processing.own_extractor import find_factory, make_extractor
from onrecord.processing.pool import Extract, Pool
from onrecord.processing.quotes.publishing import QuotePublisher
from onrecord.processing.worker import Also, Amend, BatchReport, Worker, nothing_else
from onrecord.tracing import tracer_of
from onrecord.wiring.opening import is_on_kafka, topics_of
from onrecord.wiring.process import now


def check_model(config: Config) -> None:
    """Raise ConfigError when a model is neither installed nor a path. Loads no model.

    An extractor of the user's own is imported, and needs no model.
    """
    if config.extract.extractor:
        find_factory(config.extract.extractor)
        return
    if config.extract.word_lists:
        check_own_word_lists(config.extract.word_lists)
    _check_installed("extract.model", config.extract.model, ExtractSection().model)
    for name in config.extract.other_model_names:
        _check_installed("extract.other_models", name, ExtractSection().other_models)


def _check_installed(key: str, name: str, default: str) -> None:
    if Path(name).exists() or (name.isidentifier() and find_spec(name) is not None):
        return
    raise ConfigError(
        f"{key} = {name!r}: neither an installed spaCy pipeline nor a path; "
        f"install it with pip, or use the default, {default}",
        key=key,
    )


def extractor(config: Config, *, explained: bool = False) -> Extract:
    """Extraction in this process, with the model loaded."""
    check_model(config)
    if explained and config.extract.extractor:
        raise Mistake("only onrecord's own extractor explains: leave extract.extractor empty")
    return _extractor_maker(config)(explained=explained)


def _extractor_maker(config: Config) -> Callable[..., Extract]:
    """What loads an extractor; in a worker process too, so its arguments are plain values."""
    return partial(_load_extractor, config.extract)


def _load_extractor(section: ExtractSection, *, explained: bool = False) -> Extract:
    if section.extractor:
        return make_extractor(section.extractor, section)
    # An article's matrices are too small to share out: a second thread of numpy's kernels doubles
    # the processor time for a fifth of the waiting, and takes it from the next worker process.
    # Read when numpy is first imported, hence before the next line.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    use_own_word_lists(section.word_lists)
    # spaCy takes a second to import, and whoever only reads a topic never needs it.
    from onrecord.nlp.extract import load_extractor

    return load_extractor(section, now=now, explained=explained)


@contextmanager
def worker(
    config: Config,
    log: Log,
    member: Member,
    *,
    report: Callable[[BatchReport], None],
    outage: Outage,
) -> Iterator[Worker]:
    """A live worker with its pool of extractor processes."""
    with extractor_pool(config) as pool, ExitStack() as stack:
        forgotten = stack.enter_context(closing(forgotten_table(config, log)))
        make = partial(
            make_worker,
            config,
            member,
            into=topics_of(config).extractions,
            outage=outage,
            amend=forgotten.amended,
        )
        if not config.log.quotes_topic:
            yield make(pool=pool, report=report)
            return
        quotes = stack.enter_context(quote_publisher(config, log))
        yield make(pool=pool, report=quotes.confirmed_by(report), also=quotes.add)


def forgotten_table(config: Config, log: Log) -> ForgottenTable:
    """What must not be published again."""
    return ForgottenTable(log, topics_of(config).forgotten)


def quote_publisher(config: Config, log: Log) -> QuotePublisher:
    """The publisher of single quotes; see `log.quotes_topic`."""
    return QuotePublisher(
        log,
        topics_of(config),
        connect_schemas=is_on_kafka(config) and config.kafka.connect_schemas,
    )


def extractor_pool(config: Config, *, processes: int | None = None, niceness: int = 0) -> Pool:
    """The extractor processes, not started yet: as many as configured, or as told here."""
    processes = processes or config.extract.processes
    policy = replace(config.extract, processes=processes, niceness=niceness)
    return Pool(_extractor_maker(config), policy)


def make_worker(
    config: Config,
    member: Member,
    *,
    pool: Pool,
    into: str,
    report: Callable[[BatchReport], None],
    outage: Outage,
    amend: Amend,
    also: Also = nothing_else,
) -> Worker:
    """A worker over a pool that was started.

    `also` is what it publishes beside the results, `amend` takes out what must not be published.
    """
    return Worker(
        member,
        pool,
        topics=topics_of(config),
        into=into,
        policy=config.extract,
        dead_letters=config.dead_letters,
        report=report,
        outage=outage,
        also=also,
        amend=amend,
        tracer=tracer_of(config.traces),
    )
