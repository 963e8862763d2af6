"""A user's program is checked against the types of the installed package, strictly."""

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parents[1] / "data" / "examples" / "typed_program.py"


def test_a_program_of_a_user_passes_strict_mypy(environment: Path, tmp_path: Path) -> None:
    done = mypy(environment, tmp_path, PROGRAM.read_text("utf-8"))
    assert done.returncode == 0, done.stdout


def test_a_wrong_use_is_found(environment: Path, tmp_path: Path) -> None:
    program = (
        "from onrecord import subscribe\n\nfor found in subscribe('quotes'):\n    found.text\n"
    )
    done = mypy(environment, tmp_path, program)
    assert 'error: "QuoteOnRecord" has no attribute "text"' in done.stdout


def mypy(environment: Path, folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    file = folder / "program.py"
    file.write_text(program, "utf-8")
    return subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--python-executable", str(environment)),
            *("--config-file", "", "--cache-dir", str(folder / "cache"), str(file)),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
