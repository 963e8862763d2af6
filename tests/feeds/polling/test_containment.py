"""Whatever one feed sends, the others are polled: its failure is its own, in words."""

from collections.abc import Sequence

from onrecord.feeds.decisions.decide import Decide, PollDecision
from onrecord.records import Feed, FeedState, to_json
from tests.feeds.polling.test_poller import DOCUMENT, MemoryLedger, Polling
from tests.feeds.publisher import Publisher, fetch_policy
from tests.http_server import Answer

LINKED = DOCUMENT.decode().replace("https://e.com/1", "{link}")


def rss(link: str) -> bytes:
    return LINKED.format(link=link).encode()


BROKEN_IDN = "http://xn--a.example/x"


def broken_answers(publisher: Publisher) -> dict[str, Answer]:
    """An answer for each path; every one of them ended the poller before."""
    publisher.answers["/page"] = Answer(status=301, headers={"Location": BROKEN_IDN})
    escaped = (
        b"<rss version='2.0'><channel><title>C \xe9</title><link rel='hub' "
        b"href='http://evil.example/\\ud800'/><item><guid>c7</guid><title>a</title></item>"
        b"</channel></rss>"
    )
    return {
        "/redirect": Answer(status=302, headers={"Location": BROKEN_IDN}),
        "/link": Answer(rss(BROKEN_IDN)),
        "/page-redirect": Answer(rss(publisher.url("/page"))),
        "/latin-1-hub": Answer(DOCUMENT, headers={"Link": '<http://hub.example/\xff>; rel="hub"'}),
        "/escaped-hub": Answer(
            escaped, headers={"Content-Type": "text/xml; charset=unicode_escape"}
        ),
        "/past-retry": Answer(
            status=429,
            headers={
                "Date": "Fri, 31 Dec 9999 23:59:59 GMT",
                "Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT",
            },
        ),
        "/guid": Answer(DOCUMENT.replace(b"<item>", b"<item><guid>http://[draft]/post</guid>")),
    }


def test_no_answer_of_one_feed_keeps_another_from_being_polled(publisher: Publisher) -> None:
    answers = broken_answers(publisher)
    publisher.answers |= answers
    publisher.answers["/good"] = Answer(DOCUMENT)
    urls = {path: publisher.url(path) for path in ("/good", *answers)}
    polling = Polling(*urls.values(), full_text="auto")
    reports = polling.once()
    assert set(reports) == set(urls.values())
    assert reports[urls["/good"]].error is None
    assert "not a URL" in str(reports[urls["/redirect"]].error)
    assert reports[urls["/link"]].error is None  # the feed is well, its page is not
    assert reports[urls["/guid"]].entries == 1
    for state in polling.ledger.states.values():
        to_json(state)
        assert state.next_poll_at is not None


def test_a_host_that_cannot_be_is_a_failure_of_its_feed() -> None:
    report = Polling("http://xn--a/feed").once()["http://xn--a/feed"]
    assert report.error is not None
    assert "not a URL" in report.error


class _BreakingLedger(MemoryLedger):
    """Cannot keep what a feed brings, nor decide about it together with others."""

    def settle(self, batch: Sequence[tuple[Feed, Decide]]) -> list[PollDecision | None]:
        for feed, decide in batch:
            decision = decide(self.states[feed.url], self.published)
            if feed.url.endswith("/bad") and decision.articles:
                raise ValueError("no such record can be written")
        return super().settle(batch)


def test_what_cannot_be_settled_is_a_failure_of_its_feed(publisher: Publisher) -> None:
    publisher.answers |= {
        "/good": Answer(rss("https://e.com/good")),
        "/bad": Answer(rss("https://e.com/bad")),
    }
    good, bad = publisher.url("/good"), publisher.url("/bad")
    ledger = _BreakingLedger({url: FeedState(url=url) for url in (bad, good)})
    polling = Polling(ledger=ledger)
    reports = polling.once()
    assert reports[good].new == 1
    assert "ValueError" in str(reports[bad].error)
    assert ledger.states[bad].failures == 1


def test_after_a_start_the_feed_that_has_been_due_longest_is_polled_last(
    publisher: Publisher,
) -> None:
    paths = ["/deadly", "/a", "/b", "/c"]
    publisher.answers |= dict.fromkeys(paths, Answer(DOCUMENT))
    one_after_another = fetch_policy(concurrency=1, per_host=1)
    polling = Polling(*map(publisher.url, paths[1:]), fetch=one_after_another, usual_interval_s=60)
    polling.once()
    polling.ledger.states[publisher.url("/deadly")] = FeedState(url=publisher.url("/deadly"))
    publisher.requests.clear()
    polling.now = polling.ledger.states[publisher.url("/a")].next_poll_at or polling.now
    polling.once()
    asked = [request.path for request in publisher.requests]
    assert set(asked) == set(paths)
    assert asked[-1] == "/deadly"


def test_a_redirect_holds_no_host_but_the_one_that_was_asked(publisher: Publisher) -> None:
    publisher.answers["/busy"] = Answer(status=429, headers={"Retry-After": "86400"})
    publisher.answers["/feed"] = Answer(DOCUMENT)
    elsewhere = publisher.url("/attack", host="localhost")
    publisher.answers["/attack"] = Answer(status=302, headers={"Location": publisher.url("/busy")})
    victim = publisher.url("/feed")
    polling = Polling(elsewhere, usual_interval_s=0, shortest_interval_s=0)
    assert "429" in str(polling.once()[elsewhere].error)
    polling.ledger.states[victim] = FeedState(url=victim)
    assert polling.once()[victim].error is None
