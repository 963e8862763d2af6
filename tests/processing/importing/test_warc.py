"""Records of a web archive, one by one: a damaged one costs itself alone, a large one no memory."""

import gzip
import io
import zlib
from datetime import UTC, datetime

import brotli
import pytest
import zstandard

from onrecord.errors import RecordError
from onrecord.processing.importing.streams import Stream
from onrecord.processing.importing.warc import WarcRecord, read_records

PAGE = b"<html><body><p>The pier will open in May.</p></body></html>"


def http(body: bytes = PAGE, *, status: str = "200 OK", version: str = "1.1", **more: str) -> bytes:
    headers = {"Content-Type": "text/html; charset=utf-8"} | {
        name.replace("_", "-"): value for name, value in more.items()
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/{version} {status}\r\n{lines}\r\n".encode() + body


def record(
    block: bytes, *, kind: str = "response", length: int | None = None, **more: str
) -> bytes:
    headers = {
        "WARC-Type": kind,
        "WARC-Target-URI": "https://post.example/pier",
        "WARC-Date": "1999-05-01T08:00:00Z",
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block) if length is None else length),
    } | {name.replace("_", "-"): value for name, value in more.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"WARC/1.0\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def stream_of(data: bytes) -> Stream:
    return Stream(io.BufferedReader(io.BytesIO(data)), tell=None, seekable=False)


def records(data: bytes, *, most_bytes: int = 100_000) -> list[WarcRecord]:
    return list(read_records(stream_of(data), most_bytes=most_bytes))


def chunked(body: bytes) -> bytes:
    return (
        b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:9], body[9:]))
        + b"0\r\n\r\n"
    )


@pytest.mark.parametrize(
    "block",
    [
        http(),
        http(version="2"),
        http(chunked(PAGE), Transfer_Encoding="chunked"),
        http(gzip.compress(PAGE), Content_Encoding="gzip"),
        http(zlib.compress(PAGE), Content_Encoding="deflate"),
        http(chunked(gzip.compress(PAGE)), Transfer_Encoding="chunked", Content_Encoding="gzip"),
        http(chunked(PAGE).replace(b"9\r\n", b"9 ; a=b\r\n", 1), Transfer_Encoding="Chunked"),
        http(gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:]), Content_Encoding="x-gzip"),
        http(zlib.compress(PAGE)[2:-4], Content_Encoding="deflate"),
        http(brotli.compress(PAGE), Content_Encoding="br"),
        http(zstandard.compress(PAGE), Content_Encoding="zstd"),
        http(zstandard.compress(gzip.compress(PAGE)), Content_Encoding="GZIP, zstd"),
        # Some servers send a body in several frames, and some label it wrongly.
        http(
            zstandard.compress(PAGE[:20]) + zstandard.compress(PAGE[20:]), Content_Encoding="zstd"
        ),
        http(gzip.compress(PAGE), Content_Encoding="deflate"),
        http(zlib.compress(PAGE), Content_Encoding="gzip"),
        http(gzip.compress(PAGE)),
        # As crawlers write that decode answers and keep their headers.
        http(PAGE, Transfer_Encoding="chunked"),
        http(PAGE, Content_Encoding="gzip"),
        http(PAGE, Content_Encoding="br"),
        http(PAGE, Content_Encoding="utf-8"),
        http(PAGE, Content_Encoding="identity"),
    ],
)
def test_an_answer_is_decoded_as_http_says(block: bytes) -> None:
    (found,) = records(record(block))
    capture = found.open()
    assert capture.body == PAGE
    assert capture.url == found.url == "https://post.example/pier"
    assert capture.content_type == "text/html; charset=utf-8"
    assert capture.date == datetime(1999, 5, 1, 8, tzinfo=UTC)


def test_a_resource_is_its_body() -> None:
    (found,) = records(record(PAGE, kind="resource", Content_Type="text/html"))
    assert found.is_news
    assert found.open().body == PAGE


@pytest.mark.parametrize(
    ("data", "is_news"),
    [
        (record(http()), True),
        (record(http(Content_Type="application/rss+xml")), True),
        (record(http(Content_Type="text/xml;charset=utf-8")), True),
        (record(http(Content_Type="application/feed+json")), True),
        (record(http(Content_Type="image/png")), False),
        (record(http(Content_Type="")), False),
        (record(http(status="404 Not Found")), False),
        (record(http(status="301 Moved")), False),
        (record(b"software: x\r\n", kind="warcinfo"), False),
        (record(b"GET / HTTP/1.1\r\n\r\n", kind="request"), False),
        (record(http(b""), kind="revisit"), False),
        (record(b"20 1.2.3.4", WARC_Target_URI="dns:post.example", Content_Type="text/dns"), False),
    ],
)
def test_what_is_neither_feed_nor_page_is_told(data: bytes, *, is_news: bool) -> None:
    (found,) = records(data)
    assert found.is_news is is_news


