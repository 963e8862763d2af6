"""The forms of the feeds' pages: what they say as requests.

A form says what its page showed. Where something else is stored by now, it is refused: otherwise it
would undo, unseen, what somebody else changed meanwhile.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeVar

import msgspec

from onrecord.errors import Mistake
from onrecord.feeds.feed_settings import checked_interval, checked_rule
from onrecord.processing.feeds.listed import ListedFeed
from onrecord.processing.feeds.requests import FeedChange, NewFeeds

T = TypeVar("T")


class ChangedMeanwhile(Exception):
    """A form is of a page that shows something else than is stored by now."""


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

    Raises Mistake, and ChangedMeanwhile.
    """
    before = shown_settings(feed)
    _check_shown(form, settings_version(feed))
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
        "categories": _as_list(feed.categories),
        "claims": _as_list(feed.claims),
        "interval": "" if feed.set_interval_s is None else f"{feed.set_interval_s / 60:g}m",
        "full_text": feed.full_text or "",
        "user_agent": feed.user_agent or "",
        "proxy": feed.proxy or "",
        "time_zone": feed.time_zone or "",
        "address": feed.moved_to or "",
    }


def settings_version(feed: ListedFeed) -> str:
    """A mark of the settings as they are: it changes when they do."""
    return _mark([f"{name}={value}" for name, value in shown_settings(feed).items()])


def rules_version(feed: ListedFeed) -> str:
    """A mark of the rules as they are, and of their order."""
    return _mark([f"{rule.action} {rule.of} {rule.pattern}" for rule in feed.rules])


def _mark(parts: Sequence[str]) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:16]


def _check_shown(form: Mapping[str, str], version: str) -> None:
    if form.get("shown", "") != version:
        raise ChangedMeanwhile(
            "somebody changed this feed after the page was loaded, and nothing was changed now: "
            "load the page again, and repeat it"
        )


def rules_in(form: Mapping[str, str], feed: ListedFeed) -> FeedChange:
    """The feed's rules with one more, or without that of a number.

    Raises Mistake, and ChangedMeanwhile where the number could be another rule's by now.
    """
    number = form.get("remove", "")
    if number:
        _check_shown(form, rules_version(feed))
        if not (
            number.isascii() and number.isdecimal() and 1 <= int(number[:4]) <= len(feed.rules)
        ):
            raise Mistake("there is no such rule")
        left = [rule for n, rule in enumerate(feed.rules, 1) if n != int(number)]
        return FeedChange(rules=tuple(left))
    added = checked_rule(form.get("action", ""), form.get("of", ""), form.get("pattern", ""))
    return FeedChange(rules=tuple(dict.fromkeys((*feed.rules, added))))


def _parts(written: str) -> list[str]:
    """The names of a list with commas; one that has a comma itself stands in quotation marks."""
    try:
        [names] = csv.reader([" ".join(written.split())], skipinitialspace=True)
    except csv.Error:
        limit = csv.field_size_limit()
        raise Mistake(f"a name of a list must have at most {limit:,} characters") from None
    return [name.strip() for name in names if name.strip()]


def _as_list(names: Sequence[str]) -> str:
    """Names as `_parts` reads them."""
    return ", ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([name])
    return line.getvalue()


def _as(kind: type[T], given: Mapping[str, Any]) -> T:
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise Mistake(str(error)) from None
