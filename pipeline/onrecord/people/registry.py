"""The registry: names seen and judgements, and the people that they make.

A pure function of both: asked twice with the same names and judgements, it gives the same people.
The id of a person is that of the oldest of their names. After a merge the other id leads to it,
and after an undo it is there again: an id is always that of a name, so no link breaks.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec

from onrecord.people.clusters import Clusters, standing
from onrecord.people.corrections import Corrections
from onrecord.people.name_table import NameTable
from onrecord.people.names_seen import id_of_name
from onrecord.records import Judgement, NameSeen, Tenure


@dataclass(frozen=True, slots=True)
class PersonKnown:
    """A person: the id, the name they are shown by, and all their names, the oldest first."""

    id: str
    name: str
    names: tuple[NameSeen, ...]

    @property
    def articles(self) -> int:
        """How many extractions name them, counted by name."""
        return sum(form.articles for name in self.names for form in name.forms)

    @property
    def roles(self) -> list[Tenure]:
        """Their roles, the latest first."""
        found = [tenure for name in self.names for tenure in name.roles]
        return sorted(found, key=lambda tenure: (tenure.last, tenure.articles), reverse=True)

    @property
    def first(self) -> datetime:
        """When the first extraction that names them entered the log."""
        return min(name.first for name in self.names)

    @property
    def last(self) -> datetime:
        """When the latest extraction that names them entered the log."""
        return max(name.last for name in self.names)


class Registry:
    """Who is who, as of the names and judgements given so far."""

    def __init__(self) -> None:
        self.version = 0  # grows with every change
        self._names = NameTable()
        self._judgements: list[Judgement] = []
        self._confirmed = 0  # of them, those read from the topic
        self._clusters: Clusters | None = None
        self._renames: dict[str, str] = {}
        self._forgotten: set[str] = set()
        self._corrections = Corrections()
        self._canonical: dict[str, str] = {}
        self._shown: dict[str, str | None] = {}

    # ── what it is made of ───────────────────────────────────────────────────────────────────

    def see(self, name: NameSeen) -> None:
        """Know a name, in place of what was known of it."""
        self.version += 1
        self._names.put(name)
        root = self.clusters.root(name.id)
        self._canonical.pop(root, None)
        self._shown.pop(root, None)

    def forget_name(self, name_id: str) -> None:
        """Know a name no longer."""
        self.version += 1
        self._names.remove(name_id)
        root = self.clusters.root(name_id)
        self._canonical.pop(root, None)
        self._shown.pop(root, None)

    def judge(self, judgement: Judgement) -> None:
        """Add a judgement that is to be written: as if it were the last of the topic."""
        self.version += 1
        self._judgements.append(judgement)
        if self._clusters is not None and self._clusters.takes(judgement):
            root = self._clusters.root(judgement.left or "")
            self._canonical.pop(root, None)
            self._shown.pop(root, None)
        else:
            self._clusters = None

    def confirm(self, judgements: Iterable[Judgement]) -> None:
        """Add the next judgements of the topic, of which some may be there already."""
        added = list(judgements)
        written = {judgement.id for judgement in added}
        rest = [one for one in self._judgements[self._confirmed :] if one.id not in written]
        found = self._judgements[: self._confirmed] + added + rest
        if found != self._judgements:
            self.version += 1
            self._judgements, self._clusters = found, None
        self._confirmed += len(added)

    @property
    def judgements(self) -> list[Judgement]:
        """All judgements, in order, those undone as well."""
        return self._judgements

    @property
    def clusters(self) -> Clusters:
        """The names joined to people."""
        if self._clusters is None:
            held = standing(self._judgements)
            self._clusters = Clusters(held)
            self._canonical, self._shown = {}, {}
            self._corrections = Corrections(held)
            self._forgotten = {it.left for it in held if it.kind == "forget" and it.left}
            self._renames = {}
            for judgement in held:
                if judgement.kind == "rename" and judgement.left and judgement.name:
                    self._renames.pop(judgement.left, None)
                    self._renames[judgement.left] = judgement.name
        return self._clusters

    @property
    def corrections(self) -> Corrections:
        """What people said of single quotes and articles."""
        _ = self.clusters
        return self._corrections

    # ── what can be asked ────────────────────────────────────────────────────────────────────

    def __len__(self) -> int:
        return len(self._names)

    def names(self, word: str | None = None) -> Iterator[NameSeen]:
        """Every name that is known and not forgotten.

        With a word, those of which a word is spelled so, and some others.
        """
        forgotten = self.forgotten
        found = self._names if word is None else self._names.perhaps_with(word)
        yield from (name for name in found if name.id not in forgotten)
        yield from self._namesakes()

    def ids(self) -> Iterator[str]:
        """The ids of the same names."""
        forgotten = self.forgotten
        yield from (name_id for name_id in self._names.ids() if name_id not in forgotten)
        yield from (name.id for name in self._namesakes())

    def _namesakes(self) -> Iterator[NameSeen]:
        """The names of the other people of splits."""
        for split in self.corrections.splits:
            namesake = self.name(split.right) if split.right else None
            if namesake is not None:
                yield namesake

    @property
    def forgotten(self) -> set[str]:
        """The ids of the names that are kept and shown no longer."""
        _ = self.clusters
        return self._forgotten

    def renamed(self) -> Iterator[tuple[str, str]]:
        """Names that people were given by hand, each with the id of a name of the person."""
        _ = self.clusters
        yield from self._renames.items()

    def name(self, name_id: str) -> NameSeen | None:
        """A name by its id."""
        if name_id in self.forgotten:
            return None
        return self._names.get(name_id) or self._namesake(name_id)

    def _namesake(self, name_id: str) -> NameSeen | None:
        """The name of the other person of a split, which no article has under this id."""
        split = self.corrections.split_off(name_id)
        original = self._names.get(split.left) if split and split.left else None
        if split is None or original is None:
            return None
        first = max(original.first, split.at)
        return msgspec.structs.replace(
            original, id=name_id, forms=original.forms[:1], first=first, last=first, roles=()
        )

    def person_id(self, name_id: str) -> str:
        """The id of the person whose name this is: that of the oldest of the person's names."""
        clusters = self.clusters
        root = clusters.root(name_id)
        found = self._canonical.get(root)
        if found is None:
            found = self._canonical[root] = self._oldest(clusters.members(root), name_id)
        return found

    def _oldest(self, members: list[str], otherwise: str) -> str:
        known = [name for member in members if (name := self.name(member)) is not None]
        return min(known, key=lambda name: (name.first, name.id)).id if known else otherwise

    def person_of_key(self, key: str) -> str:
        """The id of the person with this name key, of whom nothing need be known yet."""
        return self.person_id(id_of_name(key))

    def person(self, some_id: str) -> PersonKnown | None:
        """The person to whom an id leads; None for an id of nobody, or of somebody forgotten."""
        members = sorted(self.clusters.members(some_id))
        known = [name for member in members if (name := self.name(member)) is not None]
        if not known:
            return None
        names = tuple(sorted(known, key=lambda name: (name.first, name.id)))
        return PersonKnown(names[0].id, self._shown_name(names), names)

    def shown_name(self, some_id: str) -> str | None:
        """The name by which a person is shown; None for somebody unknown."""
        root = self.clusters.root(some_id)
        if root not in self._shown:
            found = self.person(some_id)
            self._shown[root] = found.name if found else None
        return self._shown[root]

    def _shown_name(self, names: tuple[NameSeen, ...]) -> str:
        own = {name.id for name in names}
        chosen = [name for named, name in self._renames.items() if named in own]
        if chosen:
            return chosen[-1]
        forms = [form for name in names for form in name.forms]
        counts: dict[str, int] = defaultdict(int)
        for form in forms:
            counts[form.text] += form.articles
        return max(counts, key=lambda text: (counts[text], len(text), text))

    def people(self) -> Iterator[PersonKnown]:
        """Everybody, in no order."""
        for name in list(self.names()):
            if self.person_id(name.id) == name.id:
                found = self.person(name.id)
                if found is not None:
                    yield found

    def most_named(self) -> list[PersonKnown]:
        """Everybody, those whom most extractions name first."""
        return sorted(self.people(), key=lambda person: (-person.articles, person.id))

    def judgements_of(self, person: PersonKnown) -> list[Judgement]:
        """What was said of a person's names, in order, and what took it back."""
        names = {name.id for name in person.names}
        own = [it for it in self._judgements if it.left in names or it.right in names]
        ids = {judgement.id for judgement in own}
        return [it for it in self._judgements if it.id in ids or it.undoes in ids]

    def are_apart(self, left: str, right: str) -> bool:
        """Whether a judgement says that two people are not one."""
        return self.clusters.is_apart(left, right)
