"""How sure a speaker is, and whether that is enough to name somebody.

Quoted words put into the wrong mouth harm more than a speaker left open: below a floor `speaker`
is null, and `source` still has what stands in the text.
"""

import msgspec

from onrecord.nlp.coreference.resolve import AS_WRITTEN, WeighedSpeaker
from onrecord.nlp.quotes.confidence import speaker_confidence_of
from onrecord.nlp.quotes.find import FoundQuote
from onrecord.nlp.quotes.ruleset import Ruleset
from onrecord.records import Speaker

# The least confidence with which a speaker of quoted words is named: somebody whom the source was
# resolved to, and a source left as the text puts it. Chosen on the 28 modern articles by weights
# fitted without the article: 9 fewer wrong speakers of 284, 2 left open that were right. On
# PolNeAR 0.8 % fewer quotes have a full name.
NAMED_FROM = 0.55
DESCRIBED_FROM = 0.7


def sure_speaker(quote: FoundQuote, weighed: WeighedSpeaker, rules: Ruleset) -> Speaker | None:
    """The speaker with its confidence; None where nobody stands there, or it is too unsure."""
    speaker = weighed.speaker
    if speaker is None or quote.attribution is None:
        return speaker
    left = speaker.entity is None and speaker.reason == AS_WRITTEN
    if left and not quote.attribution.names_someone:
        return None
    if is_unsure(quote, weighed, rules):
        return None
    likely = speaker_confidence_of(quote.attribution, weighed.choice, rules.confidence)
    return msgspec.structs.replace(speaker, confidence=round(likely, 3))


def is_unsure(quote: FoundQuote, weighed: WeighedSpeaker, rules: Ruleset) -> bool:
    """Whether the speaker of quoted words is too unsure to be named."""
    if weighed.speaker is None or quote.attribution is None:
        return False
    if quote.type == "indirect" or not rules.leaves_unsure:
        return False
    floor = NAMED_FROM if weighed.speaker.entity else DESCRIBED_FROM
    return speaker_confidence_of(quote.attribution, weighed.choice, rules.confidence) < floor
