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

import asyncio
import sys
import tempfile
from pathlib import Path

from onrecord.log.opening import open_log
from tests.web.conftest import Source, serving

TOKEN = "a-token-of-a-test-0123456789"


async def attack(source: Source, program: list[str], folder: str) -> int:
    """A stream has to end some time, to be looked at: after a moment."""
    async with serving(source, longest_s=0.3, token=TOKEN) as reader:
        done = await asyncio.create_subprocess_exec(
            program[0],
            "run",
            f"{reader.url}/openapi.json",
            *("--header", f"Authorization: Bearer {TOKEN}"),
            *("--checks", "all", "--exclude-checks", "positive_data_acceptance"),
            *("--workers", "4", "--generation-database", "none"),
            *program[1:],
            cwd=folder,  # where it leaves notes
        )
        return await done.wait()


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    program = [str(Path(sys.argv[1]).resolve()), *sys.argv[2:]]
    with (
        tempfile.TemporaryDirectory() as folder,
        open_log(f"sqlite:///{folder}/log.db") as log,
    ):
        source = Source(log)
        source.publish(50)
        return asyncio.run(attack(source, program, folder))


if __name__ == "__main__":
    sys.exit(main())
