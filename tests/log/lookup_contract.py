"""What every log promises of lookups; see `contract.py`."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from onrecord.errors import Overtaken, UnknownTopic
from onrecord.log.interface import Log, Lookup, Message, Partition
from tests.log.contract import Harness, fill, publish, read_all, topic, values


def value_of(message: Message) -> bytes | None:
    return message.value


def found(lookup: Lookup, keys: Iterable[bytes]) -> list[bytes | None]:
    return [lookup.get(key) for key in keys]


class LookupContract:
    def test_the_newest_record_of_a_key_is_found(self, harness: Harness) -> None:
        with harness.open() as log:
            topic(log, "t")
            publish(log, "t", b"1", b"2", key=b"a")
            publish(log, "t", b"3", key=b"b")
            with log.newest("t", value_of) as lookup:
                assert found(lookup, [b"a", b"b", b"c"]) == [b"2", b"3", None]

    def test_several_keys_are_looked_up_together_in_their_order(self, harness: Harness) -> None:
        with harness.open() as log:
            topic(log, "t")
            keys = [str(number).encode() for number in range(600)]
            for key in (keys[1], keys[599]):
                publish(log, "t", b"old", key, key=key)
            with log.newest("t", value_of) as lookup:
                wanted = [keys[599], *keys, keys[1]]
                assert lookup.get_all(wanted) == found(lookup, wanted)
                assert lookup.get_all(keys[:2] * 2) == [None, keys[1]] * 2
                assert lookup.get_all([]) == []

    def test_records_of_others_beside_our_own_are_taken_note_of(self, harness: Harness) -> None:
        with harness.open() as log:
            topic(log, "t")
            with log.newest("t", value_of) as lookup:
                publish(log, "t", b"1", b"2", key=b"own")
                assert set(lookup.catch_up([b"own"])) == {b"own"}
                publish(log, "t", b"3", key=b"own")
                assert set(lookup.catch_up([b"own"])) == {b"own"}
                publish(log, "t", b"4", key=b"own")
                publish(log, "t", b"5", key=b"other")
                assert set(lookup.catch_up([b"own"])) == {b"own", b"other"}
                assert found(lookup, [b"own", b"other"]) == [b"4", b"5"]

    def test_what_is_published_later_is_found_after_catching_up(self, harness: Harness) -> None:
        with harness.open() as log:
            topic(log, "t")
            publish(log, "t", b"1", key=b"a")
            with log.newest("t", value_of) as lookup:
                assert lookup.catch_up() == []
                publish(log, "t", b"2", key=b"a")
                publish(log, "t", b"3", key=b"b")
                assert sorted(lookup.catch_up()) == [b"a", b"b"]
                assert found(lookup, [b"a", b"b"]) == [b"2", b"3"]

    def test_what_is_published_in_a_transaction_of_the_same_group_is_seen_in_the_next(
        self, harness: Harness
    ) -> None:
        with harness.open() as log:
            topic(log, "from", partitions=1)
            topic(log, "t")
            fill(log, "from", 2)
            with log.newest("t", value_of) as lookup, log.join("g", ["from"], name="m") as member:
                seen = []
                for number in range(2):
                    while Partition("from", 0) not in member.partitions():
                        member.poll(limit=0, timeout_s=0.1)
                    with member.transaction() as tx:
                        lookup.catch_up()
                        seen.append(lookup.get(b"k"))
                        tx.publish("t", key=b"k", value=str(number).encode())
                        tx.commit({Partition("from", 0): 0})
                assert seen == [None, b"0"]

    def test_a_tombstone_removes_its_key(self, harness: Harness) -> None:
        with harness.open() as log:
            topic(log, "t", compacted=True)
            publish(log, "t", b"1", key=b"a")
            with log.newest("t", value_of) as lookup:
                publish(log, "t", None, key=b"a")
                lookup.catch_up()
                assert lookup.get(b"a") is None

    def test_what_an_aborted_transaction_wrote_is_not_found(self, harness: Harness) -> None:
        with harness.open() as log:
            topic(log, "t")
            publish(log, "t", b"1", key=b"a")
            with log.newest("t", value_of) as lookup:
                with pytest.raises(RuntimeError, match="changed my mind"):
                    _publish_and_fail(log, "t", key=b"a", value=b"2")
                lookup.catch_up()
                assert lookup.get(b"a") == b"1"

    def test_only_the_extract_is_given_and_none_is_as_if_not_there(self, harness: Harness) -> None:
        def first_byte(message: Message) -> bytes | None:
            return (message.value or b"")[:1] or None

        with harness.open() as log:
            topic(log, "t")
            publish(log, "t", b"long", key=b"a")
            publish(log, "t", b"", key=b"b")
            with log.newest("t", first_byte) as lookup:
                assert found(lookup, [b"a", b"b"]) == [b"l", None]

    def test_a_lookup_opened_again_knows_the_past(self, harness: Harness) -> None:
        with harness.open() as log:
            topic(log, "t")
            fill(log, "t", 50)
            with log.newest("t", value_of) as lookup:
                assert lookup.get(b"49") == b"49"
        with harness.open() as log:
            publish(log, "t", b"new", key=b"7")
            with log.newest("t", value_of) as lookup:
                assert found(lookup, [b"7", b"8", b"50"]) == [b"new", b"8", None]

    def test_a_key_is_found_after_partitions_were_added(self, harness: Harness) -> None:
        with harness.open() as log:
            name = topic(log, "t", partitions=1)
            fill(log, name, 20)
            with log.newest("t", value_of) as before:
                settings = next(t.settings for t in log.topics() if t.name == name)
                log.alter_topic(name, type(settings)(partitions=7))
                for number in range(10):
                    publish(log, name, b"new", key=str(number).encode())
                before.catch_up()
                keys = [str(number).encode() for number in range(20)]
                wanted = [b"new"] * 10 + keys[10:]
                assert found(before, keys) == wanted
            with log.newest("t", value_of) as after:
                assert found(after, keys) == wanted

    def test_of_one_partition_the_last_record_is_the_newest_whatever_its_timestamp(
        self, harness: Harness
    ) -> None:
        """As when the clock was set back, or records were copied from another log."""
        with harness.open() as log:
            topic(log, "t", partitions=1)
            noon = datetime.now(UTC)
            with log.writer("w") as writer, writer.transaction() as tx:
                for number in range(3):
                    at = noon - timedelta(minutes=number)
                    tx.publish("t", key=b"a", value=b"%d" % number, timestamp=at)
            with log.newest("t", value_of) as lookup:
                assert lookup.get(b"a") == b"2"

    def test_what_was_derived_from_the_topic_is_kept_for_whoever_opens_it(
        self, harness: Harness
    ) -> None:
        with harness.open() as log:
            topic(log, "t")
            topic(log, "u")
            with log.newest("t", value_of) as lookup, log.newest("u", value_of) as other:
                assert list(lookup.kept("one")) == []
                lookup.keep("one", [b"former", b"former", b"former"])
                lookup.keep("one", iter([b"1" * 3_000_000, b"2"]))
                lookup.keep("one more", [b"%d" % number for number in range(12)])
                lookup.keep("two", [b""])
                assert list(other.kept("one")) == []
        with harness.open() as log, log.newest("t", value_of) as lookup:
            assert list(lookup.kept("one")) == [b"1" * 3_000_000, b"2"]
            assert list(lookup.kept("one more")) == [b"%d" % number for number in range(12)]
            assert list(lookup.kept("two")) == [b""]

    def test_what_was_derived_goes_with_its_topic(self, harness: Harness) -> None:
        with harness.open() as log:
            topic(log, "t")
            with log.newest("t", value_of) as lookup:
                lookup.keep("one", [b"1"])
            log.delete_topic("t")
            topic(log, "t")
            with log.newest("t", value_of) as lookup:
                assert list(lookup.kept("one")) == []

    def test_what_was_derived_goes_with_a_record_that_is_erased(self, harness: Harness) -> None:
        with harness.open() as log:
            topic(log, "t")
            publish(log, "t", b"1", key=b"a")
            with log.newest("t", value_of) as lookup:
                lookup.keep("one", [b"of 1"])
                publish(log, "t", None, key=b"a")
                log.erase("t", [b"a"])
                lookup.catch_up()
                assert list(lookup.kept("one")) == []
                lookup.keep("one", [b"of the rest"])
                publish(log, "t", b"2", key=b"b")
                lookup.catch_up()
                assert list(lookup.kept("one")) == [b"of the rest"]

    def test_the_offsets_known_at_the_last_catching_up_are_told(self, harness: Harness) -> None:
        with harness.open() as log:
            topic(log, "t", partitions=1)
            with log.newest("t", value_of) as lookup:
                publish(log, "t", b"1", key=b"a")
                assert lookup.known() == {Partition("t", 0): 0}
                lookup.catch_up()
                # Kafka's markers of transactions have offsets, too.
                assert lookup.known()[Partition("t", 0)] >= 1

    def test_who_comes_second_publishes_nothing_and_sees_the_first_afterwards(
        self, harness: Harness
    ) -> None:
        with harness.open() as log:
            topic(log, "t", partitions=2)

            def others() -> None:
                publish(log, "t", b"theirs", key=b"a")

            with log.newest("t", value_of) as lookup:
                with pytest.raises(Overtaken):
                    publish_unless_known(log, lookup, b"a", meanwhile=others)
                assert not publish_unless_known(log, lookup, b"a", meanwhile=None)
                assert publish_unless_known(log, lookup, b"b", meanwhile=others)
            assert Counter(values(read_all(log, "t"))) == {b"ours": 1, b"theirs": 2}

    def test_a_topic_that_is_not_there_cannot_be_looked_up(self, harness: Harness) -> None:
        with harness.open() as log, pytest.raises(UnknownTopic):
            log.newest("nowhere", value_of)


def publish_unless_known(log: Log, lookup: Lookup, key: bytes, *, meanwhile: object) -> bool:
    """Publish a key that is not there yet; whether that was done. `meanwhile` others publish."""
    with log.writer("ours") as writer, writer.transaction() as tx:
        lookup.catch_up()
        tx.unless_overtaken(lookup)
        if lookup.get(key) is not None:
            return False
        tx.publish("t", key=key, value=b"ours")
        if callable(meanwhile):
            meanwhile()
    return True


def _publish_and_fail(log: Log, name: str, *, key: bytes, value: bytes) -> None:
    with log.writer("w") as writer, writer.transaction() as tx:
        tx.publish(name, key=key, value=value)
        raise RuntimeError("changed my mind")
