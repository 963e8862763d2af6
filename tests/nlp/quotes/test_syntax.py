"""The parse as lists, and the answers it holds for the rules."""

from spacy.tokens import Doc
from spacy.vocab import Vocab

from onrecord.nlp.quotes.syntax import Parse, kept, read_parse, relink, sentence_bounds
from tests.nlp.trees import parse


def test_a_kept_answer_is_computed_once_until_the_tree_changes() -> None:
    asked = []

    @kept
    def governor(tree: Parse, token: int) -> int:
        asked.append(token)
        return tree.heads[token]

    tree = parse("Varga/NNP/nsubj/2 said/VBD/ROOT/2 so/RB/advmod/2")
    assert [governor(tree, 0), governor(tree, 0), governor(tree, 2)] == [1, 1, 1]
    assert asked == [0, 2]
    tree.heads[0] = 2
    relink(tree)
    assert governor(tree, 0) == 2


def test_the_answers_of_two_functions_and_two_parses_stay_apart() -> None:
    first, second = parse("It/PRP/nsubj/2 leaks/VBZ/ROOT/2"), parse("Yes/UH/ROOT/1")
    word = kept(lambda tree, token: tree.words[token])
    tag = kept(lambda tree, token: tree.tags[token])
    assert (word(first, 0), tag(first, 0), word(second, 0)) == ("It", "PRP", "Yes")


def test_a_line_end_begins_a_paragraph_so_that_the_first_can_be_empty() -> None:
    tree = read_parse(Doc(Vocab(), words=["\n", "Rain", "\n\n", "Sun"]))
    assert tree.by_paragraph == [range(0), range(2), range(2, 4)]
    assert tree.paragraphs == [1, 1, 2, 2]


def test_a_sentence_ends_before_the_white_space_after_it() -> None:
    words = ["It", "leaks", " ", "\n", "Go"]
    begins: list[bool | int | None] = [True, False, False, False, True]
    tree = read_parse(Doc(Vocab(), words=words, sent_starts=begins))
    assert [sentence_bounds(tree, i) for i in range(5)] == [(0, 1), (0, 1), (0, 2), (0, 3), (4, 4)]


def test_words_outside_quotation_marks_are_counted_apart() -> None:
    tree = read_parse(Doc(Vocab(), words=["She", "said", "“", "we", "will", "”", "twice"]))
    assert (tree.count_words(0, 6), tree.count_own_words(0, 6)) == (5, 3)
    assert tree.count_own_words(3, 4) == 0
