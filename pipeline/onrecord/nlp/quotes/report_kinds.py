"""Kinds of verbs and of their subjects, by which a report differs from narration.

"The minister knows", "the gauge shows" and "she lists her house" have the verbs of reports. Counts
of single words in political news say little about them; the kinds are few enough to be learned
from the small number of modern articles that people judged.
"""

from onrecord.nlp.quotes.cues import VERB, Lexicon, lemmas
from onrecord.nlp.quotes.reported import part_of
from onrecord.nlp.quotes.sources import kind_of_source
from onrecord.nlp.quotes.syntax import Parse

_VERBS = {
    "says": "acknowledge admit add allege announce argue assert assure caution claim concede"
    " conclude confirm contend counter declare estimate explain insist maintain note predict"
    " remark reply report respond say state stress emphasise emphasize testify tweet warn write",
    "shows": "confirm demonstrate emphasise emphasize highlight illustrate imply indicate mean"
    " point prove reflect reveal show signal stress suggest underline underscore",
    "knows": "discover figure find forget know learn notice realise realize recall recognise"
    " recognize remember see understand watch",
    "believes": "assume believe consider doubt expect fear feel hope imagine oppose reckon regard"
    " support suspect think want wonder worry",
    "judges": "accuse applaud back blame blast commend condemn criticise criticize decry defend"
    " denounce deny dismiss hail lambast oppose praise reject slam thank welcome",
    "treats": "address cite describe detail discuss explain identify list mention name outline"
    " present question raise review share",
    "directs": "advise allow appeal ask call demand force instruct invite order recommend request"
    " require tell urge",
    "commits": "agree commit decide decline guarantee intend offer plan pledge promise refuse"
    " threaten vow",
}
KINDS: dict[str, tuple[str, ...]] = {}
for _kind, _lemmas in _VERBS.items():
    for _lemma in _lemmas.split():
        KINDS[_lemma] = (*KINDS.get(_lemma, ()), _kind)

PRONOUNS = {
    **dict.fromkeys(("this", "that", "these", "those", "which", "it", "there", "what"), "it"),
    **dict.fromkeys(("he", "she", "they", "who"), "person"),
    **{word: word for word in ("i", "we", "you")},
}
ENTITIES = {"PERSON": "person", "NORP": "person", "ORG": "body", "GPE": "body"}
# Log-odds that a noun names a speaker: from here on a person's, below the other a thing's.
SPEAKS = 0.0
SELDOM_SPEAKS = -1.5


def kinds_of_cue(parse: Parse, cue: int, lexicon: Lexicon) -> tuple[str, ...]:
    """The kinds of verb a cue belongs to; its part of speech if it is none."""
    part = part_of(parse, cue) or VERB
    if part != VERB:
        return (part,)
    form = parse.lower[cue]
    known = lexicon.find(form, VERB)
    readings = (*lemmas(form, VERB), *([known.lemma] if known else []))
    return next((KINDS[lemma] for lemma in readings if lemma in KINDS), ("other",))


def kind_of_reporter(parse: Parse, source: int | None, lexicon: Lexicon) -> str:
    """Whether a source is a person, a body, the narrator, the reader or a thing."""
    if source is None:
        return "no one"
    word, entity = parse.lower[source], parse.entities[source]
    if word in PRONOUNS:
        return PRONOUNS[word]
    if entity:
        return ENTITIES.get(entity, "thing")
    if parse.tags[source] in ("NNP", "NNPS"):
        return "body"
    return _kind_of_noun(parse, source, lexicon)


def _kind_of_noun(parse: Parse, source: int, lexicon: Lexicon) -> str:
    if kind_of_source(parse, source) != "noun":
        return "other"
    evidence = lexicon.speaker_evidence(parse.lower[source])
    if evidence > SPEAKS:
        return "speaking noun"
    return "noun" if evidence > SELDOM_SPEAKS else "thing"
