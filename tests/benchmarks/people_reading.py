"""What reading with people costs: the records of a log, selected and encoded, in CPU time.

    .venv/bin/python -m tests.benchmarks.people_reading [extractions.jsonl]

The extractions are those of the bundled sample, or of a file of JSON lines, repeated to COUNT in a
SQLite log from which people are derived. Reading with and without people takes turns; the ratio of
the medians is printed for each kind of record.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median
from time import process_time

from onrecord import wiring
from onrecord.config import Config, load_config
from onrecord.log.backoff import Backoff, Outage
from onrecord.log.interface import Log, TopicSettings
from onrecord.log.read_to_end import everything
from onrecord.people.readers import PeopleReader
from onrecord.sink.filters import Filter
from onrecord.sink.selection import Selection, What
from tests.benchmarks.subscribe import extractions

COUNT = 4_000
TURNS = 5


def main() -> None:
    given = Path(sys.argv[1]).read_bytes().splitlines() if len(sys.argv) > 1 else extractions()
    with tempfile.TemporaryDirectory() as folder:
        config = load_config({"ONRECORD_LOG__URL": f"sqlite:///{folder}/log.db"})
        with wiring.open_log(config) as log:
            fill(log, given)
            keeper = wiring.people_keeper(config, log)
            keeper.run(lambda: False, Backoff(Outage(print), "people"), once=True)
            people = wiring.people_reader(config, log)
            people.people_called("nobody")  # loaded before the clock runs
            for what in (What.QUOTES, What.EXTRACTIONS):
                compare(config, log, people, what)


def fill(log: Log, values: list[bytes]) -> None:
    log.create_topic("onrecord.extractions", TopicSettings(partitions=4))
    with log.writer("bench") as writer, writer.transaction() as tx:
        for n in range(COUNT):
            tx.publish("onrecord.extractions", key=b"%d" % n, value=values[n % len(values)])


def compare(config: Config, log: Log, people: PeopleReader, what: What) -> None:
    plain, known = [], []
    for _ in range(TURNS):
        plain.append(seconds(config, log, what, None))
        known.append(seconds(config, log, what, people))
    without, with_people = median(plain), median(known)
    print(
        f"{what.value}: {without / COUNT * 1e6:.0f} µs an extraction, "
        f"with people {with_people / COUNT * 1e6:.0f} µs: ratio {with_people / without:.2f}"
    )


def seconds(config: Config, log: Log, what: What, people: PeopleReader | None) -> float:
    selection = Selection(what, Filter(), skipped=lambda message, error: None)
    if people is not None:
        selection.use_people(people)
    start, size = process_time(), 0
    for message in everything(log, wiring.topic_of(config, what)):
        size += sum(map(len, selection.lines(message)))
    assert size
    return process_time() - start


if __name__ == "__main__":
    main()
