"""The rules that join names by themselves, where two people could hardly be so named.

Each rule writes a judgement, which a person can undo; one that was undone is not written again.
Names are compared within blocks (one spelling, one given and family name, one short form), so the
cost of a name does not grow with the number of names.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from onrecord.people.clusters import RULE, pair_of
from onrecord.people.known import KnownList
from onrecord.people.likeness import Likeness, compare_names, contradict, short_forms_of
from onrecord.people.names_seen import id_of_name
from onrecord.people.registry import Registry
from onrecord.people.spelling import spelling_of, without_suffix
from onrecord.people.tenures import offices_of
from onrecord.records import Judgement, NameSeen, id_of

# Peers of a block that a name is compared with: a bound for names borne by thousands.
_PEERS = 50


class _Block(NamedTuple):
    kind: str
    words: tuple[str, ...]


class Rules:
    """Joins the names of a registry as they are seen."""

    def __init__(self, registry: Registry, known: KnownList) -> None:
        self._registry = registry
        self._known = known
        self._made: dict[str, Judgement] = {}
        self._blocks: dict[_Block, list[str]] = defaultdict(list)
        for person in known.people:
            for key in person.keys:
                self._index(key)

    def know(self, key: str) -> None:
        """Compare later names with this one as well."""
        self._index(key)

    def made_before(self, judgements: Iterable[Judgement]) -> None:
        """Do not make these again."""
        for judgement in judgements:
            self._made[judgement.id] = judgement

    def judgement(self, judgement_id: str) -> Judgement | None:
        """A judgement that was made, by its id."""
        return self._made.get(judgement_id)

    def judge(
        self, name: NameSeen, together: Iterable[NameSeen], at: datetime
    ) -> Iterator[Judgement]:
        """The judgements that a name brings: new, with a new role, or with others in an article.

        Each has to be added to the registry before the next is asked for.
        """
        self._index(name.key)
        main = self._known.main_key(name.key)
        if main is not None and main != name.key:
            yield from self._same(name.key, main, "list", 1.0, "in the list of known people", at)
        for peer in self._peers(name.key):
            found = compare_names(name.key, peer)
            if found.rule == "initials" and self._is_contradicted(name.key, peer):
                yield from self._take_back(name.key, peer, at)
            elif found.verdict == "same" or self._share_office(found, name, peer):
                rule = found.rule if found.verdict == "same" else "office"
                yield from self._same(name.key, peer, rule, found.score, found.why, at)
        for other in together:
            found = compare_names(name.key, other.key)
            if found.verdict in {"same", "office"} and not (
                found.rule == "initials" and self._is_contradicted(name.key, other.key)
            ):
                why = f"{found.why}, in one article"
                yield from self._same(name.key, other.key, "article", 0.95, why, at)

    # ── writing them ─────────────────────────────────────────────────────────────────────────

    def _same(
        self, left: str, right: str, rule: str, score: float, why: str, at: datetime
    ) -> Iterator[Judgement]:
        one, other = sorted((id_of_name(left), id_of_name(right)))
        if self._registry.name(one) is None or self._registry.name(other) is None:
            return  # in the list of known people, and in no article yet
        clusters = self._registry.clusters
        if clusters.root(one) == clusters.root(other) or clusters.is_apart(one, other):
            return
        judgement = Judgement(
            id=id_of("judgement", rule, one, other),
            kind="same",
            left=one,
            right=other,
            by=f"{RULE}{rule}",
            score=score,
            why=why,
            at=at,
        )
        if judgement.id not in self._made:
            self._made[judgement.id] = judgement
            yield judgement

    def _take_back(self, left: str, right: str, at: datetime) -> Iterator[Judgement]:
        """Undo what joined a name without initials to one of several bearers with theirs."""
        block = self._peers_of(_initials_block(left))
        names = {id_of_name(key) for key in (left, right, *block)}
        for judgement in list(self._made.values()) if len(block) > 1 else ():
            pair = pair_of(judgement)
            if judgement.by != f"{RULE}initials" or pair is None or not names.issuperset(pair):
                continue
            undo = Judgement(
                id=id_of("undo", judgement.id),
                kind="undo",
                undoes=judgement.id,
                by=f"{RULE}initials",
                why="there are bearers of the name with other initials",
                at=at,
            )
            if undo.id not in self._made:
                self._made[undo.id] = undo
                yield undo

    # ── comparing ────────────────────────────────────────────────────────────────────────────

    def _is_contradicted(self, left: str, right: str) -> bool:
        """Whether names of the block contradict each other, so that a bare one is nobody's."""
        keys = {left, right, *self._peers_of(_initials_block(left))}
        if _middle(left) and _middle(right):
            return False
        middles = [key for key in keys if _middle(key)]
        return any(contradict(one, other) for one in middles for other in middles)

    def _share_office(self, found: Likeness, name: NameSeen, peer_key: str) -> bool:
        if found.verdict != "office":
            return False
        peer = self._registry.name(id_of_name(peer_key))
        return peer is not None and bool(offices_of(name) & offices_of(peer))

    # ── blocks ───────────────────────────────────────────────────────────────────────────────

    def _index(self, key: str) -> None:
        for block in _blocks_of(key):
            peers = self._blocks[block]
            if key not in peers and len(peers) < _PEERS:
                peers.append(key)

    def _peers(self, key: str) -> list[str]:
        found = {peer: None for block in _blocks_of(key) for peer in self._peers_of(block)}
        found.pop(key, None)
        return list(found)

    def _peers_of(self, block: _Block) -> list[str]:
        return self._blocks.get(block, [])


def _blocks_of(key: str) -> Iterator[_Block]:
    words, suffix = without_suffix(spelling_of(key))
    yield _Block("spelling", (words[0], "".join(words[1:]), suffix))
    yield _initials_block(key)
    for form in short_forms_of(words[0]):
        yield _Block("short form", (str(form), words[-1], suffix))


def _initials_block(key: str) -> _Block:
    words, suffix = without_suffix(spelling_of(key))
    return _Block("initials", (words[0], words[-1], suffix))


def _middle(key: str) -> tuple[str, ...]:
    words, _ = without_suffix(spelling_of(key))
    return words[1:-1]
