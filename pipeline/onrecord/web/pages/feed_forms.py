"""The forms of the feeds' pages: what they say as requests."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from onrecord.errors import Mistake
from onrecord.feeds.feed_settings import checked_interval, checked_rule
from onrecord.processing.feeds.listed import ListedFeed
from onrecord.processing.feeds.requests import FeedChange, NewFeeds

T = TypeVar("T")

_TEXTS = ("publisher", "title", "full_text", "user_agent", "proxy", "time_zone", "address")


def new_feeds_in(form: Mapping[str, str]) -> NewFeeds:
    """The feeds that somebody wants to follow. Raises Mistake."""
    given = {
        "urls": form.get("urls", "").split(),
        "categories": _parts(form.get("categories", "")),
        "unseen": bool(form.get("unseen")),
    }
    return _as(NewFeeds, given)


def settings_in(form: Mapping[str, str], feed: ListedFeed) -> FeedChange:
    """What somebody set otherwise than it was; an empty field puts a setting back.

    Raises Mistake.
    """
    before = shown_settings(feed)
    changed = {
        name: form[name].strip()
        for name, value in before.items()
        if name in form and form[name].strip() != value
    }
    given: dict[str, Any] = {name: changed[name] or None for name in _TEXTS if name in changed}
    if "categories" in changed:
        given["categories"] = _parts(changed["categories"])
    if "claims" in changed:
        given["claims"] = _parts(changed["claims"])
    if "interval" in changed:
        given["interval_s"] = checked_interval(changed["interval"]) if changed["interval"] else None
    return _as(FeedChange, given)


def shown_settings(feed: ListedFeed) -> dict[str, str]:
    """The settings as a form shows them."""
    return {
        "publisher": feed.own_publisher or "",
        "title": feed.own_title or "",
        "categories": ", ".join(feed.categories),
        "claims": ", ".join(feed.claims),
        "interval": "" if feed.set_interval_s is None else f"{feed.set_interval_s / 60:g}m",
        "full_text": feed.full_text or "",
        "user_agent": feed.user_agent or "",
        "proxy": feed.proxy or "",
        "time_zone": feed.time_zone or "",
        "address": feed.moved_to or "",
    }


def rules_in(form: Mapping[str, str], feed: ListedFeed) -> FeedChange:
    """The feed's rules with one more, or without that of a number. Raises Mistake."""
    number = form.get("remove", "")
    if number:
        if not (
            number.isascii() and number.isdecimal() and 1 <= int(number[:4]) <= len(feed.rules)
        ):
            raise Mistake("there is no such rule")
        left = [rule for n, rule in enumerate(feed.rules, 1) if n != int(number)]
        return FeedChange(rules=tuple(left))
    added = checked_rule(form.get("action", ""), form.get("of", ""), form.get("pattern", ""))
    return FeedChange(rules=tuple(dict.fromkeys((*feed.rules, added))))


def _parts(written: str) -> list[str]:
    """The names of a list with commas: a category can have blanks in it."""
    return [part.strip() for part in written.split(",") if part.strip()]


def _as(kind: type[T], given: Mapping[str, Any]) -> T:
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise Mistake(str(error)) from None
