"""How fast onrecord is beside what it is made of: ratios, each measured in one run.

    .venv/bin/python tests/benchmarks/speed.py

The texts are the bundled sample's and invented ones. Run it on an otherwise idle machine; each
figure is the median of several turns, taken alternately.
"""

import json
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent.parent
COMMAND = str(Path(sys.executable).parent / "onrecord")
TURNS = 5


def sample_texts() -> list[str]:
    """The plain texts of the bundled sample, twenty times over, each made a little different."""
    truth = json.loads((ROOT / "tests/data/demo/expected.json").read_text("utf-8"))
    from onrecord.feeds.articles.claims import EVERYTHING
    from onrecord.feeds.articles.draft import to_drafts
    from onrecord.feeds.parsing.parse import parse_feed
    from onrecord.records import Feed

    texts = []
    for file in sorted((ROOT / "pipeline/onrecord/cli/sample/round-1").iterdir()):
        url = f"https://sample.example/{file.name}"
        parsed = parse_feed(file.read_bytes(), url=url)
        drafts = to_drafts(Feed(url=url), parsed, datetime.now(UTC), EVERYTHING)
        texts += [draft.article.text for draft in drafts]
    assert len(texts) >= len(truth["articles"])
    return [f"{text}\n\nEdition {n}." for n in range(4) for text in texts]


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def annotate() -> None:
    """Extraction with everything of ours against spaCy's own default nlp.pipe, one process."""
    import spacy

    from onrecord.nlp.extract import load_extractor
    from onrecord.nlp.policy import ExtractPolicy
    from onrecord.records import Article

    texts = sample_texts()
    now = datetime.now(UTC)
    articles = [
        Article(id=str(n), text=text, content_hash="", fetched_at=now)
        for n, text in enumerate(texts)
    ]
    policy = ExtractPolicy()
    bare = spacy.load(policy.model)
    extract = load_extractor(policy)
    extract(articles[:8])
    list(bare.pipe(texts[:8]))
    ours, theirs = [], []
    for _ in range(TURNS):
        theirs.append(seconds(lambda: list(bare.pipe(texts))))
        ours.append(seconds(lambda: extract(articles)))
    words = sum(len(text.split()) for text in texts)
    ratio = median(t / o for t, o in zip(theirs, ours, strict=True))
    print(
        f"annotate: {len(texts)} articles, {words} words: nlp.pipe {words / median(theirs):,.0f} "
        f"words/s, onrecord {words / median(ours):,.0f} words/s, {ratio:.2f} times as fast"
    )


def main() -> None:
    packages = ", ".join(f"{name} {version(name)}" for name in ("spacy", "numpy", "msgspec"))
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(packages)
    annotate()


if __name__ == "__main__":
    main()
