"""The parse as lists, and the answers it holds for the rules."""

from onrecord.nlp.quotes.syntax import Parse, kept, relink
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
