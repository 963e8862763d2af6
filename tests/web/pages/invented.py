"""An invented world for the pages: two papers, one story, an edit, and an outlet that attacks."""

from datetime import UTC, datetime, timedelta
from typing import Any

from onrecord.records import (
    Article,
    ArticleRef,
    BlockedEntry,
    Entity,
    Extraction,
    Feed,
    FeedState,
    Mention,
    PollNote,
    Quote,
    Speaker,
    quote_id,
)
from tests.builders import article, entity, extraction, span

MORNING = datetime(2026, 11, 20, 6, tzinfo=UTC)
PIER = (
    '"The pier will open in May," said Mara Lind, the harbour master.\n\n'
    "Nobody had expected it. The dockers will get seven per cent, Edvin Torvald said 👍.\n\n"
    "An unquoted ending about the weather."
)
PIER_EDITED = PIER.replace("in May", "in June").replace("Nobody", "Hardly anybody")
ATTACK = '"Trust <b>me</b> & mine," said Mallory </script> Quill.'
SCRIPT = "<script>document.title='owned'</script>"


def said(
    text: str,
    words: str,
    by: str,
    *,
    of: str,
    revision: int = 1,
    role: str | None = None,
    context: str | None = None,
    **fields: Any,
) -> Quote:
    """A quote of these words in a text, with its speaker named there."""
    content = (span(text, words),)
    given: dict[str, Any] = {
        "type": "direct",
        "confidence": 0.9,
        "cue": span(text, "said"),
        "source": span(text, by),
        "speaker": Speaker(entity=by, name=by, role=role, reason="named here", confidence=0.97),
    }
    return Quote(
        id=quote_id(of, revision, content),
        content=content,
        context=span(text, context or text),
        **given | fields,
    )


def named(text: str, name: str) -> Entity:
    """A person at every place where the text names them."""
    at = [n for n in range(len(text)) if text.startswith(name, n)]
    mentions = tuple(Mention(start=n, end=n + len(name), text=name) for n in at)
    return entity(name, name, mentions=mentions, type="person")


def pier(
    id: str, publisher: str, *, revision: int = 1, hours: int = 0
) -> tuple[Article, Extraction]:
    """The story of the pier as one paper printed it."""
    text = PIER if revision == 1 else PIER_EDITED
    month = "May" if revision == 1 else "June"
    at = MORNING + timedelta(hours=hours)
    first, second, _ = text.split("\n\n")
    quotes = (
        said(
            text,
            f"The pier will open in {month},",
            "Mara Lind",
            of=id,
            revision=revision,
            role="harbour master",
            context=first,
        ),
        said(
            text,
            "The dockers will get seven per cent",
            "Edvin Torvald",
            of=id,
            revision=revision,
            type="indirect",
            context=second,
            confidence=0.8,
        ),
    )
    title = f"Pier to open in {month}"
    url = f"https://{publisher.split(maxsplit=1)[0].lower()}.example/pier"
    published = article(
        id,
        revision=revision,
        url=url,
        title=title,
        publisher=publisher,
        published_at=at,
        fetched_at=at + timedelta(hours=revision),
        language="en",
        text=text,
        content_hash=f"{id}{revision}",
        story="pier",
        story_first_seen=MORNING,
    )
    found = extraction(
        id,
        article=ArticleRef(
            id=id,
            revision=revision,
            url=url,
            title=title,
            publisher=publisher,
            published_at=at,
            language="en",
            story="pier",
        ),
        entities=(named(text, "Mara Lind"), named(text, "Edvin Torvald")),
        quotes=quotes,
        extracted_at=at + timedelta(hours=revision),
    )
    return published, found


def attack() -> tuple[Article, Extraction]:
    """An article whose every field tries to be markup, a script, a link or a formula."""
    name = "Mallory </script> Quill"
    fields: dict[str, Any] = {
        "url": "javascript:alert(document.domain)",
        "title": f"{SCRIPT}\u202e",
        "publisher": "=HYPERLINK(1)\x07",
        "published_at": MORNING + timedelta(hours=3),
        "language": 'en" onmouseover="alert(1)',
    }
    published = article("attack", text=ATTACK, content_hash="x", **fields)
    found = extraction(
        "attack",
        article=ArticleRef(id="attack", **fields),
        entities=(named(ATTACK, name),),
        quotes=(said(ATTACK, "Trust <b>me</b> & mine,", name, of="attack", role="<i>heir</i>"),),
        extracted_at=MORNING + timedelta(hours=4),
    )
    return published, found


def everything() -> list[tuple[Article, Extraction]]:
    """All articles in the order in which they came."""
    return [
        pier("post", "Harbour Post"),
        pier("gazette", "Aldmoor Gazette", hours=1),
        attack(),
        pier("post", "Harbour Post", revision=2),
    ]


# Feeds: one that fails and is hostile, and one of which nothing is known yet.
WRONG = "<script>wrong</script>"
TIDE = Feed(url="https://tide.example/feed?a=1&b=2", publisher="Tide", categories=("Coast",))
POST = Feed(url="https://post.example/feed", publisher="Post <i>x</i>")
STATE = FeedState(
    url=TIDE.url,
    error=WRONG,
    failures=2,
    last_poll_at=MORNING,
    history=(
        PollNote(at=MORNING, status=404, error=WRONG, why="it refuses, failed twice"),
        PollNote(at=MORNING, status=200, new=3, blocked=1),
    ),
    blocked=1,
    blocked_entries=(
        BlockedEntry(identity="1", title=WRONG, rule="block words: pier", at=MORNING),
    ),
)
