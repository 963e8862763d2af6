"""`annotate --explain` for people: each decision, its reasons, and the runners-up."""

from rich.console import Console
from rich.text import Text

from onrecord.cli.render import (
    print_indented,
    print_notes,
    print_quote_with_details,
    print_title,
)
from onrecord.records import Decision, Extraction, Option, PassedOver, Reason, Span
from onrecord.sink.feature_words import in_words

_ABOUT = {"source": "whose words", "cue": "cue", "content": "content", "speaker": "speaker"}
_COLUMN = max(map(len, _ABOUT.values())) + 2
_LONGEST = 60
_LEAST = 0.005


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
