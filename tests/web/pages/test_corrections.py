"""What people correct on the pages becomes judgements with their names, and can be undone."""

import json
import re
from collections.abc import Iterator
from html import unescape
from urllib.request import Request

import pytest

from onrecord import wiring
from onrecord.log.read_to_end import everything as messages_of
from onrecord.people.judgement_book import judgement_of
from onrecord.records import Judgement
from tests.web.pages.conftest import Answer, Site, config_in, serving
from tests.web.pages.test_site import JUNE

MARIA, WALL = "maria-has-a-long-token", "wall-has-another-token"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "tokens").write_text(f"maria write {MARIA}\nwall read {WALL}\n")
    with serving(config_in(folder, tokens_file=str(folder / "tokens"))) as served:
        served.headers["Authorization"] = f"Bearer {MARIA}"
        yield served


def judgements(site: Site) -> list[Judgement]:
    topic = wiring.topics_of(site.config).judgements
    found = (judgement_of(message) for message in messages_of(site.log, topic))
    return [one for one in found if one is not None]


def send(site: Site, path: str, **form: str) -> Answer:
    key = re.search(r'name="form_key" value="(\w+)"', site.get(f"/quotes/{JUNE}").text)
    assert key is not None
    return site.post(path, {"form_key": key[1]} | form)


def followed(site: Site, answer: Answer) -> str:
    assert answer.status == 303, answer.text
    return site.get(answer.headers["Location"]).text


def test_a_quote_that_is_none_is_judged_so_in_the_visitors_name(guarded: Site) -> None:
    text = followed(guarded, send(guarded, f"/quotes/{JUNE}/reject"))
    assert "This is not a quote." in text
    made = judgements(guarded)[-1]
    assert (made.kind, made.by, made.quote, made.article) == ("not-a-quote", "maria", JUNE, "post")
    undone = followed(guarded, send(guarded, f"/judgements/{made.id}/undo", back=f"/quotes/{JUNE}"))
    assert "was undone" in undone
    assert "This is not a quote." not in undone
    assert judgements(guarded)[-1].undoes == made.id


def test_another_speaker_is_chosen_among_people_by_name(guarded: Site) -> None:
    text = guarded.get(f"/quotes/{JUNE}?said_by=torvald").text
    person = re.search(r'name="given" value="(\w+)"', text)
    assert person is not None
    told = followed(guarded, send(guarded, f"/quotes/{JUNE}/speaker", given=person[1]))
    assert "The speaker is Edvin Torvald." in told
    assert judgements(guarded)[-1].right == person[1]
    unchosen = send(guarded, f"/quotes/{JUNE}/speaker")
    assert unchosen.status == 400
    assert "Choose a person" in unchosen.text


def test_a_quote_is_judged_to_be_nobodys_who_is_known(guarded: Site) -> None:
    shown = guarded.get(f"/quotes/{JUNE}").text
    assert re.search(r"It is not <span[^>]*>[^<]+</span>: the speaker is not known", shown)
    told = followed(guarded, send(guarded, f"/quotes/{JUNE}/nobody"))
    assert "The speaker is not known." in told
    made = judgements(guarded)[-1]
    assert (made.kind, made.quote, made.right) == ("wrong-speaker", JUNE, None)
    followed(guarded, send(guarded, f"/judgements/{made.id}/undo", back=f"/quotes/{JUNE}"))


def test_programs_correct_a_quote_and_take_that_back(guarded: Site) -> None:
    mara = guarded.get("/people/Mara%20Lind").headers["Location"].rpartition("/")[2]
    for sent, right in (
        ({"kind": "wrong-speaker"}, None),
        ({"kind": "wrong-speaker", "speaker": "Mara Lind"}, mara),
        ({"kind": "not-a-quote"}, None),
    ):
        made = api(guarded, "PUT", f"/api/quotes/{JUNE}/correction", sent)
        assert made.status == 200, made.text
        held = judgements(guarded)[-1]
        assert json.loads(made.text) == {"judgement": held.id}
        assert (held.kind, held.by, held.quote, held.right) == (sent["kind"], "maria", JUNE, right)
        assert api(guarded, "POST", f"/api/judgements/{held.id}/undo", {}).status == 200
        assert judgements(guarded)[-1].undoes == held.id


