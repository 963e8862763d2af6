"""Subscribing from Python: topics as iterators of typed records.

    from onrecord import subscribe

    with subscribe("quotes", speaker="lavrov", since="-1h", group="fact-check") as quotes:
        for found in quotes:
            print(found.quote.speaker.name, found.article.url)

The options mean what those of `onrecord subscribe` mean, and the configuration is the same.
"""

import logging
import os
import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Literal, Self, TypedDict, TypeVar, Unpack, cast, overload

from onrecord import wiring
from onrecord.config import load_config, with_log
from onrecord.errors import Mistake
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log, Message
from onrecord.records import Article, Extraction, QuoteOnRecord
from onrecord.sink.filters import Filter
from onrecord.sink.group import GroupPolicy, join
from onrecord.sink.parse_options import parse_filter
from onrecord.sink.selection import Selection, What
from onrecord.sink.subscribe import Stretch, read
from onrecord.sink.times import parse_stretch

R = TypeVar("R", Article, Extraction, QuoteOnRecord)
When = str | datetime | timedelta

logger = logging.getLogger(__name__)
_numbers = count(1)

# Messages in hand are not given to other members: few, in case a record takes seconds.
_POLICY = GroupPolicy(read_ahead=100)


class Options(TypedDict, Generic[R], total=False):
    """What can be asked for.

    `since` is "earliest", "latest" (the default), a time or how long ago; `until` a time, "end"
    for what is there now, or None to go on for ever. A time is aware, or text as the command
    takes it ("2026-11-01", "-2h"). Times are when records entered the log, or with `by`
    "published" when the articles were published: from the archive, oldest first, up to what is
    there now. `group` goes on where that group stopped, and its members
    share the work. `match` is a regular expression in which case does not count, or a compiled
    one. Names find people by all their names, unless `exact`; `speaker_id` is a person's id, and
    `people_at` a position in the judgements: who is who is then as of there. `min_confidence`
    leaves out quotes below it. `where` is a filter of the caller's own: it is called with each
    record that the other options let through, and says whether to give it. `topic` is read instead
    of the usual one: a replay's name, or a topic's. `log` is the URL of a log and `config` a file,
    instead of those that the command would use.
    """

    since: When
    until: When | None
    by: Literal["entered", "published"]
    group: str | None
    speaker: str | None
    speaker_id: str | None
    about: str | None
    entity: str | None
    publisher: str | None
    feed: str | None
    language: str | None
    category: str | None
    section: str | None
    type: Literal["direct", "mixed", "indirect"] | None
    match: str | re.Pattern[str] | None
    exact: bool
    min_confidence: float | None
    people_at: int | None
    where: Callable[[R], bool] | None
    topic: str | None
    log: str | None
    config: str | Path | None


@overload
def subscribe(
    what: Literal["quotes"] = "quotes", **options: Unpack[Options[QuoteOnRecord]]
) -> "Subscription[QuoteOnRecord]": ...
@overload
def subscribe(
    what: Literal["extractions"], **options: Unpack[Options[Extraction]]
) -> "Subscription[Extraction]": ...
@overload
def subscribe(
    what: Literal["articles"], **options: Unpack[Options[Article]]
) -> "Subscription[Article]": ...
def subscribe(what: str = "quotes", **options: Unpack[Options[Any]]) -> "Subscription[Any]":
    """Articles, extractions or quotes: live, or from any point in the past.

    Raises Mistake for what cannot be asked for; the log is opened by the first record or by the
    `with` block, and raises UnknownTopic, LogRefused and LogUnavailable there.
    """
    if what not in {kind.value for kind in What}:
        raise Mistake(f"subscribe({what!r}): there are articles, extractions and quotes")
    if unknown := options.keys() - Options.__annotations__.keys():
        raise TypeError(f"subscribe() has no option {min(unknown)!r}")
    if options.get("by", "entered") not in {"entered", "published"}:
        raise Mistake("by: there are entered and published")
    if options.get("by") == "published" and (options.get("group") or options.get("topic")):
        raise Mistake("by published reads the archive: leave out group and topic")
    if not callable(options.get("where") or bool):
        raise Mistake("where: a function from a record to whether it is wanted")
    return Subscription(What(what), options)


