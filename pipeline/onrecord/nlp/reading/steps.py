"""Run a spaCy pipeline's components over whole batches: the same results in less time.

    docs ─ tok2vec ─ tagger ─ parser ─ attribute ruler ─ entity recognizer ─> the same docs

`nlp.pipe` splits a batch into quarters before each component, which makes the matrices small;
here each component receives the whole batch. Token vectors, parser, entity recognizer and
attribute ruler are replaced by faster equivalents if they are of a known kind, and run unchanged
otherwise.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from spacy.attrs import DEP, LOWER, POS, TAG
from spacy.language import Language
from spacy.pipeline import (
    AttributeRuler,
    DependencyParser,
    EntityRecognizer,
    Tok2Vec,
    TrainablePipe,
)
from spacy.tokens import Doc

from onrecord.nlp.reading.dependencies import Dependencies
from onrecord.nlp.reading.named_entities import NamedEntities
from onrecord.nlp.reading.token_vectors import Features, Ints, TokenVectors, distinct

# Sets its results on the docs in place.
Step = Callable[[Sequence[Doc]], None]
Key = tuple[int, int, int]
Pattern = dict[str, Any]

READ = frozenset({"TAG", "DEP", "POS"})
REMEMBERED = frozenset({"TAG", "DEP", "LOWER", "IS_SPACE"})


def steps_of(nlp: Language) -> list[Step]:
    """The components of a pipeline, in order."""
    return [_step(component) for _, component in nlp.pipeline]


def _step(component: Callable[[Doc], Doc]) -> Step:
    if isinstance(component, AttributeRuler):
        return _remembering(component) or _one_by_one(component)
    if isinstance(component, DependencyParser) and Dependencies.knows(component):
        return Dependencies(component)
    if isinstance(component, EntityRecognizer):
        return NamedEntities.known(component) or _predicting(component)
    if isinstance(component, Tok2Vec):
        return _vectors(component) or _predicting(component)
    if isinstance(component, TrainablePipe):
        return _predicting(component)
    return _one_by_one(component)


def _one_by_one(component: Callable[[Doc], Doc]) -> Step:
    def step(docs: Sequence[Doc]) -> None:
        for doc in docs:
            component(doc)

    return step


def _predicting(component: TrainablePipe) -> Step:
    def step(docs: Sequence[Doc]) -> None:
        component.set_annotations(docs, component.predict(docs))

    return step


def _vectors(component: Tok2Vec) -> Step | None:
    """Token vectors by our own forward pass; None if the model is of another architecture."""
    known = TokenVectors.known(component.model)
    if known is None:
        return None

    def step(docs: Sequence[Doc]) -> None:
        rows: Any = known.of(docs)  # spaCy's stubs declare double precision
        start = 0
        for doc in docs:
            doc.tensor = rows[start : start + len(doc)]
            start += len(doc)

    return step


class _Kind(NamedTuple):
    """The ruler's result for a kind of token; `changed` if it gives another tag or relation."""

    pos: int
    tag: int
    dep: int
    changed: bool


class _RememberedAttributes:
    """An attribute ruler that caches its result for each kind of token.

    Most patterns match one token by its tag, its relation and, for some words and white space,
    its form; their results are cached under these three. The ruler itself applies patterns over
    several tokens. Patterns that set only lemmas or morphology are dropped, as nothing reads them.
    """

    def __init__(self, ruler: AttributeRuler, forms: frozenset[str]) -> None:
        self._vocab = ruler.vocab
        self._forms = forms
        read: list[Pattern] = [one for one in ruler.patterns if _is_read(one)]
        self._alone = _ruler_of(ruler, [one for one in read if _is_alone(one)])
        beside = [one for one in read if not _is_alone(one)]
        self._beside = _ruler_of(ruler, beside) if beside else None
        self._telling: dict[int, int] = {}
        self._known: dict[Key, _Kind] = {}

    def __call__(self, docs: Sequence[Doc]) -> None:
        start = 0
        tokens: Any = np.concatenate([doc.to_array([TAG, DEP, LOWER]) for doc in docs])
        kinds, which = self._kinds(tokens)
        pos: Any = np.array([kind.pos for kind in kinds], np.uint64)[which]
        changed = np.array([kind.changed for kind in kinds])[which]
        for doc in docs:
            end = start + len(doc)
            doc.from_array([POS], pos[start:end])
            for i in np.flatnonzero(changed[start:end]).tolist():
                _, doc[i].tag, doc[i].dep, _ = kinds[which[start + i]]
            if self._beside is not None:
                self._beside(doc)
            start = end

    def _kinds(self, tokens: Features) -> tuple[list[_Kind], Ints]:
        """The results for the kinds of token there are, and the number of each token's kind."""
        forms, form_of = np.unique(tokens[:, 2], return_inverse=True)
        telling = [self._telling_form(form) for form in forms.tolist()]
        tokens[:, 2] = np.array(telling, np.uint64)[form_of]
        _, first, which = distinct(tokens)
        keys: list[Key] = [tuple(row) for row in tokens[first].tolist()]
        self._learn(set(keys) - self._known.keys())
        return [self._known[key] for key in keys], which

    def _telling_form(self, form: int) -> int:
        """The form if a pattern depends on it, else 0."""
        if form not in self._telling:
            text = self._vocab.strings[form]
            self._telling[form] = form if text in self._forms or text.isspace() else 0
        return self._telling[form]

    def _learn(self, keys: set[Key]) -> None:
        """Cache the ruler's result for one token of each kind."""
        if not keys:
            return
        strings, found = self._vocab.strings, sorted(keys)
        doc = Doc(
            self._vocab,
            words=[strings[form] if form else "-" for _, _, form in found],
            tags=[strings[tag] for tag, _, _ in found],
            deps=[strings[dep] for _, dep, _ in found],
            heads=list(range(len(found))),
        )
        self._alone(doc)
        for key, token in zip(found, doc, strict=True):
            told = (token.tag, token.dep)
            self._known[key] = _Kind(token.pos, *told, changed=told != key[:2])


def _remembering(ruler: AttributeRuler) -> Step | None:
    """The ruler with a cache; None if its patterns match attributes outside the cache key."""
    read: list[Pattern] = [one for one in ruler.patterns if _is_read(one)]
    alone: list[Pattern] = [token for one in read if _is_alone(one) for (token,) in one["patterns"]]
    if any(not token.keys() <= REMEMBERED for token in alone):
        return None
    forms = [_forms(token["LOWER"]) for token in alone if "LOWER" in token]
    known = [one for one in forms if one is not None]
    if len(known) < len(forms):
        return None
    return _RememberedAttributes(ruler, frozenset().union(*known))


def _forms(pattern: str | dict[str, list[str]]) -> frozenset[str] | None:
    """The words that a pattern on forms lists; None if it is not a list."""
    if isinstance(pattern, str):
        return frozenset({pattern})
    return frozenset(pattern["IN"]) if pattern.keys() == {"IN"} else None


def _is_alone(pattern: Pattern) -> bool:
    return all(len(tokens) == 1 for tokens in pattern["patterns"])


def _is_read(pattern: Pattern) -> bool:
    return not READ.isdisjoint(pattern["attrs"])


def _ruler_of(ruler: AttributeRuler, patterns: Iterable[Pattern]) -> AttributeRuler:
    fewer = AttributeRuler(ruler.vocab)
    fewer.add_patterns(list(patterns))
    return fewer
