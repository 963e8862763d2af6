"""Queries as SQL: what the full-text index answers alone, and what has to be looked up beside it.

Words, names, types and languages become one FTS5 expression, times a range of `seq`; a least
confidence is a condition on the rows found. Times and confidences under OR or NOT, which FTS5
cannot express, turn the part around them into a condition of subqueries: right, and slower.
"""

from dataclasses import dataclass, field

from onrecord.archive.query import (
    After,
    And,
    AnyWord,
    Before,
    Everything,
    Filed,
    MinConfidence,
    Named,
    NameField,
    Node,
    Not,
    Or,
    WordPhrase,
)
from onrecord.archive.sqlite.names import (
    languages_of,
    names_called,
    names_of_person,
    publishers_called,
)
from onrecord.archive.sqlite.packing import TYPES
from onrecord.archive.sqlite.tallies import first_seq
from onrecord.log.sqlite.database import Database
from onrecord.records import id_of

# Names that a query stands for: more make an expression that takes longer than its answer is worth.
_MOST_NAMES = 1_000
_MOST_IN_ALL = 3_000  # for all terms together
# With more names, a condition on the row is a subquery: SQLite refuses expressions over 1,000 deep.
_MOST_ON_A_ROW = 100
ALL = 'tags : ("td" OR "tm" OR "ti")'
_FOUND = "quote.seq IN (SELECT rowid FROM search WHERE search MATCH ?)"
_TEXTS = "{said who title}"
_NOTHING = 'tags : "none"'
_TYPE_TAGS = dict(zip(TYPES, ("td", "tm", "ti"), strict=True))
_FIRST, _LAST = -(1 << 62), 1 << 62


@dataclass(slots=True)
class Compiled:
    """A query in SQL: an FTS5 expression, a range of `seq`, conditions on `quote`.

    `is_bounded` where it names more than can be searched for.
    """

    match: str
    first: int = _FIRST
    last: int = _LAST
    conditions: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)
    is_bounded: bool = False

    def select(self, columns: str, then: str = "") -> str:
        """The statement for these columns of `search` (and of `quote`, where conditions are)."""
        joined = " JOIN quote ON quote.seq = search.rowid" if self.conditions else ""
        conditions = "".join(f" AND {condition}" for condition in self.conditions)
        return (
            f"SELECT {columns} FROM search{joined} WHERE search MATCH ? "
            f"AND search.rowid BETWEEN ? AND ?{conditions} {then}"
        )

    def given(
        self, *more: object, first: int | None = None, last: int | None = None
    ) -> list[object]:
        """The values of a statement of `select`, its range narrowed to these bounds."""
        low = self.first if first is None else max(first, self.first)
        high = self.last if last is None else min(last, self.last)
        return [self.match, low, high, *self.values, *more]


def compile_query(db: Database, query: Node) -> Compiled:
    """The query in SQL. Names are looked up now."""
    return _Compiler(db).whole(query)


