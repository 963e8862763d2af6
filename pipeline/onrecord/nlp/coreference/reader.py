"""Reading a text from top to bottom: each mention, pronoun and source updates the discourse."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from spacy.tokens import Doc, Span, Token

from onrecord.nlp.coreference.candidates import recalled
from onrecord.nlp.coreference.descriptions import INDEFINITE, is_introduction
from onrecord.nlp.coreference.discourse import Discourse, DocumentIndex, Place, SourcePhrase
from onrecord.nlp.coreference.pronouns import likeliest
from onrecord.nlp.coreference.resolvers import LONGEST_PHRASE, resolve
from onrecord.nlp.coreference.salience import GENDER_OF
from onrecord.nlp.coreference.spoken_of import SpokenOf
from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.entities.names import Gender
from onrecord.nlp.quotes.find import FoundQuote

_NO_HEADS = frozenset({"VERB", "AUX", "ADP", "PUNCT", "SPACE", "CCONJ", "SCONJ", "PART"})
# "Trump supporters" and "Trump's taxes" may be spoken of by Trump.
_OF_OTHERS = frozenset({"compound", "poss", "nmod"})


class DiscourseReader:
    """A document and the sources of its quotes (None where a quote has none), ready to be read."""

    def __init__(
        self,
        doc: Doc,
        quotes: Sequence[FoundQuote],
        sources: Sequence[Span | None],
        entities: Sequence[FoundEntity],
    ) -> None:
        self._document = DocumentIndex(doc, entities, _quoted_tokens(doc, quotes))
        contents = [_content_tokens(doc, quote) for quote in quotes]
        self._sources: dict[int, set[Place]] = defaultdict(set)
        self._spoken_of: dict[int, set[int]] = defaultdict(set)
        for source, content in zip(sources, contents, strict=True):
            if source is not None:
                head = _head(source).i
                self._sources[head].add((source.start, source.end))
                self._spoken_of[head].update(self._named_in(content, head))
        self._spoken = SpokenOf(self._document, quotes, contents)
        self._introducing: set[int] = set()
        self._referring: set[int] = set()
        self._find_descriptions()
        self._points = self._points_of_interest()

    @property
    def spoken_of(self) -> SpokenOf:
        """The references inside the quotes, complete when the text has been read."""
        return self._spoken

    def read(self) -> Discourse:
        """The discourse at the end of the text.

        The pronouns of a first reading show the gender of people whose names do not; if they do,
        the text is read a second time.
        """
        entities = self._document.entities
        genders = [one.gender if one.entity.type == "person" else None for one in entities]
        discourse = self._read(genders)
        shown = _shown_by_pronouns(discourse, genders)
        if not shown:
            return discourse
        return self._read([shown.get(n, gender) for n, gender in enumerate(genders)])

    def _named_in(self, content: Sequence[Token], source: int) -> Iterator[int]:
        """The people named by the words of a quote, unless before the source outside of marks.

        In "Ortiz was late, she said" she may be Ortiz.
        """
        document = self._document
        for token in content:
            person = document.naming.person_at(token.i)
            if person is None or token.dep_ in _OF_OTHERS:
                continue
            if document.quoted[token.i] or token.i > source:
                yield person

    def _find_descriptions(self) -> None:
        """Note the nouns that introduce somebody, and the pronouns and descriptions that refer."""
        quoted = self._document.quoted
        for token in self._document.doc:
            word = token.lower_
            if word in INDEFINITE and is_introduction(token.head):
                self._introducing.add(token.head.i)
            refers = word in GENDER_OF or (token.tag_ == "NN" and _is_described(token))
            if refers and not quoted[token.i]:
                self._referring.add(token.i)

    def _points_of_interest(self) -> list[int]:
        """The tokens that name, refer to or introduce a person, in text order."""
        named = (span.end - 1 for one in self._document.entities for span in one.spans)
        return sorted(
            {*self._sources, *self._spoken.points, *self._introducing, *self._referring, *named}
        )

    def _read(self, genders: Sequence[Gender | None]) -> Discourse:
        discourse = Discourse(self._document, genders)
        doc, references = self._document.doc, self._spoken.points
        for i in self._points:
            token = doc[i]
            if i in self._sources:
                self._read_sources(token, discourse)
            if i in references:
                self._spoken.note(token, discourse)
            self._read_token(token, discourse)
        return discourse

    def _read_sources(self, head: Token, discourse: Discourse) -> None:
        """The sources with this head."""
        spoken_of = frozenset(self._spoken_of[head.i])
        for start, end in sorted(self._sources[head.i]):
            source = SourcePhrase(self._document.doc[start:end], head, spoken_of)
            discourse.speak(source, resolve(source, discourse))

    def _read_token(self, token: Token, discourse: Discourse) -> None:
        """A name, an introduction, or a reference that is not a source."""
        entity = self._document.naming.entity_at(token.i)
        if entity is not None:
            discourse.mention(entity, token)
            if discourse.is_person(entity):
                return
        elif token.i in self._introducing:
            discourse.introduce(token)
            return
        if token.i in self._referring and token.i not in self._sources:
            self._read_reference(token, discourse)

    def _read_reference(self, token: Token, discourse: Discourse) -> None:
        """A pronoun or a definite description that is not a source."""
        document = self._document
        if token.lower_ in GENDER_OF:
            person = likeliest(token, discourse)
        elif document.naming.entity_at(token.i) is None:
            found = recalled(token, discourse)
            person = None if found is None else found.who
        else:
            return
        if person is not None:
            discourse.refer(person, token)


def _shown_by_pronouns(discourse: Discourse, genders: Sequence[Gender | None]) -> dict[int, Gender]:
    """The genders of people whose names show none, from most of the pronouns for them."""
    shown: dict[int, Gender] = {}
    for person, counts in discourse.pronouns.items():
        (gender, most), *others = counts.most_common()
        agreed = most >= 2 * sum(count for _, count in others)
        if person < len(genders) and genders[person] is None and agreed:
            shown[person] = gender
    return shown


def _is_described(token: Token) -> bool:
    """Whether a definite phrase may be the subject of a sentence: "the pensioner said"."""
    if token.tag_ != "NN" or token.dep_ not in {"nsubj", "nsubjpass"}:
        return False
    return token.left_edge.lower_ == "the" and token.i - token.left_edge.i < LONGEST_PHRASE


def _head(source: Span) -> Token:
    """The head of a source: "minister" of "the minister", "Weiss" of "Ana Weiss, a lawyer"."""
    root = source.root
    last = source[-1]
    if last.pos_ == "NOUN" and any(one.tag_ == "POS" and one.i > root.i for one in source):
        # "the Bakers of Tarn’s chief economist", which parses go astray in.
        return last
    while root.i + 2 < source.end and root.nbor().text == "-" and not root.whitespace_:
        root = root.nbor(2)  # "author" of "co-author"
    if root.pos_ not in _NO_HEADS:
        return root
    nouns = (token for token in source if token.pos_ in {"NOUN", "PROPN", "PRON"})
    return next(nouns, root)


def _content_tokens(doc: Doc, quote: FoundQuote) -> list[Token]:
    """The tokens of a quote's content."""
    spans = (doc.char_span(*part, alignment_mode="expand") for part in quote.content)
    return [token for span in spans for token in span or ()]


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
