"""Ten articles of five outlets on one affair: who said what, under whose name, and where else."""

import json
import os

import pytest

from onrecord import subscribe, wiring
from onrecord.archive.query import parse_query
from onrecord.cli.archive_reading import level_archive
from onrecord.config import Config, load_config
from onrecord.people.judgement_book import JudgementBook
from onrecord.people.names_seen import id_of_name
from onrecord.records import QuoteOnRecord
from tests.acceptance.conftest import Onrecord

WIRE = (
    "“We will rebuild the old pier before winter comes, and nobody in this town will pay a single "
    "crown more for it than they did last year,” Dr. Sergei Volkov, the head of the harbour board, "
    "told dockers on Monday.\n\n“The state will carry half of the cost,” Estonian Transport "
    "Minister Mara Lind said in Tarn. The dockers heard them both for an hour and went back to "
    "work on the quay, where the ferry to the islands had waited for them since the early morning."
)
CUT = (
    "“Nobody in this town will pay a single crown more for it than they did last year,” said "
    "Sergey Volkov, who heads the harbour board.\n\nKirill Volkov, a fisherman, said: “I do "
    "not believe a word of that.”"
)
SECOND = (
    "Mr. Sergei Volkov spoke again on Tuesday. “The first stones are on their way,” Volkov "
    "said.\n\n“Tarn has waited for ten years,” said Dana J. Orlow, the mayor of Tarn."
)
AFFAIR = [
    ("Harbour Post", "2026-01-10", WIRE),
    ("Coast Gazette", "2026-01-10", WIRE),
    ("Island Mail", "2026-01-11", CUT),
    ("Northern Wire", "2026-01-12", SECOND),
    (
        "Evening Lamp",
        "2026-01-25",
        "“No crown has been paid to anybody yet,” the Estonian transport minister said on Sunday.",
    ),
    (
        "Harbour Post",
        "2026-03-02",
        "“The pier is late again,” said Dana Orlow, mayor of Tarn. She asked for a new date.",
    ),
    (
        "Coast Gazette",
        "2026-04-03",
        "“I kept my word while I could,” former transport minister Mara Lind said on Friday.",
    ),
    (
        "Island Mail",
        "2026-05-04",
        "“I have inherited half a pier,” said Ove Kask, the new Estonian transport minister.",
    ),
    (
        "Northern Wire",
        "2026-05-20",
        "“We shall finish it by autumn,” the Estonian transport minister told parliament.",
    ),
    (
        "Evening Lamp",
        "2026-05-21",
        "“The water at the pier is clean enough,” Olympic swimmer Mara Lind said after a race.",
    ),
]
# The speaker of each quote, and what finds them: (words, publisher) → (person, by).
SAID = {
    ("We will rebuild", "Harbour Post"): ("Sergei Volkov", "name"),
    ("We will rebuild", "Coast Gazette"): ("Sergei Volkov", "name"),
    ("Nobody in this town", "Island Mail"): ("Sergei Volkov", "name"),
    ("The first stones", "Northern Wire"): ("Sergei Volkov", "name"),
    ("I do not believe", "Island Mail"): ("Kirill Volkov", "name"),
    ("The state will carry", "Harbour Post"): ("Mara Lind", "name"),
    ("The state will carry", "Coast Gazette"): ("Mara Lind", "name"),
    ("Tarn has waited", "Northern Wire"): ("Dana J. Orlow", "name"),
    ("The pier is late", "Harbour Post"): ("Dana J. Orlow", "name"),
    ("No crown has been", "Evening Lamp"): ("Mara Lind", "office"),
    ("I kept my word", "Coast Gazette"): ("Mara Lind", "name"),
    ("I have inherited", "Island Mail"): ("Ove Kask", "name"),
    ("We shall finish", "Northern Wire"): ("Ove Kask", "office"),
}
SWIMMER = ("The water at the pier", "Evening Lamp")


@pytest.fixture
def config(onrecord: Onrecord, monkeypatch: pytest.MonkeyPatch) -> Config:
    """The configuration of a log in which the affair was imported and extracted."""
    for name, value in onrecord.environment.items():
        if name.startswith("ONRECORD_"):
            monkeypatch.setenv(name, value)
    monkeypatch.chdir(onrecord.folder)
    lines = [
        json.dumps(
            {
                "url": f"https://{publisher.replace(' ', '').lower()}.example/{n}",
                "title": f"The pier, part {n}",
                "text": text,
                "publisher": publisher,
                "published_at": f"{day}T{10 + n}:00:00Z",
                "language": "en",
            }
        )
        for n, (publisher, day, text) in enumerate(AFFAIR)
    ]
    onrecord("import", "-", stdin="\n".join(lines))
    onrecord("extract", "--once")
    return load_config(os.environ)


def direct_quotes(speaker: str | None = None) -> list[QuoteOnRecord]:
    found = subscribe("quotes", since="earliest", until="end", speaker=speaker)
    return [one for one in found if one.quote.type == "direct"]


def said_by(found: list[QuoteOnRecord]) -> dict[tuple[str, str], tuple[str, str] | None]:
    """The person of each quote, by its first words and its publisher."""
    starts = [start for start, _ in (*SAID, SWIMMER)]
    result: dict[tuple[str, str], tuple[str, str] | None] = {}
    for one in found:
        words = one.quote.content[0].text
        start = next(start for start in starts if words.startswith(start))
        person = one.quote.speaker.person if one.quote.speaker else None
        result[start, one.article.publisher or ""] = (person.name, person.by) if person else None
    return result


@pytest.mark.model
def test_ten_articles_of_one_affair_come_out_as_five_people_and_their_statements(
    config: Config,
) -> None:
    found = direct_quotes()
    assert said_by(found) == SAID | {SWIMMER: ("Mara Lind", "name")}
    volkov = direct_quotes(speaker="sergej volkov")
    assert {key for key, (name, _) in SAID.items() if name == "Sergei Volkov"} == set(
        said_by(volkov)
    )
    wire = {it.article.story for it in found if it.quote.content[0].text.startswith("The state")}
    assert len(wire) == 1
    assert wire != {None}

    with level_archive(config, print) as archive:
        (first,) = archive.search(parse_query('"rebuild the old pier" publisher:post')).hits
        places = [one.article.publisher for one in archive.same_words(first.quote.id).quotes]
    assert places == ["Harbour Post", "Coast Gazette", "Island Mail"]

    with wiring.open_log(config) as log:
        # Two people of one full name are told apart by hand, by the role of the other.
        people = wiring.live_people(config, log)
        people.refresh()
        editor = wiring.editor(people.registry, by="ana")
        split = editor.split_namesake(id_of_name("mara lind"), role="swimmer")
        JudgementBook(log, wiring.topics_of(config), writer="tests").write(split)
        people.close()
    by_id = {one.quote.content[0].text[:9]: one.quote.speaker for one in direct_quotes()}
    ids = {words: who.person.id for words, who in by_id.items() if who and who.person}
    assert ids["The water"] != ids["I kept my"] == ids["No crown "] == ids["The state"]
