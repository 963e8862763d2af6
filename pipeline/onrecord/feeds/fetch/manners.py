"""What single feeds want sent with their requests: a user agent, a proxy, and secrets."""

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import encode_basic_auth
from yarl import URL

from onrecord.errors import FetchError
from onrecord.feeds.feed_secrets import headers_of
from onrecord.feeds.fetch.exchange import FeedManners, FetchRequest

SecretsOf = Callable[[str], Mapping[str, str]]


def no_secrets(_: str) -> Mapping[str, str]:
    """Where no secrets are kept."""
    return {}


class MannersTable:
    """The manners of feeds by URL, most of which have none of their own."""

    def __init__(self, secrets_of: SecretsOf) -> None:
        self._secrets_of = secrets_of
        self._by_feed: dict[str, FeedManners] = {}

    def put(self, feed: str, manners: FeedManners | None) -> None:
        """Set the manners of a feed from now on; None for those of all."""
        if manners is not None:
            self._by_feed[feed] = manners
        elif self._by_feed:
            self._by_feed.pop(feed, None)

    def options_for(
        self, request: FetchRequest, url: URL, headers: dict[str, str]
    ) -> dict[str, Any]:
        """The options of a request to a URL: `headers`, with what its feed adds, and a proxy.

        Raises FetchError when the feed's secrets are not kept here.
        """
        feed = request.feed or request.url
        manners = self._by_feed.get(feed)
        if manners is None:
            return {"headers": headers}
        secrets = self._secrets_of(feed) if manners.secrets else {}
        if missing := [kind for kind in manners.secrets if kind not in secrets]:
            reason = f"its {', '.join(missing)} are not in feeds.private_file of this machine"
            raise FetchError(request.url, reason)
        options: dict[str, Any] = {"headers": headers}
        if manners.user_agent is not None:
            headers["User-Agent"] = manners.user_agent
        is_safe = url.scheme == "https" or not manners.needs_tls
        if secrets and is_safe and manners.may_know(url.host or ""):
            headers |= headers_of(secrets)
            if credentials := secrets.get("credentials"):
                headers["Authorization"] = _basic(credentials)
        if manners.proxy is not None:
            options["proxy"] = manners.proxy
            if credentials := secrets.get("proxy-credentials"):
                # aiohttp makes a Proxy-Authorization of it, for the proxy alone.
                options["proxy_headers"] = {"Authorization": _basic(credentials)}
        return options


def _basic(credentials: str) -> str:
    user, _, password = credentials.partition(":")
    return encode_basic_auth(user, password, encoding="utf-8")