def test_reading_goes_on_after_any_record() -> None:
    data = b"".join(record(http(b"<p>%d</p>" % n)) for n in range(5))
    whole = records(data)
    for number, before in enumerate(whole):
        stream = stream_of(data)
        stream.skip_to(before.after)
        rest = list(read_records(stream, most_bytes=1000))
        assert [one.offset for one in rest] == [one.offset for one in whole[number + 1 :]]
        assert [one.open().body for one in rest] == [b"<p>%d</p>" % n for n in range(number + 1, 5)]


@pytest.mark.parametrize(
    ("damaged", "says"),
    [
        (b"\0garbage\n\r\n more of it\n", "are no WARC record"),
        (record(http(), length=20), "its length is wrong: .* are no WARC record"),
        (record(http(), length=len(http()) + 100), "its length is wrong: the record does not end"),
        (record(http(), length=10**17), "the file ends within the record"),
        (record(http()).replace(b"Content-Length", b"Content-Size"), "without its length"),
        (record(http(PAGE[1:], Content_Encoding="br;x")), "encoded as 'br;x'"),
        (record(http(b"")), "the answer is empty"),
        (record(http()).replace(b"WARC-Target-URI", b"URI"), "a record without its address"),
        (record(b"\0\0"), "."),
        (
            record(http(gzip.compress(PAGE)[:-9], Content_Encoding="gzip")),
            "its compressed data has no end",
        ),
        (
            record(http(zlib.compress(PAGE)[2:-9], Content_Encoding="deflate")),
            "its compressed data has no end",
        ),
        (
            record(http(brotli.compress(PAGE)[:-9], Content_Encoding="br")),
            "its compressed data has no end",
        ),
        (
            record(http(zstandard.compress(PAGE)[:-9], Content_Encoding="zstd")),
            "its compressed data has no end",
        ),
        (record(http(PAGE[5:], Content_Encoding="br")), "badly compressed"),
        (record(http(PAGE[5:], Content_Encoding=", ".join(["gzip"] * 9))), "encoded 9 times"),
        (record(http(b"9\r\n<p>", Transfer_Encoding="chunked")), "it ends within a chunk"),
        (record(http(b"3\r\n<p>\r\n", Transfer_Encoding="chunked")), "without its last chunk"),
        (
            record(http(b"3\r\n<p>\r\nx", Transfer_Encoding="chunked")),
            "there is no chunk at byte 8",
        ),
        (record(http(), WARC_Truncated="length"), "only a part of it .WARC-Truncated: length"),
        (record(http(b"x" * 5000)), "more than 1000 bytes"),
        (record(http(b"x" * 500_000)), "more than 1000 bytes"),
        *(
            (record(http(pack(bytes(10**7)), Content_Encoding=coding)), "more than 1000 bytes")
            for coding, pack in {
                "gzip": gzip.compress,
                "deflate": zlib.compress,
                "br": brotli.compress,
                "zstd": zstandard.compress,
            }.items()
        ),
    ],
)
def test_a_damaged_record_costs_itself_alone(damaged: bytes, says: str) -> None:
    found = records(record(http()) + damaged + record(http()), most_bytes=1000)
    assert found[0].open().body == PAGE
    assert found[-1].open().body == PAGE
    reasons = []
    for one in found[1:-1]:
        try:
            one.open()
        except RecordError as error:
            reasons.append(str(error))
    assert reasons
    with pytest.raises(RecordError, match=says):
        raise RecordError("; ".join(reasons))


def test_an_archive_that_was_cut_says_so_at_its_end() -> None:
    data = record(http()) * 2
    found = records(data[:-40])
    assert found[0].open().body == PAGE
    with pytest.raises(RecordError, match="the file ends within the record"):
        found[1].open()


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JavaScript:x", "data:text/html,x", "file:///x", "ftp://h/x"]
)
def test_a_record_of_a_url_that_no_reader_should_follow_is_refused(url: str) -> None:
    """Finding F27: WARC-Target-URI of any scheme became an article's URL."""
    (found,) = records(record(http(), WARC_Target_URI=url))
    with pytest.raises(RecordError, match="WARC-Target-URI is no http:// or https:// URL"):
        found.open()


@pytest.mark.parametrize("url", ["<https://post.example/pier>", "HTTPS://post.example/pier"])
def test_a_url_in_angle_brackets_or_capitals_is_one_of_the_web(url: str) -> None:
    """GNU Wget wrote the brackets into WARC 1.0."""
    (found,) = records(record(http(), WARC_Target_URI=url))
    assert (found.open().url or "").lower() == "https://post.example/pier"
