"""Ids that are functions of content."""

from hashlib import blake2b

from onrecord.records.spans import Span


def id_of(*parts: str) -> str:
    """An id that is a function of content: 32 hexadecimal digits (BLAKE2b of all parts)."""
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    framed = b"".join(len(data).to_bytes(8, "big") + data for data in encoded)
    return blake2b(framed, digest_size=16).hexdigest()


def quote_id(article_id: str, revision: int, content: tuple[Span, ...]) -> str:
    """A quote's id: of its article, revision and content span, so a replay gives the same."""
    spans = ",".join(f"{span.start}-{span.end}" for span in content)
    return id_of("quote", article_id, str(revision), spans)
