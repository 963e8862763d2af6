"""How many records are taken in one step: as many as take about a second.

A process that is told to end finishes its step first, and has ten seconds for all that it does: on
a loaded machine some hundred long records, with other work beside them, can take longer.
"""

_AIM_S = 1.0
# A step has costs of its own, such as a transaction.
_LEAST = 10
_FIRST = 100


class StepSize:
    """The records of the next step, at most `most`, judged by the time that the last one took."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.records = min(most, _FIRST)

    def took(self, seconds: float, records: int) -> None:
        """Note the time that a step of so many records took."""
        if records:
            within = int(records * _AIM_S / max(seconds, 1e-6))
            self.records = min(self._most, max(_LEAST, within))
