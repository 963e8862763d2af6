"""A decision of the extractor in words, as `onrecord annotate --explain` tells it."""

from dataclasses import dataclass

from onrecord.records import Decision, Option, Reason
from onrecord.sink.feature_words import in_words

_ABOUT = {"source": "Whose words", "cue": "Cue", "content": "Content", "speaker": "Speaker"}
_LEAST = 0.005


@dataclass(frozen=True, slots=True)
class ToldDecision:
    """What was chosen, why, and what came second."""

    about: str
    chosen: str
    because: list[str]
    others: list[str]


def told(decision: Decision) -> ToldDecision:
    """The decision in words."""
    because = decision.over_second or decision.chosen.because
    return ToldDecision(
        about=_ABOUT[decision.about],
        chosen=_option(decision.chosen),
        because=[_reason(one) for one in because],
        others=[
            _option(one)
            for one in decision.others
            if one.probability is None or one.probability >= _LEAST
        ],
    )


def _option(option: Option) -> str:
    words = " … ".join(" ".join(span.text.split()) for span in option.content)
    shown = f"{words} ({option.what})" if words else option.what
    return shown if option.probability is None else f"{shown}, {option.probability:.0%}"


def _reason(reason: Reason) -> str:
    weight = "" if reason.weight is None else f" {reason.weight:+.1f}"
    return f"{in_words(reason.what)}{weight}"
