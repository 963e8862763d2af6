"""The templates' environment: what a template can call, and how a page becomes a response."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote as percent_encoded
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import aiohttp_jinja2
import jinja2
from aiohttp import web

from onrecord.archive.results import ArchivedQuote
from onrecord.feeds.decisions.schedule import duration
from onrecord.web.access import VISITOR
from onrecord.web.pages.assets import Assets
from onrecord.web.pages.listings import origin_of
from onrecord.web.pages.marking import plain_words

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")

NAVIGATION = (
    ("/", "Latest"),
    ("/search", "Search"),
    ("/searches", "Saved"),
    ("/compare", "Compare"),
    ("/feeds", "Feeds"),
    ("/replays", "Replays"),
    ("/dead-letters", "Dead letters"),
    ("/status", "Status"),
    ("/docs/api", "API"),
)


@dataclass(frozen=True, slots=True)
class Wording:
    """How values are written for people, in one time zone."""

    zone: ZoneInfo

    def time(self, time: datetime | None) -> str:
        """To the minute, with the zone."""
        if time is None:
            return "no date"
        local = time.astimezone(self.zone)
        return f"{local:%-d %b %Y, %H:%M} {local.tzname()}"

    def day(self, time: datetime | None) -> str:
        return f"{time.astimezone(self.zone):%-d %b %Y}" if time else "no date"


def set_up(app: web.Application, *, zone: ZoneInfo, assets: Assets, version: str) -> None:
    """Give an application its templates."""
    words = Wording(zone)
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.PackageLoader("onrecord.web.pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        enable_async=False,
    )
    environment.filters.update(
        time=words.time,
        day=words.day,
        duration=duration,
        number=lambda value: f"{value:,}",
        percent=lambda share: f"{share:.0%}" if share >= 0.1 or not share else f"{share:.1%}",
        sureness=sureness,
        web_url=web_url,
        language=language_tag,
        plain_words=plain_words,
    )
    environment.globals.update(
        asset=assets.url,
        version=version,
        navigation=NAVIGATION,
        path_of=path_of,
        search_path=search_path,
        speaker_path=speaker_path,
        zone=zone.key,
    )


def page(
    request: web.Request, template: str, *, http_status: int = 200, **context: Any
) -> web.Response:
    """A page of a template."""
    visitor = request.get(VISITOR)
    shown = {
        "visitor": visitor,
        "path": request.path,
        "path_qs": request.path_qs,
        "address": origin_of(request) + request.path_qs,
    } | context
    response: web.Response = aiohttp_jinja2.render_template(
        template, request, shown, status=http_status
    )
    return response


def path_of(kind: str, key: str) -> str:
    """The path of a thing: `/quotes/…`, `/articles/…`, `/people/…`, `/stories/…`."""
    return f"/{kind}/{percent_encoded(key, safe='')}"


def search_path(query: str, **more: str) -> str:
    """The path of a search."""
    return "/search?" + urlencode({"q": query} | more)


def speaker_path(quote: ArchivedQuote) -> str | None:
    """The page of a quote's speaker: the person's where there is one, else by name."""
    speaker = quote.speaker
    if speaker is None:
        return None
    return path_of("people", speaker.person or speaker.name)


def with_parameters(request: web.Request, **changed: str | None) -> str:
    """The request's address with parameters changed, or removed (None)."""
    query = [(name, value) for name, value in request.query.items() if name not in changed]
    query += [(name, value) for name, value in changed.items() if value is not None]
    return request.path + (f"?{urlencode(query)}" if query else "")


def with_ending(request: web.Request, path: str | None = None) -> Mapping[str, str]:
    """The addresses of a list in the other formats, with the same filters."""
    query = f"?{request.query_string}" if request.query_string else ""
    return {ending: f"{path or request.path}.{ending}{query}" for ending in ("json", "csv", "atom")}


def sureness(share: float) -> str:
    """A confidence in words; nothing is ever quite sure."""
    return "over 99% sure" if share > 0.99 else f"{share:.0%} sure"


def language_tag(language: str | None) -> str:
    """The language as `lang` takes it; empty (unknown) where a feed wrote something else."""
    return language if language and _LANGUAGE.fullmatch(language) else ""


def web_url(url: str | None) -> str | None:
    """The URL where it is one of the web: anyone can write anything in a feed."""
    return url if url and url.startswith(("http://", "https://")) else None
