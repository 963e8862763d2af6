"""What a language says of people beside their names; for languages that `neutral.py` reads."""

from collections.abc import Mapping
from dataclasses import dataclass

from onrecord.nlp.entities.names import Gender


@dataclass(frozen=True, slots=True)
class AddressForms:
    """A language's pronouns of one person and its forms of address, in lower case."""

    pronouns: Mapping[str, Gender]
    titles: Mapping[str, Gender | None]


NO_ADDRESS_FORMS = AddressForms({}, {})
