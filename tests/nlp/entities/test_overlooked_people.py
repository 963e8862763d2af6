"""People whom the model misses and the words beside them show."""

import pytest

from onrecord.nlp.entities.merging import find_entities
from tests.nlp.parsed import read

pytestmark = pytest.mark.model


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("Presenter Olu Fashanu has quit the show.", "Olu Fashanu", "person"),
        ("Coxswain Denzil Trewin said the boy was lucky.", "Denzil Trewin", "person"),
        ("Forecaster Signe Mortensen told them to wait.", "Signe Mortensen", "person"),
        ("Cellist Dorota Maj — who joined in 1999 — said no.", "Dorota Maj", "person"),
        ("Nadeem Rashid KC, prosecuting, told the jury of it.", "Nadeem Rashid", "person"),
        ("Grigor Hakobyan left. His neighbour Anahit nods.", "Anahit", "person"),
        ("Tran Thi Mai grows dragon fruit outside the town.", "Tran Thi Mai", "person"),
        ("The plant is owned by Litiora SA, which shut it.", "Litiora SA", "organisation"),
        ("Storm Ulrika has left 40,000 homes without power.", "Storm Ulrika", "event"),
        ("Archer Daniels Midland is cutting jobs.", "Archer Daniels Midland", "organisation"),
        ("Archer Tom Lund won the gold medal.", "Tom Lund", "person"),
        ("Storm Babet hit the coast.", "Storm Babet", "event"),
        ("Twins Ada and Bea Lindqvist run it. Ada bakes.", "Ada", "person"),
    ],
)
def test_the_words_beside_a_name_show_it(text: str, name: str, kind: str) -> None:
    found = {one.entity.name: one.entity.type for one in find_entities(read(text), article_id="x")}
    assert found.get(name) == kind


@pytest.mark.parametrize(
    "text",
    [
        "Its partner Ørsted said the wind farm would open.",
        "Her son, Monday, is four.",
        "Storm Drains were blocked by leaves.",
        "Storm Damage cost insurers millions.",
    ],
)
def test_the_words_beside_no_name_show_nobody(text: str) -> None:
    found = find_entities(read(text), article_id="x")
    assert not [one.entity.name for one in found if one.entity.type in {"person", "event"}]
