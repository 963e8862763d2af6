"""Whether two versions extract the same records from the same texts.

    .venv/bin/python tests/benchmarks/same_records.py write OUT.jsonl TEXTS.jsonl …
    .venv/bin/python tests/benchmarks/same_records.py compare BEFORE.jsonl AFTER.jsonl

`write` extracts the articles of files with {"id", "text", "language"} a line with the onrecord that
is imported (PYTHONPATH=…/pipeline chooses it), without times. `compare` counts the articles whose
records differ, and prints the fields that do, each with the number of the article.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SHOWN = 40


def write(target: Path, sources: list[Path]) -> None:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import msgspec

    from onrecord.nlp.extract import load_extractor
    from onrecord.nlp.policy import ExtractPolicy
    from onrecord.records import Article

    now = datetime.fromtimestamp(0, UTC)
    extract = load_extractor(ExtractPolicy(), now=lambda: now)
    rows = [json.loads(line) for source in sources for line in source.open(encoding="utf-8")]
    with target.open("wb") as out:
        for start in range(0, len(rows), 50):
            articles = [
                Article(
                    id=str(row.get("id", n)),
                    text=row["text"],
                    language=row.get("language", "en"),
                    content_hash="",
                    fetched_at=now,
                )
                for n, row in enumerate(rows[start : start + 50], start)
            ]
            for extraction in extract(articles):
                out.write(msgspec.json.encode(extraction) + b"\n")


def compare(before: Path, after: Path) -> int:
    """The number of articles that differ."""
    counts: Counter[str] = Counter()
    differing = articles = 0
    with before.open(encoding="utf-8") as old, after.open(encoding="utf-8") as new:
        for one, other in zip(old, new, strict=True):
            articles += 1
            found = list(_differences("", json.loads(one), json.loads(other)))
            differing += bool(found)
            for where, left, right in found:
                counts[where] += 1
                if sum(counts.values()) <= SHOWN:
                    print(articles, where, left, "→", right)
    print(f"{differing} of {articles} articles differ: {dict(counts)}")
    return differing


def _differences(where: str, one: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    """The fields in which two records differ, of lists of equal length item by item."""
    if "took_ms" in where or one == other:
        return
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            yield from _differences(f"{where}.{key}", one.get(key), other.get(key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for left, right in zip(one, other, strict=True):
            yield from _differences(where, left, right)
    elif isinstance(one, list) and isinstance(other, list):
        yield f"{where} (number)", len(one), len(other)
    else:
        yield where, one, other


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
    else:
        sys.exit(bool(compare(Path(sys.argv[2]), Path(sys.argv[3]))))
