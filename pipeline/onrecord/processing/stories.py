"""The stories of the articles published lately, read from the topic when they are first needed."""

from datetime import datetime

import msgspec

from onrecord.feeds.articles.near_duplicates import StoryWindow
from onrecord.log.interface import Log, Partition, Reader
from onrecord.log.read_to_end import read_to_end
from onrecord.records import Article
from onrecord.topics import Topics


class _Signature(msgspec.Struct):
    """The fields of an article that distinguish a new story from a copy."""

    id: str
    sketch: str | None = None
    story: str | None = None
    story_first_seen: datetime | None = None
    canonical_url: str | None = None


# How many articles are remembered to recognise near-duplicates among the next.
STORIES = 20_000

_decoder = msgspec.json.Decoder(_Signature)


class RecentStories:
    """A window of `most` stories, and a reader of the topic that keeps it up to date.

    Most polls bring no article: the topic is read only when the window is asked for, and then only
    when another process has published.
    """

    def __init__(
        self, log: Log, topics: Topics, *, most: int, since: datetime | None = None
    ) -> None:
        self._log = log
        self._topic = topics.articles
        self._most = most
        self._since = since
        self._window = StoryWindow(most)
        self._reader: Reader | None = None
        self._passed_over = 0

    def window(self) -> StoryWindow:
        """The stories as of the last `catch_up`, or of now."""
        if self._reader is None and self._most:
            self._reader = self._log.reader([self._topic], start=self._start())
            self.catch_up()
        return self._window

    def pass_over(self, records: int) -> None:
        """Leave the next records unread: their stories were noted when they were published here."""
        self._passed_over += records

    def keep(self) -> None:
        """Keep the stories noted since the last call: their articles were committed."""
        self._window.keep()

    def take_back(self) -> None:
        """Forget the stories noted for a transaction that was not committed."""
        self._window.take_back()

    def catch_up(self) -> None:
        """Read what was published since the last call."""
        if self._reader is None:
            return
        if self._passed_over > self._most:
            for partition, start in self._start().items():
                self._reader.seek(partition, max(start, self._reader.position(partition)))
        self._passed_over = 0
        for message in read_to_end(self._log, self._reader):
            if message.key is not None and message.key.decode("utf-8", "replace") in self._window:
                continue  # noted when it was published here
            try:
                article = _decoder.decode(message.value or b"")
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
            note_story(self._window, article)

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _start(self) -> dict[Partition, int]:
        """Where about the last `most` records begin, if they are young enough."""
        bounds = self._log.bounds(self._topic)
        share = -(-self._most // len(bounds))
        since = {} if self._since is None else self._log.offsets_at(self._topic, self._since)
        return {
            partition: max(begin, end - share, since.get(partition, begin))
            for partition, (begin, end) in bounds.items()
        }


def note_story(
    window: StoryWindow, article: _Signature | Article, *, is_committed: bool = True
) -> None:
    """Remember the text signature of an article; see `StoryWindow.note`."""
    if article.story and article.story_first_seen:
        window.note(
            article.id,
            article.sketch,
            article.story,
            article.story_first_seen,
            url=article.canonical_url,
            is_committed=is_committed,
        )
