"""How fast the archive in SQLite answers, how fast it is written, and how large it is.

    python -m tests.benchmarks.archive [--quotes 200000] [--folder DIR] [--keep]

Quotes of an invented language: 22 words each on average out of 50,000, as frequent as words are
(Zipf), by 5,000 speakers in 300 publications over three years. Times are processor seconds for
writing, and wall milliseconds for questions: median and 95th percentile.
"""

import argparse
import random
import statistics
import tempfile
import threading
import time
from bisect import bisect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import accumulate, islice
from pathlib import Path

from msgspec.structs import replace

from onrecord.archive.interface import Archive, ArticleRead, Change, ExtractionRead
from onrecord.archive.opening import open_archive
from onrecord.archive.query import parse_query
from onrecord.archive.results import FacetField, Order
from onrecord.naming import name_key
from onrecord.records import (
    About,
    Article,
    ArticleRef,
    Entity,
    Extraction,
    Extractor,
    Mention,
    Quote,
    Span,
    Speaker,
    quote_id,
)
from onrecord.records.statements import words_key, words_of_quote

_BEGIN = datetime(2023, 1, 1, tzinfo=UTC)
_YEARS = timedelta(days=3 * 365)
_WORDS, _SPEAKERS, _PUBLISHERS = 50_000, 5_000, 300
_PER_ARTICLE = 8
_PLANTED = {"planted common phrase": 0.05, "planted rare phrase": 0.01, "planted find": 0.0002}
_EXTRACTOR = Extractor(name="onrecord", version="0", model="m", model_version="1")
_BATCH = 500  # records


class _Zipf:
    def __init__(self, chance: random.Random, names: list[str]) -> None:
        self._names = names
        self._sums = list(accumulate(1 / (n + 2) for n in range(len(names))))
        self._chance = chance

    def __call__(self) -> str:
        return self._names[bisect(self._sums, self._chance.random() * self._sums[-1])]


