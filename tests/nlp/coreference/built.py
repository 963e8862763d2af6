"""Documents built by hand, without a model, for the tests of coreference.

    doc = built("Weiss/NNP/nsubj/2 came/VBD/ROOT/2 ./././2", "She/PRP/nsubj/2 left/VBD/ROOT/2")

Each argument is a sentence of `word/TAG/relation/head`, heads counted from 1 within the sentence.
"""

from collections.abc import Sequence

import spacy
from spacy.tokens import Doc, Span

from onrecord.nlp.coreference.discourse import Discourse, DocumentIndex, SourcePhrase
from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.entities.names import Gender
from onrecord.nlp.entities.role_phrases import Role
from onrecord.nlp.entities.spans import NamedSpan
from onrecord.records import Entity, EntityType, Mention

# Tokens only: no model is loaded.
_VOCAB = spacy.blank("en").vocab
_COARSE = {
    "NN": "NOUN", "NNS": "NOUN", "NNP": "PROPN", "NNPS": "PROPN", "PRP": "PRON", "PRP$": "PRON",
    "VBD": "VERB", "VBZ": "VERB", "VBN": "VERB", "VB": "VERB", "DT": "DET", "IN": "ADP",
    "JJ": "ADJ", "CC": "CCONJ", "CD": "NUM", "WP": "PRON", "WDT": "PRON", "POS": "PART",
    "RB": "ADV", "TO": "PART", ".": "PUNCT", ",": "PUNCT", ":": "PUNCT",
}  # fmt: skip


def built(*sentences: str) -> Doc:
    """The sentences as one Doc, words parted by blanks."""
    words: list[str] = []
    tags: list[str] = []
    deps: list[str] = []
    heads: list[int] = []
    starts: list[bool | int | None] = []
    for sentence in sentences:
        rows = [token.rsplit("/", 3) for token in sentence.split()]
        offset = len(words)
        for k, (word, tag, dep, head) in enumerate(rows):
            words.append(word)
            tags.append(tag)
            deps.append(dep)
            heads.append(offset + int(head) - 1)
            starts.append(k == 0)
    return Doc(
        _VOCAB,
        words=words,
        tags=tags,
        pos=[_COARSE.get(tag, "X") for tag in tags],
        deps=deps,
        heads=heads,
        sent_starts=starts,
    )


def phrase(doc: Doc, words: str, *, nth: int = 0) -> Span:
    """The `nth` place where these words stand."""
    wanted = words.split()
    texts = [token.text for token in doc]
    size = len(wanted)
    found = [i for i in range(len(texts)) if texts[i : i + size] == wanted]
    return doc[found[nth] : found[nth] + size]


def entity(
    doc: Doc,
    name: str,
    *mentions: str,
    type_: EntityType = "person",
    gender: Gender | None = None,
    roles: Sequence[Role] = (),
) -> FoundEntity:
    """An entity with every place where its name or one of `mentions` stands."""
    spans: list[NamedSpan] = []
    taken: set[int] = set()
    for words in (name, *mentions):
        count = doc.text.split().count(words.split()[0])
        for nth in range(count):
            try:
                span = phrase(doc, words, nth=nth)
            except IndexError:
                break
            if taken.isdisjoint(range(span.start, span.end)):
                taken.update(range(span.start, span.end))
                spans.append(NamedSpan(start=span.start, end=span.end, type=type_))
    spans.sort(key=lambda one: one.start)
    return FoundEntity(
        entity=Entity(
            id=name,
            name=name,
            type=type_,
            mentions=tuple(
                Mention(
                    start=doc[one.start : one.end].start_char,
                    end=doc[one.start : one.end].end_char,
                    text=doc[one.start : one.end].text,
                )
                for one in spans
            ),
        ),
        spans=tuple(spans),
        roles=tuple(roles),
        gender=gender,
    )


def role(doc: Doc, words: str, noun: str) -> Role:
    """A role stated by these words."""
    span = phrase(doc, words)
    return Role(span.start, span.end, noun, "beside")


def discourse_of(doc: Doc, *entities: FoundEntity) -> Discourse:
    """The discourse of a text of which nothing has been read."""
    index = DocumentIndex(doc, entities, bytearray(len(doc)))
    return Discourse(index, [one.gender for one in entities])


def read_names(discourse: Discourse) -> Discourse:
    """The same after every name was read."""
    named = sorted(
        (span.end - 1, k) for k, one in enumerate(discourse.document.entities) for span in one.spans
    )
    for i, k in named:
        discourse.mention(k, discourse.document.doc[i])
    return discourse


def source(doc: Doc, words: str, *, nth: int = 0, spoken_of: Sequence[int] = ()) -> SourcePhrase:
    """These words as the source of a quote."""
    span = phrase(doc, words, nth=nth)
    return SourcePhrase(span, span.root, frozenset(spoken_of))
