"""Coreference by name: the entity a source names, as its head or in apposition to it.

"Weiss", "Texas Lt. Gov. Ana Weiss of Tarn", "the king's physician, Amara Diallo"; but nobody in
"Weiss's lawyer", "Weiss and Diallo" or "the Weiss campaign".
"""

from collections.abc import Iterator, Sequence

from spacy.tokens import Doc, Span, Token

from onrecord.nlp.entities.english import gazetteer, titles
from onrecord.nlp.entities.merging import FoundEntity
from onrecord.nlp.entities.role_phrases import noun_at

# What can follow a name that is the source, rather than "'s" or another noun.
_AFTER_NAMES = frozenset({"of", "who", "whose", "in", "from", "then", "himself", "herself"})

# How many words before a name may belong to its role. By eye.
_LONGEST_ROLE = 6
_INSIDE_ROLES = frozenset({"NOUN", "PROPN", "ADJ", "DET", "NUM", "X"})
# Roles that a firm has as a person does: "The landlord, Okafor Homes, said".
_ROLES_OF_FIRMS = frozenset(
    {"landlord", "buyer", "owner", "operator", "maker", "contractor", "publisher", "supplier",
     "developer", "builder", "manufacturer", "employer", "insurer", "lender", "seller", "sponsor",
     "organiser", "organizer", "broadcaster", "retailer", "distributor", "producer", "provider",
     "investor", "creditor", "bidder", "subcontractor", "shareholder", "freeholder", "exporter",
     "importer", "promoter", "backer", "tenant", "rival", "partner", "client", "customer"}
)  # fmt: skip

# Half-open, in tokens.
_Place = tuple[int, int]


