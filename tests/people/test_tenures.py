"""Who held an office when."""

from datetime import UTC, datetime

from onrecord.people.known import KnownList, parse_known
from onrecord.people.offices import Office
from onrecord.people.tenures import Tenures

LISTED = "name,office,country,from,until\nMara Lind,president,Russia,2021-05,2024\n"


def test_an_office_of_the_list_is_held_from_its_first_day_and_no_more_from_its_last() -> None:
    tenures = Tenures(KnownList(parse_known(LISTED, "p.csv")))
    days = [(2021, 4, 30), (2021, 5, 1), (2023, 12, 31), (2024, 1, 1)]
    holders = [
        len(list(tenures.holders(Office(("president",), "ru"), datetime(*day, tzinfo=UTC))))
        for day in days
    ]
    assert holders == [0, 1, 1, 0]
