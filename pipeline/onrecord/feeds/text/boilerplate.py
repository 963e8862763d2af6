"""Boilerplate in the text of an article: "read more", share lines, newsletters, bylines.

All pure, and careful: a line goes only when all of it is boilerplate, or when the end of it is
nothing else. A quotation is never boilerplate, unless it stands in another article's title.
"""

import re
from collections.abc import Sequence

_LONGEST_LINE = 160
_LONGEST_TAIL = 80
_QUOTED = re.compile(r"[“”„«»\"]")

# Lines that consist only of boilerplate.
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
    | (?:advertisements? (?:\s? \d{1,3})? | sponsored \s content | anzeige | werbung | publicité
       | publicidad[e]? | pubblicità | reklam[ae]?)
      (?:\s? (?:story|article|content) \s continues \s below .{0,40})?
    | (?:article|story|post|main) \s content | (?:story|article|content) \s continues \s
      (?:below|after|here) .{0,40} | recommended \s (?:videos?|for \s you)
    | (?:most|more) \s (?:read|popular|viewed|watched|shared|commented) (?:\s (?:in|on|from)
      \s .{1,40})?
    | more \s (?:from|in|on) \s [^.!?:;]{1,60} | (?:top|latest|trending)
      \s (?:stories|news|videos|headlines)
    | an \s error \s (?:has \s)? occurred .{0,60} | this \s article \s has \s been \s sent \s to
    | comments \s are \s (?:closed|off|disabled) .{0,40} | join \s the
      \s (?:conversation|discussion) .{0,60}
    | (?:view|see|show|hide|load|read|post|add|write) \s (?:all \s|more \s|a \s|your \s)? comments?
    | report \s (?:a|an) \s (?:typo|error|correction) .{0,60} | you \s might \s also \s like .{0,60}
    | (?:skip|jump) \s (?:to|past) \s .{1,60} | back \s to \s (?:top|home|the \s top) .{0,20}
    | (?:image|photo|picture) \s (?:source|caption|credit) \b .{0,120}
    | [\w.+-]{1,64}@[\w-]{1,60}\.[\w.-]{2,60} | @\w{2,30}
    | (?:tempo \s de \s leitura|lesezeit|temps \s de \s lecture|reading
      \s time|leestijd) \s? :? .{1,30}
    | zur \s (?:startseite|übersicht) | mehr \s zum \s thema | nach \s oben
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
# A label and the title of another article, in the languages of our feeds: "READ MORE: …".
_LABELLED = re.compile(
    r"""(?ix)
    (?: (?:also|now) \s read | read (?:\s (?:more|also|next|on|this|related))? | see \s also
      | more (?:\s from \s [^:]{1,40} | \s coverage | \s on \s this (?:\s story)?)? | related
      | (?:related|recommended) \s (?:story|stories|article|articles|reading|coverage|video|videos)
      | (?:watch|listen|up \s next|next \s up|don['’]t \s miss|in \s pictures|in \s case \s you
        \s missed \s it
        |click \s here|also \s on \s [^:]{1,30}) (?:\s (?:now|more|also|live|next))?
      | lesen \s sie (?:\s (?:auch|hier|mehr|dazu|jetzt))* | mehr \s (?:zum \s thema|dazu|lesen)
      | lire \s (?:aussi|également|plus) | à \s lire (?:\s (?:aussi|également))? | voir \s aussi
      | lee \s (?:también|más) | te \s puede \s interesar | leia \s (?:também|mais) | veja \s também
      | leggi \s anche | lees \s (?:ook|meer) | læs \s også | les \s også | läs \s (?:också|mer)
      | czytaj \s (?:też|także|również|więcej) | zobacz \s (?:też|także) | čtěte \s (?:také|též)
    )
    \s? [:：|►▶→»] \s? \S .{0,200}
    """
)
# Lines that offer something to the reader; they are longer than other boilerplate.
_OFFERS = re.compile(
    r"""(?ix)
    (?:
      .{0,200} \b (?: (?:in|to|for|meet) \s your \s (?:in-?box|e-?mail|letterbox)
        | our \s (?:[\w-]+ \s){0,4} (?:newsletters?|e-?mail \s (?:alerts?|updates?|briefings?))
        | (?:straight|directly|direct|delivered) \s to \s your
          \s (?:in-?box|door|phone) ) \b .{0,120}
      (?<= [.!?…)»] | \w | ► )
    | (?:sign
      \s up|subscribe|get|receive|join|want|register|try)\b .{0,120} \b newsletters? \b .{0,120}
    | (?:if|when) \s you \s (?:buy|purchase|click|shop|make \s a \s purchase) \b .{0,160}
      \b (?:commission|share \s of \s the \s sale|affiliate) \b .{0,120}
    | .{0,80} \b (?:may|might|can|could) \s (?:earn|receive|get) \s (?:a|an) \s
      (?:small \s |affiliate \s )* (?:commission|fee|share \s of \s the \s sale) \b .{0,160}
    | if \s you \s (?:enjoyed|liked|found|have \s enjoyed) \s (?:this|our|reading) \b .{0,240}
    | this \s copy \s is \s for \s your \s personal .{0,400}
    | (?:write|e-?mail|reach \s out|contact|get \s in \s touch \s with) \s (?:to \s | us | me
      | the \s (?:writer|author|reporter))?
      .{0,80} \s [\w.+-]{1,64}@[\w-]{1,60}\.[\w.-]{2,60} .{0,80}
    | (?:do|have|are) \s you \b [^.?!]{1,120} \? \s .{0,80} (?:e-?mail|contact|get \s in
      \s touch|call|tell|write|let \s us) \b .{0,120}
    | (?:get|keep) \s in \s touch \b .{0,120} | tell \s us \s what \s you \s think \b .{0,80}
    | (?:got \s a|have \s a) \s (?:news \s)? (?:tip|story)\b .{0,160}
    | (?:support|help) \s (?:us|our \s journalism|independent \s journalism|quality
      \s journalism)\b .{0,160}
    | (?:already \s a|become \s a) \s (?:subscriber|member)\b .{0,120}
    | (?:start|begin) \s your \s (?:day|free \s trial|subscription|morning) \b .{0,200}
    | (?:please \s)? (?:enable|turn \s on|disable) \s (?:javascript|cookies|your
      \s ad.?blocker)\b .{0,160}
    | this \s is \s a \s (?:breaking|developing) \s (?:news \s)? story\b .{0,160}
    | our \s standards: .{0,100}
    | (?:join|follow) \s our \s (?:[\w-]+ \s){0,3}
      (?:channel|group|community|whatsapp|telegram) (?: \s (?:channel|group|community))?
      (?: \s (?:to|for|on|and|here|now|today)\b .{0,120} | [.!:…]* )
    )
    """
)
_LONGEST_OFFER = 500
_AROUND = " \t»›→>|·•*–—-"
_LONGEST_LABEL = 60
# Most lines have neither, and are spared the long expressions.
_LABEL_END = re.compile("[:：|►▶→»]")
_OFFER_WORDS = re.compile(
    r"(?i)\byou(?:r|['’]?ve)?\b|\bour\b|\bus\b|newsletter|@|javascript|cookies|touch|story|tip\b"
    r"|fee\b|commission|journalism"
)
# A line of tags that were escaped, of WordPress's shortcodes or a template's places alone.
_LEFTOVER = re.compile(
    r"""(?ix)
    (?: </?(?:a|aside|br|center|div|figure|font|iframe|img|ins|p|script|section|span|style|table|td
         |tr)\b [^<>]{0,500} >
      | <!-- [^<>]{0,500} -->
      | \[ /? (?:ad|audio|caption|embed|gallery|playlist|video|vc_\w{1,40}|et_pb_\w{1,40})
        (?:\s [^\[\]]{0,500})? \]
      | \{\{ [^{}]{0,200} \}\} | \{% [^{}%]{0,200} %\}
      | \s
    )+
    """
)
# Boilerplate at the end of a paragraph: "…said the mayor. Read more »"
_TAILS = re.compile(
    r"(?i)[\s(\[]*(?:(?:\.{3}|…)\s*)?[\[(]?"
    r"(?:continue reading|read more|read on|read the (?:full|rest of the) (?:story|article|post))"
    r"(?:\s*(?:→|»|›|>+|\.{3}|…|&raquo;))*[\])]?\s*$"
)
_TAIL_WORDS = re.compile(r"(?i)read")
# A byline: the author's name, on a line of its own above the text.
_BYLINE = re.compile(
    r"(?:By|BY|Words by|Written by|Reporting by|Story by) [^\W\d_a-z][^.!?:;]{1,90}"
)
# Transient text: a clock or a counter is not news.
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
# It begins with the mark before it, not with a look behind: the engine passes over all characters
# but these marks quickly.
_PASSING_TAIL = re.compile(f'(?ix) ([.!?…”"»)]) \\s+ {_PASSING_WORDS} [.]? $')


