"""What a form says becomes a request, or a mistake of one line."""

import pytest

from onrecord.errors import Mistake
from onrecord.web.pages.feed_forms import new_feeds_in


@pytest.mark.parametrize(
    ("written", "names"),
    [("", []), (" \n ", []), (",", []), ('sea, "pier, old"\n', ["sea", "pier, old"])],
)
def test_a_list_is_read_as_its_names(written: str, names: list[str]) -> None:
    asked = new_feeds_in({"urls": "https://a.example/", "categories": written})
    assert list(asked.categories or ()) == names


@pytest.mark.parametrize("written", ["x" * 140_000, 'sea, "' + "x, " * 50_000])
def test_a_name_that_is_far_too_long_is_a_mistake(written: str) -> None:
    with pytest.raises(Mistake, match="at most 131,072 characters"):
        new_feeds_in({"urls": "https://a.example/", "categories": written})
