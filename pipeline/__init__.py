"""onrecord: the news on the record, who said what, about whom, as it is published.

An article flows one way, and the folders stand in the order it travels:

    feeds       from publishers to articles
    log         the append-only log between stages: SQLite in one file, or Kafka
    nlp         from an article to what was said, by whom, about whom
    processing  consume, transform, produce: exactly once
    sink        reading the results

`feeds`, `log` and `nlp` know nothing of one another; `processing` and `sink` join them to the
log; only `wiring` knows every part, and only `cli` starts anything.
"""

__version__ = "0.1.0"
