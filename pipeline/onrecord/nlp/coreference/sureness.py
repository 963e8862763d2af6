"""The confidence in a speaker, and whether it suffices to name one.

A quote attributed to the wrong person does more harm than a quote without a speaker: below a
threshold `speaker` is null, and `source` still holds the words of the text.
"""

import msgspec

from onrecord.nlp.coreference.resolve import AS_WRITTEN, WeighedSpeaker
from onrecord.nlp.quotes.confidence import speaker_confidence_of
from onrecord.nlp.quotes.find import FoundQuote
from onrecord.nlp.quotes.ruleset import Ruleset
from onrecord.records import Speaker

# The minimum confidence to publish a speaker: for a source that was resolved to a person, and for a
# source left as written. Chosen on the 28 modern articles by weights
# fitted without the article: 9 fewer wrong speakers of 284, 2 left open that were right. On
# PolNeAR 0.8 % fewer quotes have a full name.
NAMED_FROM = 0.55
DESCRIBED_FROM = 0.7


def sure_speaker(quote: FoundQuote, weighed: WeighedSpeaker, rules: Ruleset) -> Speaker | None:
    """The speaker with its confidence; None if there is none or the confidence is too low."""
    speaker = weighed.speaker
    if speaker is None or quote.attribution is None:
        return speaker
    left = speaker.entity is None and speaker.reason == AS_WRITTEN
    if left and not quote.attribution.names_someone:
        return None
    likely = speaker_confidence_of(quote.attribution, weighed.choice, rules.confidence)
    if _can_be_unsure(quote, rules) and likely < _floor(speaker):
        return None
    return msgspec.structs.replace(speaker, confidence=round(likely, 3))


def is_unsure(quote: FoundQuote, weighed: WeighedSpeaker, rules: Ruleset) -> bool:
    """Whether the speaker of quoted words is too unsure to be named."""
    if weighed.speaker is None or quote.attribution is None:
        return False
    likely = speaker_confidence_of(quote.attribution, weighed.choice, rules.confidence)
    return _can_be_unsure(quote, rules) and likely < _floor(weighed.speaker)


def _can_be_unsure(quote: FoundQuote, rules: Ruleset) -> bool:
    return quote.type != "indirect" and rules.leaves_unsure


def _floor(speaker: Speaker) -> float:
    return NAMED_FROM if speaker.entity else DESCRIBED_FROM
