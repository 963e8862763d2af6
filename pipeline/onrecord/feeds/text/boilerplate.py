"""What stands around an article's words and is none of them: "read more", share lines, bylines.

All pure, and careful: a line goes only when all of it is furniture, or when what is at its end is
nothing else. A quotation is never furniture.
"""

import re
from collections.abc import Sequence

_LONGEST_LINE = 160
_LONGEST_TAIL = 80
_QUOTED = re.compile(r"[“”„«»\"]")

# Lines that are furniture as a whole.
_LINES = re.compile(
    r"""(?ix)
    (?:
      (?:read|see|find \s out|learn|click|tap \s here | here) \s (?:more|also|here)\b
      (?! \s than) .*
    | (?:continue|keep) \s reading\b.*
    | (?:read|see|view|get) \s (?:the \s)? (?:full|whole|original|complete|entire) \s
      (?:article|story|post|text|report|piece)\b.*
    | (?:click|tap) \s here \s (?:to|for)\b.*
    | (?:share|tweet|email|e-mail|print|save|copy \s link|whatsapp|facebook|twitter|x|linkedin
       |reddit|telegram|pinterest|pocket)
      (?: [\s,|·•/:&]+ (?:and|on|via|this|the|article|story|post|page|with|by|friends|or|in
       |share|tweet|email|e-mail|print|save|copy|link|whatsapp|facebook|twitter|x|linkedin
       |reddit|telegram|pinterest|pocket) )*  [.!:]?
    | share \s (?:this|on|via|with)\b .{0,60}
    | (?:follow|like|join|find) \s (?:us|me|our|the \s author) \s (?:on|at)\b.*
    | (?:sign \s up|subscribe) \s (?:to|for|here|now|today)\b.*
    | (?:related|more|recommended|popular|trending) (?:\s (?:stories|articles|topics|links|posts
       |coverage|reading|on \s this \s story))? :?
    | (?:advertisement|sponsored \s content|story \s continues \s below(?:\s advertisement)?)
    | the \s post \s .+ \s (?:appeared \s first|first \s appeared) \s on \s .+
    | this \s (?:article|story|post) \s (?:was \s )? (?:originally|first)
      \s (?:appeared|published) \s (?:on|in|at) \s .{1,80}
    | (?:©|\(c\)|copyright) \s .{0,100}
    | all \s rights \s reserved \.?
    | (?:photo|picture|image|photograph|video) s? (?:\s (?:by|credit|courtesy \s of))? \s? [:/] .*
    | (?:file \s )? (?:photo|picture|image) \s (?:by|credit|courtesy) \b .*
    | \d+ \s (?:comments?|shares?|likes?|views?|reads?|retweets?)
    | (?:comments?|shares?|likes?|views?|reads?) \s? [:(]? \s? [\d,.]+ [km]? \)?
    | \d+ \s min (?:ute)? s? \s read
    | \( (?:additional \s )? reporting \s by \s [^()]{1,140} \) \.?
    | (?:additional \s )? reporting \s by \s .{1,80} [;,]
      \s (?:additional|writing|editing) \s .{1,80}
    | (?:source|related|watch|listen|screenshot) \s? : \s [^.!?]{1,100}
    | listen \s to \s (?:this|the) \s (?:article|story)
    | (?:reuters|afp|ap|epa|dpa|getty \s images|pa \s media) (?:\s? / \s? [\w\s.-]{1,60})?
    | (?:file|stock) \s (?:photo|picture|image)
    | (?:filed \s under|tags|tagged|categories|posted \s in) \s? : \s .{1,120}
    | leave \s a \s (?:comment|reply)
    | click \s to \s (?:share|email|e-mail|print)\b .*
    | like \s this:? | loading (?:\.{3}|…)? | more (?:\.{3}|…)
    | (?:download|get) \s (?:our|the) \s app\b .{0,60}
    )
    """
)
# What is at the end of a paragraph: "…said the mayor. Read more »"
_TAILS = re.compile(
    r"(?i)[\s(\[]*(?:(?:\.{3}|…)\s*)?[\[(]?"
    r"(?:continue reading|read more|read on|read the (?:full|rest of the) (?:story|article|post))"
    r"(?:\s*(?:→|»|›|>+|\.{3}|…|&raquo;))*[\])]?\s*$"
)
_TAIL_WORDS = re.compile(r"(?i)read")
# A byline: who wrote it, on a line of its own above the text.
_BYLINE = re.compile(
    r"(?:By|BY|Words by|Written by|Reporting by|Story by) [^\W\d_a-z][^.!?:;]{1,90}"
)
# What passes: a clock or a counter is no news.
_PASSING_WORDS = r"""
    (?: (?:(?:last|page) \s )?
        (?:updated|modified|published|posted|generated|refreshed|rendered|cached|retrieved) \b
        [^.!?]{0,80} (?: \d{1,2} [:.h] \d{2} | \d+ \s (?:second|minute|hour|day) s? \s ago ) .{0,20}
      | (?:page \s )? (?:generated|rendered|served) \s in \s [\d.,]+ \s? (?:ms|s|(?:milli)?seconds?)
      | (?:(?:the \s )? (?:current|server|local) \s (?:date \s and \s )? time | it) (?:\s is)?
        (?:\s now)? :? \s [^.!?]{0,40} \d{1,2} [:.] \d{2} .{0,20}
      | (?:\d{4}-\d\d-\d\d [\sT] )? \d{1,2} : \d{2} : \d{2} (?:\s? (?:UTC|GMT|[ap]m|Z))?
      | (?:about \s )? (?:\d+|an?|one) \s (?:second|minute|min|hour|hr|day) s? \s ago
      | [\d,.]+ \s (?:people|readers|users|visitors) \s (?:are \s )?
        (?:reading|online|watching|viewing) \b .{0,20}
      | (?:comments?|shares?|likes?|views?|reads?|votes?) \s? : \s? [\d,.]+
      | [\d,.]+ \s (?:comments?|shares?|likes?|views?|reads?|votes?) )
    """
