"""The example in each command's help works as it stands, in a clone of the repository."""

import inspect
import os
import re
import shutil
import subprocess
from pathlib import Path

import typer

from onrecord.cli import app
from tests.acceptance.conftest import COMMAND, Onrecord

ROOT = Path(__file__).parent.parent.parent
# These need the network, which a test has not: they say so, and exit 1.
UNREACHABLE = ("onrecord feeds check ", "onrecord feeds discover ")
# Goes on until it is told to stop, and then ends in good order.
LASTING = "onrecord serve "


def commands(group: typer.Typer, prefix: str = "onrecord") -> dict[str, str]:
    """Every command with its help, in the order of the help."""
    found = {
        f"{prefix} {command.name}": inspect.getdoc(command.callback) or ""
        for command in group.registered_commands
    }
    for nested in group.registered_groups:
        if nested.typer_instance is not None:
            name = f"{prefix} {nested.name}"
            itself = nested.typer_instance.registered_callback
            if itself is not None:
                found[name] = inspect.getdoc(itself.callback) or ""
            found |= commands(nested.typer_instance, name)
    return found


def when_a_person_would(line: str) -> list[bool]:
    """Sorts examples: what is removed was added before, what is replayed was imported."""
    last, first = ("remove", " drop "), ("add", "import", "replay --")
    return [word in line for word in last] + [word not in line for word in first]


def test_every_example_works_as_it_stands(onrecord: Onrecord) -> None:
    shutil.copytree(ROOT / "config", onrecord.folder / "config")
    environment = {k: v for k, v in onrecord.environment.items() if "LOG__URL" not in k}
    environment["PATH"] = f"{Path(COMMAND).parent}{os.pathsep}{os.environ['PATH']}"
    examples = {}
    for name, text in commands(app).items():
        found = re.search(r"Example: (.*)", text)
        assert found, f"{name} has no example"
        assert name in found[1] or name.startswith("onrecord dead-letters"), found[1]
        examples[name] = found[1]
    for line in sorted(examples.values(), key=when_a_person_would):
        # In the foreground, or it tells the whole group too: a second signal means "at once".
        told = "timeout --foreground --preserve-status 15 " if line.startswith(LASTING) else ""
        done = subprocess.run(
            told + line,
            shell=True,
            cwd=onrecord.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        wanted = 1 if line.startswith(UNREACHABLE) else 0
        assert done.returncode == wanted, f"{line}: exit {done.returncode}: {done.stderr}"
        assert "Traceback" not in done.stderr
