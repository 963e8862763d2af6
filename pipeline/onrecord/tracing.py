"""OpenTelemetry traces: one for each revision of an article, from its poll to whoever is told.

The context travels as `traceparent` (W3C) in the headers of records, so a trace goes on in
whatever process reads the record next. A span is recorded when its work is done, with the times
that the work took. Nothing is imported, recorded or sent unless `traces.endpoint` is set.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, NamedTuple

from msgspec import Meta

from onrecord.errors import ConfigError
from onrecord.settings import HttpUrlOrEmpty, key
from onrecord.version import VERSION

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter

CONTEXT = "traceparent"
# Time for one request to the collector: a process that ends waits for its last spans.
_EXPORT_S = 3.0


@dataclass(frozen=True, kw_only=True)
class TracesPolicy:
    """Where traces are sent, and of how many articles."""

    endpoint: HttpUrlOrEmpty = key(
        "",
        "Where traces are sent with OTLP over HTTP, like http://localhost:4318/v1/traces; nothing "
        "records none. It needs the extra `traces`. Headers for the collector stand in "
        "OTEL_EXPORTER_OTLP_HEADERS.",
    )
    share: Annotated[float, Meta(ge=0, le=1)] = key(
        1.0, "The share of articles that is traced; all processes should have the same."
    )


class Work(NamedTuple):
    """Work that was done on an article: its name, its times, and what belongs to it."""

    name: str
    began_at: datetime
    ended_at: datetime
    attributes: Mapping[str, str | int]


class Tracer:
    """Records spans. Safe to use from several threads."""

    def __init__(self, exporter: "SpanExporter", *, share: float = 1.0) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        resource = Resource.create({"service.name": "onrecord", "service.version": VERSION})
        sampler = ParentBased(TraceIdRatioBased(share))
        # It sends what is left when the process ends.
        self._provider = TracerProvider(resource=resource, sampler=sampler)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("onrecord", VERSION)
        self._propagator = TraceContextTextMapPropagator()

    def record(
        self, work: Work, *, after: tuple[tuple[str, bytes | None], ...] = ()
    ) -> tuple[tuple[str, bytes], ...]:
        """Record work; the headers for the record that came of it.

        `after` are the headers of the record that led to the work; without a context among them
        a new trace begins.
        """
        from opentelemetry.trace import SpanKind, set_span_in_context

        span = self._tracer.start_span(
            work.name,
            context=self._propagator.extract(context_of(after)),
            kind=SpanKind.CONSUMER if after else SpanKind.PRODUCER,
            attributes=work.attributes,
            start_time=_ns(work.began_at),
        )
        span.end(_ns(max(work.began_at, work.ended_at)))
        found: dict[str, str] = {}
        self._propagator.inject(found, context=set_span_in_context(span))
        return tuple((name, value.encode()) for name, value in found.items())

    def flush(self) -> None:
        """Send what was recorded."""
        self._provider.force_flush()


def context_of(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    """The `traceparent` of a record; {} without one."""
    return {
        name: value.decode("ascii", "replace")
        for name, value in headers
        if name == CONTEXT and value
    }


@cache
def tracer_of(policy: TracesPolicy) -> Tracer | None:
    """The tracer of this process; None without an endpoint. Raises ConfigError."""
    if not policy.endpoint:
        return None
    if find_spec("opentelemetry") is None:
        raise ConfigError(
            "traces.endpoint needs OpenTelemetry: install the extra, as in "
            "`pip install 'onrecord[traces]'`",
            key="traces.endpoint",
        )
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    exporter = OTLPSpanExporter(endpoint=policy.endpoint, timeout=_EXPORT_S)
    return Tracer(exporter, share=policy.share)


def _ns(when: datetime) -> int:
    return round(when.timestamp() * 1_000_000) * 1000
