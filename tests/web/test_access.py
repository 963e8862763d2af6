"""Who can read, who can write, and what a session is worth."""

from pathlib import Path

import pytest

from onrecord.errors import ConfigError
from onrecord.web.access import SESSION_S, AccessControl
from onrecord.web.policy import ServePolicy, WebPolicy, check, check_pages
from onrecord.web.tokens import NamedToken, read_tokens
from tests.web.pages.conftest import Site, config_in, serving

MARIA, WALL = "maria-has-a-long-token", "wall-has-another-token"
TOKENS = f"# who\n\nmaria write {MARIA}\nwall\tread\t{WALL}\n"


@pytest.fixture
def tokens(tmp_path: Path) -> str:
    file = tmp_path / "tokens"
    file.write_text(TOKENS)
    return str(file)


def test_tokens_have_names_and_rights(tokens: str) -> None:
    assert read_tokens(tokens) == (
        NamedToken("maria", True, MARIA),
        NamedToken("wall", False, WALL),
    )
    assert MARIA not in repr(read_tokens(tokens))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"maria {MARIA}", "line 1: expected NAME, then read or write, then TOKEN"),
        (f"\nmaria admin {MARIA}", "line 2: expected NAME, then read or write"),
        ("maria read short", "line 1: the token of maria needs 16 ASCII characters or more"),
        (f"m/a read {MARIA}", "a name has up to 60 ASCII letters"),
        (f"m read {MARIA}\nm write {WALL}", "line 2: m has a token already"),
        ("# nobody yet\n", "the file has no token"),
    ],
)
def test_a_mistake_in_the_file_is_told_by_its_line_without_the_token(
    tmp_path: Path, text: str, why: str
) -> None:
    file = tmp_path / "tokens"
    file.write_text(text)
    with pytest.raises(ConfigError, match=why) as caught:
        check(ServePolicy(tokens_file=str(file)))
    assert MARIA not in str(caught.value)


def test_a_file_of_tokens_opens_a_server_to_others(tokens: str) -> None:
    check(ServePolicy(host="0.0.0.0", tokens_file=tokens))
    with pytest.raises(ConfigError, match="needs a token"):
        check(ServePolicy(host="0.0.0.0"))
    with pytest.raises(ConfigError, match="no time zone"):
        check_pages(WebPolicy(timezone="Mars/Olympus"))


def test_a_session_ends_with_its_time_and_with_its_token(tokens: str, tmp_path: Path) -> None:
    now = [1_000_000.0]
    config = config_in(tmp_path, tokens_file=tokens)
    access = AccessControl(config.serve, clock=lambda: now[0])
    cookie = access.sign_in(MARIA)
    assert cookie is not None
    assert access.sign_in("not-" + MARIA) is None
    assert access.holder_of_session(cookie) == NamedToken("maria", True, MARIA)
    since, name, signature = cookie.split(":")
    for forged in (f"{int(since) + 9}:{name}:{signature}", f"{since}:wall:{signature}", "", "::"):
        assert access.holder_of_session(forged) is None
    now[0] += SESSION_S
    assert access.holder_of_session(cookie) is None
    now[0] -= 1
    assert access.holder_of_session(cookie) is not None
    Path(tokens).write_text(TOKENS.replace(MARIA, MARIA + "-new"))
    assert AccessControl(config.serve, clock=lambda: now[0]).holder_of_session(cookie) is None


def test_a_holder_may_be_called_as_the_shared_token_is(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"token write {MARIA}\n")
    config = config_in(tmp_path, tokens_file=str(file), token=WALL)
    access = AccessControl(config.serve)
    for token, can_write in ((MARIA, True), (WALL, False)):
        cookie = access.sign_in(token)
        assert cookie is not None
        assert access.holder_of_session(cookie) == NamedToken("token", can_write, token)


def test_who_is_not_signed_in_is_asked_to_and_sees_nothing(tokens: str, tmp_path: Path) -> None:
    with serving(config_in(tmp_path, tokens_file=tokens), filled=False) as site:
        answer = site.get("/search?q=a%26b")
        assert (answer.status, answer.headers["Location"]) == (
            303,
            "/sign-in?next=%2Fsearch%3Fq%3Da%2526b",
        )
        assert site.get("/latest.json", Accept="*/*").status == 401
        assert site.get("/latest.json", Authorization=f"Bearer {WALL}").status == 200
        assert site.post("/sign-in", {"token": "wrong"}).status == 403
        for elsewhere in ("https://evil.example", "//evil.example", "/\\evil.example", "x"):
            signed = site.post("/sign-in", {"token": WALL, "next": elsewhere})
            assert (signed.status, signed.headers["Location"]) == (303, "/")


def test_forms_that_change_something_need_the_right_and_the_key(
    tokens: str, tmp_path: Path
) -> None:
    with serving(config_in(tmp_path, tokens_file=tokens), filled=False) as site:
        for name, token, status in (("wall", WALL, 403), ("maria", MARIA, 400)):
            cookie = _cookie(site, token)
            key = _form_key(site, cookie)
            path = "/dead-letters/0-0/drop"
            assert site.post(path, {"form_key": key}, Cookie=cookie).status == status, name
            assert site.post(path, {"form_key": "0" * 64}, Cookie=cookie).status == 403
            assert site.post(path, {}, Cookie=cookie).status == 403
            crossing = {"Cookie": cookie, "Sec-Fetch-Site": "cross-site"}
            assert site.post(path, {"form_key": key}, **crossing).status == 403
        assert site.post("/dead-letters/0-0/drop", {"form_key": key}).status == 401


def _cookie(site: Site, token: str) -> str:
    return str(site.post("/sign-in", {"token": token}).headers["Set-Cookie"]).partition(";")[0]


def _form_key(site: Site, cookie: str) -> str:
    text = site.get("/", Cookie=cookie).text
    return text.partition('name="form_key" value="')[2].partition('"')[0]
