"""What is remembered of hosts is bounded, and a host that is held is not forgotten."""

import asyncio

import pytest

from onrecord.feeds.fetch import FetchRequest, HostHeld
from onrecord.feeds.fetch.hosts import Hosts
from tests.feeds.publisher import fetch_policy


def test_hosts_that_nobody_waits_for_are_forgotten_unless_they_are_held() -> None:
    """Finding F29: the table of hosts grew as long as a poller lived."""

    async def go() -> int:
        hosts = Hosts(fetch_policy())
        hosts.hold("held.example", 3_600.0)
        for number in range(10_100):
            hosts.space(f"h{number}.example", 1.0)
        with pytest.raises(HostHeld):
            async with hosts.connection_to(
                "held.example", FetchRequest(url="https://held.example/feed")
            ):
                pass
        return len(hosts._known)

    assert asyncio.run(go()) <= 10_001
