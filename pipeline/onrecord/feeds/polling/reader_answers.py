"""The answers of reader processes, as bytes.

They are decoded as what the function gives, and as nothing else. A process that a hostile document
has taken over can lie about the document; were its answers unpickled, it could run code here.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, get_type_hints

import msgspec


class ReaderAnswer(msgspec.Struct, frozen=True, array_like=True):
    """The encoded result of a job, or why there is none; the processor time that it took."""

    result: msgspec.Raw
    reason: str | None
    processor_s: float

    def value(self, function: Callable[..., Any]) -> Any:
        """The result, as `function` is declared to give it. Raises msgspec.DecodeError."""
        return _decoder_of(function).decode(self.result)


_encoder = msgspec.msgpack.Encoder()
_answers = msgspec.msgpack.Decoder(ReaderAnswer)
_NOTHING = _encoder.encode(None)


def encoded_result(result: Any) -> bytes:
    """The result of a job, encoded. Raises for a value that msgspec cannot encode."""
    return _encoder.encode(result)


def encoded_answer(result: bytes | None, reason: str | None, processor_s: float) -> bytes:
    """An answer with an encoded result, or with the reason why there is none."""
    return _encoder.encode(ReaderAnswer(msgspec.Raw(result or _NOTHING), reason, processor_s))


def decoded_answer(answer: bytes) -> ReaderAnswer:
    """An answer as its reader sent it. Raises msgspec.DecodeError."""
    return _answers.decode(answer)


@lru_cache(maxsize=100)
def _decoder_of(function: Callable[..., Any]) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(get_type_hints(function).get("return", Any))
