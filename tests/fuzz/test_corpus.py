"""The kept corpus, and mutations of it, through every target: what once broke one stays mended."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
SEEDS = sorted(CORPUS.iterdir())
MUTATIONS = 25
TOKENS = (
    b"<![CDATA[", b"]]>", b"&#xD800;", b"&amp;amp;", b"http://[draft]/", b"http://xn--a/", b"\xff",
    b"\\ud800", b"<item>", b"</item>", b"\x00", b"-1", b"9" * 30, b"[" * 200, b"\xef\xbb\xbf", b"*",
    b"<link rel='hub' href='", b"Fri, 31 Dec 9999 23:59:59 GMT", b"</rss>", b"\x1f\x8b\x08",
)  # fmt: skip


def mutations(seed: bytes, number: int) -> Iterator[bytes]:
    """The seed, and versions of it with something cut out, repeated, overwritten or put in."""
    chance = random.Random(number)
    yield seed
    for _ in range(MUTATIONS):
        data = bytearray(seed)
        for _ in range(chance.randint(1, 4)):
            start = chance.randint(0, len(data))
            end = min(len(data), start + chance.randint(0, 40))
            change = chance.choice(("cut", "repeat", "byte", "token"))
            if change == "cut":
                del data[start:end]
            elif change == "repeat":
                data[start:start] = data[start:end] * chance.randint(1, 20)
            elif change == "byte" and start < len(data):
                data[start] = chance.randrange(256)
            else:
                data[start:start] = chance.choice(TOKENS)
        yield bytes(data)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_a_target_raises_only_what_it_promises(name: str, seed: Path) -> None:
    for data in mutations(seed.read_bytes(), SEEDS.index(seed)):
        TARGETS[name](data)
