"""The quotes that `onrecord run` shows, as they are committed."""

import logging
import sys
from collections import OrderedDict
from collections.abc import Callable

from onrecord.cli.render import console, print_quote
from onrecord.errors import RecordError
from onrecord.log.backoff import Backoff
from onrecord.log.following import Follower
from onrecord.log.interface import Log, Message, Partition
from onrecord.records import Extraction, Quote, from_json, on_record, to_json
from onrecord.sink.filters import Floor

_logger = logging.getLogger(__name__)


class LiveQuotes:
    """Prints the quotes of extractions that are committed from now on.

    An edited article is extracted again: of its quotes only those are printed whose words were
    not printed before. Quotes below the floor are counted instead.
    """

    REMEMBERED = 50_000

    def __init__(self, log: Log, topic: str, *, pretty: bool, floor: Floor) -> None:
        self._log = log
        self._topic = topic
        self._console = console() if pretty else None
        self._printed: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._start: dict[Partition, int] = {
            partition: end for partition, (_, end) in log.bounds(topic).items()
        }
        self._floor = floor
        self.articles = 0
        self.quotes = 0
        self.left_out = 0
        self.skipped = 0

    def follow(
        self, backoff: Backoff, *, over: Callable[[], bool], stopped: Callable[[], bool]
    ) -> None:
        """Print until the stages are over and every extraction was printed.

        `stopped` is asked at each round: whoever asks it can take that for a sign of life.
        """
        with self._log.reader([self._topic], start=self._start) as reader:
            follower = Follower(reader, backoff=backoff, stopped=stopped)
            while True:
                last = over()
                messages = follower.poll(limit=200, timeout_s=0.0 if last else 0.3)
                is_stopped = stopped()
                if follower.is_away and not is_stopped:
                    continue
                for message in messages:
                    self._print_message(message)
                sys.stdout.flush()
                if last and not messages:
                    return

    def _print_message(self, message: Message) -> None:
        if message.value is None:
            return  # a tombstone: an article that was taken back
        try:
            extraction = from_json(message.value, Extraction)
        except RecordError as error:
            self.skipped += 1
            _logger.warning("%s offset %d skipped: %s", message.source, message.offset, error)
            return
        self._print(extraction)

    def _print(self, extraction: Extraction) -> None:
        self.articles += 1
        for quote in extraction.quotes:
            if not self._is_new(extraction, quote):
                continue
            if self._floor.admits(quote):
                self.quotes += 1
                self._write(extraction, quote)
            else:
                self.left_out += 1

    def _is_new(self, extraction: Extraction, quote: Quote) -> bool:
        key = (extraction.article.id, " ".join(span.text for span in quote.content))
        if key in self._printed:
            return False
        self._printed[key] = None
        if len(self._printed) > self.REMEMBERED:
            self._printed.popitem(last=False)
        return True

    def _write(self, extraction: Extraction, quote: Quote) -> None:
        if self._console is not None:
            print_quote(self._console, extraction.article, quote, extraction.extracted_at)
        else:
            sys.stdout.buffer.write(to_json(on_record(extraction, quote)) + b"\n")
