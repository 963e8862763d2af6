"""Ask `onrecord serve` everything that its own description allows, and much that it does not.

By hand: Schemathesis brings as many packages as onrecord's own tests need, so it has an environment
of its own.

    python3 -m venv /tmp/schemathesis
    /tmp/schemathesis/bin/pip install "schemathesis>=4.32,<5"
    .venv/bin/python -m tests.web.against_the_description /tmp/schemathesis/bin/st

No server error is found, and no answer that the description does not have. One check is left out,
that whatever the schema allows is accepted: a schema cannot say which text is a cursor, a time or a
regular expression. What comes after the program is given to it, as in `--max-examples 1000`.
"""

import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tests.web.pages.conftest import config_in, serving

TOKEN = "a-token-of-a-test-0123456789"


def attack(program: list[str], folder: Path) -> int:
    """A stream has to end some time, to be looked at: after a moment."""
    tokens = folder / "tokens.txt"
    tokens.write_text(f"test write {TOKEN}\n")
    config = config_in(folder, tokens_file=str(tokens), longest_s=0.3)
    feeds = replace(config.feeds, private_file=str(folder / "private.json"), connect_timeout_s=0.5)
    with serving(replace(config, feeds=feeds)) as site:
        return subprocess.run(
            [
                program[0],
                "run",
                f"{site.url}/openapi.json",
                *("--header", f"Authorization: Bearer {TOKEN}"),
                *("--checks", "all", "--exclude-checks", "positive_data_acceptance"),
                *("--workers", "4", "--generation-database", "none"),
                *program[1:],
            ],
            cwd=folder,  # where it leaves notes
            check=False,
        ).returncode


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    program = [str(Path(sys.argv[1]).resolve()), *sys.argv[2:]]
    with tempfile.TemporaryDirectory() as folder:
        return attack(program, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
