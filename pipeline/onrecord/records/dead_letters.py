"""Messages set aside because they failed."""

from onrecord.records.base import Count, Record, Time


class DeadLetter(Record, frozen=True, kw_only=True, tag="onrecord.dead-letter"):
    """A message set aside, with where it came from and why.

    On the topic the original bytes are the value and the rest stands in headers; this is how
    it is shown. `id` names the letter (its own offset); `value` is the original, as text. `code`
    tells machines what `reason` tells people; letters of older versions have none.
    `cut_from` is the size in bytes of a value that was too large and was cut.
    """

    id: str
    topic: str
    partition: Count
    offset: Count
    key: str | None
    code: str | None = None
    reason: str
    error: str
    stack: str | None = None
    attempts: Count
    failed_at: Time
    value: str | None
    cut_from: Count | None = None
