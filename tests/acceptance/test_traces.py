"""Commands send their spans to a collector, and do without one that is away."""

import gzip
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.acceptance.conftest import Onrecord, Publisher, story


@contextmanager
def collector(received: list[Mapping[str, str]]) -> Iterator[str]:
    """An OTLP collector on loopback: the name and feed of each span that it is sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                names = {a.key: a.value.string_value for a in resource.resource.attributes}
                for scope in resource.scope_spans:
                    received.extend(
                        {"service": names["service.name"], "span": span.name}
                        for span in scope.spans
                    )
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/traces"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.slow
def test_a_command_sends_its_spans_to_the_collector_before_it_ends(
    onrecord: Onrecord, publisher: Publisher
) -> None:
    publisher.feeds = {"north": [story(publisher, n) for n in range(3)]}
    received: list[Mapping[str, str]] = []
    with collector(received) as endpoint:
        feed = publisher.feed_url("north")
        onrecord("poll", "--once", "--feeds", feed, ONRECORD_TRACES__ENDPOINT=endpoint)
    assert received == 3 * [{"service": "onrecord", "span": "poll"}]


@pytest.mark.slow
def test_a_collector_that_is_away_costs_no_article_and_keeps_nobody_from_ending(
    onrecord: Onrecord, publisher: Publisher
) -> None:
    publisher.feeds = {"north": [story(publisher, n) for n in range(3)]}
    with collector([]) as gone:
        pass
    feed = publisher.feed_url("north")
    onrecord("poll", "--once", "--feeds", feed, ONRECORD_TRACES__ENDPOINT=gone)
    assert len(onrecord.records("articles")) == 3