def changes(quotes: int, seed: int = 1) -> Iterator[Change]:
    """Articles with their extractions, in order of publication."""
    chance = random.Random(seed)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u")]
    vocabulary = ["".join(chance.choices(syllables, k=1 + n // 5_000 % 3 + 1)) + str(n % 7 or "")
                  for n in range(_WORDS)]  # fmt: skip
    word = _Zipf(chance, vocabulary)
    speaker = _Zipf(chance, [f"{vocabulary[n].title()} {vocabulary[-n - 1].title()}son{n}"
                             for n in range(_SPEAKERS)])  # fmt: skip
    publisher = _Zipf(
        chance, [f"The {vocabulary[n + 900].title()} Post" for n in range(_PUBLISHERS)]
    )
    articles = -(-quotes // _PER_ARTICLE)
    for n in range(articles):
        at = _BEGIN + _YEARS * (n / articles)
        yield from _article(n, at, chance, word, speaker, publisher())


def _article(
    n: int,
    at: datetime,
    chance: random.Random,
    word: Callable[[], str],
    speaker: Callable[[], str],
    publisher: str,
) -> Iterator[Change]:
    people = [speaker() for _ in range(3)]
    pieces, places = [], []
    start = 0
    for _ in range(_PER_ARTICLE):
        said = [word() for _ in range(max(3, round(chance.gauss(22, 9))))]
        said += [planted for planted, share in _PLANTED.items() if chance.random() < share]
        who = chance.choice(people)
        content = " ".join(said)
        paragraph = f"“{content},” {who} said to the council on {at:%A}."
        filler = " ".join(word() for _ in range(25)) + "."
        places.append((start, content, who, paragraph))
        pieces += [paragraph, filler]
        start += len(paragraph) + len(filler) + 4
    text = "\n\n".join(pieces)
    ref = ArticleRef(
        id=f"{n:032x}",
        url=f"https://www.example.com/news/politics/{at:%Y/%m/%d}/{n}-{pieces[1][:40]}",
        title=" ".join(pieces[1].split()[:10]),
        publisher=publisher,
        published_at=at,
        fetched_at=at + timedelta(minutes=4),
        language="en",
    )
    entities = tuple(
        Entity(
            id=f"{n:028x}{i:04x}",
            name=name,
            type="person",
            role="council member",
            mentions=(Mention(start=0, end=len(name), text=name),),
        )
        for i, name in enumerate(dict.fromkeys(people))
    )
    ids = {entity.name: entity.id for entity in entities}
    quotes = []
    for start, content, who, paragraph in places:
        spans = (_span(start + 1, content),)
        about = tuple(
            About(entity=ids[name], name=name, type="person", by="pronoun", mentions=())
            for name in people[:1]
            if name != who and chance.random() < 0.5
        )
        quotes.append(
            _with_key(
                Quote(
                    id=quote_id(ref.id, 1, spans),
                    type=chance.choice(("direct", "direct", "mixed", "indirect")),
                    content=spans,
                    cue=_span(start + len(content) + 4 + len(who), "said"),
                    source=_span(start + len(content) + 3, who),
                    speaker=Speaker(
                        entity=ids[who],
                        name=who,
                        name_key=name_key(who),
                        role="council member",
                        reason="named here",
                        confidence=0.9,
                    ),
                    manner="speech",
                    about=about,
                    confidence=round(chance.random(), 3),
                    context=_span(start, paragraph),
                )
            )
        )
    yield ArticleRead(
        article=Article(
            id=ref.id,
            url=ref.url,
            title=ref.title,
            publisher=publisher,
            published_at=at,
            fetched_at=at + timedelta(minutes=4),
            language="en",
            text=text,
            content_hash=ref.id,
        )
    )
    yield ExtractionRead(
        extraction=Extraction(
            article=ref,
            extractor=_EXTRACTOR,
            entities=entities,
            quotes=tuple(quotes),
            extracted_at=at + timedelta(minutes=5),
            took_ms=1.0,
        )
    )


def _with_key(quote: Quote) -> Quote:
    """The quote with the key of its words, as the pipeline publishes it."""
    return replace(quote, words_key=words_key(words_of_quote(quote)))


def _span(start: int, text: str) -> Span:
    return Span(start=start, end=start + len(text), text=text)


# ── writing ──────────────────────────────────────────────────────────────────────────────────


def fill(archive: Archive, quotes: int, stream: Iterator[Change] | None = None) -> None:
    """Write so many quotes (of a stream that others are read from too), and say what that took."""
    spent, longest, done, say_at = 0.0, 0.0, 0, 0
    stream = changes(quotes) if stream is None else stream
    with archive.writer() as writer:
        while done < quotes and (batch := list(islice(stream, _BATCH))):
            began, wall = time.process_time(), time.perf_counter()
            writer.write(batch, {})
            spent += time.process_time() - began
            longest = max(longest, time.perf_counter() - wall)
            done += _BATCH // 2 * _PER_ARTICLE
            if done >= say_at:
                print(f"  {done:,} quotes, {done / spent:,.0f} a processor second", flush=True)
                say_at += quotes // 5
    print(f"write: {quotes / spent:,.0f} quotes a processor second, longest batch {longest:.2f} s")


def size(path: Path, quotes: int) -> None:
    """Say how large the file is, and what of it are texts."""
    # The layer below tells: one table's pages are not a question to an archive.
    import sqlite3

    with sqlite3.connect(path) as db:
        rows = db.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name").fetchall()
    sizes = dict(rows)
    total = sum(sizes.values())
    apart = sizes.get("revision", 0) + sizes.get("article", 0)
    apart += sum(
        n for name, n in sizes.items() if "autoindex_revision" in name or "_article_" in name
    )
    print(
        f"size: {total / quotes:.0f} bytes a quote, {(total - apart) / quotes:.0f} without "
        "articles and their texts"
    )
    for name, n in sorted(sizes.items(), key=lambda item: -item[1])[:14]:
        print(f"  {name:28} {n / quotes:6.1f}")


# ── questions ────────────────────────────────────────────────────────────────────────────────


def measured(name: str, ask: Callable[[], object], times: int = 20) -> None:
    """Say how long a question takes."""
    ask()
    taken, spent = [], []
    for _ in range(times):
        began, worked = time.perf_counter(), time.thread_time()
        ask()
        taken.append((time.perf_counter() - began) * 1000)
        spent.append((time.thread_time() - worked) * 1000)
    taken.sort()
    print(
        f"  {name:46} {statistics.median(taken):8.2f} {taken[int(times * 0.95) - 1]:8.2f} "
        f"{statistics.median(spent):8.2f}"
    )


def ask_all(archive: Archive) -> None:
    """Ask everything that has a bar, and what is near to one."""
    print(f"  {'question':46} {'median':>8} {'95 %':>8} {'processor':>9} ms")
    newest = archive.search(parse_query("")).hits[0].quote
    common = min(newest.quote.content[0].text.split(), key=len)
    values = archive.facets(parse_query("")).values[FacetField.SPEAKER]
    names = [value.value for value in values]
    for phrase in (common, f'"{common} {common}"', *(f'"{planted}"' for planted in _PLANTED)):
        measured(f"newest 20 of {phrase[:30]}", partial(archive.search, parse_query(phrase)))
    for phrase in (common, "planted"):
        query = parse_query(phrase)
        one_speaker = parse_query(f'{phrase} speaker:"{names[-1]}"')
        sure = parse_query(f"{phrase} min_confidence:0.9")
        best = partial(archive.search, query, order=Order.RELEVANCE)
        measured(f"newest 20 of {phrase}, one speaker", partial(archive.search, one_speaker))
        measured(f"newest 20 of {phrase}, sure", partial(archive.search, sure))
        measured(f"best 20 of {phrase}", best, 5)
        measured(f"facets of {phrase}", partial(archive.facets, query), 5)
        measured(f"timeline of {phrase}", partial(archive.timeline, query), 5)
        measured(f"count of {phrase}", partial(archive.count, query), 5)
    measured("facets of everything", partial(archive.facets, parse_query("")), 5)
    measured("timeline of everything", partial(archive.timeline, parse_query("")), 5)
    for name in (names[0], names[-1]):
        measured(f"page of {name[:30]}", partial(archive.person, name), 5)
    measured("one quote", partial(archive.quote, newest.id))
    measured("the same words", partial(archive.same_words, newest.id))


def ask_while_writing(archive: Archive) -> None:
    """Newest first, alone and while another thread writes."""
    query = parse_query('"planted common phrase"')
    measured("newest 20 while nobody writes", partial(archive.search, query), 200)
    over = threading.Event()

    def write() -> None:
        with archive.writer() as writer:
            stream = changes(10**9, seed=2)
            while not over.is_set():
                writer.write(list(islice(stream, _BATCH)), {})

    thread = threading.Thread(target=write)
    thread.start()
    try:
        measured("newest 20 while it is written", partial(archive.search, query), 200)
    finally:
        over.set()
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quotes", type=int, default=200_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument(
        "--first",
        type=int,
        nargs="*",
        default=[],
        help="ask after so many quotes too, to see how it grows: --first 200000 500000",
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        path = Path(folder) / "archive.db"
        with open_archive(f"sqlite:///{path}") as archive:
            stream, done = changes(given.quotes), 0
            for quotes in (*given.first, given.quotes):
                fill(archive, quotes - done, stream)
                done = quotes
                size(path, quotes)
                ask_all(archive)
            ask_while_writing(archive)


if __name__ == "__main__":
    main()
