"""What people said of single quotes and articles: a wrong speaker, no quote, a namesake."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol

from onrecord.naming import fold_letters
from onrecord.records import Judgement

_SAME_CUT = 0.5


class _Cut(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class CutQuote(Protocol):
    """A quote, as far as a correction is of it: its id and its place in the text."""

    @property
    def id(self) -> str: ...
    @property
    def content(self) -> Sequence[_Cut]: ...


class Corrections:
    """The judgements that hold, by the quote, article or name that they speak of."""

    def __init__(self, held: Iterable[Judgement] = ()) -> None:
        self._of_article: dict[str, list[Judgement]] = defaultdict(list)
        self._of_quote: dict[str, list[Judgement]] = defaultdict(list)
        self._splits: dict[str, list[Judgement]] = defaultdict(list)
        self._made: dict[str, Judgement] = {}
        for judgement in held:
            if judgement.kind in {"wrong-speaker", "not-a-quote"}:
                if judgement.article:
                    self._of_article[judgement.article].append(judgement)
                elif judgement.quote:
                    self._of_quote[judgement.quote].append(judgement)
            elif judgement.kind == "split" and judgement.left:
                self._splits[judgement.left].append(judgement)
                self._made[judgement.right or ""] = judgement

    @property
    def splits(self) -> list[Judgement]:
        """The splits of names, in order for each name."""
        return [split for splits in self._splits.values() for split in splits]

    def split_off(self, name_id: str) -> Judgement | None:
        """The split that made a name of this id; None where none did."""
        return self._made.get(name_id)

    def speaks_of(self, article_id: str) -> bool:
        """Whether a quote of the article is corrected."""
        return bool(self._of_quote) or article_id in self._of_article

    def of_quote(self, article_id: str, quote: CutQuote) -> Judgement | None:
        """The latest correction of a quote: by its id, or by its place in the article."""
        named = self._of_quote.get(quote.id, [])
        found = named + [one for one in self._of_article.get(article_id, ()) if _is_of(one, quote)]
        return found[-1] if found else None

    @property
    def has_splits(self) -> bool:
        """Whether any name is shared by people whom somebody told apart."""
        return bool(self._splits)

    def is_split(self, name_id: str) -> bool:
        """Whether a name is shared by people whom somebody told apart."""
        return name_id in self._splits

    def name_in(self, name_id: str, article_id: str, quote_id: str | None, role: str | None) -> str:
        """The id of the name that is meant, where a name was split among namesakes."""
        for split in reversed(self._splits.get(name_id, ())):
            if split.right and (
                article_id in split.articles
                or quote_id in split.quotes
                or _has_words(role, split.role)
            ):
                return split.right
        return name_id


def _is_of(judgement: Judgement, quote: CutQuote) -> bool:
    if judgement.quote == quote.id:
        return True
    if judgement.start is None or judgement.end is None or not quote.content:
        return False
    start, end = quote.content[0].start, quote.content[-1].end
    shared = min(end, judgement.end) - max(start, judgement.start)
    return shared > _SAME_CUT * max(end - start, judgement.end - judgement.start)


def _has_words(role: str | None, asked: str | None) -> bool:
    if not role or not asked:
        return False
    return set(fold_letters(asked).split()) <= set(fold_letters(role).split())
