"""Bytes are the same whatever they are packed with, and a file that was cut says so."""

import gzip
import io
from pathlib import Path

import pytest
import zstandard

from onrecord.processing.importing.streams import DAMAGED, Stream, open_file

DATA = b"".join(b"line %d\n" % n for n in range(100_000))


def packed(how: str) -> bytes:
    half = len(DATA) // 2
    return {
        "plain": lambda: DATA,
        "gz": lambda: gzip.compress(DATA),
        "gz of two members": lambda: gzip.compress(DATA[:half]) + gzip.compress(DATA[half:]),
        "zst": lambda: zstandard.compress(DATA),
        "zst of two frames": lambda: (
            zstandard.compress(DATA[:half]) + zstandard.compress(DATA[half:])
        ),
    }[how]()


def read_all(stream: Stream) -> None:
    while stream.read(100_000):
        pass


KINDS = ["plain", "gz", "gz of two members", "zst", "zst of two frames"]


@pytest.mark.parametrize("how", KINDS)
@pytest.mark.parametrize("piped", [False, True])
def test_lines_are_the_same_however_they_are_packed(
    how: str, *, piped: bool, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_bytes(packed(how))
    raw, stream = open_file(file)
    if piped:
        raw.close()
        raw = io.BufferedReader(io.BytesIO(packed(how)))
        stream = Stream(raw, tell=None, seekable=False)
    with raw:
        assert stream.peek().startswith(b"line 0\n")
        assert b"".join(iter(lambda: stream.readline(100), b"")) == DATA
        assert stream.offset == len(DATA)
        assert piped or stream.raw_offset == len(packed(how))


@pytest.mark.parametrize("how", KINDS)
def test_reading_goes_on_at_any_byte(how: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(packed(how))
    for offset in (0, 1, len(DATA) // 2, len(DATA) - 5, len(DATA), len(DATA) + 9):
        raw, stream = open_file(file)
        with raw:
            stream.skip_to(offset)
            assert stream.read(20) == DATA[offset : offset + 20]


@pytest.mark.parametrize("how", [kind for kind in KINDS if kind != "plain"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_file_that_was_cut_is_said_to_be_damaged(how: str, share: float, tmp_path: Path) -> None:
    file = tmp_path / "file"
    whole = packed(how)
    file.write_bytes(whole[: int(len(whole) * share)])
    raw, stream = open_file(file)
    with raw, pytest.raises(DAMAGED):
        read_all(stream)


def test_a_file_that_is_damaged_within_is_said_to_be(tmp_path: Path) -> None:
    for how in ("gz", "zst"):
        whole = bytearray(packed(how))
        whole[len(whole) // 2 : len(whole) // 2 + 200] = bytes(200)
        (tmp_path / how).write_bytes(whole)
        raw, stream = open_file(tmp_path / how)
        with raw, pytest.raises(DAMAGED):
            read_all(stream)


@pytest.mark.parametrize("size", [1, 3, 8, 100])
def test_lines_are_the_same_however_many_bytes_are_read_at_a_time(size: int) -> None:
    data = b"one\n\nthree\r\nfour"
    stream = Stream(io.BufferedReader(io.BytesIO(data)), tell=None, seekable=False)
    found = [(line, stream.offset) for lines in stream.read_lines(size, most=50) for line in lines]
    assert [line for line, _ in found] == [b"one", b"", b"three\r", b"four"]
    assert found[-1][1] == len(data)


def test_short_lines_come_a_thousand_at_a_time_each_portion_with_its_end() -> None:
    data = b"".join(b"%d\n" % number for number in range(2_500))
    raw = io.BufferedReader(io.BytesIO(data), buffer_size=len(data))
    stream = Stream(raw, tell=None, seekable=False)
    found = [(lines, stream.offset) for lines in stream.read_lines(1_000_000, most=50)]
    assert [len(lines) for lines, _ in found] == [1_000, 1_000, 500]
    for lines, offset in found:
        assert data[:offset].endswith(b"\n" + lines[-1] + b"\n")


@pytest.mark.parametrize("size", [1, 3, 16, 100])
@pytest.mark.parametrize("end", [b"", b"\n", b"\ne" + b"f" * 30 + b"\ng\nh"])
def test_a_line_that_is_too_long_is_cut_and_the_next_ones_are_whole(size: int, end: bytes) -> None:
    data = b"a\n" + b"b" * 30 + b"\nc\nd" + end
    stream = Stream(io.BufferedReader(io.BytesIO(data)), tell=None, seekable=False)
    found = [(lines, stream.offset) for lines in stream.read_lines(size, most=10)]
    lines = [line for lines, _ in found for line in lines]
    assert [line[:10] for line in lines] == [line[:10] for line in data.splitlines()]
    assert all(line in data.splitlines() for line in lines if len(line) < 10)
    for some, offset in found:  # an import goes on after the line, wherever it was cut
        assert offset == len(data) or data[:offset].endswith(b"\n"), some
    assert found[-1][1] == len(data)
