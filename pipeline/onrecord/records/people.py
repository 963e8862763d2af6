"""People across articles: what is known of each, and the judgements that say who is who."""

from onrecord.records.base import Count, Part, Record, Share, Time


class Judgement(Record, frozen=True, kw_only=True, tag="onrecord.judgement"):
    """A statement about who is who, by a rule or by a person. A later one can undo it.

    `kind` says which, and which fields it has; a reader ignores kinds that it does not know:

    - *same*, *different*, *unsure*: the names `left` and `right` are of one person, or not.
    - *rename*: the person of `left` is to be shown as `name`.
    - *split*: in these `articles` and `quotes`, and where the role has the words of `role`, the
      name `left` is another person's, whose name has the id `right`.
    - *wrong-speaker*: the `quote` is the person's of the name `right`; None is nobody known.
    - *not-a-quote*: the `quote` is nobody's words.
    - *forget*: the name `left` is kept and shown no longer.
    - *undo*: the judgement with the id `undoes` no longer holds.

    `left` and `right` are ids of names. `by` is a person, or a rule ("rule initials"); `score` is
    how sure a rule is. A quote is found again by its id, or in its `article` by `start` and `end`
    (of its content in the text) where a newer extractor cut it otherwise.
    """

    id: str
    kind: str
    left: str | None = None
    right: str | None = None
    name: str | None = None
    articles: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()
    role: str | None = None
    article: str | None = None
    quote: str | None = None
    start: Count | None = None
    end: Count | None = None
    undoes: str | None = None
    by: str
    score: Share | None = None
    why: str = ""
    at: Time


class Tenure(Part, frozen=True, kw_only=True):
    """A role that articles gave a person, and when articles first and last did so."""

    role: str
    first: Time
    last: Time
    articles: Count = 1


class WrittenForm(Part, frozen=True, kw_only=True):
    """A name as articles wrote it, and how many did."""

    text: str
    articles: Count = 1


class NameSeen(Part, frozen=True, kw_only=True):
    """A full name that articles used: folded (`key`), as they wrote it, and its roles.

    `forms` and `roles` have the most frequent first. `first` and `last` are when an extraction that
    has the name entered the log.
    """

    id: str
    key: str
    forms: tuple[WrittenForm, ...]
    first: Time
    last: Time
    roles: tuple[Tenure, ...] = ()


class Person(Record, frozen=True, kw_only=True, tag="onrecord.person"):
    """A person across articles, as derived from the names seen and the judgements.

    The id is that of the oldest name. `merged_into` is set, and the rest empty, where the names
    are another person's now.
    """

    REWRITTEN = True

    id: str
    name: str
    names: tuple[NameSeen, ...] = ()
    merged_into: str | None = None


class PeoplePosition(Record, frozen=True, kw_only=True, tag="onrecord.people-position"):
    """How far the people have been derived: the next offsets to read, by partition."""

    extractions: dict[int, Count]
    judgements: Count = 0