_PASSING = re.compile(f"(?ix) {_PASSING_WORDS} [.]?")
# The same as the last sentence of a paragraph.
_PASSING_TAIL = re.compile(f'(?ix) (?<=[.!?…”"»)]) \\s+ {_PASSING_WORDS} [.]? $')


def is_furniture(line: str) -> bool:
    """Whether all of a line is furniture."""
    if len(line) > _LONGEST_LINE:
        return False
    bare = line.strip(" \t»›→>|·•*–—-")
    return _QUOTED.search(bare) is None and _LINES.fullmatch(bare) is not None


def without_furniture(paragraphs: Sequence[str]) -> list[str]:
    """The paragraphs that are the article's own words."""
    kept = [p for p in paragraphs if not is_furniture(p)]
    kept = [shorter for p in kept if (shorter := _without_tail(p))]
    while kept and len(kept) > 1 and _BYLINE.fullmatch(kept[0]):
        kept = kept[1:]
    return kept


def _without_tail(paragraph: str) -> str:
    cut = max(0, len(paragraph) - _LONGEST_TAIL)
    if not _TAIL_WORDS.search(paragraph, cut):
        return paragraph
    return paragraph[:cut] + _TAILS.sub("", paragraph[cut:])


def lasting(text: str) -> str:
    """The text without lines that change by themselves: two of the same are the same article."""
    if not _is_counting(text):
        return text
    lines = (_lasting_of(line) for line in text.split("\n\n"))
    return "\n\n".join(line for line in lines if line is not None)


def _lasting_of(line: str) -> str | None:
    """The line without what passes at its end; None when all of it passes."""
    cut = max(0, len(line) - _LONGEST_LINE)
    if not _is_counting(line[cut:]):
        return line
    if cut == 0 and _PASSING.fullmatch(line.strip()):
        return None
    return line[:cut] + _PASSING_TAIL.sub("", line[cut:])


_DIGIT = re.compile(r"[0-9]")


def _is_counting(text: str) -> bool:
    """Whether there may be a clock or a counter in a text at all."""
    return _DIGIT.search(text) is not None or " ago" in text
