"""Small inputs that once went wrong, each with what must be found in it, by kind of error.

`small_inputs.jsonl` holds those of a review of modern news, `more_small_inputs.jsonl` others of
the same kinds. A case holds when every quote under "quotes" is there (only the keys given are
compared, without case; "(no speaker)" is null), none under "absent" is, and every entity is.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from onrecord.nlp.extract import Extract, load_extractor
from onrecord.nlp.policy import ExtractPolicy
from onrecord.records import Extraction, Quote
from tests.builders import article

pytestmark = pytest.mark.model

DATA = Path(__file__).parent.parent / "data"

# Line numbers of the cases that do not hold yet. A case that begins to hold leaves the list.
PENDING: dict[str, frozenset[int]] = {
    "small_inputs": frozenset({11, 76}),
    "small_inputs_of_names": frozenset(),
    "more_small_inputs": frozenset(),
}

Case = dict[str, Any]


@cache
def extractor() -> Extract:
    return load_extractor(ExtractPolicy())


def cases() -> list[Any]:
    found = []
    for name, pending in PENDING.items():
        path = DATA / f"{name}.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        for number, line in enumerate(lines, start=1):
            case = json.loads(line)
            marks = [pytest.mark.xfail(strict=True, reason="open")] if number in pending else []
            found.append(pytest.param(case, id=f"{name}:{number}", marks=marks))
    return found


@pytest.mark.parametrize("case", cases())
def test_small_input(case: Case) -> None:
    (found,) = extractor()([article(text=case["text"])])
    expected = case["expect"]
    quotes = [plain(quote) for quote in found.quotes]
    wanted = expected.get("quotes", [])
    if wanted == "none at all":
        assert quotes == []
        wanted = []
    for one in wanted:
        assert any(fits(one, quote) for quote in quotes), f"missing {one} among {quotes}"
    for one in expected.get("absent", []):
        assert not any(fits(one, quote) for quote in quotes), f"unwanted {one} among {quotes}"
    assert set(expected.get("entities", [])) <= entities(found)


def plain(quote: Quote) -> dict[str, str | None]:
    speaker = quote.speaker
    return {
        "content": " … ".join(span.text for span in quote.content),
        "type": quote.type,
        "cue": quote.cue.text if quote.cue else None,
        "source": quote.source.text if quote.source else None,
        "speaker": speaker.name if speaker else None,
        "role": speaker.role if speaker else None,
    }


def fits(wanted: dict[str, str], quote: dict[str, str | None]) -> bool:
    return all(
        quote[key] is None
        if value == "(no speaker)"
        else (quote[key] or "").lower() == value.lower()
        for key, value in wanted.items()
    )


def entities(found: Extraction) -> set[str]:
    return {f"{entity.name}/{entity.type}" for entity in found.entities}
