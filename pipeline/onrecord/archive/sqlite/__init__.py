"""The archive in one SQLite file, searched with FTS5.

What made it fast, measured on two million quotes (docs/archive.md):

- A quote's number (`seq`) is made of the minute of its publication, so that newest first is the
  order of the index read backwards, and it stops at the limit.
- Facts stand in a narrow table of integers, words in another: what counts reads no text.
- Speaker, publisher, type and language are words of the index (its column `tags`), so that a
  filter costs an intersection and not a look at every hit.
- Counts by month are kept while writing.
"""
