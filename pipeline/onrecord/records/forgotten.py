"""What was taken out for good, on request."""

from onrecord.records.base import Record, Time


class Forgotten(Record, frozen=True, kw_only=True, tag="onrecord.forgotten"):
    """An article, or one quote of it, that must not come back.

    `id` is the article's or the quote's. Of a quote, `words_key` is kept (a hash of its words), by
    which it is recognised in a later revision; the words themselves are not.
    """

    id: str
    article: str
    quote: str | None = None
    words_key: str | None = None
    by: str
    at: Time
    why: str = ""
