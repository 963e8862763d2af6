"""Extraction against spaCy's own `nlp.pipe`, by processor time, and the memory of one process.

    .venv/bin/python tests/benchmarks/extraction.py TEXTS.jsonl [TURNS]
    .venv/bin/python tests/benchmarks/extraction.py growth TEXTS.jsonl
    .venv/bin/python tests/benchmarks/extraction.py shapes TEXTS.jsonl [TURNS]
    .venv/bin/python tests/benchmarks/extraction.py memory TEXTS.jsonl [ARTICLES [TEXTS_IN_EACH]]

TEXTS has {"text", "language"} a line; only English ones are read. Both are run alternately in one
process and timed with `time.process_time`, so that the ratio holds while other work loads the
machine; absolute seconds do not. `growth` compares them for more and for longer articles, which are
several texts joined. `shapes` compares them for the same texts one at a time and together, without
paragraph breaks, as single paragraphs and as one long one: how many paragraphs of what lengths are
read together decides how they are parsed. `memory` runs extraction alone.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as every worker process sets it

import json
import random
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import spacy
from msgspec.structs import replace

from onrecord.nlp.extract import load_extractor
from onrecord.nlp.policy import ExtractPolicy
from onrecord.records import Article

TURNS = 3
# Articles and texts in each article: three and ten times as many, three and ten times as long.
# Of each article and altogether, in `shapes`.
PARAGRAPHS = 6
LONG = 200_000
GROWTH = ((8, 1), (24, 1), (80, 1), (8, 3), (8, 10))


def articles_of(file: Path) -> list[Article]:
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    now = datetime.now(UTC)
    return [
        Article(id=str(n), text=row["text"], language="en", content_hash="", fetched_at=now)
        for n, row in enumerate(rows)
        if row.get("language", "en").startswith("en")
    ]


def joined(articles: list[Article], many: int, long: int) -> list[Article]:
    """So many articles, each of so many texts. A file can begin with its shortest ones."""
    mixed = random.Random(0).sample(articles, len(articles))
    texts = [article.text for article in mixed[: many * long]]
    return [
        replace(articles[n], text="\n\n".join(texts[n * long : (n + 1) * long]))
        for n in range(min(many, len(texts) // long))
    ]


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def compare(batches: list[list[Article]], turns: int) -> None:
    """Extraction and `nlp.pipe` of articles, those of a batch in one call."""
    policy = ExtractPolicy()
    bare, extract = spacy.load(policy.model), load_extractor(policy)
    texts = [[article.text for article in batch] for batch in batches]
    list(bare.pipe(texts[0][:8]))
    extract(batches[0][:8])
    theirs, ours = [], []
    for _ in range(turns):
        theirs.append(seconds(lambda: [list(bare.pipe(some)) for some in texts]))
        ours.append(seconds(lambda: [extract(batch) for batch in batches]))
    print(
        f"{sum(map(len, texts))} articles, "
        f"{sum(len(text.split()) for some in texts for text in some):,} words: "
        f"nlp.pipe {median(theirs):.2f} s, onrecord {median(ours):.2f} s, "
        f"{median(t / o for t, o in zip(theirs, ours, strict=True)):.2f} times as fast"
    )


def growth(articles: list[Article]) -> None:
    for many, long in GROWTH:
        print(f"of {long} texts each: ", end="")
        compare([joined(articles, many, long)], 1)


def shapes(articles: list[Article], turns: int) -> None:
    flowing = [replace(one, text=" ".join(one.text.split())) for one in articles]
    paragraphs = [
        replace(one, id=f"{one.id}-{n}", text=text)
        for one in articles
        for n, text in enumerate(list(filter(str.strip, one.text.splitlines()))[:PARAGRAPHS])
    ]
    long = replace(articles[0], id="long", text=" ".join(one.text for one in flowing)[:LONG])
    for name, batches in {
        "articles one at a time": [[one] for one in articles],
        "… together": [articles],
        "… without paragraph breaks, one at a time": [[one] for one in flowing],
        "… without paragraph breaks, together": [flowing],
        "paragraphs one at a time": [[one] for one in paragraphs],
        "… all together": [paragraphs],
        "one long paragraph": [[long]],
        "… and articles, together": [[*articles, long]],
    }.items():
        print(f"{name}: ", end="", flush=True)
        compare(batches, turns)


def memory(articles: list[Article]) -> None:
    load_extractor(ExtractPolicy())(articles)
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    if sys.argv[1] == "memory":
        found = articles_of(Path(sys.argv[2]))
        many, long, *_ = [*map(int, sys.argv[3:]), 1] if sys.argv[3:] else [len(found), 1]
        memory(joined(found, many, long))
    elif sys.argv[1] == "growth":
        growth(articles_of(Path(sys.argv[2])))
    elif sys.argv[1] == "shapes":
        shapes(articles_of(Path(sys.argv[2])), int(sys.argv[3]) if sys.argv[3:] else TURNS)
    else:
        compare([articles_of(Path(sys.argv[1]))], int(sys.argv[2]) if sys.argv[2:] else TURNS)
