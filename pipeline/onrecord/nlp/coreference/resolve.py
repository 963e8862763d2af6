"""Speakers: who the source of a quote turns out to be.

A source is a name, a description ("the minister"), or a pronoun. Names and the roles the text
gives were merged before (`nlp/entities`); here the text is read from top to bottom, keeping
account of who is present (`account.py`, `pronouns.py`), and each pronoun and each source finds
its person. Somebody without a name ("a senior official") is somebody all the same: "she" and "the
official" find them again. A source that finds nobody stays as the text puts it: nothing is
invented.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc, Span, Token

from onrecord.nlp.coreference.candidates import meant_by_description, recalled
from onrecord.nlp.coreference.descriptions import is_introduction, read_age, read_description
from onrecord.nlp.coreference.discourse import (
    Account,
    Meaning,
    Place,
    Scene,
    Unnamed,
    as_written,
    begin,
)
from onrecord.nlp.coreference.documents import WRITINGS
from onrecord.nlp.coreference.kinship import meant_by_kinship
from onrecord.nlp.coreference.meant_by_document import author, meant_by_writing, same_thing
from onrecord.nlp.coreference.organisations import is_noun_for_bodies
from onrecord.nlp.coreference.pronouns import likeliest, meant_by_pronoun
from onrecord.nlp.coreference.salience import GENDER_OF, RELATIVE, SPEAKS, antecedent_of_relative
from onrecord.nlp.entities.english import titles
from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.entities.names import Gender
from onrecord.nlp.entities.roles import end_of_phrase
from onrecord.nlp.quotes.find import FoundQuote
from onrecord.records import Speaker

_ENDINGS = frozenset({"'s", "’s", "'", "’", ","})
_NO_HEADS = frozenset({"VERB", "AUX", "ADP", "PUNCT", "SPACE", "CCONJ", "SCONJ", "PART"})
# A speaker without a name, of either gender, is less likely "he" than somebody named is.
_STRANGER = 0.5
# How much less who speaks in a clause aside comes forward.
_ASIDE = 0.4
# A pronoun or a description that is no source brings its person forward less than the name does.
_BY_PRONOUN = 0.6
# How many words before its noun "the Mexican president, who …" has.
_LONGEST_PHRASE = 8


def resolve_speakers(
    doc: Doc, quotes: Sequence[FoundQuote], entities: Sequence[FoundEntity]
) -> list[Speaker | None]:
    """Who said each quote, in the order of `quotes`. None where a quote has no (or a blank) source.

    The name is the full one where it can be known; otherwise the source as the text puts it.
    """
    return [found.speaker for found in weigh_speakers(doc, quotes, entities)]


def weigh_speakers(
    doc: Doc, quotes: Sequence[FoundQuote], entities: Sequence[FoundEntity]
) -> list["WeighedSpeaker"]:
    """Who said each quote, as `resolve_speakers` has it, and whom else it may have been."""
    sources = [_source_span(doc, quote.source) for quote in quotes]
    account = _Text(doc, quotes, sources, entities).read()
    return [
        _weighed(source, account) if source is not None else WeighedSpeaker(None)
        for source in sources
    ]


@dataclass(frozen=True, slots=True)
class WeighedSpeaker:
    """A speaker, and the name of who came second; None where no one was weighed against them."""

    speaker: Speaker | None
    second: str | None = None


def _source_span(doc: Doc, source: Place | None) -> Span | None:
    """The source in tokens, without blanks and possessive endings at its ends."""
    span = doc.char_span(*source, alignment_mode="expand") if source else None
    if span is None:
        return None
    start, end = span.start, span.end
    while end > start + 1 and (doc[end - 1].is_space or doc[end - 1].text in _ENDINGS):
        end -= 1
    while start < end - 1 and (doc[start].is_space or doc[start].is_punct):
        start += 1
    return doc[start:end]


def _weighed(source: Span, account: Account) -> WeighedSpeaker:
    """A speaker as it is published."""
    meaning = account.found.get((source.start, source.end))
    if meaning is None:
        return WeighedSpeaker(Speaker(name=as_written(source), reason="as the text puts it"))
    second = None if meaning.second is None else account.name_of(meaning.second)
    return WeighedSpeaker(_speaker(source, meaning, account), second)


def _speaker(source: Span, meaning: Meaning, account: Account) -> Speaker:
    unnamed = account.unnamed_at(meaning.who)
    if unnamed is not None:
        return Speaker(name=unnamed.text, reason=meaning.reason)
    known = account.scene.entities[meaning.who].entity
    if known.type == "group":
        # "Republicans" said it, not "Republican".
        return Speaker(entity=known.id, name=as_written(source), reason=meaning.reason)
    role = known.role or account.roles.get(meaning.who)
    return Speaker(entity=known.id, name=known.name, role=role, reason=meaning.reason)


# ── the text, read from top to bottom ────────────────────────────────────────────────────────


class _Text:
    """A text with its entities and sources, to be read from top to bottom."""

    def __init__(
        self,
        doc: Doc,
        quotes: Sequence[FoundQuote],
        sources: Sequence[Span | None],
        entities: Sequence[FoundEntity],
    ) -> None:
        self._scene = Scene(doc, entities, _quoted_tokens(doc, quotes))
        self._sources: dict[int, set[Place]] = defaultdict(set)
        self._spoken_of: dict[int, set[int]] = defaultdict(set)
        for source, quote in zip(sources, quotes, strict=True):
            if source is not None:
                head = _head(source).i
                self._sources[head].add((source.start, source.end))
                self._spoken_of[head].update(self._named_in(quote, head))
        self._points = self._points_of_interest()

    def _named_in(self, quote: FoundQuote, source: int) -> Iterator[int]:
        """The people whom the words of a quote name, if not in "Ortiz was late, she said"."""
        scene = self._scene
        for start, end in quote.content:
            for token in scene.doc.char_span(start, end, alignment_mode="expand") or ():
                person = scene.naming.person_at(token.i)
                # "Trump supporters" and "Trump's taxes" may be spoken of by Trump.
                spoken_of = token.dep_ not in {"compound", "poss", "nmod"}
                if person is not None and spoken_of and (scene.quoted[token.i] or token.i > source):
                    yield person

    def _points_of_interest(self) -> list[int]:
        """The tokens at which somebody is named, meant or introduced, in order."""
        points = set(self._sources)
        points.update(span.end - 1 for one in self._scene.entities for span in one.spans)
        for token in self._scene.doc:
            meant = token.lower_ in GENDER_OF or _is_described(token)
            if (meant and not self._scene.quoted[token.i]) or is_introduction(token):
                points.add(token.i)
        return sorted(points)

    def read(self) -> Account:
        """The text read twice.

        The pronouns of the first reading show the gender of people whose names do not.
        """
        entities = self._scene.entities
        genders = [one.gender if one.entity.type == "person" else None for one in entities]
        for person, counts in self._read(genders).pronouns.items():
            (gender, most), *others = counts.most_common()
            shown = most >= 2 * sum(count for _, count in others)
            if person < len(genders) and genders[person] is None and shown:
                genders[person] = gender
        return self._read(genders)

    def _read(self, genders: Sequence[Gender | None]) -> Account:
        account = begin(self._scene, genders)
        for i in self._points:
            token = self._scene.doc[i]
            for place in sorted(self._sources.get(i, ())):
                self._read_source(self._scene.doc[slice(*place)], token, account)
            self._read_mention(token, account)
        return account

    def _read_mention(self, token: Token, account: Account) -> None:
        """Who or what is named here, meant by a word that is no source, or introduced."""
        scene, i = self._scene, token.i
        entity, person = scene.naming.entity_at(i), scene.naming.person_at(i)
        if entity is not None:
            account.bodies.last_named[entity] = i
            if scene.bodies.is_body(entity):
                account.bodies.add(entity, scene.weight(token), scene.sentences[i])
        if person is not None:
            account.salience.add(person, scene.weight(token), scene.sentences[i])
        elif entity is None and is_introduction(token):
            account.introduced[token.lower_] = i
        elif i not in self._sources:
            self._read_meant(token, account)

    def _read_meant(self, token: Token, account: Account) -> None:
        """A pronoun or a description that is no source still says who is spoken of."""
        scene = self._scene
        if token.lower_ in GENDER_OF:
            person = likeliest(token, account)
        elif scene.naming.entity_at(token.i) is None and _is_described(token):
            phrase = scene.doc[token.left_edge.i : end_of_phrase(scene.doc, token.i)]
            person = recalled(phrase, token, account)
        else:
            return
        if person is not None:
            account.at[token.i] = person
            weight = _BY_PRONOUN * scene.weight(token)
            account.salience.add(person, weight, scene.sentences[token.i])

    def _read_source(self, source: Span, head: Token, account: Account) -> None:
        account.spoken_of = frozenset(self._spoken_of.get(head.i, ()))
        meaning = (
            self._meant(source, head, account)
            or _new_speaker(source, head, account)
            or _new_thing(source, head, account)
        )
        who = meaning.who if meaning else None
        sentence = self._scene.sentences[head.i]
        account.source = (who, sentence)
        body = who is not None and self._scene.bodies.is_body(who)
        account.bodies.add_source(who if body else None, sentence)
        if meaning is None or who is None:
            return
        account.found[source.start, source.end] = meaning
        account.at[head.i] = who
        if account.is_person(who):
            account.salience.add(who, _speaks(who, head, account), sentence)
            if head.lower_ in GENDER_OF:
                account.pronouns[who][GENDER_OF[head.lower_]] += 1

    def _meant(self, source: Span, head: Token, account: Account) -> Meaning | None:
        """Who a source means: by name, by pronoun, or by what it says of somebody."""
        if len(source) == 1 and head.lower_ in GENDER_OF:
            return meant_by_pronoun(head, account)
        if len(source) == 1 and head.lower_ in RELATIVE:
            return self._meant_by_relative(head, account)
        naming = self._scene.naming
        named = naming.named(source, head)
        if named is not None and self._scene.entities[named].entity.type != "group":
            return Meaning(named, naming.reason_of_name(source, named))
        return (
            _body(source, head, account, unless_described=True)
            or meant_by_kinship(source, head, account)
            or meant_by_description(source, head, account)
            # "The Ohio Democrat" is a party only if it finds nobody.
            or (None if named is None else Meaning(named, "named here"))
            or _body(source, head, account)
            or meant_by_writing(source, head, account)
            or same_thing(source, head, account)
        )

    def _meant_by_relative(self, pronoun: Token, account: Account) -> Meaning | None:
        noun = antecedent_of_relative(pronoun)
        if noun is None:
            return None
        naming = self._scene.naming
        named = naming.named_by(noun)
        if named is None and noun.dep_ == "appos":
            # "Weiss, a graduate of Tarn who …"
            named = naming.named_by(noun.head)
        if named is not None:
            return Meaning(named, f"named before “{pronoun.text}”")
        if noun.lower_ in WRITINGS and (by := author(noun, account)) is not None:
            return by
        return self._described_before(noun, account)

    def _described_before(self, noun: Token, account: Account) -> Meaning | None:
        """Whom or what "who" means where a phrase stands before it: "the minister, who said"."""
        start = noun.left_edge.i
        if noun.pos_ not in {"NOUN", "PROPN"} or noun.i - start > _LONGEST_PHRASE:
            return None
        doc = self._scene.doc
        phrase = doc[start : max(noun.i + 1, end_of_phrase(doc, noun.i))]
        return (
            self._meant(phrase, noun, account)
            or _new_speaker(phrase, noun, account)
            or _new_thing(phrase, noun, account)
        )


# ── who is not named ─────────────────────────────────────────────────────────────────────────


def _body(
    source: Span, head: Token, account: Account, *, unless_described: bool = False
) -> Meaning | None:
    """Which organisation is meant: "the supplier" is one before it is who supplies."""
    if unless_described and not is_noun_for_bodies(head):
        return None
    body = account.scene.bodies.meant(source, head, account.bodies)
    return None if body is None else Meaning(*body)


def _new_speaker(source: Span, head: Token, account: Account) -> Meaning | None:
    """Somebody without a name who speaks here for the first time: "a senior official"."""
    description = read_description(source, head, new=True) or read_age(source)
    if description is None or account.scene.naming.entity_at(head.i) is not None:
        return None
    variation = titles.is_variation(description.noun) and not description.complement
    if source[0].lower_ == "the" and variation:
        # "The mogul" is somebody who was named, though we do not see who.
        return None
    who = account.add_unnamed(Unnamed(as_written(source), description))
    return Meaning(who, "as the text puts it: without a name")


def _new_thing(source: Span, head: Token, account: Account) -> Meaning | None:
    """What speaks and is nobody, so that "it" can mean it again: "the report"."""
    named = account.scene.naming.entity_at(head.i) is not None
    if head.tag_ not in {"NN", "NNP", "NNS"} or named:
        return None
    thing = Unnamed(as_written(source), None, is_thing=head.tag_ == "NN")
    return Meaning(account.add_unnamed(thing), "as the text puts it")


def _speaks(who: int, head: Token, account: Account) -> float:
    """How far speaking brings somebody forward: one of whom nothing is known, not as far.

    Nor who speaks in a clause about them: "Trump, who has called it a hoax".
    """
    known = account.unnamed_at(who) is None or account.salience.genders[who]
    return SPEAKS * (1.0 if known else _STRANGER) * (_ASIDE if head.lower_ in RELATIVE else 1.0)


# ── the text, by token ───────────────────────────────────────────────────────────────────────


def _is_described(token: Token) -> bool:
    """Whether a definite phrase may be the subject of a sentence: "the pensioner said"."""
    if token.tag_ != "NN" or token.dep_ not in {"nsubj", "nsubjpass"}:
        return False
    return token.left_edge.lower_ == "the" and token.i - token.left_edge.i < _LONGEST_PHRASE


def _head(source: Span) -> Token:
    """The word that heads a source: "minister" of "the minister", "Weiss" of "Ana Weiss, a …"."""
    root = source.root
    while root.i + 2 < source.end and root.nbor().text == "-" and not root.whitespace_:
        root = root.nbor(2)  # "author" of "co-author"
    if root.pos_ not in _NO_HEADS:
        return root
    nouns = (token for token in source if token.pos_ in {"NOUN", "PROPN", "PRON"})
    return next(nouns, root)


def _quoted_tokens(doc: Doc, quotes: Sequence[FoundQuote]) -> bytearray:
    """For each token whether it stands inside the content of a direct quote."""
    quoted = bytearray(len(doc))
    for quote in quotes:
        spans = quote.content if quote.type == "direct" else ()
        for start, end in spans:
            span = doc.char_span(start, end, alignment_mode="contract")
            if span is not None:
                quoted[span.start : span.end] = b"\x01" * len(span)
    return quoted
