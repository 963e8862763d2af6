"""onrecord: the news on the record, who said what, about whom, as it is published.

An article flows one way, and the folders stand in the order it travels:

    feeds       from publishers to articles
    log         the append-only log between stages: SQLite in one file, or Kafka
    nlp         from an article to what was said, by whom, about whom
    processing  consume, transform, produce: exactly once
    sink        reading the results

`feeds`, `log` and `nlp` know nothing of one another; `processing` and `sink` join them to the
log; only `wiring` knows every part, and only `cli` starts anything.

`from onrecord import subscribe` reads topics from Python; see `subscription.py`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from onrecord.subscription import subscribe as subscribe

from onrecord.version import VERSION

__version__ = VERSION


def __getattr__(name: str) -> Any:
    # Not imported before it is asked for: it knows every part, and every part imports this.
    if name == "subscribe":
        from onrecord.subscription import subscribe

        return subscribe
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
