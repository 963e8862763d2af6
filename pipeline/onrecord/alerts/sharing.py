"""Which processes send alerts, where some cannot send everything.

One process sends all alerts. If it lacked the settings for a saved search, it would keep the alerts
from a process that has them. So a process that lacks something joins the group only while no able
process is a member, and alone of its kind. Members are told apart by their names in the group.
"""

from collections.abc import Iterable
from enum import Enum


class Share(Enum):
    """How much a process can send of what saved searches ask for; the value begins its name."""

    ALL = "alerts"
    SOME = "alerts-partly"


def must_step_in(name: str, members: Iterable[str]) -> bool:
    """Whether a process of this name, which lacks something, sends: no better one is a member.

    Of several that lack something, the first by name sends.
    """
    others = [other for other in members if other != name]
    return all(other.startswith(f"{Share.SOME.value}@") and name < other for other in others)
