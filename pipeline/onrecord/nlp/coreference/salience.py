"""Salience: how present the people of a text are as it is read from top to bottom.

A mention adds weight, most as the subject of a sentence or the source of a quote, little inside
quotation marks; all weights fade from sentence to sentence. A pronoun refers to the most salient
person whose gender it allows, and adds weight again. This is the salience of Lappin and Leass
(Computational Linguistics 20(4), 1994) reduced to what news needs, where a paragraph has one or
two sentences and a quote can hold many.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from spacy.tokens import Doc, Span, Token

from onrecord.nlp.entities.names import Gender

GENDER_OF: dict[str, Gender] = {
    "he": "masculine", "him": "masculine", "his": "masculine", "himself": "masculine",
    "she": "feminine", "her": "feminine", "hers": "feminine", "herself": "feminine",
}  # fmt: skip
RELATIVE = frozenset({"who", "whom", "that", "which"})

_SUBJECTS = frozenset({"nsubj", "nsubjpass", "csubj"})
# The weights were chosen by eye on PolNeAR's training articles, in the order of Lappin and Leass:
# subjects before other mentions, and what is left after each sentence halved, as they do.
_FADE = 0.5
_MAIN_SUBJECT, _SUBJECT, _INTRODUCED, _OTHER, _POSSESSIVE = 3.6, 2.7, 1.6, 1.2, 0.8
# The focus of a cleft sentence: "It was Weiss who won".
_FOCUS = 5.0
# The source of a quote.
SPEAKS = 4.0
_IN_QUOTE = 0.25
# The share of the weight that counts for a person who may be of either gender.
_UNKNOWN_GENDER = 0.8
# The share of the smaller of the old weight and the new one that is added to the greater.
_HABIT = 0.25
_SENTENCES_OF_A_DIVIDER = 4
# How many people are remembered: bounds the work in a text of nothing but names.
_PRESENT_AT_MOST = 32


@dataclass(slots=True)
class Salience:
    """How present each person (by index) is at the point reached.

    Weights fade with `sentence`, which must never go back.
    """

    genders: list[Gender | None]
    _weights: dict[int, tuple[float, int]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nobody has been mentioned yet."""
        return not self._weights

    def add(self, person: int, weight: float, sentence: int) -> None:
        """A person is mentioned here."""
        left = self.weight(person, sentence)
        # Not the sum: whoever a section was about would outweigh the subject of the next one.
        both = max(left, weight) + _HABIT * min(left, weight)
        self._weights[person] = (both, sentence)

    def weight(self, person: int, sentence: int) -> float:
        """What is left of a person's weight."""
        weight, since = self._weights.get(person, (0.0, sentence))
        return float(weight * _FADE ** min(60, sentence - since))

    def share(self, person: int, other: int | None, sentence: int) -> float:
        """The first person's share of two people's weight: .5 if they are equal."""
        if other is None:
            return 1.0
        weight, less = self.weight(person, sentence), self.weight(other, sentence)
        return weight / (weight + less) if weight + less else 0.5

    def present(self, sentence: int) -> Iterable[tuple[int, float]]:
        """The people mentioned so far, with their weights here; drops faded ones of many."""
        weights = [
            (person, weight * _FADE ** min(60, sentence - since))
            for person, (weight, since) in self._weights.items()
        ]
        if len(weights) > 2 * _PRESENT_AT_MOST:
            weights.sort(key=lambda one: -one[1])
            for person, _ in weights[_PRESENT_AT_MOST:]:
                del self._weights[person]
        return weights

    def likeliest(
        self,
        gender: Gender | None,
        sentence: int,
        *,
        without: Collection[int] = (),
        at_least: float = 0.0,
    ) -> int | None:
        """The most present person of this gender (None: of any), or None."""
        best, best_weight = None, at_least
        for person, weight in self.present(sentence):
            if person in without or (gender and self.genders[person] not in {gender, None}):
                continue
            known = weight if self.genders[person] or not gender else weight * _UNKNOWN_GENDER
            if known > best_weight:
                best, best_weight = person, known
        return best


def weight_of(token: Token, *, quoted: bool) -> float:
    """How much weight a mention or pronoun headed by this token adds."""
    place = _above_appositions(token)
    if _is_cleft(place):
        weight = _FOCUS
    elif place.dep_ in _SUBJECTS or _is_topic(place):
        # "When Ortiz objected, Weiss differed": the sentence is about Weiss.
        weight = _MAIN_SUBJECT if place.head.dep_ == "ROOT" else _SUBJECT
    elif token.dep_ == "poss" or token.tag_ == "PRP$":
        weight = _POSSESSIVE
    elif _is_before_root(token):
        weight = _SUBJECT
    else:
        weight = _OTHER if place is token else _INTRODUCED
    return weight * _IN_QUOTE if quoted else weight


def _above_appositions(token: Token) -> Token:
    """The noun above a name in apposition: "chief" in "the fire chief, Ana Weiss, said"."""
    for _ in range(3):
        if token.dep_ != "appos":
            break
        token = token.head
    return token


def _is_before_root(token: Token) -> bool:
    """Whether the main verb follows at once: the parser errs in "…, Ana Weiss, said."."""
    after = token.doc[token.i + 1 : token.i + 3]
    verb = next((one for one in after if one.text != ","), None)
    return verb is not None and verb.dep_ == "ROOT" and verb.tag_ in {"VBD", "VBZ"}


def _is_cleft(token: Token) -> bool:
    """Whether a mention is the focus of a cleft sentence: "It was Ana Weiss who won"."""
    if token.dep_ not in {"attr", "nsubj"}:
        return False
    verb = token.head
    it = any(one.lower_ == "it" and one.dep_ in _SUBJECTS for one in verb.children)
    return it and any(one.dep_ == "relcl" for one in (*token.children, *verb.children))


def _is_topic(token: Token) -> bool:
    """Whether a name follows "as for": "As for Ortiz, she …"."""
    first = next((child for child in token.children if child.i < token.i), token)
    if first.i < 2 or first.nbor(-1).lower_ != "for":
        return False
    return token.doc[first.i - 2 : first.i].text.lower() == "as for"


def sentence_numbers(doc: Doc, quoted: bytearray) -> list[int]:
    """For each token the number of its sentence, sentences wholly inside quotes not counted.

    A person who speaks for ten sentences has not faded when "he added" follows.
    """
    numbers: list[int] = []
    number = 0
    for sent in doc.sents:
        numbers.extend([number] * (sent.end - sent.start))
        if any(not quoted[token.i] and token.text.isalpha() for token in sent):
            number += 1
        elif _is_divider(sent):
            number += _SENTENCES_OF_A_DIVIDER
    return numbers


def _is_divider(sent: Span) -> bool:
    """Whether a line separates two stories of one article: "___", "* * *", "9:15 p.m."."""
    text = sent.text.strip()
    return "\n" in sent.text and bool(text) and all(char in "_*-–—•# " for char in text)


def antecedent_of_relative(pronoun: Token) -> Token | None:
    """The antecedent of "who" or "which": the noun its clause modifies, else the one before."""
    for token in (pronoun, *pronoun.ancestors):
        if token.dep_ == "relcl" and token.head.i < pronoun.i:
            return token.head
        if token.dep_ == "ROOT":
            break
    for i in range(pronoun.i - 1, max(-1, pronoun.i - 4), -1):
        if pronoun.doc[i].pos_ in {"NOUN", "PROPN"}:
            return pronoun.doc[i]
    return None
