"""How many records are taken in one step: as many as take some two seconds.

A process that is told to end finishes its step first, and has ten seconds for all that it does: on
a loaded machine some hundred long records, with other work beside them, can take longer. A step
also has costs of its own, such as a transaction, so it never becomes small.
"""

_AIM_S = 2.0
_SMALLEST_SHARE = 5


class StepSize:
    """The records of the next step, at most `most`, judged by the time that the last one took.

    With `is_even` each has `most`, however long that takes.
    """

    def __init__(self, most: int, *, is_even: bool = False) -> None:
        self._most = most
        self._least = most if is_even else -(-most // _SMALLEST_SHARE)
        self.records = most

    def took(self, seconds: float, records: int) -> None:
        """Note the time that a step of so many records took."""
        if records:
            within = int(records * _AIM_S / max(seconds, 1e-6))
            self.records = min(self._most, max(self._least, within))
