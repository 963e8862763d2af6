"""A quote of the log stands on the pages as the archive would give it."""

from typing import Any

import pytest

from onrecord.records import ArticleRef, KnownAs, QuoteOnRecord, Speaker
from onrecord.web.pages.tail import from_record
from tests.builders import NOON, quote

PERSON = "1" * 32


@pytest.mark.parametrize(
    ("name", "person", "by", "role", "wrong"),
    [
        ("Premier Lind", "Mara Lind", "office", "premier", None),
        ("Mara Lind", "Mara Lind", "name", "premier", None),
        ("Mara Lind", "Ola Berg", "correction", None, "Mara Lind"),
        ("Mara Lind", "Mara Lind", "correction", None, "Mara Lind"),
    ],
)
def test_only_a_correction_makes_the_extracted_speaker_wrong(
    name: str, person: str, by: Any, role: str | None, wrong: str | None
) -> None:
    known = KnownAs(id=PERSON, name=person, by=by)
    said = quote(speaker=Speaker(name=name, role="premier", person=known))
    record = QuoteOnRecord(article=ArticleRef(id="a1", title=""), quote=said, extracted_at=NOON)
    found = from_record(record, NOON)
    assert found.speaker is not None
    assert (found.speaker.name, found.role, found.wrong_speaker) == (person, role, wrong)
