"""Roles: the offices, occupations and relations that the text states of a person.

Four constructions are read: before the name ("Russian Foreign Minister Sergei Lavrov"), beside
it ("Kirill Budanov, head of the directorate,"; "the king's physician, Dr. Amara Diallo"), after a
copula ("Lena Ortiz is the mayor of Tarn"), and in a clause ("Lena Ortiz, who runs a bakery").
The head noun decides: it must be a known noun for people or have an agent suffix. In apposition
to a name the parse alone can decide; elsewhere it only bounds the words after the noun.
"""

from spacy.tokens import Doc

from onrecord.nlp.entities.role_phrases import Role
from onrecord.nlp.entities.roles_after import roles_after
from onrecord.nlp.entities.roles_before import roles_before
from onrecord.nlp.entities.spans import NamedSpan


class RoleReader:
    """The roles of the names in one text, read once for each name."""

    def __init__(self, doc: Doc) -> None:
        self._doc = doc
        self._roles: dict[tuple[int, int], list[Role]] = {}

    def of(self, name: NamedSpan) -> list[Role]:
        """The roles that the words around this mention state, the closest first."""
        place = name.start, name.end
        if place not in self._roles:
            self._roles[place] = find_roles(self._doc, name)
        return self._roles[place]


def find_roles(doc: Doc, name: NamedSpan) -> list[Role]:
    """The roles that the words around this mention state, the closest first."""
    return [*roles_before(doc, name), *roles_after(doc, name)]
