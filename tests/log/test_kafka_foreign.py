"""What programs of others write to a cluster, and what no program can read."""

import subprocess
import time
from typing import Any, NoReturn

import pytest
from kafka import KafkaProducer, codec
from kafka.admin import ConfigResource

from onrecord.errors import LogRefused
from onrecord.log.interface import Reader
from onrecord.log.kafka.policy import servers_of
from tests.log.contract import publish, read_all, topic, values
from tests.log.test_kafka import KafkaHarness, admin, harness
from tests.needs import need_program
from tests.patience import PATIENCE_S

__all__ = ["admin", "harness"]  # fixtures


def produce(harness: KafkaHarness, name: str, *values: bytes | None, **settings: Any) -> None:
    """Write as a program of others does, with its own settings."""
    how = {key: settings.pop(key) for key in ("headers", "timestamp_ms") if key in settings}
    producer = KafkaProducer(bootstrap_servers=servers_of(harness.url), **settings)
    for value in values:
        producer.send(name, key=b"k", value=value, **how).get(timeout=PATIENCE_S)
    producer.close()


@pytest.mark.parametrize("compression", ["gzip", "snappy", "lz4", "zstd"])
def test_what_producers_compress_with_any_codec_is_read(
    harness: KafkaHarness, compression: str
) -> None:
    with harness.open() as log:
        topic(log, "t", partitions=1)
        produce(harness, "t", *[b"%d" % n * 5000 for n in range(50)], compression_type=compression)
        assert values(read_all(log, "t")) == [b"%d" % n * 5000 for n in range(50)]


@pytest.mark.parametrize("compression", ["gzip", "snappy", "lz4", "zstd"])
def test_what_brokers_compress_with_any_codec_is_read(
    harness: KafkaHarness, admin: Any, compression: str
) -> None:
    with harness.open() as log:
        topic(log, "t", partitions=1)
        configs = {"compression.type": compression}
        admin.alter_configs([ConfigResource("TOPIC", "t", configs)])
        time.sleep(0.5)
        publish(log, "t", *[b"%d" % n * 5000 for n in range(50)])
        assert values(read_all(log, "t")) == [b"%d" % n * 5000 for n in range(50)]


def test_what_no_library_here_can_read_is_a_refusal_with_its_place_and_no_hang(
    harness: KafkaHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    with harness.open() as log:
        topic(log, "t", partitions=1)
        publish(log, "t", b"before")
        produce(harness, "t", b"x" * 5000, compression_type="lz4")
        monkeypatch.setattr(codec, "has_lz4", lambda: False)
        for opened in (log.reader(["t"]), log.join("g", ["t"], name="m")):
            with opened as reader:
                for _ in range(3):  # and not once, to hang then
                    with pytest.raises(LogRefused, match=r"t/0 offset 2 cannot be read .*lz4"):
                        poll_on(reader)


def poll_on(reader: Reader) -> NoReturn:
    while True:
        reader.poll(limit=10, timeout_s=1)


@pytest.mark.parametrize("timestamp_ms", [1, 2**40])
def test_a_header_that_is_no_text_and_any_time_are_read(
    harness: KafkaHarness, timestamp_ms: int
) -> None:
    need_program("kcat")
    with harness.open() as log:
        topic(log, "t", partitions=1)
        publish(log, "t", b"before")
        servers = ",".join(servers_of(harness.url))
        subprocess.run(
            ["kcat", "-P", "-b", servers, "-t", "t", "-p", "0", "-H", b"\xff\xfe=1", "-k", "k"],
            input=b"odd",
            check=True,
        )
        produce(harness, "t", b"after", timestamp_ms=timestamp_ms)
        found = read_all(log, "t")
        assert values(found) == [b"before", b"odd", b"after"]
        assert found[1].headers == (("\ufffd\ufffd", b"1"),)
