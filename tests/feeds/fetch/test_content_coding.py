"""Bodies: what servers compress, mislabel, pad and break off."""

import gzip
import random
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from onrecord.feeds.fetch.content_coding import BodyError, decoded

BODY = b"<rss>" + b"words and words " * 5_000 + b"</rss>"
MOST = 1_000_000
BOMB = b"\0" * 20_000_000


def raw_deflate(body: bytes) -> bytes:
    """Deflate without its wrapping: what some servers take it for."""
    return zlib.compress(body)[2:-4]


ENCODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "deflate": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstd.compress),
}
EACH = pytest.mark.parametrize(("label", "encode"), ENCODINGS.values(), ids=ENCODINGS)


@EACH
def test_what_was_compressed_comes_back(label: str, encode: Callable[[bytes], bytes]) -> None:
    assert decoded(encode(BODY), label, MOST) == BODY
    assert decoded(encode(BODY), label, len(BODY)) == BODY
    assert decoded(b"", label, MOST) == b""


@EACH
def test_a_bomb_is_unpacked_no_further_than_the_limit(
    label: str, encode: Callable[[bytes], bytes]
) -> None:
    assert len(decoded(encode(BOMB), label, MOST)) == MOST + 1
    assert len(decoded(encode(gzip.compress(BOMB)), f"gzip, {label}", MOST)) == MOST + 1


@EACH
def test_what_has_no_end_is_not_taken_for_whole(
    label: str, encode: Callable[[bytes], bytes]
) -> None:
    packed = encode(random.Random(1).randbytes(50_000))
    for length in (len(packed) - 1, len(packed) // 2):
        with pytest.raises(BodyError, match="broke off"):
            decoded(packed[:length], label, MOST)


@EACH
def test_a_document_that_is_not_compressed_at_all_is_read(
    label: str, encode: Callable[[bytes], bytes]
) -> None:
    for document in (b"<rss/>", b"\xef\xbb\xbf\n<rss>words</rss>", b'{"version": "x"}'):
        assert decoded(document, label, MOST) == document
    with pytest.raises(BodyError, match="badly compressed, or is no"):
        decoded(b"\xff\xfe no feed", label, MOST)


ODD_BODIES: dict[str, tuple[str, bytes]] = {
    "twice": ("gzip, gzip", gzip.compress(gzip.compress(BODY))),
    "one over another": ("gzip,br", brotli.compress(gzip.compress(BODY))),
    "identity and gzip": ("identity, gzip", gzip.compress(BODY)),
    "gzip and identity": ("gzip, identity", gzip.compress(BODY)),
    "no encoding": ("utf-8", BODY),
    "unknown but plain": ("compress", BODY),
    "gzip called deflate": ("deflate", gzip.compress(BODY)),
    "deflate called gzip": ("gzip", zlib.compress(BODY)),
    "padded": ("gzip", gzip.compress(BODY) + b"\0" * 512),
    "padded with what looks like more": (
        "gzip",
        gzip.compress(BODY) + b"\x1f\x8b\x08 and no member",
    ),
    "members": ("gzip", gzip.compress(BODY[:999]) + gzip.compress(BODY[999:])),
    "deflate and padded": ("deflate", zlib.compress(BODY) + b"\r\n"),
    "frames": ("zstd", zstd.compress(BODY[:999]) + zstd.compress(BODY[999:]) + b"\0"),
    "a file of members": ("", gzip.compress(BODY[:999]) + gzip.compress(BODY[999:])),
    "twice, said once": ("gzip", gzip.compress(gzip.compress(BODY))),
}


@pytest.mark.parametrize(("label", "packed"), ODD_BODIES.values(), ids=ODD_BODIES)
def test_whatever_the_label_the_bytes_have_the_last_word(label: str, packed: bytes) -> None:
    assert decoded(packed, label, MOST) == BODY


def test_a_file_that_only_begins_as_gzip_does_is_left_alone() -> None:
    assert decoded(b"\x1f\x8b\x08 and no more", "", MOST) == b"\x1f\x8b\x08 and no more"


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("lzma", "the body is encoded as 'lzma', which we did not ask for"),
        (",".join(["gzip"] * 9), "the body is encoded 9 times over"),
    ],
)
def test_what_nobody_asked_for_is_named(label: str, words: str) -> None:
    with pytest.raises(BodyError, match=words):
        decoded(b"\xfd7zXZ", label, MOST)


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "zstd", "br, gzip"]))
def test_no_bytes_do_worse_than_a_body_error(body: bytes, label: str) -> None:
    with suppress(BodyError):
        assert len(decoded(body, label, 1000)) <= 1001


class CountingBytes(bytes):
    """Bytes that count how many of them were copied out."""

    copied = 0

    def __getitem__(self, key: Any) -> Any:
        part = super().__getitem__(key)
        if isinstance(part, bytes):
            type(self).copied += len(part)
        return part


@pytest.mark.parametrize(
    ("label", "member"), [("gzip", gzip.compress(b"", mtime=0)), ("zstd", zstd.compress(b""))]
)
def test_the_work_is_linear_in_the_number_of_empty_members(label: str, member: bytes) -> None:
    def copied(members: int) -> int:
        CountingBytes.copied = 0
        assert decoded(CountingBytes(member * members), label, MOST) == b""
        return CountingBytes.copied

    assert copied(8_000) < 10 * copied(1_000)


@pytest.mark.parametrize(
    ("label", "member"), [("gzip", gzip.compress(b"", mtime=0)), ("zstd", zstd.compress(b""))]
)
def test_a_body_in_too_many_pieces_is_refused(label: str, member: bytes) -> None:
    with pytest.raises(BodyError, match="more than 10000 pieces"):
        decoded(member * 100_000, label, MOST)


def test_a_zstd_window_larger_than_http_allows_is_refused() -> None:
    huge: dict[int, int] = {
        zstd.CompressionParameter.window_log: 27,
        zstd.CompressionParameter.content_size_flag: 0,
    }
    frame = zstd.ZstdCompressor(options=huge)
    packed = frame.compress(b"<rss>" * 1_000) + frame.flush()
    with pytest.raises(BodyError, match="badly compressed"):
        decoded(packed, "zstd", MOST)
