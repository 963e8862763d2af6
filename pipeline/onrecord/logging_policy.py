"""What long-running commands write on standard error; `cli/events.py` writes it."""

from dataclasses import dataclass
from typing import Literal

from onrecord.settings import key

Level = Literal["debug", "info", "warning", "error"]


@dataclass(frozen=True, kw_only=True)
class LoggingPolicy:
    """What long-running commands write on standard error."""

    format: Literal["text", "json"] = key(
        "text",
        'How an event is written: "text", the time, the level and a sentence for people; "json", '
        "one object a line with time, level, event, message and fields, for log collectors.",
    )
    level: Level = key(
        "info",
        'The least level that is written: "debug" (an event for each article), "info", "warning" '
        'or "error".',
    )