class _Compiler:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._is_bounded = False
        self._names_left = _MOST_IN_ALL

    def whole(self, query: Node) -> Compiled:
        found = Compiled(ALL)
        wanted: list[str] = []
        unwanted: list[str] = []
        for operand in query.operands if isinstance(query, And) else (query,):
            match operand:
                case Everything():
                    pass
                case After(at):
                    found.first = max(found.first, first_seq(at))
                case Before(at):
                    found.last = min(found.last, first_seq(at) - 1)
                case MinConfidence(least):
                    found.conditions.append("quote.confidence >= ?")
                    found.values.append(least * 1000)
                case Not(inner) if _is_of_words(inner):
                    unwanted.append(self._expression(inner))
                case _ if _is_of_words(operand):
                    wanted.append(self._expression(operand))
                case _:
                    condition, values = self._condition(operand)
                    found.conditions.append(condition)
                    found.values += values
        found.match = " NOT ".join([_all_of(wanted) or ALL, *unwanted])
        found.is_bounded = self._is_bounded
        return found

    def _expression(self, node: Node) -> str:
        """An FTS5 expression in parentheses."""
        match node:
            case WordPhrase(words, is_prefix):
                star = " *" if is_prefix else ""
                return f'({_TEXTS} : "{" ".join(words)}"{star})'
            case AnyWord(words):
                any_of = " OR ".join(f'"{word}"' for word in words)
                return f"({_TEXTS} : ({any_of}))"
            case Named():
                return f"({_tagged(*self._numbers(node))})"
            case Or(operands):
                return f"({' OR '.join(map(self._expression, operands))})"
            case And(operands):
                wanted = [self._expression(o) for o in operands if not isinstance(o, Not)]
                unwanted = [self._expression(o.operand) for o in operands if isinstance(o, Not)]
                return f"({' NOT '.join([_all_of(wanted) or ALL, *unwanted])})"
            case Not(operand):
                return f"({ALL} NOT {self._expression(operand)})"
            case _:
                return f"({ALL})"

    def _numbers(self, node: Named) -> tuple[str, list[int] | list[str]]:
        match node.field:
            case NameField.SPEAKER | NameField.ABOUT:
                most = min(_MOST_NAMES, self._names_left)
                found = self._names(node, most + 1)
                self._is_bounded |= len(found) > most
                self._names_left -= len(found[:most])
                return ("s" if node.field is NameField.SPEAKER else "a"), found[:most]
            case NameField.PUBLISHER:
                return "p", publishers_called(self._db, node.words)
            case NameField.LANGUAGE:
                return "l", languages_of(self._db, node.value)
            case NameField.TYPE:
                return "", [_TYPE_TAGS[node.value]]
            case NameField.CATEGORY:
                return "", [_category_tag(node.value)]
            case NameField.SECTION:
                return "", [_section_tag(node.value)]
            case NameField.STORY:
                raise AssertionError("a story is a condition")

    def _names(self, node: Named, most: int) -> list[int]:
        if node.is_whole:
            return [n for n, _, _ in names_of_person(self._db, node.value)][:most]
        return names_called(self._db, node.value, node.words, most=most)

    def _condition(self, node: Node) -> tuple[str, list[object]]:
        """A condition on `quote`, for what FTS5 cannot express."""
        match node:
            case After(at):
                return "quote.seq >= ?", [first_seq(at)]
            case Before(at):
                return "quote.seq < ?", [first_seq(at)]
            case MinConfidence(least):
                return "quote.confidence >= ?", [least * 1000]
            case Named(NameField.STORY, value):
                articles = "SELECT n FROM article WHERE story = ?"
                return f"quote.seq IN (SELECT seq FROM quote WHERE article IN ({articles}))", [
                    value
                ]
            case Named():
                return self._fact(node)
            case _ if _is_of_words(node):
                return _FOUND, [self._expression(node)]
            case Not(operand):
                condition, values = self._condition(operand)
                return f"NOT {condition}", values
            case And(operands) | Or(operands):
                parts = [self._condition(operand) for operand in operands]
                between = " AND " if isinstance(node, And) else " OR "
                values = [value for _, given in parts for value in given]
                return f"({between.join(condition for condition, _ in parts)})", values
            case _:
                return "1", []

    def _fact(self, node: Named) -> tuple[str, list[object]]:
        """A name as a condition on the row: dearer than a tag alone, cheaper than a subquery."""
        if node.field is NameField.TYPE:
            return "quote.type = ?", [TYPES.index(node.value)]
        letter, numbers = self._numbers(node)
        if not letter or len(numbers) > _MOST_ON_A_ROW:
            return _FOUND, [_tagged(letter, numbers)]
        if node.field is NameField.ABOUT:
            about = " OR ".join(["(' ' || quote.about || ' ') LIKE ?"] * len(numbers))
            return f"coalesce({about or '0'}, 0)", [f"% {number} %" for number in numbers]
        wanted = ", ".join("?" * len(numbers))
        return f"coalesce(quote.{node.field.value} IN ({wanted}), 0)", list(numbers)


def _tagged(letter: str, numbers: list[int] | list[str]) -> str:
    """An expression for any of these numbers."""
    wanted = " OR ".join(f'"{letter}{n}"' for n in numbers)
    return f"tags : ({wanted})" if numbers else _NOTHING


def _all_of(expressions: list[str]) -> str:
    return " AND ".join(expressions)


def _is_of_words(node: Node) -> bool:
    """Whether FTS5 can answer it alone."""
    match node:
        case After() | Before() | MinConfidence() | Named(NameField.STORY):
            return False
        case Not(operand):
            return _is_of_words(operand)
        case And(operands) | Or(operands):
            return all(map(_is_of_words, operands))
        case _:
            return True


def tags_of(
    *,
    kind: int,
    speaker: int | None,
    about: list[int],
    publisher: int | None,
    language: int | None,
    filed: Filed,
) -> str:
    """The filters of a quote as words of the index."""
    tags = [_TYPE_TAGS[TYPES[kind]]]
    for letter, number in (("s", speaker), ("p", publisher), ("l", language)):
        if number is not None:
            tags.append(f"{letter}{number}")
    tags += (f"a{number}" for number in about)
    tags += map(_category_tag, filed.categories)
    tags += map(_section_tag, filed.sections)
    return " ".join(tags)


def _category_tag(key: str) -> str:
    return f"c{id_of(key)[:12]}"


def _section_tag(key: str) -> str:
    return f"e{id_of(key)[:12]}"
