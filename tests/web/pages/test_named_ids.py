"""Queries with names in place of the ids of people."""

from pathlib import Path

from onrecord.archive.interface import NamesResolved
from onrecord.archive.opening import open_archive
from onrecord.web.pages.named_ids import names_of_ids, with_names
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
    assert with_names(query, names) == f'pier speaker:"Mara Lind" about:{NOBODY} {MARA}'
