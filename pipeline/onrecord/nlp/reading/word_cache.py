"""Words that the tokenizer has split before, and how to have it keep more of them.

spaCy's tokenizer keeps how it split a word, but in each text only up to the first special case
("Mr.", "don't"): later words are split anew, three of ten words of news, at ten times the cost of a
look-up. Here the new words of a batch are shown to it beforehand, without the special cases. What a
text is split into does not change.
"""

from collections.abc import Container, Iterable
from typing import Any

from spacy.language import Language

# Words kept, about 200 bytes each; spaCy itself keeps 10,000. Words that come later are split anew:
# the models are loaded again, and with them this begins again, long before that costs much.
MOST_WORDS = 40_000
# Longer ones hardly occur twice, and are not kept.
_LONGEST = 40
# Marks around a special case that the tokenizer takes off: `("Mr.`, `U.S.",`.
_MARKS_BEFORE = 2
_MARKS_AFTER = 3


class WordCache:
    """The words that the tokenizer of one pipeline keeps."""

    def __init__(self, nlp: Language) -> None:
        tokenizer: Any = nlp.tokenizer
        tokenizer.max_cache_size = MOST_WORDS
        self._tokenizer = tokenizer
        self._special: Container[str] = frozenset(tokenizer.rules)
        self._shown: set[str] = set()

    def learn(self, texts: Iterable[str]) -> None:
        """Have the tokenizer keep the new words of some texts, as long as there is room."""
        if len(self._shown) >= MOST_WORDS:
            return
        words = {word for text in texts for word in text.split() if len(word) <= _LONGEST}
        new = sorted(words - self._shown)[: MOST_WORDS - len(self._shown)]
        self._shown.update(new)
        self._tokenizer(" ".join(word for word in new if not self._is_special(word)))

    def _is_special(self, word: str) -> bool:
        """Whether a special case is in the word, after which the tokenizer would keep nothing."""
        return any(
            word[before : len(word) - after] in self._special
            for before in range(_MARKS_BEFORE + 1)
            for after in range(_MARKS_AFTER + 1)
        )
