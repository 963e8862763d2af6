"""The program of `tests/validators`, which checks and evaluates what Python has no reader for."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

_SOURCE = Path(__file__).parent / "validators"


@cache
def validators() -> str:
    """The program of `tests/validators`, built once; Go keeps what it built before."""
    if shutil.which("go") is None:
        if os.environ.get("CI"):
            pytest.fail("CI checks deployments with Go, and there is none")
        pytest.skip("Go is not installed: compose file and alerts are checked with its libraries")
    target = Path(os.environ.get("TMPDIR", "/tmp")) / f"onrecord-validators-{os.getuid()}"
    subprocess.run(["go", "build", "-o", str(target), "."], cwd=_SOURCE, check=True, timeout=280)
    return str(target)
