"""A searchable index of what was said: quotes, articles and people, in SQLite or OpenSearch.

`interface.py` states what both engines promise, `results.py` what they answer, and `query/` is
the language in which they are asked. `documents.py` makes of records what both of them index.
`indexing/` keeps an archive level with the log.
"""
