"""Pronouns and forms of address, for the languages handled by `neutral.py`."""

from collections.abc import Mapping
from dataclasses import dataclass

from onrecord.nlp.entities.names import Gender


@dataclass(frozen=True, slots=True)
class AddressForms:
    """A language's singular personal pronouns and its forms of address, in lower case."""

    pronouns: Mapping[str, Gender]
    titles: Mapping[str, Gender | None]


NO_ADDRESS_FORMS = AddressForms({}, {})