class Subscription(Generic[R]):
    """An iterator of records, and a context manager that closes it.

    In a group, asking for the next record says that the one before was processed, and so does
    leaving the `with` block without an exception. Positions are committed for what was processed:
    about once a second, when nothing is waiting, and on leaving. What was not is given again, and
    so is what was processed and not yet committed when the process was killed. Whoever takes more
    than `log.max_idle_s` (five minutes) over a record leaves it to another member.

    Belongs to one thread at a time.
    """

    def __init__(self, what: What, options: Options[R]) -> None:
        self._options: Options[R] = options
        config = options.get("config")
        loaded = load_config(os.environ, Path(config) if config is not None else None)
        self._config = with_log(loaded, options.get("log"))
        self._what = what
        self._where: Callable[[R], bool] | None = options.get("where")
        self._stretch = _stretch(options.get("since", "latest"), options.get("until"))
        self._selection = Selection(what, _filter(what, options), skipped=_warn_skipped)
        self._stack = ExitStack()
        self._messages: Iterator[Message] | None = None
        self._accept: Callable[[], None] = lambda: None
        self._records: deque[R] = deque()
        self._is_closed = False

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None and not self._records:
            self._accept()
        self._is_closed = True
        self._stack.__exit__(kind, error, traceback)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> R:
        while not self._records:
            message = None if self._is_closed else next(self._open(), None)
            if message is None:
                self.close()
                raise StopIteration
            found = cast("list[R]", self._selection.records(message))
            self._records.extend(filter(self._where, found) if self._where else found)
        return self._records.popleft()

    def close(self) -> None:
        """Leave, as at the end of a `with` block without an exception."""
        if not self._is_closed:
            self.__exit__(None, None, None)

    def _open(self) -> Iterator[Message]:
        if self._messages is None:
            log = self._stack.enter_context(wiring.open_to_read(self._config))
            if self._what is not What.ARTICLES:
                people = wiring.people_reader(
                    self._config, log, until=self._options.get("people_at")
                )
                self._stack.callback(people.close)
                self._selection.use_people(people)
            group, topic = self._options.get("group"), self._options.get("topic")
            topic = wiring.topic_to_read(self._config, log, self._what, topic)
            if self._options.get("by", "entered") == "published":
                self._messages = self._published(log)
            elif group is None:
                self._messages = self._alone(log, topic)
            else:
                self._messages = self._in_group(log, group, topic)
        return self._messages

    def _alone(self, log: Log, topic: str) -> Iterator[Message]:
        messages = read(
            log,
            topic,
            self._stretch,
            clock=wiring.now,
            stopped=self._was_closed,
            backoff=_backoff(),
        )
        # Closes the reader before the log that it reads.
        self._stack.callback(cast("Any", messages).close)
        return messages

    def _published(self, log: Log) -> Iterator[Message]:
        messages = wiring.published_in(
            self._config,
            log,
            self._what,
            self._stretch,
            backoff=_backoff(),
            skipped=_warn_skipped,
            stopped=self._was_closed,
        )
        self._stack.callback(messages.close)
        return messages

    def _in_group(self, log: Log, group: str, topic: str) -> Iterator[Message]:
        reading = self._stack.enter_context(
            join(
                log,
                group,
                topic,
                self._stretch,
                # Two subscriptions of a process are two members.
                name=f"{wiring.own_name('subscribe')}:{next(_numbers)}",
                clock=wiring.now,
                stopped=self._was_closed,
                backoff=_backoff(),
                policy=_POLICY,
            )
        )
        self._accept = reading.accept
        return iter(reading)

    def _was_closed(self) -> bool:
        return self._is_closed


def _backoff() -> Backoff:
    return Backoff(Outage(logger.warning), "subscribe")


def _stretch(since: When, until: When | None) -> Stretch:
    at = wiring.now()
    return parse_stretch(
        _written(since, at, "since"),
        None if until is None else _written(until, at, "until"),
        at=at,
        options=("since", "until"),
    )


def _written(when: When, at: datetime, option: str) -> str:
    """A time as the command takes it."""
    if isinstance(when, timedelta):
        try:
            when = at - when
        except OverflowError:
            raise Mistake(f"{option} {when}: that is before the calendar begins") from None
    if isinstance(when, datetime):
        if when.tzinfo is None:
            raise Mistake(f"{option} {when.isoformat()}: a time without a zone")
        return when.astimezone(UTC).isoformat()
    return when


def _filter(what: What, options: Options[Any]) -> Filter:
    match = options.get("match")
    found = parse_filter(
        speaker=options.get("speaker"),
        speaker_id=options.get("speaker_id"),
        about=options.get("about"),
        entity=options.get("entity"),
        publisher=options.get("publisher"),
        feed=options.get("feed"),
        language=options.get("language"),
        category=options.get("category"),
        section=options.get("section"),
        type=options.get("type"),
        match=match if isinstance(match, str) else None,
        exact=options.get("exact", False),
        min_confidence=options.get("min_confidence"),
        what=what,
    )
    return found if isinstance(match, str) or match is None else replace(found, match=match)


def _warn_skipped(message: Message, error: Exception) -> None:
    logger.warning("%s offset %d skipped: %s", message.source, message.offset, error)
