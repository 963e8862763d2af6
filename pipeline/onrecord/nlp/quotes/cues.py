"""Cue lexicon of one language: words that signal speech, belief or intention.

`languages/en/cues.txt` holds one lemma per line, with its class and how often it was a cue in
annotated news, for quoted passages and for each kind of complement. Only these counts are
learned per word; all other features of a sentence are in the weights (`weights.py`).
"""

import math
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, get_args

Manner = Literal["speech", "belief", "intention"]
MANNERS: tuple[Manner, ...] = get_args(Manner)

VERB, NOUN, ADJECTIVE, ADVERB = "verb", "noun", "adj", "adv"

_PARTS = (VERB, NOUN, ADJECTIVE, ADVERB)
# Seen, cued, quoted: the counts for a hand-written cue, about those of "insist" and "tweet".
_BY_HAND = (50, 45, 15)

# For methods of a lexicon, which lives as long as the process and is asked the same all the time.
_kept = lru_cache(maxsize=32_768)

# The prior of a lemma without evidence: this many readings at the average rate.
PRIOR_STRENGTH = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Cue:
    """A lemma that can signal an attribution.

    `seen` counts its occurrences outside quotation marks; `cued` of them were cues, and `quoted`
    of those were cues of quoted words. `frames[relation]` is (times content, times present) for
    each kind of complement. `manner` is the class of the content (speech, belief, intention);
    None if the word alone does not decide it.
    """

    lemma: str
    part: str
    manner: Manner | None
    seen: int
    cued: int
    quoted: int
    forms: tuple[str, ...] = ()
    frames: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """The cues of a language by (form, part of speech), and the nouns that name speakers.

    It must not change after its first use, for its answers are kept.
    """

    cues: dict[tuple[str, str], Cue]
    irregular: dict[tuple[str, str], str]
    speakers: dict[str, tuple[int, int]]
    rates: dict[str, float]

    @_kept
    def find(self, form: str, part: str) -> Cue | None:
        """The cue of which `form` (lower case) is an inflected form."""
        lemma = self.irregular.get((form, part))
        if lemma is not None:
            return self.cues[lemma, part]
        for lemma in lemmas(form, part):
            cue = self.cues.get((lemma, part))
            if cue is not None:
                return cue
        return None

    @_kept
    def quoted_evidence(self, cue: Cue | None, part: str) -> float:
        """Log-odds that this word signals a quoted passage when it occurs in the text."""
        n, k = (cue.seen, cue.quoted) if cue else (0, 0)
        return _log_odds(k, n, self.rates.get(f"{part}:quoted", 0.01))

    @_kept
    def cue_evidence(self, cue: Cue | None, part: str) -> float:
        """Log-odds that this word signals speech, belief or intention."""
        n, k = (cue.seen, cue.cued) if cue else (0, 0)
        return _log_odds(k, n, self.rates.get(f"{part}:cued", 0.05))

    @_kept
    def frame_evidence(self, cue: Cue | None, part: str, relation: str) -> float:
        """Log-odds that the word's complement under `relation` is the content."""
        k, n = cue.frames.get(relation, (0, 0)) if cue else (0, 0)
        return _log_odds(k, n, self.rates.get(f"{part}:{relation}", 0.02))

    @_kept
    def speaker_evidence(self, noun: str) -> float:
        """Log-odds that a common noun names the speaker where a clause allows that reading."""
        k, n = (0, 0)
        for lemma in lemmas(noun, NOUN):
            if lemma in self.speakers:
                k, n = self.speakers[lemma]
                break
        return _log_odds(k, n, self.rates["speaker"])


def _log_odds(k: int, n: int, rate: float) -> float:
    p = (k + PRIOR_STRENGTH * rate) / (n + PRIOR_STRENGTH)
    return math.log(p / (1 - p))


@lru_cache(maxsize=8192)
def lemmas(form: str, part: str) -> tuple[str, ...]:
    """Possible lemmas of a regular form, likeliest first: "tried" of tried, trie, try."""
    found = [form]
    if form.endswith("s") and not form.endswith("ss"):
        found.append(form[:-1])
        if form.endswith("ies"):
            found.append(form[:-3] + "y")
        elif form.endswith("es"):
            found.append(form[:-2])
    if part == VERB:
        if form.endswith("ied"):
            found.append(form[:-3] + "y")
        for ending in ("ed", "ing"):
            if form.endswith(ending) and len(form) > len(ending) + 1:
                found += _stems(form[: -len(ending)])
    return tuple(found)


def _stems(stem: str) -> list[str]:
    """Possible lemmas of "noting" and "admitting". "hoped" is of "hope": "hop" doubles the p."""
    doubled = len(stem) > 2 and stem[-1] == stem[-2]
    return [stem + "e", stem, *([stem[:-1]] if doubled else [])]


def parse_lexicon(text: str) -> Lexicon:
    """A lexicon from its lines: `lemma part manner seen cued quoted [forms=a,b] [relation=k/n …]`.

    An unknown manner ("other") is None. `speaker NOUN k n` and `rate NAME value` lines hold the
    rest; `#` begins a comment.
    """
    lexicon = Lexicon({}, {}, {}, {})
    for line in text.splitlines():
        fields = line.partition("#")[0].split()
        if not fields:
            continue
        if fields[0] == "rate:":
            lexicon.rates[fields[1]] = float(fields[2])
        elif fields[0] == "speaker:":
            lexicon.speakers[fields[1]] = (int(fields[2]), int(fields[3]))
        else:
            _add(lexicon, _cue(fields))
    return lexicon


def _cue(fields: list[str]) -> Cue:
    """A cue from the words of its line. Raises ValueError with the reason.

    A hand-written cue needs no counts: `gush verb`, or `gush verb speech`.
    """
    if len(fields) < 2 or fields[1] not in _PARTS:
        raise ValueError(f"write a lemma and its part of speech ({', '.join(_PARTS)})")
    if len(fields) <= 3:
        fields = [*fields[:2], *(fields[2:] or ["speech"]), *map(str, _BY_HAND)]
    try:
        return _counted(fields)
    except ValueError:
        raise ValueError("write no counts, or whole numbers: seen cued quoted") from None


def _counted(fields: list[str]) -> Cue:
    lemma, part, manner, seen, cued, quoted, *rest = fields
    forms: tuple[str, ...] = ()
    frames: dict[str, tuple[int, int]] = {}
    for item in rest:
        name, _, value = item.partition("=")
        if name == "forms":
            forms = tuple(value.split(","))
        else:
            k, _, n = value.partition("/")
            frames[name] = (int(k), int(n))
    known = next((one for one in MANNERS if one == manner), None)
    return Cue(lemma, part, known, int(seen), int(cued), int(quoted), forms, frames)


def _add(lexicon: Lexicon, cue: Cue) -> None:
    lexicon.cues[cue.lemma, cue.part] = cue
    for form in cue.forms:
        lexicon.irregular[form, cue.part] = cue.lemma
