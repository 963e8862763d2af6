"""What `pip install` brings works by itself, in an empty folder, whatever else lies there."""

import json

import pytest

from tests.installed.conftest import Installed

TEXT = '"We will rebuild the pier in May," harbour master Mara Lind said on Monday.'


def test_what_is_imported_is_what_was_installed(installed: Installed) -> None:
    done = installed("python", "-c", "import onrecord; print(onrecord.__file__)")
    assert done.stdout.startswith(str(installed.python.parents[1])), done.stderr


def test_a_text_is_annotated(installed: Installed) -> None:
    done = installed("onrecord", "annotate", "-", "--format", "json", input=TEXT)
    assert (done.returncode, done.stderr) == (0, "")
    (quote,) = json.loads(done.stdout)["quotes"]
    assert quote["speaker"]["name"] == "Mara Lind"


def test_a_text_is_annotated_from_python(installed: Installed) -> None:
    program = (
        "from onrecord import annotate\n"
        "import sys\n"
        "texts = [sys.stdin.read()] * 2\n"
        "one, both = annotate(texts[0]), annotate(iter(texts))\n"
        "print(one.quotes[0].speaker.name, [found.article.id for found in both])\n"
    )
    done = installed("python", "-c", program, input=TEXT)
    assert done.stdout == "Mara Lind ['1', '2']\n", done.stderr


def test_the_demonstration_runs(installed: Installed) -> None:
    done = installed("onrecord", "demo", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") > 10


def test_the_feeds_that_come_with_it_are_followed_where_no_list_is(installed: Installed) -> None:
    done = installed("onrecord", "run", "--once", ONRECORD_FEEDS__HOST_SPACING_S="0")
    assert done.returncode == 0, done.stderr
    followed = installed("onrecord", "feeds", "list", "--format", "json").stdout.splitlines()
    assert len(followed) > 20


def test_an_empty_list_follows_only_what_was_added_by_hand(installed: Installed) -> None:
    by_hand = {"ONRECORD_FEEDS__LIST": ""}
    installed("onrecord", "feeds", "add", "https://a.example/feed", **by_hand)
    done = installed("onrecord", "poll", "--once", **by_hand)
    assert done.returncode == 0, done.stderr
    (followed,) = installed("onrecord", "feeds", "list", "--format", "json").stdout.splitlines()
    assert json.loads(followed)["url"] == "https://a.example/feed"


def test_a_list_that_was_named_and_is_missing_is_a_mistake(installed: Installed) -> None:
    done = installed("onrecord", "poll", "--once", ONRECORD_FEEDS__LIST="my.opml")
    assert done.returncode == 2
    assert done.stderr == "onrecord: there is no feed list my.opml\n"


@pytest.mark.parametrize("path", [None, "."])
def test_modules_that_lie_in_the_folder_are_not_taken_for_ours(
    installed: Installed, path: str | None
) -> None:
    for name in ("pipeline", "records", "config", "settings", "errors", "wiring", "cli"):
        (installed.folder / f"{name}.py").write_text("raise SystemExit('not this one')\n")
    (installed.folder / "feeds").mkdir()
    (installed.folder / "feeds" / "__init__.py").write_text("raise SystemExit('not this one')\n")
    environment = {} if path is None else {"PYTHONPATH": path}
    done = installed("onrecord", "--version", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    done = installed("python", "-c", "from onrecord import subscribe, annotate", **environment)
    assert (done.returncode, done.stderr) == (0, "")
