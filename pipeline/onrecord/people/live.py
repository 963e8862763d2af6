"""The registry as read from a log, as of now or as of a position in the judgements.

What was derived is read from its topic; extractions that are not in there yet can be added in
memory, so that a reader need not wait for the process that derives.
"""

from collections.abc import Iterable, Iterator

from onrecord.errors import RecordError, UnknownTopic
from onrecord.log.following import open_past_gap, poll_past_gap
from onrecord.log.interface import Log, Message, Partition, Reader
from onrecord.log.read_to_end import read_to_end
from onrecord.people.deriving import Deriver
from onrecord.people.judgement_book import judgement_of
from onrecord.people.known import KnownList
from onrecord.people.registry import Registry
from onrecord.people.resolving import PeopleResolver
from onrecord.records import PeoplePosition, Person, from_json
from onrecord.topics import Topics

POSITION_KEY = b"position"
_READ = 500
_LOOK_S = 0.05


class LivePeople:
    """A registry, its resolver, and the position up to which it is derived.

    `until` pins the judgements: those at this offset and later do not count.
    """

    def __init__(
        self, log: Log, topics: Topics, known: KnownList, *, until: int | None = None
    ) -> None:
        self.resolver = PeopleResolver(Registry(), known)
        self.deriver = Deriver(self.resolver, judges=until is None)
        self.position: dict[int, int] = {}
        self.judgements_end = 0
        self._log = log
        self._topics = topics
        self._until = until
        self._reader: Reader | None = None
        self._extractions: Reader | None = None
        # Names that judgements affect and that were not told yet, as an outage came between.
        self._affected: set[str] = set()

    @property
    def registry(self) -> Registry:
        """Who is who, as of the last reading."""
        return self.resolver.registry

    def refresh(self) -> set[str]:
        """Read what was derived and judged since the last call; returns the names affected."""
        return self.apply(self.news())

    def news(self) -> Iterator[Message]:
        """What was derived and judged since the last call, to be applied."""
        reader = self._open()
        if reader is not None:
            yield from read_to_end(self._log, reader)

    def apply(self, messages: Iterable[Message]) -> set[str]:
        """Take messages of both topics; returns the names that judgements affect."""
        for message in messages:
            if message.topic == self._topics.judgements:
                self._affected |= self._judge(message)
            elif message.key == POSITION_KEY:
                self._move(message)
            else:
                self._see(message)
        affected, self._affected = self._affected, set()
        return affected

    def catch_up(self, *, at_most: int | None = None) -> int:
        """Add the extractions that nobody derived yet; returns how many were left out."""
        reader = self._open_extractions()
        if reader is None:
            return 0
        ends = self._log.bounds(self._topics.extractions)
        left = sum(
            max(0, ends[p][1] - reader.position(p)) for p in reader.partitions() if p in ends
        )
        if at_most is not None and left > at_most:
            return left
        self.deriver.take(read_to_end(self._log, reader))
        return 0

    def next_extractions(self, *, limit: int = _READ, timeout_s: float = _LOOK_S) -> list[Message]:
        """The next extractions to derive from."""
        reader = self._open_extractions()
        if reader is None:
            return []
        return poll_past_gap(reader, limit=limit, timeout_s=timeout_s)

    def derived_to(self) -> PeoplePosition:
        """The position after the extractions and judgements that were read."""
        reader = self._extractions
        offsets = (
            {} if reader is None else {p.number: reader.position(p) for p in reader.partitions()}
        )
        return PeoplePosition(
            extractions=dict(sorted((self.position | offsets).items())),
            judgements=self.judgements_end,
        )

    def is_at_end(self) -> bool:
        """Whether every extraction that there is was read."""
        reader = self._open_extractions()
        if reader is None:
            return True
        ends = self._log.ends(self._topics.extractions)
        return all(reader.position(p) >= ends[p] for p in reader.partitions() if p in ends)

    def close(self) -> None:
        """Close the readers."""
        for reader in (self._reader, self._extractions):
            if reader is not None:
                reader.close()
        self._reader = self._extractions = None

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    def _open(self) -> Reader | None:
        if self._reader is None:
            try:
                self._reader = self._log.reader([self._topics.people, self._topics.judgements])
            except UnknownTopic:
                return None  # nobody has derived or judged anything yet
        return self._reader

    def _open_extractions(self) -> Reader | None:
        if self._extractions is None:
            try:
                bounds = self._log.bounds(self._topics.extractions)
            except UnknownTopic:
                return None
            start = {
                partition: max(begin, self.position.get(partition.number, 0))
                for partition, (begin, _) in bounds.items()
            }
            self._extractions = open_past_gap(self._log, [self._topics.extractions], start)
        return self._extractions

    def _judge(self, message: Message) -> set[str]:
        if self._until is not None and message.offset >= self._until:
            return set()
        self.judgements_end = message.next_offset
        judgement = judgement_of(message)
        return self.deriver.judge([judgement]).names if judgement is not None else set()

    def _move(self, message: Message) -> None:
        try:
            found = from_json(message.value or b"", PeoplePosition)
        except RecordError:
            return
        self.position = found.extractions

    def _see(self, message: Message) -> None:
        if message.value is None:
            self.registry.forget_name((message.key or b"").decode("utf-8", "replace"))
            return
        try:
            person = from_json(message.value, Person)
        except RecordError:
            return
        for name in person.names:
            self.resolver.see(name)


def partition_of_judgements(topics: Topics) -> Partition:
    """The one partition of the judgements: whoever owns it derives the people."""
    return Partition(topics.judgements, 0)
