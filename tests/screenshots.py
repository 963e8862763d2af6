"""Makes docs/screenshots/ from the demo's data: `make screenshots`."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

from tests.patience import PATIENCE_S

FOLDER = Path(__file__).parents[1] / "docs" / "screenshots"
COMMAND = str(Path(sys.executable).parent / "onrecord")
DESKTOP, PHONE = {"width": 1120, "height": 760}, {"width": 390, "height": 760}


def main() -> None:
    """Run the demo, and photograph five of its pages."""
    FOLDER.mkdir(exist_ok=True)
    demo = subprocess.Popen(
        [COMMAND, "demo", "--pages", "--format", "json"],
        env=os.environ | {"ONRECORD_SERVE__PORT": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        address = _address(demo)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            for name, path, options in _pages(address):
                _take(browser, address + path, FOLDER / f"{name}.png", options)
            browser.close()
    finally:
        demo.terminate()
        demo.wait()


def _address(demo: subprocess.Popen[str]) -> str:
    assert demo.stderr is not None
    until = time.monotonic() + PATIENCE_S
    for line in demo.stderr:
        if found := re.search(r"read it at (\S+)", line):
            return found[1]
        if time.monotonic() > until:
            break
    raise SystemExit("the demo did not serve its pages")


def _pages(address: str) -> list[tuple[str, str, dict[str, Any]]]:
    with urlopen(f"{address}/search.json?q=asked+offered+speaker:torvald") as answer:
        quote_of_torvald = json.load(answer)["rows"][0]
    by_day = {"viewport": DESKTOP, "color_scheme": "light"}
    at_night = {"viewport": DESKTOP, "color_scheme": "dark"}
    in_hand = {"viewport": PHONE, "color_scheme": "light"}
    return [
        ("latest", "/", by_day),
        ("search", "/search?q=dock*", by_day),
        ("quote", f"/quotes/{quote_of_torvald['id']}", at_night),
        ("article", f"/articles/{quote_of_torvald['article_id']}", in_hand),
        ("person", f"/people/{quote('Edvin Torvald')}", by_day),
    ]


def _take(browser: Browser, url: str, file: Path, options: dict[str, Any]) -> None:
    page = browser.new_page(**options)
    page.goto(url)
    page.screenshot(path=file)
    page.close()
    print(f"{file}: {file.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
