"""The context of a quoted passage: the text around it and its governors in the parse."""

from onrecord.nlp.quotes.syntax import Parse, kept

HIGHEST = 3  # governors further up carry no information about the passage
PUNCTUATION = {",": "comma", ":": "colon", ".": "stop", "?": "stop", "!": "stop"}
WHOLE_PARAGRAPH = ("start", "end")
_BLANKS = " \t\xa0"


@kept
def surroundings(parse: Parse, k: int) -> "Surroundings":
    """The context of a passage."""
    return Surroundings(parse, k)


class Surroundings:
    """The context of a passage: adjacent text, and its governors in the parse.

    `before`, `after` and `ends` (the ending of its own words) are names of a few cases.
    `governors` are tokens outside that govern a token inside, by relation; `above` are the
    governors' own governors, by number of steps up.
    """

    def __init__(self, parse: Parse, k: int) -> None:
        passage = parse.passages[k]
        self.first, self.last = parse.bounds[k]
        self.ends = _ending(parse.text[passage.start : passage.end])
        self.before = _before(parse.text, passage.outer_start)
        self.after = _after(parse.text, passage.outer_end)
        self.governors: dict[int, str] = {}
        self.above: dict[int, int] = {}
        for i in range(self.first, self.last + 1):
            if not self.first <= parse.heads[i] <= self.last:
                self.governors.setdefault(parse.heads[i], parse.deps[i])
        for governor in self.governors:
            self._climb(parse, governor)

    def _climb(self, parse: Parse, here: int) -> None:
        for step in range(1, HIGHEST + 1):
            if parse.heads[here] == here:
                return
            here = parse.heads[here]
            self.above.setdefault(here, step)

    @property
    def is_paragraph(self) -> bool:
        """Whether the passage is a whole paragraph."""
        return (self.before, self.after) == WHOLE_PARAGRAPH

    def side(self, token: int) -> str:
        """The side of the passage on which a token stands."""
        return "left" if token < self.first else "right"


def _ending(content: str) -> str:
    last = content.rstrip()[-1:]
    if last == ",":
        return "comma"
    if last in ".…":
        return "period"
    return "stop" if last in "?!—-" else "open"


def _before(text: str, at: int) -> str:
    i = at - 1
    while i >= 0 and text[i] in _BLANKS:
        i -= 1
    if i < 0 or text[i] == "\n":
        return "start"
    return PUNCTUATION.get(text[i], "word" if text[i].isalnum() else "mark")


def _after(text: str, at: int) -> str:
    i = at
    while i < len(text) and text[i] in _BLANKS:
        i += 1
    if i >= len(text) or text[i] == "\n":
        return "end"
    if text[i] in ".?!":
        return "stop"
    if text[i].isalnum():
        return "capital" if text[i].isupper() else "word"
    return "mark"
