"""`annotate --explain` for people: each decision, its reasons, and the runners-up."""

import re

from rich.console import Console
from rich.text import Text

from onrecord.cli.render import (
    print_indented,
    print_notes,
    print_quote_with_details,
    print_title,
)
from onrecord.records import Decision, Extraction, Option, PassedOver, Reason, Span

_ABOUT = {"source": "whose words", "cue": "cue", "content": "content", "speaker": "speaker"}
_COLUMN = max(map(len, _ABOUT.values())) + 2
_LONGEST = 60
_LEAST = 0.005

# Features of the two models in words. Others are shown as the weights file names them.
_IN_WORDS = [
    (r"cue", "how often this word is a cue"),
    (r"cue (left|right) (near|far)", r"a known cue, \2, on the \1"),
    (r"cue is weak", "the word is seldom a cue"),
    (r"cue over its rivals", "likelier a cue than the other words of its sentence"),
    (r"cue is (.+)", r"the cue is \1 in the parse"),
    (r"cue tag (.+)", r"the cue is tagged \1"),
    (r"cue has (.+)", r"the cue has \1"),
    (r"governs as (.+)", r"the cue governs the passage, as \1"),
    (r"governs from (\d) above", r"the cue governs the passage, \1 steps above"),
    (r"governed as (.+)", r"the passage governs the cue, as \1"),
    (r"(left|right) gap (\w+)", r"words between, on the \1: \2"),
    (r"(left|right) rank in sentence (\d)", r"cues nearer, on the \1: \2"),
    (r"(left|right) strong between (\d)", r"strong cues between, on the \1: \2"),
    (r"(left|right) sentences (\d)", r"sentence ends between, on the \1: \2"),
    (r"(left|right) paragraphs (\d)", r"paragraph ends between, on the \1: \2"),
    (r"(left|right) passages between (\d)", r"passages between, on the \1: \2"),
    (r"path (.+)", r"the way from cue to source: \1"),
    (r"source (person|organisation|group|place|name|noun|pronoun)", r"the source is a \1"),
    (r"source (he|she|they|we|who|it)", r"the source is “\1”"),
    (r"source noun evidence", "how often this noun speaks"),
    (r"source number (\d) of its cue", r"sources nearer to the cue: \1"),
    (r"someone", "any words are somebody's"),
    (r"no one", "any words are nobody's"),
    (r"no one, (.+)", r"nobody's: \1"),
    (r"as before (.+)", r"said by whoever spoke before: \1"),
    (r"frame( of .+)?", "how often this word reports such a complement"),
    (r"any", "any cue reports something"),
]  # fmt: skip


def in_words(feature: str) -> str:
    """A feature of a model in words."""
    for pattern, words in _IN_WORDS:
        found = re.fullmatch(pattern, feature)
        if found:
            return found.expand(words)
    return feature


def print_explained(out: Console, extraction: Extraction) -> None:
    """An article's quotes with the decisions behind each, and what could have been one."""
    print_title(out, extraction.article)
    for quote in extraction.quotes:
        print_quote_with_details(out, quote)
        for decision in quote.explanation or ():
            _print_decision(out, decision)
        out.print()
    if extraction.passed_over:
        out.print(Text("Not taken for quotes\n", "bold"))
        for passed in extraction.passed_over:
            _print_passed(out, passed)
    print_notes(out, extraction)


def _print_passed(out: Console, passed: PassedOver) -> None:
    print_indented(out, Text(_content(passed.content)), by=0)
    print_indented(out, Text(f"— {passed.why}", "dim"))
    _print_decision(out, passed.decision)
    out.print()


def _print_decision(out: Console, decision: Decision) -> None:
    head = Text(_ABOUT[decision.about].ljust(_COLUMN), "cyan")
    print_indented(out, head.append_text(_option(decision.chosen, "bold")))
    because = decision.chosen.because if not decision.over_second else decision.over_second
    label = "over second" if decision.over_second else "because"
    if because:
        _print_line(out, label, Text("; ".join(map(_reason, because))))
    places = iter(("second", "third", "fourth", "fifth"))
    for option in decision.others:
        if option.probability is None or option.probability >= _LEAST:
            _print_line(out, next(places), _option(option))


def _print_line(out: Console, label: str, text: Text) -> None:
    print_indented(out, Text(f"{label.rjust(_COLUMN - 2)}  ", "dim").append_text(text))


def _option(option: Option, style: str = "") -> Text:
    text = Text()
    text.append(_content(option.content) if option.content else option.what, style)
    if option.content:
        text.append(f"  ({option.what})", "dim")
    if option.probability is not None:
        text.append(f"  {option.probability:.0%}", "dim")
    return text


def _reason(reason: Reason) -> str:
    weight = "" if reason.weight is None else f" {reason.weight:+.1f}"
    return f"{in_words(reason.what)}{weight}"


def _content(spans: tuple[Span, ...]) -> str:
    words = " … ".join(" ".join(span.text.split()) for span in spans)
    return words if len(words) <= _LONGEST else words[:_LONGEST].rsplit(" ", 1)[0] + " …"
