"""The stories of the articles published lately, read from the topic when they are first needed."""

import sys
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from datetime import datetime
from itertools import chain
from zlib import crc32

import msgspec

from onrecord.errors import OnrecordError
from onrecord.feeds.articles.near_duplicates import StoryWindow
from onrecord.log.following import open_past_gap
from onrecord.log.interface import Log, Lookup, Partition, Reader
from onrecord.log.read_to_end import read_to_end
from onrecord.processing.forgotten import ForgottenTable
from onrecord.records import Article, Time
from onrecord.topics import Topics


class _Signature(msgspec.Struct):
    """The fields of an article that distinguish a new story from a copy."""

    id: str
    sketch: str | None = None
    story: str | None = None
    story_first_seen: Time | None = None
    canonical_url: str | None = None


class _Kept(msgspec.Struct, array_like=True):
    """The first piece of what is kept: the window follows.

    `positions` are the offsets of each partition up to which it was read.
    """

    saved_at: float
    positions: dict[int, int]


class _UselessError(Exception):
    """What was kept is too old, of another topic or version, damaged, or not whole."""


# How many articles are remembered to recognise near-duplicates among the next.
STORIES = 20_000
# A window is saved when it has changed by this share: less is read as fast as that is written.
_CHANGED_SHARE = 0.1

# What each piece begins with that this version, on such a machine, can use as it is. Then comes
# its checksum.
_FORMAT = f"stories 3 {sys.byteorder} ".encode()

_decoder = msgspec.json.Decoder(_Signature)


