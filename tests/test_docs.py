"""README and docs: links lead somewhere, paths exist, options are those of the commands."""

import re
import shlex
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer

from onrecord.cli import app
from onrecord.config import sections
from onrecord.config.documents import reference
from onrecord.records import Article, Entity, Extraction, Quote, Speaker

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "pipeline" / "onrecord"
BASES = (ROOT, PACKAGE, ROOT / "tests" / "benchmarks")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
EXAMPLE = re.compile(r"<!-- (tests/data/examples/\w+\.py)[^>]*-->\n```python\n(.*?)```", re.DOTALL)
FENCED = re.compile(r"```.*?```", re.DOTALL)
COMMAND = typer.main.get_command(app)
CODE = re.compile(r"`([^`\n]+)`")
# A name with a folder or an ending in code marks is a path, unless it holds what no path does.
PATH = re.compile(r"[\w.-]+(?:/[\w.*-]+)*(?:/|\.(?:py|txt|md|toml|yml|xml))")


def text_of(page: Path) -> str:
    return page.read_text("utf-8")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    plain = FENCED.sub("", text_of(page))
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(plain))
    return {heading.strip().replace(" ", "-") for heading in words}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_relative_link_and_anchor_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(FENCED.sub("", text_of(page))):
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{link}: there is no such file"
        if anchor:
            assert anchor in anchors(target), f"{link}: there is no such heading"


@pytest.mark.parametrize("page", PAGES[:1] + PAGES[2:], ids=named)
def test_every_path_in_code_marks_exists(page: Path) -> None:
    """Relative to the repository, the package, or the benchmarks."""
    for code in CODE.findall(FENCED.sub("", text_of(page))):
        if not PATH.fullmatch(code) or code in MADE_BY_USERS:
            continue
        found = [place for base in BASES for place in base.glob(code.rstrip("/"))]
        assert found, f"{code}: there is no such file or folder"


MADE_BY_USERS = frozenset({"data/onrecord.db", "pipeline.py"})


def commands(page: Path) -> Iterator[str]:
    """The commands of a page that call onrecord, without comments and redirections."""
    for block in CONSOLE.findall(text_of(page)):
        for line in block.splitlines():
            for part in re.split(r"\s[|&]\s|\s[|&]$", line.removeprefix("$ ").partition("  #")[0]):
                if re.match(r"(\w+=\S+ )*onrecord ", part):
                    yield part


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_has_the_options_that_it_is_shown_with(page: Path) -> None:
    for line in commands(page):
        words = shlex.split(line)
        arguments = words[words.index("onrecord") + 1 :]
        check_options(
            typer.main.get_command(app), "onrecord", arguments[: _redirected(arguments)], line
        )


def _redirected(words: list[str]) -> int:
    return next((n for n, word in enumerate(words) if word in {">", "<"}), len(words))


def check_options(command: Any, name: str, words: list[str], line: str) -> None:
    """Fails for a command or option that there is not."""
    with command.make_context(name, words, resilient_parsing=True) as context:
        options = {option for given in command.params for option in given.opts}
        nested = getattr(command, "commands", {})
        own = words if not nested else words[: _first_of(words, nested)]
        for word in own:
            if word.startswith("--"):
                assert word.partition("=")[0] in options, f"{line}: {name} has no {word}"
        if nested and len(own) < len(words):
            inner, *rest = words[len(own) :]
            check_options(nested[inner], f"{context.command_path} {inner}", rest, line)
        else:
            assert not nested or command.callback or name == "onrecord", f"{line}: no such command"


def _first_of(words: list[str], names: Mapping[str, Any]) -> int:
    return next((n for n, word in enumerate(words) if word in names), len(words))


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_example_is_the_file_that_the_tests_run(page: Path) -> None:
    for file, example in EXAMPLE.findall(text_of(page)):
        assert example == text_of(ROOT / file)


def test_the_reference_is_what_the_sections_say() -> None:
    page = ROOT / "docs" / "configuration.md"
    assert text_of(page) == reference(sections()), "run `make config`"


@pytest.mark.parametrize("record", [Article, Extraction, Entity, Quote, Speaker])
def test_every_field_of_a_record_is_described_for_consumers(
    record: type[msgspec.Struct],
) -> None:
    described = set(CODE.findall(text_of(ROOT / "docs" / "records.md")))
    fields = {field.encode_name for field in msgspec.structs.fields(record)}
    assert fields <= described, f"docs/records.md does not name {sorted(fields - described)}"


def test_the_readme_is_short_and_has_no_placeholder() -> None:
    readme = text_of(ROOT / "README.md")
    assert len(readme.splitlines()) < 220
    assert not re.search(r"TODO|TBD|\[@|XXX", readme)


def test_the_readme_opens_with_the_test_command_that_ci_runs() -> None:
    commands = re.compile(r"^(?:\$ )?(make \w+)", re.MULTILINE)
    opening = commands.findall(text_of(ROOT / "README.md").split("```")[1])
    run_by_ci = commands.findall(text_of(ROOT / ".ci" / "run"))
    assert run_by_ci
    assert {"make run", *run_by_ci} <= set(opening)


# ── pointers in the code ─────────────────────────────────────────────────────────────────────

MODULE = re.compile(r"(?<![\w/.-])((?:[\w-]+/)*[\w-]+\.py)\b")
INVENTED = frozenset({"mine.py"})  # a user's own


def prose(file: Path) -> Iterator[str]:
    """The comments and docstrings of a module."""
    with file.open("rb") as lines:
        for token in tokenize.tokenize(lines.readline):
            if token.type == tokenize.COMMENT or token.string.startswith('"""'):
                yield token.string


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=named)
def test_every_module_that_a_docstring_points_to_exists(file: Path) -> None:
    """Beside the module or above it; a bare name may be anywhere in the package."""
    above = [folder for folder in file.parents if folder == ROOT or ROOT in folder.parents]
    for pointer in (name for text in prose(file) for name in MODULE.findall(text)):
        found = any((folder / pointer).exists() for folder in above)
        found = found or ("/" not in pointer and any(PACKAGE.rglob(pointer)))
        assert found or pointer in INVENTED, f"{pointer}: there is no such module"
