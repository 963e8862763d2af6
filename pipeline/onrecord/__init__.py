"""onrecord: the news on the record, who said what, about whom, as it is published.

    from onrecord import annotate, subscribe

`subscribe` reads articles, extractions and quotes from the log; `annotate` extracts from texts
that a program has at hand. What they give are the record types below, and what they raise are the
errors below. Nothing else is meant to be imported from outside.

An article flows one way, and the folders stand in the order it travels:

    feeds       from publishers to articles
    log         the append-only log between stages: SQLite in one file, or Kafka
    nlp         from an article to what was said, by whom, about whom
    processing  consume, transform, produce: exactly once
    sink        reading the results
    web         offering them over HTTP

`feeds`, `log` and `nlp` know nothing of one another; `processing` and `sink` join them to the
log; only `wiring` knows every part, and only `cli` starts anything.
"""

from typing import TYPE_CHECKING

from onrecord.on_first_use import on_first_use
from onrecord.version import VERSION

if TYPE_CHECKING:
    from onrecord.annotation import annotate
    from onrecord.errors import (
        ConfigError,
        ExtractionError,
        LogBroken,
        LogRefused,
        LogUnavailable,
        Mistake,
        OnrecordError,
        UnknownTopic,
    )
    from onrecord.records import (
        Article,
        ArticleRef,
        Decision,
        Entity,
        Extraction,
        Extractor,
        Mention,
        Option,
        PassedOver,
        Quote,
        QuoteOnRecord,
        Reason,
        Span,
        Speaker,
    )
    from onrecord.subscription import Subscription, subscribe

__version__ = VERSION

__all__ = [
    "Article",
    "ArticleRef",
    "ConfigError",
    "Decision",
    "Entity",
    "Extraction",
    "ExtractionError",
    "Extractor",
    "LogBroken",
    "LogRefused",
    "LogUnavailable",
    "Mention",
    "Mistake",
    "OnrecordError",
    "Option",
    "PassedOver",
    "Quote",
    "QuoteOnRecord",
    "Reason",
    "Span",
    "Speaker",
    "Subscription",
    "UnknownTopic",
    "annotate",
    "subscribe",
]

# `onrecord --help` uses none of them.
_MODULES = {
    "annotation": ("annotate",),
    "errors": (
        "ConfigError",
        "ExtractionError",
        "LogBroken",
        "LogRefused",
        "LogUnavailable",
        "Mistake",
        "OnrecordError",
        "UnknownTopic",
    ),
    "records": (
        "Article",
        "ArticleRef",
        "Decision",
        "Entity",
        "Extraction",
        "Extractor",
        "Mention",
        "Option",
        "PassedOver",
        "Quote",
        "QuoteOnRecord",
        "Reason",
        "Span",
        "Speaker",
    ),
    "subscription": (
        "Subscription",
        "subscribe",
    ),
}
__getattr__ = on_first_use(__name__, _MODULES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
