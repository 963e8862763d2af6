"""A real browser: Debian's Chromium, driven by Playwright. One a worker, a clean profile a test."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.needs import need_program

LONG_MS = 300_000
_REPORTS = """
window.reports = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.reports.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; skips where there is none."""
    need_program("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@contextmanager
def browsing(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page in a clean profile. Nothing may be blocked, fail to load, or open a dialog."""
    given: dict[str, Any] = {"reduced_motion": "reduce"} | options
    context = browser.new_context(**given)
    context.set_default_timeout(LONG_MS)
    context.add_init_script(_REPORTS)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: wrong.append(f"dialog {dialog.message}"))
    page.on("requestfailed", lambda request: wrong.append(_failed(request)))
    yield page
    if given.get("java_script_enabled", True):
        wrong += page.evaluate("window.reports")
    context.close()
    if told := "\n".join(filter(None, wrong)):
        pytest.fail(told)


def _failed(request: Any) -> str:
    # What the next page interrupts, a stream for one, did not fail.
    return "" if request.failure == "net::ERR_ABORTED" else f"{request.url}: {request.failure}"


def violations(page: Page) -> list[str]:
    """What axe finds wrong on a page: the rule and the element, one a line."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]
