"""Each record is posted, signed and in order, until it is taken; and then not again."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer

import pytest

from onrecord.errors import Mistake
from onrecord.log.interface import TopicSettings
from onrecord.log.opening import open_log
from onrecord.web.policy import WebhookPolicy
from onrecord.web.webhook import check_url, key_of, sign, wait_s
from tests.acceptance.conftest import Onrecord
from tests.acceptance.test_subscribing import publish, said
from tests.patience import PATIENCE_S
from tests.receivers import SECRET, Receiver


@pytest.fixture
def posting(onrecord: Onrecord) -> Onrecord:
    onrecord.environment |= {
        "ONRECORD_WEBHOOK__SECRET": SECRET,
        "ONRECORD_WEBHOOK__FIRST_RETRY_S": "0.05",
    }
    publish(onrecord, "onrecord.extractions", [said(n) for n in range(10)])
    return onrecord


def arguments(receiver: Receiver, *more: str) -> list[str]:
    base = ["subscribe", "quotes", "--from", "earliest", "--group", "g"]
    return [*base, "--webhook", receiver.url, *more]


def ids(receiver: Receiver) -> list[str]:
    return [post["article"]["id"] for _, post in receiver.posts]  # type: ignore[index]


def test_each_is_posted_once_and_what_failed_is_tried_again(
    posting: Onrecord, receiver: Receiver
) -> None:
    receiver.answers = lambda number: {2: 500, 3: 429, 4: 302, 9: 404}.get(number, 200)
    done = posting(*arguments(receiver, "--until", "end"))
    assert sorted(ids(receiver)) == sorted(f"a{n}" for n in range(10))
    assert receiver.asked == 14
    assert "the webhook at 127.0.0.1 answered 500: trying until it is taken" in done.stderr
    assert "takes posts again" in done.stderr
    assert "secret-path" not in done.stderr
    posting(*arguments(receiver, "--until", "end"))
    assert receiver.asked == 14, "the group knows what was posted"


OK = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
BAD_ANSWERS = [
    None,  # none, until the post is given up
    b"",
    b"hello\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000,
    b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 429 Slow\r\nRetry-After: \xc2\xb2\r\nContent-Length: 0\r\n\r\n",
]


@pytest.fixture
def rough() -> Iterator[tuple[str, list[bytes]]]:
    """A receiver that answers badly, once in each way, and then well; and what it was asked."""
    asked: list[bytes] = []
    answers = iter(BAD_ANSWERS)

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            with suppress(ConnectionError):
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    line = self.rfile.readline()
                    if not line:
                        return
                    head += line
                asked.append(head)
                answer = next(answers, OK)
                if answer is None:
                    self.rfile.read()  # until the other side has had enough
                else:
                    self.wfile.write(answer)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/secret-path", asked
        server.shutdown()


def test_a_receiver_that_answers_in_whatever_way_is_asked_until_it_takes_the_post(
    posting: Onrecord, rough: tuple[str, list[bytes]]
) -> None:
    url, asked = rough
    done = posting(
        "subscribe", "quotes", "--from", "earliest", "--until", "end", "--group", "g",
        "--webhook", url, ONRECORD_WEBHOOK__TIMEOUT_S="3",
    )  # fmt: skip
    assert len(asked) >= len(BAD_ANSWERS) + 10
    assert {head.split()[1] for head in asked} == {b"/secret-path"}, "redirects are not followed"
    assert not any(b"Cookie:" in head for head in asked)
    said = [line.partition("127.0.0.1 ")[2] for line in done.stderr.splitlines()]
    assert said[0] == "did not answer within 3 s: trying until it is taken"
    assert said[-1] == "takes posts again"
    assert len(said) % 2 == 0, "one line when it begins, one when it is over"


def test_filters_and_limits_count_posts(posting: Onrecord, receiver: Receiver) -> None:
    posting(*arguments(receiver, "--speaker", "nobody", "--until", "end", "--limit", "3"))
    assert receiver.asked == 0
    posting(
        "subscribe", "quotes", "--from", "earliest", "--group", "other", "--limit", "3",
        "--webhook", receiver.url, "--speaker", "lavrov",
    )  # fmt: skip
    assert receiver.asked == 3


def test_killed_at_any_moment_it_posts_again_what_may_not_have_been_taken(
    posting: Onrecord, receiver: Receiver
) -> None:
    def die_after_the_fourth(number: int) -> int:
        if number == 5:
            os.killpg(running.pid, signal.SIGKILL)
        return 200

    receiver.answers = die_after_the_fourth
    running = posting.start(*arguments(receiver))
    assert running.wait(PATIENCE_S) == -signal.SIGKILL
    receiver.answers = lambda _: 200
    posting(*arguments(receiver, "--until", "end"), ONRECORD_LOG__SESSION_S="1")
    assert set(ids(receiver)) == {f"a{n}" for n in range(10)}
    assert len(dict(receiver.posts)) == 10, "a repeat has the id of the first"


def test_it_stops_at_once_while_it_waits_and_keeps_what_was_not_taken(
    posting: Onrecord, receiver: Receiver
) -> None:
    receiver.answers = lambda number: 200 if number <= 4 else 503
    running = posting.start(*arguments(receiver), ONRECORD_WEBHOOK__FIRST_RETRY_S="60")
    until = time.monotonic() + PATIENCE_S
    while receiver.asked < 5:
        assert time.monotonic() < until
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGTERM)
    assert running.wait(PATIENCE_S) == 0
    receiver.answers = lambda _: 200
    posting(*arguments(receiver, "--until", "end"))
    assert sorted(ids(receiver)) == sorted(f"a{n}" for n in range(10))


def test_a_receiver_that_is_gone_ends_it(posting: Onrecord, receiver: Receiver) -> None:
    receiver.answers = lambda _: 410
    done = posting(*arguments(receiver), code=1)
    assert "onrecord: the webhook at 127.0.0.1 answered 410 Gone: it wants no more" in done.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--webhook", "https://a.example/"], "--webhook needs --group"),
        (["--webhook", "ftp://a.example/", "--group", "g"], "write an http:// or https:// URL"),
        (["--webhook", "https://u:hunter2@a.example/", "--group", "g"], "not belong in a URL"),
        (["--webhook", "https://a.example/", "--group", "g", "--format", "csv"], "leave out"),
        (["--webhook", "https://a.example/", "--group", "g"], "set ONRECORD_WEBHOOK__SECRET"),
    ],
)
def test_what_cannot_be_posted_is_said(onrecord: Onrecord, options: list[str], says: str) -> None:
    done = onrecord("subscribe", *options, code=2)
    assert says in done.stderr
    assert "hunter2" not in done.stderr


def test_a_secret_is_never_shown(onrecord: Onrecord) -> None:
    done = onrecord(
        "subscribe", "--webhook", "https://a.example/", "--group", "g", code=2,
        ONRECORD_WEBHOOK__SECRET="whsec_hunter2",
    )  # fmt: skip
    assert "hunter2" not in done.stderr
    assert "hunter2" not in repr(WebhookPolicy(secret="whsec_hunter2"))


def test_signatures_are_those_of_standard_webhooks() -> None:
    # The example of the specification.
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    assert sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


@pytest.mark.parametrize(
    ("failures", "retry_after", "expected"),
    [
        (1, None, 1.0),
        (2, None, 2.0),
        (5, None, 16.0),
        (99, None, 300.0),
        (1, "30", 30.0),
        (1, "99999", 300.0),
        (3, "1", 4.0),
        (1, "Wed, 21 Oct 2026 07:28:00 GMT", 1.0),
    ],
)
def test_waits_double_up_to_the_longest(
    failures: int, retry_after: str | None, expected: float
) -> None:
    assert wait_s(failures, retry_after, WebhookPolicy(secret=SECRET)) == expected


@pytest.mark.parametrize("url", ["https://a.example/x?y", "http://127.0.0.1:9/"])
def test_urls(url: str) -> None:
    assert check_url(url) == url
    with pytest.raises(Mistake):
        check_url(url.replace("//", "//user@"))


def test_a_replay_is_posted_by_its_name(posting: Onrecord, receiver: Receiver) -> None:
    with open_log(posting.environment["ONRECORD_LOG__URL"]) as log:
        log.create_topic("onrecord.replay.try", TopicSettings())
    publish(posting, "onrecord.replay.try", [said(n) for n in range(20, 22)])
    posting(*arguments(receiver, "--topic", "try", "--until", "end"))
    assert sorted(ids(receiver)) == ["a20", "a21"]