def is_furniture(line: str) -> bool:
    """Whether all of a line is boilerplate."""
    if line[:1] in "<[{" and _LEFTOVER.fullmatch(line):
        return True
    if len(line) > _LONGEST_LINE:
        return len(line) <= _LONGEST_OFFER and _is_offer(line)
    bare = line.strip(_AROUND)
    if _has_label(bare) and _LABELLED.fullmatch(bare):
        return True
    if _QUOTED.search(bare):
        return False
    return _LINES.fullmatch(bare) is not None or _is_offer(line)


def _is_offer(line: str) -> bool:
    """Whether a line offers something to the reader: a cheap check comes first."""
    if _QUOTED.search(line) or not _OFFER_WORDS.search(line):
        return False
    return _OFFERS.fullmatch(line.strip(_AROUND)) is not None


def _has_label(line: str) -> bool:
    """Whether a line can begin with a label: a cheap check, since most lines have none."""
    start = line[:_LONGEST_LABEL]
    return (
        ":" in start
        or "|" in start
        or (not start.isascii() and _LABEL_END.search(start) is not None)
    )


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


def lasting(text: str, *, between: str = "\n\n") -> str:
    """The text without lines that change by themselves; an equal result means the same article.

    If there may be such lines, `between` stands between those that are left.
    """
    if not _is_counting(text):
        return text
    lines = (_lasting_of(line) for line in text.split("\n\n"))
    return between.join([line for line in lines if line is not None])


def _lasting_of(line: str) -> str | None:
    """The line without transient text at its end; None when all of it is transient."""
    cut = max(0, len(line) - _LONGEST_LINE)
    if _DIGIT.search(line, cut) is None and line.find(" ago", cut) < 0:
        return line
    if cut == 0 and _PASSING.fullmatch(line.strip()):
        return None
    found = _PASSING_TAIL.search(line, cut)
    return line if found is None else line[: found.end(1)] + line[found.end() :]


_DIGIT = re.compile(r"[0-9]")


def _is_counting(text: str) -> bool:
    """Whether a text can contain a clock or a counter at all."""
    return _DIGIT.search(text) is not None or " ago" in text
