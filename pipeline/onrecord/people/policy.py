"""What can be configured of people."""

from dataclasses import dataclass

from onrecord.settings import key


@dataclass(frozen=True, kw_only=True)
class PeoplePolicy:
    """Who is known beforehand."""

    list: str = key(
        "",
        "A table of people you know, CSV with the columns name, aliases, office, country, from, "
        'until and wikidata: its offices tell who "the harbour minister" is, and its aliases are '
        "names of one person. "
        "Empty is only the built-in list.",
    )
