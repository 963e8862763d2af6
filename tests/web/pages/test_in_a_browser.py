"""The pages in a real browser: reading, searching, live, by keyboard, and without JavaScript."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from onrecord.records import Extraction
from tests.web.pages.browsing import LONG_MS, browsing, chromium, violations
from tests.web.pages.conftest import Site, config_in, serving
from tests.web.pages.invented import MORNING, pier
from tests.web.pages.test_site import PAGES

ONE_OF_EACH = [
    path for path in PAGES if path not in {"/", "/search", "/articles/attack", "/sign-in"}
]
PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=LONG_MS)
    with chromium() as started:
        yield started


def test_every_page_is_accessible_on_a_desktop(site: Site, browser: Browser) -> None:
    with browsing(browser) as page:
        found = {path: _violations_at(page, site.url + path) for path in ONE_OF_EACH}
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_pages_are_accessible_on_a_phone_at_night(site: Site, browser: Browser) -> None:
    asked = "/search?q=what+did+the+harbour+master+say+about+the+pier"
    paths = ["/", "/search", asked, "/articles/attack", "/status"]
    with browsing(browser, viewport=PHONE, color_scheme="dark") as page:
        found = {path: _violations_at(page, site.url + path) for path in paths}
        # Nothing is wider than the screen.
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def _violations_at(page: Page, url: str) -> list[str]:
    page.goto(url)
    return violations(page) + list(page.evaluate("window.reports"))


def test_new_quotes_wait_until_the_reader_asks_for_them(site: Site, browser: Browser) -> None:
    with browsing(browser) as page:
        page.goto(site.url + "/?publisher=quayside")
        expect(page.locator("#live")).to_have_text("Live")
        expect(page.locator("#quotes > li")).to_have_count(0)
        site.publish(_of_the_quayside("live-1"))
        button = page.get_by_role("button", name="Show 2 new")
        expect(button).to_be_visible()
        expect(page.locator("#quotes > li")).to_have_count(0)
        expect(page).to_have_title("(2) Latest quotes · onrecord")
        button.click()
        expect(page.locator("#quotes > li")).to_have_count(2)
        expect(button).to_be_hidden()
        site.publish(_of_the_quayside("live-2"))
        page.get_by_role("button", name="Show 2 new").click()
        expect(page.locator("#quotes > li")).to_have_count(4)
        expect(page.locator("#quotes > li").first).to_contain_text("live-2")


def _of_the_quayside(id: str) -> Extraction:
    _, found = pier(id, "Quayside Echo", hours=5)
    ref = msgspec.structs.replace(
        found.article, title=id, published_at=MORNING + timedelta(hours=5)
    )
    return msgspec.structs.replace(found, article=ref)


def test_without_javascript_everything_can_be_read_and_searched(
    site: Site, browser: Browser
) -> None:
    with browsing(browser, java_script_enabled=False) as page:
        page.goto(site.url)
        expect(page.get_by_role("button", name="Show")).to_have_count(0)
        page.get_by_role("searchbox").fill("pier speaker:lind")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("link", name="The pier will open in June").click()
        expect(page.get_by_role("heading", name="In context")).to_be_visible()
        page.get_by_role("link", name="Read it in the article").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Pier to open in June")
        page.get_by_role("link", name="All copies of this story").click()
        expect(page.locator("main")).to_contain_text("2 copies of one story")


def test_the_keyboard_alone_finds_and_opens_a_quote(site: Site, browser: Browser) -> None:
    with browsing(browser) as page:
        page.goto(site.url)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.goto(site.url)
        for _ in range(3):  # past the link to the content, and home
            page.keyboard.press("Tab")
        expect(page.get_by_role("searchbox")).to_be_focused()
        page.keyboard.type("seven per cent")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search?q=seven*")
        link = page.get_by_role("link", name="The dockers will get seven per cent").first
        for _ in range(40):
            if link.evaluate("element => element === document.activeElement"):
                break
            page.keyboard.press("Tab")
        expect(link).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url("**/quotes/*")
        expect(page.get_by_role("heading", name="In context")).to_be_visible()


def test_two_people_are_merged_and_the_merger_is_undone(site: Site, browser: Browser) -> None:
    with browsing(browser) as page:
        page.goto(site.url + "/people/Mara%20Lind")
        names = page.locator("section", has=page.get_by_role("heading", name="Names")).locator("li")
        expect(names).to_have_text(["Mara Lind"])
        page.get_by_label("The same person as").fill("torvald")
        page.get_by_role("button", name="Find").click()
        page.get_by_role("button", name="Same person Edvin Torvald").click()
        expect(page.get_by_role("status")).to_contain_text("are one person.")
        expect(names).to_have_count(2)
        assert violations(page) == []
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("status")).to_contain_text("was undone")
        page.goto(site.url + "/people/Mara%20Lind")
        expect(names).to_have_text(["Mara Lind"])


def test_hostile_words_do_nothing(site: Site, browser: Browser) -> None:
    with browsing(browser) as page:
        for path in ("/articles/attack", "/search?q=trust", "/search?q=%3Cimg+src%3Dx%3E"):
            page.goto(site.url + path)
            expect(page.locator("h1")).to_have_count(1)
            assert page.title() != "owned"
            expect(page.locator("main img, main script, a[href^=javascript]")).to_have_count(0)


TOKENS = """
# name  right  token
maria   write  maria-has-a-long-token
wall    read   wall-has-another-token
"""


def test_who_has_a_token_signs_in_and_out(tmp_path: Path, browser: Browser) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text(TOKENS)
    config = config_in(tmp_path, tokens_file=str(tokens))
    with serving(config, filled=False) as guarded, browsing(browser) as page:
        page.goto(guarded.url + "/feeds?of=all")
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert violations(page) == []
        page.get_by_label("Token").fill("maria-has-a-long-token ")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/feeds?of=all")
        expect(page.locator(".visitor")).to_contain_text("maria")
        (cookie,) = page.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        assert "maria-has-a-long-token" not in cookie["value"]
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        page.goto(guarded.url + "/")
        page.wait_for_url("**/sign-in?next=*")