@pytest.mark.parametrize(
    ("quote", "sent", "status", "said"),
    [
        (JUNE, {"kind": "wrong"}, 400, "kind"),
        (JUNE, {"kind": "not-a-quote", "speaker": "x"}, 400, "what is not a quote has none"),
        (JUNE, {"kind": "wrong-speaker", "speaker": "No Such One"}, 409, "no person is known"),
        ("nowhere", {"kind": "not-a-quote"}, 404, "the archive has no quote"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_in_one_line(
    guarded: Site, quote: str, sent: dict[str, str], status: int, said: str
) -> None:
    before = len(judgements(guarded))
    refused = api(guarded, "PUT", f"/api/quotes/{quote}/correction", sent)
    assert refused.status == status
    assert said in json.loads(refused.text)["detail"]
    assert len(judgements(guarded)) == before


def test_corrections_by_programs_are_described(guarded: Site) -> None:
    paths = json.loads(guarded.get("/openapi.json").text)["paths"]
    assert set(paths["/api/quotes/{id}/correction"]) == {"put"}
    assert set(paths["/api/judgements/{id}/undo"]) == {"post"}


def api(site: Site, method: str, path: str, sent: dict[str, str]) -> Answer:
    """The answer to a program that sends JSON."""
    headers = {"Authorization": f"Bearer {MARIA}", "Content-Type": "application/json"}
    body = json.dumps(sent).encode()
    return site.ask(Request(site.url + path, body, headers=headers, method=method))


def test_people_are_renamed_merged_and_split(guarded: Site) -> None:
    mara = guarded.get("/people/Mara%20Lind").headers["Location"].rpartition("/")[2]
    edvin = guarded.get("/people/Edvin%20Torvald").headers["Location"].rpartition("/")[2]
    text = followed(guarded, send(guarded, f"/people/{mara}/rename", given="Mara <i>Lind</i>"))
    assert '<h1 dir="auto">Mara &lt;i&gt;Lind&lt;/i&gt;</h1>' in text
    for unfit in ("x" * 201, "Mara\nLind", " "):
        assert send(guarded, f"/people/{mara}/rename", given=unfit).status == 409, unfit
    followed(guarded, send(guarded, f"/people/{mara}/merge", given=edvin))
    assert guarded.get(f"/people/{mara}").status in {200, 302}
    again = send(guarded, f"/people/{mara}/merge", given=edvin)
    assert again.status == 409
    assert "are one person already" in again.text
    followed(guarded, send(guarded, f"/people/{mara}/split", given=edvin))
    kinds = [one.kind for one in judgements(guarded)[-3:]]
    assert kinds == ["rename", "same", "different"]


def test_a_search_is_saved_followed_and_removed(guarded: Site) -> None:
    assert "Save it as" in guarded.get("/search?q=pier").text
    form = {"name": "the <pier>", "query": 'pier "in June"', "to": "desk@paper.example"}
    text = followed(guarded, send(guarded, "/searches", **form))
    assert "The search was saved." in text
    assert "the &lt;pier&gt;" in text
    assert "saved by maria" in text
    assert "New quotes go by mail: desk@paper.example</span><span>none sent yet" in text
    assert "This server cannot send it: mail.host is empty" in text
    assert "desk@paper" not in guarded.get("/searches", Authorization=f"Bearer {WALL}").text
    path = re.search(r'href="(/search\.atom\?[^"]+)"', text)
    assert path is not None
    assert "will open in June" in guarded.get(path[1].replace("&amp;", "&")).text
    assert send(guarded, "/searches", **form).status == 400
    assert send(guarded, "/searches", **form | {"name": "other", "to": "nowhere"}).status == 400
    assert send(guarded, "/searches", **form | {"name": "other", "query": "(("}).status == 400
    saved = re.search(r'action="(/searches/\w+/remove)"', text)
    assert saved is not None
    assert "No saved searches yet" in followed(guarded, send(guarded, saved[1]))


def test_a_person_is_followed_from_their_page(guarded: Site) -> None:
    page = guarded.get("/people/Mara%20Lind").headers["Location"]
    text = guarded.get(page).text
    query = re.search(r'name="query" value="([^"]+)"', text)
    name = re.search(r'name="name" value="([^"]+)"', text)
    assert query is not None
    assert name is not None
    assert 'name="numbered"' in text
    given = {"query": unescape(query[1]), "numbered": "1"}
    called = unescape(name[1])
    # A name in another case is the same one, and gets a number as well.
    for name_given, to in ((called, "desk@paper.example"), (called.upper(), "night@paper.example")):
        form = given | {"name": name_given, "to": to}
        told = followed(guarded, send(guarded, "/searches", **form))
        assert "The search was saved." in told
    assert f"{called.upper()} 2</a>" in unescape(told)
    saved = re.findall(r'action="(/searches/\w+/remove)"', told)
    assert len(saved) == 2
    for path in saved:
        followed(guarded, send(guarded, path))


def test_who_can_only_read_sees_no_forms_and_judges_nothing(guarded: Site) -> None:
    before = len(judgements(guarded))
    reading = {"Authorization": f"Bearer {WALL}"}
    assert "Correct it here" not in guarded.get(f"/quotes/{JUNE}", **reading).text
    assert guarded.post(f"/quotes/{JUNE}/reject", {"form_key": "x"}, **reading).status == 403
    assert len(judgements(guarded)) == before


def test_to_others_only_the_passages_around_quotes_are_shown(guarded: Site, site: Site) -> None:
    ending = "An unquoted ending about the weather."
    assert ending in site.get("/articles/gazette").text
    text = guarded.get("/articles/gazette").text
    assert ending not in text
    assert "only the passages around quotes are shown" in text
    assert "The dockers will get seven per cent" in text
