"""What people corrected, as gold: quotes given to another speaker, and spans that are no quotes."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from onrecord.errors import RecordError, UnknownTopic
from onrecord.log.interface import Log, Message
from onrecord.log.read_to_end import everything
from onrecord.people.clusters import standing
from onrecord.people.judgement_book import judgement_of
from onrecord.records import Article, Extraction, Judgement, Quote, from_json
from onrecord.sink.gold import GoldArticle, GoldQuote, WrongQuote
from onrecord.topics import Topics

_KINDS = frozenset({"not-a-quote", "wrong-speaker"})


@dataclass(frozen=True, slots=True)
class CorrectedQuotes:
    """Corrections as gold, and the number of those whose article's text is not kept any more."""

    articles: list[GoldArticle]
    missing: int


def corrections_as_gold(
    log: Log, topics: Topics, name_of: Callable[[str], str | None]
) -> CorrectedQuotes:
    """The corrections that hold, by article and revision. `name_of` names a person by id."""
    corrected = _latest(log, topics)
    quotes = _quotes(log, topics, corrected)
    texts = _texts(log, topics, {place for place, _ in quotes.values()})
    by_article: defaultdict[tuple[str, int], list[tuple[Judgement, Quote]]] = defaultdict(list)
    missing = len(corrected) - len(quotes)
    for quote_id, (place, quote) in quotes.items():
        article = texts.get(place)
        if article is None or not _stands_in(quote, article.text):
            missing += 1
        else:
            by_article[place].append((corrected[quote_id], quote))
    found = [_gold(texts[place], pairs, name_of) for place, pairs in sorted(by_article.items())]
    return CorrectedQuotes(found, missing)


def _latest(log: Log, topics: Topics) -> dict[str, Judgement]:
    """The latest correction of each quote that holds."""
    judgements = [judgement_of(message) for message in _messages(log, topics.judgements)]
    held = standing([one for one in judgements if one is not None])
    return {one.quote: one for one in held if one.kind in _KINDS and one.quote is not None}


def _quotes(
    log: Log, topics: Topics, corrected: dict[str, Judgement]
) -> dict[str, tuple[tuple[str, int], Quote]]:
    """The corrected quotes by id, with the article and revision in which each stands."""
    articles = {one.article for one in corrected.values()}
    keys = None if None in articles else {str(article).encode() for article in articles}
    found = {}
    for message in _messages(log, topics.extractions):
        if keys is not None and message.key not in keys:
            continue
        try:
            extraction = from_json(message.value or b"", Extraction)
        except RecordError:
            continue
        for quote in extraction.quotes:
            if quote.id in corrected:
                found[quote.id] = ((extraction.article.id, extraction.article.revision), quote)
    return found


def _texts(
    log: Log, topics: Topics, wanted: set[tuple[str, int]]
) -> dict[tuple[str, int], Article]:
    keys = {article.encode() for article, _ in wanted}
    found = {}
    for message in _messages(log, topics.articles):
        if message.key in keys:
            try:
                article = from_json(message.value or b"", Article)
            except RecordError:
                continue
            if (article.id, article.revision) in wanted:
                found[article.id, article.revision] = article
    return found


def _gold(
    article: Article,
    pairs: Iterable[tuple[Judgement, Quote]],
    name_of: Callable[[str], str | None],
) -> GoldArticle:
    right, wrong = [], []
    for judgement, quote in pairs:
        content = tuple((span.start, span.end) for span in quote.content)
        if judgement.kind == "not-a-quote":
            wrong.append(WrongQuote(content=content))
        else:
            who = None if judgement.right is None else name_of(judgement.right)
            right.append(GoldQuote(content=content, speaker=who, type=quote.type))
    return GoldArticle(
        id=f"{article.id}.{article.revision}",
        text=article.text,
        language=article.language,
        gold=tuple(right),
        wrong=tuple(wrong),
        is_partial=True,
    )


def _stands_in(quote: Quote, text: str) -> bool:
    return all(text[span.start : span.end] == span.text for span in quote.content)


def _messages(log: Log, topic: str) -> Iterable[Message]:
    try:
        yield from everything(log, topic)
    except UnknownTopic:
        return
