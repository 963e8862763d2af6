"""What is remembered of hosts is bounded, and a host that is held is not forgotten."""

import asyncio

import pytest

from onrecord.feeds.fetch import FetchRequest, HostHeld
from onrecord.feeds.fetch.hosts import Hosts
from tests.feeds.publisher import fetch_policy
from tests.patience import PATIENCE_S


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


@pytest.mark.parametrize("steps", range(8))
@pytest.mark.parametrize("is_page", [False, True])
def test_requests_that_are_given_up_leave_no_connection_taken(steps: int, is_page: bool) -> None:
    """Whatever they wait for by then: the host, its turn, or one of all connections."""

    async def ask(hosts: Hosts, host: str, asked: FetchRequest, seconds: float) -> str:
        async with hosts.connection_to(host, asked):
            await asyncio.sleep(seconds)
        return host

    async def go() -> list[str]:
        hosts = Hosts(fetch_policy(concurrency=2, page_concurrency=4, per_host=2))
        request = FetchRequest(url="https://a.example/", feed="a", is_page=is_page)
        given_up = [
            asyncio.create_task(ask(hosts, f"h{number % 3}.example", request, 3_600.0))
            for number in range(20)
        ]
        for _ in range(steps):
            await asyncio.sleep(0)
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)
        async with asyncio.timeout(PATIENCE_S):
            return await asyncio.gather(
                *(ask(hosts, f"h{number % 3}.example", request, 0.0) for number in range(6))
            )

    assert asyncio.run(go()) == [f"h{number % 3}.example" for number in range(6)]
