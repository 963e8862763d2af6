"""Parses queries. Every mistake is a QueryError that says where it is and what would be right.

    query  = or
    or     = and ("OR" and)*
    and    = not (["AND"] not)*
    not    = ("NOT" | "-") not | term
    term   = "(" or ")" | field ":" value | word | word* | "a phrase"

`person:` is `speaker:` or `about:`.
A word is found in all its forms, a phrase and the beginning of a word as they are typed.

Operators are written in capitals; between two terms without one there is an AND.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from onrecord.archive.query.filing import filing_key
from onrecord.archive.query.forms import in_any_form
from onrecord.archive.query.nodes import (
    EVERYTHING,
    After,
    And,
    Before,
    MinConfidence,
    Named,
    NameField,
    Node,
    Not,
    Or,
    WordPhrase,
)
from onrecord.archive.query.words import words_of
from onrecord.errors import QueryError

LONGEST = 1_000  # characters
_DEEPEST = 20
# An engine's work for a query grows with each of these.
_MOST_TERMS = 40
_MOST_PREFIXES = 8
_MOST_WORDS = 200

# Whoever speaks or is spoken of.
_PERSON = "person"
_FIELDS = (
    _PERSON,
    *(field.value for field in NameField),
    "before",
    "after",
    "min_confidence",
)
_TYPES = ("direct", "mixed", "indirect")
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<open>\() | (?P<close>\))
      | (?P<operator>(?:AND|OR|NOT)(?=[\s()"]|$))
      | (?P<minus>-(?=[^\s)]))
      | (?P<field>[^\W\d]\w*):(?=[^\s:/]|$|\s)
      | (?P<phrase>["“”„«»](?P<quoted>[^"“”„«»]*)["“”„«»](?P<quoted_prefix>\*?))
      | (?P<word>[^\s()"“”„«»]+)
      | (?P<unclosed>["“”„«»])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int  # the column, counted from 1
    is_prefix: bool = False

    @property
    def is_beginning(self) -> bool:
        """Whether its last word is the beginning of one."""
        return self.is_prefix or self.text.rstrip().endswith("*")


def parse_query(text: str) -> Node:
    """The query as a tree; an empty one finds everything. Raises QueryError."""
    if len(text) > LONGEST:
        raise QueryError(f"longer than {LONGEST:,} characters", at=LONGEST + 1)
    tokens = _tokens(text)
    if not tokens:
        return EVERYTHING
    parser = _Parser(tokens, end=len(text) + 1)
    return parser.whole()


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position, stripped = 0, text.rstrip()
    while position < len(stripped):
        match = _TOKEN.match(stripped, position)
        assert match is not None  # noqa: S101 - a word takes whatever nothing else took
        kind = match.lastgroup or ""
        kind = "phrase" if match["phrase"] is not None else kind
        at = match.start(kind) + 1
        if kind == "unclosed":
            raise QueryError('the quotation mark is not closed: write "two words"', at=at)
        if kind == "phrase":
            tokens.append(_Token(kind, match["quoted"], at, bool(match["quoted_prefix"])))
        else:
            tokens.append(_Token(kind, match[kind], at))
        position = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[_Token], *, end: int) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0
        self._end = end
        self._terms: list[_Token] = []  # those that count

    def whole(self) -> Node:
        found = self._or()
        if (left := self._peek()) is not None:
            raise QueryError("a closing parenthesis without an opening one", at=left.at)
        _check_amount(self._terms)
        return found

    def _or(self) -> Node:
        operands = {self._and(): None}
        while self._takes("operator", "OR"):
            self._add(self._and, operands)
        return _of_all(operands, Or)

    def _and(self) -> Node:
        operands = {self._not(): None}
        while self._continues():
            self._takes("operator", "AND")
            self._add(self._not, operands)
        return _of_all(operands, And)

    def _add(self, read: Callable[[], Node], operands: dict[Node, None]) -> None:
        """Read one more operand. The terms of one that is there already do not count again."""
        counted = len(self._terms)
        operand = read()
        if operand in operands:
            del self._terms[counted:]
        operands[operand] = None

    def _continues(self) -> bool:
        token = self._peek()
        if token is None or token.kind == "close":
            return False
        return not (token.kind == "operator" and token.text == "OR")

    def _not(self) -> Node:
        token = self._peek()
        if token is not None and (token.kind == "minus" or _is_operator(token, "NOT")):
            self._next += 1
            self._deeper(token)
            operand = self._not()
            self._depth -= 1
            return operand.operand if isinstance(operand, Not) else Not(operand)
        return self._term()

    def _deeper(self, token: _Token) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise QueryError(f"nested more than {_DEEPEST} deep", at=token.at)

    def _term(self) -> Node:
        token = self._peek()
        if token is None:
            before = self._tokens[-1]
            raise QueryError(f"a term is missing after {before.text!r}", at=self._end)
        self._next += 1
        match token.kind:
            case "open":
                return self._group(token)
            case "field":
                return self._field(token)
            case "word" | "phrase":
                self._terms.append(token)
                return _phrase(token)
            case "close":
                raise QueryError("a term is missing before the parenthesis", at=token.at)
            case _:
                raise QueryError(
                    f"a term is missing before {token.text} (to search for the word itself, "
                    f"write it in small letters)",
                    at=token.at,
                )

    def _group(self, opened: _Token) -> Node:
        self._deeper(opened)
        found = self._or()
        if not self._takes("close"):
            raise QueryError("the parenthesis is not closed", at=opened.at)
        self._depth -= 1
        return found

    def _field(self, token: _Token) -> Node:
        name = token.text.lower()
        if name not in _FIELDS:
            raise QueryError(
                f"no field is called {token.text!r}: there are {', '.join(_FIELDS)}", at=token.at
            )
        value = self._peek()
        if value is None or value.kind not in {"word", "phrase"}:
            raise QueryError(f"{name}: needs a value, as in {_example(name)}", at=token.at)
        self._next += 1
        self._terms.append(value)
        return _field_node(name, value)

    def _peek(self) -> _Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _takes(self, kind: str, text: str | None = None) -> bool:
        token = self._peek()
        found = token is not None and token.kind == kind and text in {None, token.text}
        self._next += found
        return found


def _is_operator(token: _Token, name: str) -> bool:
    return token.kind == "operator" and token.text == name


def _of_all(operands: Iterable[Node], kind: type[And] | type[Or]) -> Node:
    """A node of these operands, each once; those of one that is of the same kind in its place."""
    flat = dict.fromkeys(
        inner
        for operand in operands
        for inner in (operand.operands if isinstance(operand, kind) else (operand,))
    )
    first, *others = flat
    return kind((first, *others)) if others else first


def _check_amount(terms: list[_Token]) -> None:
    """Raises QueryError where answering would take too long."""
    if len(terms) > _MOST_TERMS:
        raise QueryError(f"more than {_MOST_TERMS} terms", at=terms[_MOST_TERMS].at)
    beginnings = [term for term in terms if term.is_beginning]
    if len(beginnings) > _MOST_PREFIXES:
        raise QueryError(
            f"more than {_MOST_PREFIXES} beginnings of words, such as dock*",
            at=beginnings[_MOST_PREFIXES].at,
        )
    words = 0
    for term in terms:
        words += len(words_of(term.text))
        if words > _MOST_WORDS:
            raise QueryError(f"more than {_MOST_WORDS} words", at=term.at)


def _phrase(token: _Token) -> Node:
    is_prefix = token.is_beginning
    words = tuple(words_of(token.text))
    if not words:
        raise QueryError(f"{token.text!r} contains no word", at=token.at)
    if token.kind == "word" and len(words) == 1 and not is_prefix:
        return in_any_form(words[0])
    return WordPhrase(words, is_prefix)


# ── fields ───────────────────────────────────────────────────────────────────────────────────


def _example(name: str) -> str:
    examples = {
        "person": 'person:"ana belcourt"',
        "speaker": 'speaker:"ana belcourt"',
        "publisher": 'publisher:"harbour post"',
        "category": 'category:"World/Asia"',
        "section": "section:politics",
        "type": "type:direct",
        "language": "language:en",
        "before": "before:2026-03-01",
        "after": "after:2026-03-01",
        "min_confidence": "min_confidence:0.8",
    }
    return examples.get(name, f"{name}:NAME")


def _field_node(name: str, value: _Token) -> Node:
    text = value.text.strip()
    if not text:
        raise QueryError(f"{name}: needs a value, as in {_example(name)}", at=value.at)
    match name:
        case "before":
            return Before(_time(name, text, value.at))
        case "after":
            return After(_time(name, text, value.at))
        case "min_confidence":
            return MinConfidence(_share(text, value.at))
        case "type" if text.lower() not in _TYPES:
            raise QueryError(f"type: is one of {', '.join(_TYPES)}, not {text!r}", at=value.at)
        case "person":
            said_or_meant = (NameField.SPEAKER, NameField.ABOUT)
            return Or(tuple(_named(field, text, value.at) for field in said_or_meant))
        case _:
            return _named(NameField(name), text, value.at)


def _named(field: NameField, text: str, at: int) -> Named:
    words = tuple(words_of(text))
    if not words:
        raise QueryError(f"{text!r} contains no word", at=at)
    match field:
        case NameField.TYPE | NameField.LANGUAGE:
            return Named(field, text.lower(), words)
        case NameField.CATEGORY | NameField.SECTION:
            return Named(field, filing_key(text), words)
        case _:
            return Named(field, text, words)


def _time(name: str, text: str, at: int) -> datetime:
    try:
        found = datetime.fromisoformat(_whole_date(text))
        aware = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise QueryError(
            f"{name}: takes a date, as in {_example(name)}, 2026-03 or "
            f'"2026-03-01T12:00:00Z", not {text!r}',
            at=at,
        ) from error


def _whole_date(text: str) -> str:
    """A year or a month as its first day."""
    if re.fullmatch(r"\d{4}", text):
        return f"{text}-01-01"
    if re.fullmatch(r"\d{4}-\d{2}", text):
        return f"{text}-01"
    return text


def _share(text: str, at: int) -> float:
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0.0 <= found <= 1.0:
        raise QueryError(
            f"min_confidence: takes a number from 0 to 1, as in min_confidence:0.8, not {text!r}",
            at=at,
        )
    return found


def quoted(value: str) -> str:
    """A value as it is written in a query."""
    return '"' + "".join(" " if char in '"“”„«»' else char for char in value) + '"'
