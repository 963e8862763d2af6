"""Fetching over HTTP: the one place where onrecord talks to publishers.

Comes in: a URL and the validators its server gave last time. Goes out: the body, decompressed,
with the validators and wishes of the server; or a FetchError that says in plain words what went
wrong and, where a limit was hit, which one. Every limit is in `FetchPolicy`.

A host is asked by a few connections at once, with a pause in between, and not at all while it
wants to be left alone; and no address is connected to that is not the public internet's.

The `Fetcher` itself is in `client.py`: the policies here are read by every command, and the HTTP
client takes a fifth of a second to import. The other names are imported when they are first used.
"""

from typing import TYPE_CHECKING

from onrecord.on_first_use import on_first_use

if TYPE_CHECKING:
    from onrecord.feeds.fetch.exchange import (
        ACCEPT_FEEDS,
        ACCEPT_PAGES,
        NO_WISHES,
        Declined,
        FeedManners,
        FetchPolicy,
        FetchRequest,
        FetchResponse,
        HostHeld,
        Redirect,
        ServerWishes,
    )
    from onrecord.feeds.fetch.room import BodyRoom
    from onrecord.feeds.fetch.turns import Turns, TwoLanes
    from onrecord.feeds.fetch.urls import host_of

__all__ = [
    "ACCEPT_FEEDS",
    "ACCEPT_PAGES",
    "NO_WISHES",
    "BodyRoom",
    "Declined",
    "FeedManners",
    "FetchPolicy",
    "FetchRequest",
    "FetchResponse",
    "HostHeld",
    "Redirect",
    "ServerWishes",
    "Turns",
    "TwoLanes",
    "host_of",
]

_MODULES = {
    "exchange": (
        "ACCEPT_FEEDS",
        "ACCEPT_PAGES",
        "NO_WISHES",
        "Declined",
        "FeedManners",
        "FetchPolicy",
        "FetchRequest",
        "FetchResponse",
        "HostHeld",
        "Redirect",
        "ServerWishes",
    ),
    "room": ("BodyRoom",),
    "turns": (
        "Turns",
        "TwoLanes",
    ),
    "urls": ("host_of",),
}
__getattr__ = on_first_use(__name__, _MODULES)
