"""Traces follow a revision from its poll to the receiver of its quotes; off, they cost nothing."""

import subprocess
import sys
import threading
from datetime import timedelta

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from onrecord.log.backoff import Outage
from onrecord.log.consuming import is_drained
from onrecord.log.interface import Log
from onrecord.processing.dead_letters import DeadLetterPolicy
from onrecord.processing.worker import Worker, WorkerPolicy
from onrecord.tracing import Tracer, TracesPolicy, Work, tracer_of
from tests.builders import NOON, article
from tests.conftest import TOPICS
from tests.fakes import InlinePool
from tests.filling import everything
from tests.processing.feeds.test_ledger import A, Publishing, follow, ready_ledger


def extract(log: Log, tracer: Tracer | None) -> None:
    with log.join("extract", [TOPICS.articles], name="w") as member:
        Worker(
            member,
            InlinePool(),
            topics=TOPICS,
            into=TOPICS.extractions,
            policy=WorkerPolicy(commit_interval_s=0.05),
            dead_letters=DeadLetterPolicy(),
            report=lambda batch: None,
            outage=Outage(lambda line: None),
            tracer=tracer,
        ).run(lambda: False, lambda: is_drained(log, member, "extract"))


def poll(log: Log, tracer: Tracer | None) -> None:
    follow(log, A)
    with ready_ledger(log, tracer=tracer) as ledger:
        ledger.settle([(A, Publishing(A, article("a1", feed=A.url), article("a2")))])


def contexts(log: Log, topic: str) -> dict[bytes | None, bytes | None]:
    return {m.key: dict(m.headers).get("traceparent") for m in everything(log, topic)}


def test_the_spans_of_an_article_are_one_trace_through_the_headers_of_the_log(log: Log) -> None:
    exporter = InMemorySpanExporter()
    tracer = Tracer(exporter)
    poll(log, tracer)
    extract(log, Tracer(exporter))  # in another process
    tracer.flush()
    on_articles, on_extractions = contexts(log, TOPICS.articles), contexts(log, TOPICS.extractions)
    assert on_articles.keys() == on_extractions.keys() == {b"a1", b"a2"}
    posted = Work("post", NOON, NOON + timedelta(seconds=1), {"webhook.id": "w1"})
    last = Tracer(exporter)
    last.record(posted, after=(("traceparent", on_extractions[b"a1"]),))
    last.flush()
    traces = {value.split(b"-")[1].decode() for value in on_articles.values() if value}
    assert len(traces) == 2
    [mine] = [(on_articles[b"a1"] or b"").split(b"-")[1].decode()]
    chain = _chain(spans(exporter, until=5), mine)
    assert [span.name for span in chain] == ["poll", "extract", "post"]
    assert chain[0].attributes == {"article.id": "a1", "article.revision": 1, "feed": A.url}


def spans(exporter: InMemorySpanExporter, *, until: int) -> list[ReadableSpan]:
    """All spans; the processors of several tracers hand them over in threads."""
    waiting = threading.Event()
    for _ in range(600):
        found = exporter.get_finished_spans()
        if len(found) >= until:
            return list(found)
        waiting.wait(0.1)
    raise AssertionError(f"{len(exporter.get_finished_spans())} spans, not {until}")


def _chain(found: list[ReadableSpan], trace: str) -> list[ReadableSpan]:
    """The spans of a trace, each followed by its child."""
    mine = [span for span in found if format(span.context.trace_id, "032x") == trace]
    by_parent = {span.parent.span_id if span.parent else None: span for span in mine}
    chain, at = [], None
    while at in by_parent:
        chain.append(by_parent[at])
        at = chain[-1].context.span_id
    assert len(chain) == len(mine)
    return chain


def test_a_process_that_traces_nothing_passes_the_context_on(log: Log) -> None:
    tracer = Tracer(InMemorySpanExporter())
    poll(log, tracer)
    extract(log, None)
    assert contexts(log, TOPICS.extractions) == contexts(log, TOPICS.articles)


def test_an_article_that_is_not_in_the_share_is_traced_by_nobody(log: Log) -> None:
    exporter = InMemorySpanExporter()
    tracer = Tracer(exporter, share=0.0)
    poll(log, tracer)
    extract(log, tracer)
    tracer.flush()
    assert exporter.get_finished_spans() == ()


def test_records_have_no_context_and_nothing_is_imported_where_traces_are_off(log: Log) -> None:
    poll(log, tracer_of(TracesPolicy()))
    extract(log, tracer_of(TracesPolicy()))
    assert set(contexts(log, TOPICS.extractions).values()) == {None}
    code = (
        "import sys; from onrecord.cli.command_group import *; from onrecord import wiring; "
        "from onrecord.config import Config; from onrecord.wiring.polling import ledger; "
        "from onrecord.tracing import tracer_of; assert tracer_of(Config().traces) is None; "
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
