"""Queries with names in place of the ids of people."""

from pathlib import Path

from onrecord.archive.interface import NamesResolved
from onrecord.archive.opening import open_archive
from onrecord.archive.results import PersonSummary
from onrecord.archive.sqlite.archive import SqliteArchive
from onrecord.web.pages.named_ids import names_of_ids, shown_with_names
from tests.archive.reports import Said, report

MARA, NOBODY = "ab" * 16, "cd" * 16


def test_a_query_tells_the_names_of_the_people_it_has_ids_of(tmp_path: Path) -> None:
    query = f'pier speaker:"{MARA}" about:{NOBODY} {MARA}'
    with open_archive(f"sqlite:///{tmp_path}/archive.db") as archive:
        with archive.writer() as writer:
            resolved = NamesResolved(people={"mara lind": MARA})
            writer.write(
                [*report("a", Said("Mara Lind", "The pier opens.")).changes(), resolved], {}
            )
        names = names_of_ids(archive, query)
    assert names == {MARA: "Mara Lind"}
    # An id that nobody has, and a word that looks like one, stay.
    assert shown_with_names(query, names) == f'pier speaker:"Mara Lind" about:{NOBODY} {MARA}'


def test_few_people_of_a_query_are_looked_up_and_each_once(tmp_path: Path) -> None:
    asked: list[str] = []

    class Counting(SqliteArchive):
        def person(self, who: str, *, limit: int = 20) -> PersonSummary | None:
            asked.append(who)
            return super().person(who, limit=limit)

    ids = [f"{n:032x}" for n in range(8)]
    archive = Counting(tmp_path / "archive.db")
    names_of_ids(archive, " ".join(f"speaker:{who}" for who in [*ids[:2], *ids]))
    archive.close()
    assert asked == ids[:5]
