"""The quotation marks of the world's writing systems.

Typewriters spell double marks with two characters ('' and ``), and spaCy's tokenizer keeps each
pair together.
"""

DOUBLE_OPENING = frozenset("“„‟〝«「『") | {"``"}
DOUBLE_CLOSING = frozenset("”〞»」』")
# Straight marks and the Hebrew ״ both open and close.
DOUBLE = DOUBLE_OPENING | DOUBLE_CLOSING | {'"', "＂", "״", "''"}
SINGLE = frozenset("‘’‚‛'")

OPENING = DOUBLE_OPENING | {'"', "‘"}
MARKS = DOUBLE | SINGLE
# Every character of any mark, for `str.strip`.
MARK_CHARACTERS = "".join(sorted({char for mark in MARKS for char in mark}))
