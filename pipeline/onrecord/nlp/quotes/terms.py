"""Quoted titles, names and terms, which are not quotes."""

from onrecord.nlp.quotes.attribution import STRONG, WEAK
from onrecord.nlp.quotes.context import surroundings
from onrecord.nlp.quotes.standing_alone import FEWEST_WORDS
from onrecord.nlp.quotes.syntax import Parse

TERM_IS_SAID, SINGLE_TERM_IS_SAID = 0.3, 0.5
LONGEST_TERM = 2
LONGEST_SINGLE_TERM = 5


def names_a_thing(parse: Parse, k: int, best: float) -> bool:
    """Whether a passage is a title or a term: no verb of its sentence introduces speech.

    A title has capitals and a colon inside; a term is short and part of the sentence's syntax.
    `best` is the evidence of the sentence's best cue.
    """
    first, last = parse.bounds[k]
    words = [parse.words[i] for i in range(first, last + 1) if parse.has_letters[i]]
    if ":" in parse.words[first:last] and all(w[0].isupper() or len(w) < 4 for w in words):
        return best <= STRONG or not _is_introduced(parse, k)
    most = WEAK if len(words) > 1 else STRONG
    longest = LONGEST_SINGLE_TERM if parse.passages[k].single else LONGEST_TERM
    return len(words) <= longest and best <= most and not _is_introduced(parse, k)


def likeliest_of_term(parse: Parse, k: int) -> float:
    """The highest probability that a term is attributed: single marks rarely lack a source."""
    return SINGLE_TERM_IS_SAID if parse.passages[k].single else TERM_IS_SAID


def _is_introduced(parse: Parse, k: int) -> bool:
    """Whether a comma, a colon or a line start introduces the passage, or a comma ends it.

    A sentence of its own is no term: "‘They were old,’ said Rees. ‘It is a crime.’" Few words
    are none unless they go on with a quote: "Prices are too high. ‘Enough!’ Then they marched."
    """
    around = surroundings(parse, k)
    is_sentence = around.before == "stop" and around.ends in ("period", "stop")
    if is_sentence and parse.count_words(around.first, around.last) < FEWEST_WORDS:
        first, end = parse.spans[parse.sentences[max(around.first - 2, 0)]]
        is_sentence = any(0 <= parse.quoted[i] < k for i in range(first, end + 1))
    return around.before in ("comma", "colon", "start") or around.ends == "comma" or is_sentence
