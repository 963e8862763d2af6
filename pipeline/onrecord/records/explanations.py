"""Why a quote is as it is: what was decided, and on what grounds."""

from typing import Literal

from onrecord.records.base import Part, Share
from onrecord.records.spans import Span


class Reason(Part, frozen=True, kw_only=True):
    """Something that speaks for an option, or against it (`weight` below 0).

    `weight` is in log-odds, None where a rule decided.
    """

    what: str
    weight: float | None = None


class Option(Part, frozen=True, kw_only=True):
    """Something that could have been chosen: `what` in words, with its spans where it has any.

    `probability` is None where a rule decided. `because` are the heaviest reasons, for and against.
    """

    what: str
    cue: Span | None = None
    source: Span | None = None
    content: tuple[Span, ...] = ()
    probability: Share | None = None
    because: tuple[Reason, ...] = ()


class Decision(Part, frozen=True, kw_only=True):
    """What was chosen, and what came second and third.

    `about` is what was decided: whose words a passage is (`source`), by which of its source's
    cues (`cue`), what a cue reports (`content`), or who the source is (`speaker`). `of` is the
    passage. `over_second` is what the chosen has before the second, the heaviest first.
    """

    about: Literal["source", "cue", "content", "speaker"]
    of: Span | None = None
    chosen: Option
    others: tuple[Option, ...] = ()
    over_second: tuple[Reason, ...] = ()


class PassedOver(Part, frozen=True, kw_only=True):
    """What could have been a quote and is none: a passage in marks, or what a cue may report."""

    content: tuple[Span, ...]
    why: str
    decision: Decision
