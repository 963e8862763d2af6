"""Roles: what the text says a person is, and where it says so.

Four constructions are read: before the name ("Russian Foreign Minister Sergei Lavrov"), beside
it ("Kirill Budanov, head of the directorate,"; "the king's physician, Dr. Amara Diallo"), after a
copula ("Lena Ortiz is the mayor of Tarn"), and in a clause ("Lena Ortiz, who runs a bakery").
The words themselves decide, by the noun that heads the role: one that is known to be for people
or ends as those do. Beside a name the parse may decide alone; elsewhere it only bounds what
follows the noun.
"""

from spacy.tokens import Doc

from onrecord.nlp.entities.role_phrases import Role
from onrecord.nlp.entities.roles_after import roles_after
from onrecord.nlp.entities.roles_before import roles_before
from onrecord.nlp.entities.spans import NamedSpan


def find_roles(doc: Doc, name: NamedSpan) -> list[Role]:
    """What the text says the person named here is, at this place, the closest statement first."""
    return [*roles_before(doc, name), *roles_after(doc, name)]
