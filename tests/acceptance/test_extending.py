"""The examples of extending onrecord work as the documentation shows them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.conftest import Onrecord, Publisher, Story

EXAMPLES = Path(__file__).parents[1] / "data" / "examples"
OWN = "own_extractor:make"

LONG = f"It will rain for {'many and many ' * 8}days, he said."


@pytest.fixture
def extended(onrecord: Onrecord, publisher: Publisher) -> Onrecord:
    """A folder with the user's extractor, and a log with one article."""
    shutil.copy(EXAMPLES / "own_extractor.py", onrecord.folder)
    text = f"It rains, she said. {LONG} Nobody answered."
    publisher.feeds = {"north": [Story("1", "Rain", text, f"{publisher.url}/1.html")]}
    onrecord("poll", "--once", "--feeds", publisher.feed_url("north"))
    return onrecord


def test_an_extractor_of_ones_own_works_in_the_worker_processes(extended: Onrecord) -> None:
    extended("extract", "--once", ONRECORD_EXTRACT__EXTRACTOR=OWN)
    (found,) = extended.records("extractions")
    assert found["extractor"]["name"] == "said"
    assert [quote["type"] for quote in found["quotes"]] == ["indirect"] * len(found["quotes"])
    assert found["quotes"]


def test_an_extractor_of_ones_own_annotates(extended: Onrecord) -> None:
    done = extended(
        "annotate",
        "-",
        "--format",
        "json",
        stdin="It rains, she said. Yes.",
        ONRECORD_EXTRACT__EXTRACTOR=OWN,
    )
    assert [q["content"][0]["text"] for q in json.loads(done.stdout)["quotes"]] == [
        "It rains, she said."
    ]


@pytest.mark.parametrize("command", [("extract", "--once"), ("annotate", "-"), ("run", "--once")])
def test_an_extractor_that_is_not_there_is_one_line(
    onrecord: Onrecord, command: tuple[str, ...]
) -> None:
    done = onrecord(*command, code=2, stdin="", ONRECORD_EXTRACT__EXTRACTOR="nowhere:make")
    assert done.stderr == (
        "onrecord: extract.extractor = 'nowhere:make': cannot be imported: "
        "ModuleNotFoundError: No module named 'nowhere'\n"
    )


def test_an_extractor_of_ones_own_explains_nothing(extended: Onrecord) -> None:
    done = extended(
        "annotate", "--explain", "-", code=2, stdin="It rains.", ONRECORD_EXTRACT__EXTRACTOR=OWN
    )
    assert "only onrecord's own extractor explains" in done.stderr


def test_a_filter_of_ones_own_leaves_out_the_rest(extended: Onrecord) -> None:
    extended("extract", "--once", ONRECORD_EXTRACT__EXTRACTOR=OWN)
    done = subprocess.run(
        [sys.executable, EXAMPLES / "own_filter.py"],
        cwd=extended.folder,
        env=os.environ | extended.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(extended.records("quotes")) == 2
    assert done.stdout.strip() == LONG


SAID = """The pier will open in May, harbourmaster Lind bellyached on Monday. "It is fine," gushed \
the harbourmaster."""


def test_word_lists_of_ones_own_are_laid_over_the_built_in_ones(onrecord: Onrecord) -> None:
    done = onrecord("annotate", "-", "--format", "json", stdin=SAID)
    assert "Mara Lind" not in {s["name"] for s in speakers(done.stdout)}
    words = str(EXAMPLES / "words")
    done = onrecord(
        *("annotate", "-", "--format", "json"), stdin=SAID, ONRECORD_EXTRACT__WORD_LISTS=words
    )
    assert {s["name"] for s in speakers(done.stdout)} == {"Mara Lind"}


def speakers(line: str) -> list[dict[str, str]]:
    return [quote["speaker"] for quote in json.loads(line)["quotes"] if quote["speaker"]]


def test_word_lists_that_cannot_be_read_are_one_line(onrecord: Onrecord) -> None:
    done = onrecord("annotate", "-", code=2, stdin="", ONRECORD_EXTRACT__WORD_LISTS="no/such")
    assert done.stderr == ("onrecord: extract.word_lists = 'no/such': there is no such folder\n")
