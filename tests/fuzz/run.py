"""Fuzzing with coverage guidance, by hand: `python tests/fuzz/run.py TARGET [SECONDS]`.

Needs `pip install atheris` (no wheel for every platform, so it is not among the tests' packages).
Inputs that reach new code are kept in `fuzz-TARGET/` of the working folder; what breaks a target is
written to `crash-…`: mend it, and add the input to `tests/fuzz/corpus/`.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import atheris

with atheris.instrument_imports(include=["onrecord", "feedparser", "trafilatura"]):
    from tests.fuzz.targets import TARGETS


def main() -> None:
    name, seconds = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "3600"
    kept = Path(f"fuzz-{name}")
    kept.mkdir(exist_ok=True)
    options = [f"-max_total_time={seconds}", "-max_len=20000", "-timeout=30", "-rss_limit_mb=4096"]
    corpus = str(Path(__file__).parent / "corpus")
    atheris.Setup([sys.argv[0], *options, str(kept), corpus], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