class RecentStories:
    """A window of `most` stories, and a reader of the topic that keeps it up to date.

    Most polls bring no article: the topic is read only when the window is asked for, and then only
    when another process has published. On closing, the window is kept beside the topic's index, so
    that the next process reads what came since.
    """

    def __init__(
        self,
        log: Log,
        topics: Topics,
        index: Lookup,
        *,
        most: int,
        since: datetime | None = None,
    ) -> None:
        self._log = log
        self._topic = topics.articles
        self._index = index
        self._most = most
        self._since = since
        # Windows that reach back to a moment differ from those that do not.
        self._name = "stories" if since is None else "stories since"
        self._window = StoryWindow(0)
        self._reader: Reader | None = None
        # Everything before these offsets is in the window, or too old for it.
        self._positions: Mapping[Partition, int] = {}
        # Whether records of others are to be read.
        self._is_behind = most > 0

    def window(self) -> StoryWindow:
        """The stories as of the last `catch_up`, or of now."""
        if self._is_behind:
            self._read(self._reader or self._open())
        return self._window

    def keep(self) -> None:
        """Keep the stories noted since the last call: their articles were committed."""
        self._window.keep()

    def take_back(self) -> None:
        """Forget the stories noted for a transaction that was not committed."""
        self._window.take_back()

    def catch_up(self, *, only_own: bool) -> None:
        """Read what was published since the last call, once the window was asked for.

        `only_own`: up to the index's `catch_up` everything was published, and noted, here.
        """
        if self._reader is None:
            return
        if only_own and not self._is_behind:
            self._positions = self._index.known()
        else:
            self._is_behind = True
            self._read(self._reader)

    def close(self, forgotten: ForgottenTable) -> None:
        """Keep the window for the next process, if it has changed much.

        One with an article that was forgotten is not kept, as its signature has been erased.
        """
        if self._reader is None:
            return
        read = self._reader.partitions()
        self._reader.close()
        self._reader = None
        if self._window.noted > _CHANGED_SHARE * self._most:
            # Without it the next process reads the topic, which takes it a second.
            with suppress(OnrecordError):
                if not self._has_any(forgotten):
                    self._save(read)
                    # What was erased just before was kept again.
                    if self._has_any(forgotten):
                        self._index.keep(self._name, ())

    def _has_any(self, forgotten: ForgottenTable) -> bool:
        """Whether an article in the window was forgotten by now."""
        forgotten.catch_up()
        return forgotten.is_any_in(self._window)

    def _open(self) -> Reader:
        """Take over the window that was kept, if it is of use, and read the topic from there."""
        bounds = self._log.bounds(self._topic)
        start = self._start(bounds)
        window, positions = self._restored(
            {partition.number: end for partition, (_, end) in bounds.items()}
        )
        for partition, at in start.items():
            start[partition] = max(at, positions.get(partition.number, at))
        reader = open_past_gap(self._log, [self._topic], start)
        self._window, self._reader, self._positions = window, reader, start
        return reader

    def _read(self, reader: Reader) -> None:
        for partition in reader.partitions():
            if reader.position(partition) < (at := self._positions.get(partition, 0)):
                reader.seek(partition, at)
        for message in read_to_end(self._log, reader):
            try:
                article = _decoder.decode(message.value or b"")
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
            note_story(self._window, article, entered_at=message.timestamp)
        self._positions = {
            partition: reader.position(partition) for partition in reader.partitions()
        }
        self._is_behind = False

    def _start(self, bounds: Mapping[Partition, tuple[int, int]]) -> dict[Partition, int]:
        """Where about the last `most` records begin, if they are young enough."""
        share = -(-self._most // len(bounds))
        since = {} if self._since is None else self._log.offsets_at(self._topic, self._since)
        return {
            partition: max(begin, end - share, since.get(partition, begin))
            for partition, (begin, end) in bounds.items()
        }

    def _save(self, read: Collection[Partition]) -> None:
        self._window.take_back()
        # Partitions that were added later have not been read.
        positions = {p.number: at for p, at in self._positions.items() if p in read}
        first = msgspec.msgpack.encode(_Kept(time.time(), positions))
        self._index.keep(self._name, _marked(chain([first], self._window.saved())))

    def _restored(self, ends: Mapping[int, int]) -> tuple[StoryWindow, Mapping[int, int]]:
        """The window that an earlier process kept, and the offsets up to which it was read.

        An empty one if that is of no use: too old, or of a topic that ended later.
        """
        window, positions = self._kept_for(ends) or (StoryWindow(self._most), {})
        if self._since is not None:
            window.forget_before(self._since)
        return window, positions

    def _kept_for(self, ends: Mapping[int, int]) -> tuple[StoryWindow, Mapping[int, int]] | None:
        """What an earlier process kept, also of what is too old by now; None if of no use."""
        with closing(self._index.kept(self._name)) as marked, suppress(_UselessError):
            pieces = _checked(marked)
            kept = msgspec.msgpack.decode(next(pieces), type=_Kept)
            is_young = self._since is None or kept.saved_at >= self._since.timestamp()
            is_of_topic = all(at <= ends.get(number, 0) for number, at in kept.positions.items())
            window = StoryWindow(self._most)
            if is_young and is_of_topic and window.restore(pieces):
                return window, kept.positions
        return None


def _marked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces as they are kept: with their format and checksum."""
    return (_FORMAT + crc32(piece).to_bytes(4, "big") + piece for piece in pieces)


def _checked(marked: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces that were marked. Raises _UselessError at the end, and for one that is damaged."""
    start = len(_FORMAT) + 4
    for piece in marked:
        content = piece[start:]
        if piece[:start] != _FORMAT + crc32(content).to_bytes(4, "big"):
            break
        yield content
    raise _UselessError


def note_story(
    window: StoryWindow,
    article: _Signature | Article,
    *,
    entered_at: datetime,
    is_committed: bool = True,
) -> None:
    """Remember the text signature of an article; see `StoryWindow.note`."""
    if article.story and article.story_first_seen:
        window.note(
            article.id,
            article.sketch,
            article.story,
            article.story_first_seen,
            url=article.canonical_url,
            entered_at=entered_at,
            is_committed=is_committed,
        )
