"""Choose the name, the aliases and the role of an entity from its mentions."""

import re
from collections import Counter
from collections.abc import Container, Sequence

from spacy.tokens import Doc

from onrecord.nlp.entities.english import name_words, titles
from onrecord.nlp.entities.names import Gender
from onrecord.nlp.entities.role_phrases import Role
from onrecord.records import Mention

_NICKNAME = re.compile(r" (?:[\"“‘'(]|``)[^\"”’'()]+(?:[\"”’')]|'') ")


def best_name(texts: Sequence[str]) -> str:
    """The fullest name: most words, then not all capitals, then most frequent, then first.

    A nickname in the middle is left out: it is an alias.
    """
    spellings = Counter(texts)
    if len(spellings) == 1:
        return _without_nickname(texts[0])
    counts: Counter[str] = Counter()
    for text, count in spellings.items():
        counts[_without_nickname(text)] += count
    longest = max(len(text.split()) for text in counts)

    def rank(text: str) -> tuple[int, bool, int]:
        shouted = text.isupper() and (longest > 1 or len(text) > 4)
        return len(text.split()), not shouted, counts[text]

    return _without_epithet(max(counts, key=rank), counts)


def _without_nickname(text: str) -> str:
    """A name in one line, without a nickname in its middle."""
    return _NICKNAME.sub(" ", " ".join(text.split()))


def _without_epithet(name: str, others: Container[str]) -> str:
    """A name without a leading word that other mentions lack: "Crooked Ana Weiss"."""
    first, *rest = name.split()
    shorter = " ".join(rest)
    if (
        len(rest) < 2
        or shorter not in others
        or name_words.is_given(first)
        or name_words.is_particle(rest[0])
    ):
        return name
    return shorter if name_words.is_given(rest[0]) else name


def aliases(mentions: Sequence[Mention], name: str) -> tuple[str, ...]:
    """The other names of an entity in its text, in text order."""
    texts = dict.fromkeys(" ".join(mention.text.split()) for mention in mentions)
    return tuple(text for text in texts if text != name)


def best_role(doc: Doc, roles: Sequence[Role]) -> Role | None:
    """The first of the most informative roles, or a longer version of the same role."""
    # "Dr." and "(R-Ohio)" help to identify a person but are not published as roles.
    said = [
        role
        for role in roles
        if role.construction not in {"party", "clause"} and not _is_address(role.text(doc))
    ]
    if not said:
        return None
    best = min(said, key=_says_little)
    if best.end - best.start > 1:
        return best
    fuller = (role for role in said if role.noun == best.noun and role.end - role.start > 1)
    return next(fuller, best)


def _says_little(role: Role) -> int:
    """How uninformative a role is: from 0 for an office to 3 for "his rival"."""
    if role.construction == "before" and role.end - role.start == 1 and role.is_brief:
        # "Gen." is less informative than "the commander of the northern front".
        return 1
    if titles.is_relational(role.noun) or titles.is_kin(role.noun):
        return 3
    return 1 if role.construction == "copula" else 0


def _is_address(text: str) -> bool:
    return titles.is_honorific(text) and titles.is_abbreviation(text)


def gender_shown(known: Gender | None, roles: Sequence[Role]) -> Gender | None:
    """The gender of a name, else the one that all roles of one gender show."""
    if known:
        return known
    shown = {titles.gender_of_role(role.noun) for role in roles} - {None}
    return next(iter(shown)) if len(shown) == 1 else None