class Naming:
    """The entities of a text, by token."""

    def __init__(self, doc: Doc, entities: Sequence[FoundEntity]) -> None:
        self._doc = doc
        self._entities = entities
        self._entity_at = _entity_at(doc, entities)
        self._named: dict[tuple[int, int, int], int | None] = {}

    def entity_at(self, i: int) -> int | None:
        """The index of the entity that a token is part of a mention of."""
        return self._entity_at[i]

    def person_at(self, i: int) -> int | None:
        """The same, if it is a person."""
        entity = self._entity_at[i]
        return entity if entity is not None and self._is_person(entity) else None

    def _is_person(self, entity: int) -> bool:
        return self._entities[entity].entity.type == "person"

    def reason_of_name(self, source: Span, who: int) -> str:
        """How a source names an entity, in words for a reader."""
        name = self._entities[who].entity.name
        if name.lower() in " ".join(source.text.split()).lower():
            return "named here"
        words = {token.lower_ for token in source}
        if name.split()[-1].lower() in words:
            return f"surname of {name}"
        inside = any(self._entity_at[token.i] == who for token in source)
        return f"short for {name}" if inside else "named beside"

    def named_by(self, noun: Token) -> int | None:
        """The entity a noun is part of a mention of, or that stands in apposition to it."""
        for token in (noun, *(child for child in noun.children if child.dep_ == "appos")):
            if self._entity_at[token.i] is not None:
                return self._entity_at[token.i]
        return None

    def named(self, source: Span, head: Token) -> int | None:
        """The entity that the source itself names, as its head or in apposition to it.

        "Weiss", "Texas Lt. Gov. Ana Weiss of Tarn", "the king's physician, Amara Diallo"; but
        nobody in "Weiss's lawyer", "Weiss and Diallo" or "the Weiss campaign".
        """
        asked = source.start, source.end, head.i
        if asked not in self._named:
            self._named[asked] = self._find_named(source, head)
        return self._named[asked]

    def _find_named(self, source: Span, head: Token) -> int | None:
        if source.start and len(source) <= 2 and titles.is_after_name(source.text):
            return self.person_at(source.start - 1)
        for start, end in self._names_in(source):
            if self._joins_another(end, source.end):
                return None
            if self._is_object(source, head, start):
                continue
            if start <= head.i < end or self._stands_alone(source, start, end):
                return self._entity_at[start]
        beside = self._named_right_after(source, head)
        if beside is None:
            beside = self._apposed_to(head)
        if beside is not None:
            return beside
        return None if self._is_one_of_several(source, head) else self._entity_at[head.i]

    def _apposed_to(self, head: Token) -> int | None:
        """The name set beside a noun by a comma: "the firm that runs the awards, Okafor Shows,"."""
        is_role = noun_at(head) is not None
        can_be_firm = head.lower_ in _ROLES_OF_FIRMS
        if not is_role and not gazetteer.is_organisation_noun(head.lower_):
            return None
        apposed = [one.i for one in head.children if one.dep_ == "appos"]
        before_verb = head.head.i - 2
        if head.dep_ == "nsubj" and before_verb > head.i and self._doc[before_verb + 1].text == ",":
            apposed.append(before_verb)
        for i in apposed:
            entity = self._entity_at[i]
            if entity is not None and (
                self._is_person(entity) == is_role
                or (can_be_firm and self._is_firm_between_commas(i, entity, head))
            ):
                return entity
        return None

    def _is_firm_between_commas(self, i: int, entity: int, head: Token) -> bool:
        """Whether a body is set between commas after its role: "The landlord, Okafor Homes,"."""
        if self._entities[entity].entity.type != "organisation":
            return False
        first = end = i
        while first > head.i and self._entity_at[first - 1] == entity:
            first -= 1
        while end < len(self._doc) and self._entity_at[end] == entity:
            end += 1
        closed = end < len(self._doc) and self._doc[end].text == ","
        return closed and first == head.i + 2 and self._doc[first - 1].text == ","

    def _is_one_of_several(self, source: Span, head: Token) -> bool:
        """Whether others speak too: "the Union of Ports and other aid groups"."""
        entity = self._entity_at[head.i]
        return any(
            one.dep_ == "conj"
            and head.i < one.i < source.end
            and one.pos_ in {"NOUN", "PROPN"}
            and self._entity_at[one.i] != entity
            for one in head.children
        )

    def _named_right_after(self, source: Span, head: Token) -> int | None:
        """Who is named where a source breaks off: "[The carmaker] Okafor Motors said"."""
        i = source.end
        role = noun_at(head) is not None or head.lower_ == "one"
        if not role and not gazetteer.is_organisation_noun(head.lower_):
            return None
        apposed = role and i < len(self._doc) and self._doc[i].text in {",", "and"}
        joined = apposed and self._doc[i].text == "and"
        i += apposed
        i = self._after_titles(i, apposed=apposed)
        if joined and (i == source.end + 1 or self._doc[source.end + 1].tag_ in {"DT", "PRP$"}):
            # "The minister and Ana Weiss" are two, "co-founder and chief executive Ana Weiss" one.
            return None
        entity = self._entity_at[i] if i < len(self._doc) else None
        if entity is None or self._is_person(entity) != role:
            return None
        last = head.i == source.end - 1 or head.lower_ == "one"
        if not last and not self._apposed(i, head):
            # "The aide to the president, Ana Weiss, said" may be either of them.
            return None
        end = i
        while end < len(self._doc) and self._entity_at[end] == entity:
            end += 1
        closed = end < len(self._doc) and (self._doc[end].is_punct or joined)
        return entity if closed or not apposed else None

    def _after_titles(self, i: int, *, apposed: bool) -> int:
        """Where a name can begin after forms of address; after a comma, after a role as well."""
        begin = i
        while i < len(self._doc) and titles.is_honorific(self._doc[i].text):
            i += 1
        if not apposed or i > begin or i >= len(self._doc) or self.person_at(begin) is not None:
            return i
        # "His daughter, the actress Emma Weiss,", "co-founder and chief executive Ana Weiss"
        for name in range(begin + 1, min(len(self._doc), begin + _LONGEST_ROLE)):
            if self.person_at(name) is not None:
                title = self._doc[name - 1]
                return name if noun_at(title) or titles.is_honorific(title.text) else begin
            inside = self._doc[name].pos_ in _INSIDE_ROLES or self._doc[name].tag_ == "VBG"
            if not inside:
                break
        return begin

    def _apposed(self, name: int, noun: Token) -> bool:
        """Whether the parse sets a name beside a noun."""
        end = name
        while end + 1 < len(self._doc) and self._entity_at[end + 1] == self._entity_at[name]:
            end += 1
        root = self._doc[name : end + 1].root
        return root.dep_ == "appos" and root.head.i == noun.i

    def _names_in(self, source: Span) -> Iterator[_Place]:
        """The names of people in a source, in order."""
        i = source.start
        while i < source.end:
            start, person = i, self.person_at(i)
            i += 1
            if person is not None:
                while i < source.end and self._entity_at[i] == person:
                    i += 1
                yield start, i

    def _joins_another(self, end: int, limit: int) -> bool:
        """Whether a name goes on to others: "Okafor and Diallo", "Okafor, Diallo and Weiss"."""
        if end + 1 >= limit or self._doc[end].text not in {"and", "&", ",", "or"}:
            return False
        follows = end + 1
        while follows + 1 < limit and titles.is_honorific(self._doc[follows].text):
            follows += 1
        if self._doc[end].text == "and" and self._doc[follows].tag_ == "PRP$":
            return True
        person = self.person_at(follows)
        while follows < limit and self.person_at(follows) == person:
            follows += 1
        # "Weiss, Diallo's lawyer," is Weiss.
        ends = self._doc[follows].text if follows < limit else ""
        return person is not None and (self._doc[end].text != "," or ends in {",", "and", "or"})

    def _is_object(self, source: Span, head: Token, start: int) -> bool:
        """Whether a name only complements its head: "the former aide to President Weiss"."""
        before = start - 1
        while before > head.i and (
            titles.is_honorific(self._doc[before].text) or titles.role_noun(self._doc[before].text)
        ):
            before -= 1
        linked = self._doc[before].lower_ in {"to", "for", "of"}
        return source.start <= head.i < before and linked and noun_at(head) is not None

    def _stands_alone(self, source: Span, start: int, end: int) -> bool:
        """Whether a name has only a role before it, and nothing after it that it belongs to."""
        follows = self._doc[end] if end < source.end else None
        if follows is not None and follows.text in {"'", "’"}:
            # "Harris’ team"
            return False
        ends = follows is None or follows.is_punct or titles.is_after_name(follows.text)
        if follows is not None and not (ends or follows.lower_ in _AFTER_NAMES):
            return False
        before = start - 1
        while before >= source.start and titles.is_honorific(self._doc[before].text):
            before -= 1
        if before < source.start:
            return True
        if self._doc[before].text != ",":
            return noun_at(self._doc[before]) is not None
        return any(noun_at(token) is not None for token in self._doc[source.start : before])


def _entity_at(doc: Doc, entities: Sequence[FoundEntity]) -> list[int | None]:
    """For each token, the index of the entity it is part of a mention of."""
    at: list[int | None] = [None] * len(doc)
    for index, found in enumerate(entities):
        for span in found.spans:
            at[span.start : span.end] = [index] * (span.end - span.start)
    return at
