"""Signed passages, with a dash and a name below: epigraphs, readers' letters, embedded posts.

"“The port is ours.” — Anna Weiss"; and without marks, a post, then "— Mayor Ida Kern (@idakern)".
"""

from collections.abc import Iterator

from onrecord.nlp.quotes.candidates import DASHES, NAMES, signature
from onrecord.nlp.quotes.sources import Candidate
from onrecord.nlp.quotes.syntax import OUTSIDE, Parse
from onrecord.nlp.quotes.transcripts import Turn

LONGEST_SIGNATURE = 16


def signed(parse: Parse, k: int) -> Candidate | None:
    """The name after a dash that directly follows a passage's closing mark."""
    dash = parse.bounds[k][1] + 2
    while dash < len(parse) and parse.is_space(dash):
        dash += 1
    if not parse.passages[k].closed or dash >= len(parse) or parse.words[dash] not in DASHES:
        return None
    anchor = signature(parse, dash)
    if anchor is None:
        return None
    (candidate,) = anchor.candidates
    return candidate if parse.tags[candidate.source] in NAMES else None


def find_posts(parse: Parse) -> Iterator[Turn]:
    """Posts without quotation marks, signed by a line with a dash, a name and a handle."""
    for number in range(1, len(parse.by_paragraph)):
        tokens = parse.by_paragraph[number]
        opening = next((i for i in tokens if not parse.is_space(i)), None)
        if opening is None or parse.words[opening] not in DASHES:
            continue
        line = [i for i in tokens if not parse.is_space(i)]
        if len(line) < 3:
            continue
        name = _name_before_handle(parse, line[1:LONGEST_SIGNATURE])
        post = _words_above(parse, number)
        if name is not None and post is not None:
            yield Turn(line[0], name, (post,))


def _name_before_handle(parse: Parse, line: list[int]) -> int | None:
    """The last token of the name before "(@…"."""
    for before, i in enumerate(line):
        opens = parse.words[i].startswith("(") and "@" in "".join(parse.words[i : i + 2])
        if opens and before and parse.tags[line[before - 1]] in NAMES:
            return line[before - 1]
    return None


def _words_above(parse: Parse, number: int) -> tuple[int, int] | None:
    """The nearest paragraph above that has words; None if any of them are between marks."""
    for above in range(number - 1, max(number - 3, -1), -1):
        words = [i for i in parse.by_paragraph[above] if parse.has_letters[i]]
        if words:
            plain = all(parse.quoted[i] == OUTSIDE for i in words)
            return (words[0], words[-1]) if plain else None
    return None
